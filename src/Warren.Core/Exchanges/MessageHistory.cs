using System.Runtime.InteropServices;
using Warren.Buffers;

namespace Warren.Core.Exchanges;

/// <summary>The last messages that came by, each with a reference of its own.</summary>
/// <remarks>
/// Thread-safe. The lock guards the fields for a few instructions (docs/locks.md); slabs are given back outside of it.
/// It grows with what comes, so that a length nobody reaches costs nothing; once full, keeping a message allocates
/// nothing. A small message keeps its whole slab alive, so the memory counted is that of the slabs, each once.
/// </remarks>
internal sealed class MessageHistory
{
    /// <summary>Bytes of slabs kept alive, whatever length a client asks for; the newest message stays in any case.</summary>
    public const long BytesMax = 64L * 1024 * 1024;

    private readonly Lock _lock = new();
    private readonly Queue<Payload> _messages = new();
    private readonly Dictionary<Slab, int> _slabs = []; // and how many of the messages each holds
    private readonly int _length;
    private long _bytes;
    private bool _closed;

    /// <summary>A history of up to <paramref name="length"/> messages.</summary>
    public MessageHistory(int length) => _length = length;

    /// <summary>Keeps a message and lets go of the oldest when there are too many, or too many bytes.</summary>
    public void Add(Payload message)
    {
        if (message.Slab is not { } slab)
        {
            return;
        }

        Payload surplus;
        lock (_lock)
        {
            if (_closed)
            {
                return;
            }

            message.Retain();
            _messages.Enqueue(message);
            ref int held = ref CollectionsMarshal.GetValueRefOrAddDefault(_slabs, slab, out _);
            if (held++ == 0)
            {
                _bytes += slab.Bytes.Length;
            }

            surplus = TakeSurplus();
        }

        while (!surplus.IsEmpty)
        {
            surplus.Release();
            lock (_lock)
            {
                surplus = TakeSurplus();
            }
        }
    }

    /// <summary>What is kept, oldest first, each with one more reference.</summary>
    public Payload[] Copy()
    {
        lock (_lock)
        {
            foreach (Payload message in _messages)
            {
                message.Retain();
            }

            return [.. _messages];
        }
    }

    /// <summary>Lets go of everything and keeps nothing more.</summary>
    public void Close()
    {
        Payload[] kept;
        lock (_lock)
        {
            _closed = true;
            kept = [.. _messages];
            _messages.Clear();
            _slabs.Clear();
            _bytes = 0;
        }

        foreach (Payload message in kept)
        {
            message.Release();
        }
    }

    // Under the lock: the oldest message if it is one too many, to be released by the caller; else the empty payload.
    private Payload TakeSurplus()
    {
        if (_messages.Count <= _length && (_bytes <= BytesMax || _messages.Count <= 1))
        {
            return default;
        }

        Payload oldest = _messages.Dequeue();
        Slab slab = oldest.Slab!;
        ref int held = ref CollectionsMarshal.GetValueRefOrNullRef(_slabs, slab);
        if (--held == 0)
        {
            _slabs.Remove(slab);
            _bytes -= slab.Bytes.Length;
        }

        return oldest;
    }
}
