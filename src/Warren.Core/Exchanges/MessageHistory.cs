using Warren.Buffers;

namespace Warren.Core.Exchanges;

/// <summary>The last messages that came by, each with a reference of its own.</summary>
/// <remarks>
/// Thread-safe. The lock guards the fields for a few instructions (docs/locks.md). It grows with what comes, so that a
/// length nobody reaches costs nothing; once full, keeping a message allocates nothing.
/// </remarks>
internal sealed class MessageHistory
{
    private const long BytesMax = 64L * 1024 * 1024; // whatever length a client asks for

    private readonly Lock _lock = new();
    private readonly Queue<Payload> _messages = new();
    private readonly int _length;
    private long _bytes;
    private bool _closed;

    /// <summary>A history of up to <paramref name="length"/> messages.</summary>
    public MessageHistory(int length) => _length = length;

    /// <summary>Keeps a message and lets go of the oldest when there are too many, or too many bytes.</summary>
    public void Add(Payload message)
    {
        lock (_lock)
        {
            if (_closed)
            {
                return;
            }

            message.Retain();
            _messages.Enqueue(message);
            _bytes += message.Length;
            while (_messages.Count > _length || (_bytes > BytesMax && _messages.Count > 1))
            {
                Payload oldest = _messages.Dequeue();
                _bytes -= oldest.Length;
                oldest.Release();
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
            _bytes = 0;
        }

        foreach (Payload message in kept)
        {
            message.Release();
        }
    }
}
