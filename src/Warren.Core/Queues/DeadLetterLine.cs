using System.Diagnostics;
using Warren.Buffers;
using Warren.Buffers.Scheduling;
using Warren.Storage;

namespace Warren.Core.Queues;

/// <summary>What a queue has dropped and its dead-letter exchange has not got yet, in the order it was dropped.</summary>
/// <remarks>
/// The lock of its queue guards it; the members for who forwards take it themselves, the others are called under it. One
/// thread at a time forwards: whoever finds letters and nobody at work begins, the others only add. So letters keep
/// their order, and one that cannot be forwarded now comes back to its place, with its reference in the log, until it can.
/// </remarks>
internal sealed class DeadLetterLine
{
    /// <summary>Letters forwarded in one go; a queue that has to drop more waits until these are on their way.</summary>
    public const int SliceMax = 512;

    private const int BatchMax = 64;
    private const long FirstWaitMs = 100;
    private const long LongestWaitMs = 30_000;

    private readonly ClassicQueue _queue;
    private readonly Lock _lock;
    private readonly QueuePager _pager;
    private readonly QueueServices _services;
    private readonly Queue<DeadLetter> _letters = new();
    private readonly List<DeadLetter> _returned = []; // before those
    private Uptime _retryAt; // at once
    private long _waitMs;
    private bool _isForwarding;
    private bool _isClosed;

    public DeadLetterLine(ClassicQueue queue, in QueueParts parts, QueueServices services)
    {
        _queue = queue;
        _lock = parts.Lock;
        _pager = parts.Pager;
        _services = services;
    }

    // ---- under the queue's lock -----------------------------------------------------------------------------------

    /// <summary>Letters waiting.</summary>
    public int Count => _letters.Count + _returned.Count;

    /// <summary>True when it is long enough: nothing more is dropped but what a publisher's message pushes out.</summary>
    public bool IsFull => Count >= SliceMax;

    /// <summary>When somebody has to come and forward; <see cref="Uptime.Never"/> while somebody does or there is nothing.</summary>
    public Uptime DueAt => _isForwarding || Count == 0 ? Uptime.Never : _retryAt;

    /// <summary>Adds one at the end.</summary>
    public void Add(in DeadLetter letter)
    {
        Debug.Assert(_lock.IsHeldByCurrentThread, "a letter outside the queue's lock");
        _letters.Enqueue(letter);
    }

    /// <summary>True for the one caller that is to forward now.</summary>
    public bool TryBegin(Uptime now)
    {
        if (now < DueAt || Count == 0)
        {
            return false;
        }

        _isForwarding = true;
        return true;
    }

    /// <summary>The queue is deleted: what cannot be forwarded at once goes with it.</summary>
    public void Close()
    {
        _isClosed = true;
        if (!_isForwarding)
        {
            _returned.ForEach(GiveBack);
            _returned.Clear();
            while (_letters.TryDequeue(out DeadLetter letter))
            {
                GiveBack(letter);
            }
        }
    }

    // ---- for who forwards, outside the lock -----------------------------------------------------------------------

    /// <summary>Takes the next few.</summary>
    /// <returns>False: there are no more.</returns>
    public bool Take(List<DeadLetter> batch)
    {
        lock (_lock)
        {
            int returned = Math.Min(_returned.Count, BatchMax);
            batch.AddRange(_returned[..returned]);
            _returned.RemoveRange(0, returned);
            while (batch.Count < BatchMax && _letters.TryDequeue(out DeadLetter letter))
            {
                batch.Add(letter);
            }
        }

        return batch.Count > 0;
    }

    /// <summary>Some that were taken could not be forwarded and come back to the front.</summary>
    public void PutBack(ReadOnlySpan<DeadLetter> letters)
    {
        lock (_lock)
        {
            if (!_isClosed)
            {
                _returned.InsertRange(0, letters);
                return;
            }
        }

        foreach (DeadLetter letter in letters)
        {
            GiveBack(letter);
        }
    }

    /// <summary>Forwarding is over for now; what is left is forwarded when it is time.</summary>
    /// <param name="failed">Whether something could not be forwarded: the next try waits, each time twice as long.</param>
    public void End(bool failed)
    {
        lock (_lock)
        {
            _isForwarding = false;
            _waitMs = failed ? Math.Clamp(_waitMs * 2, FirstWaitMs, LongestWaitMs) : 0;
            _retryAt = failed ? _services.Clock.Uptime + _waitMs : default;
            if (_isClosed)
            {
                Close();
            }
            else
            {
                _queue.ScheduleNext();
            }
        }
    }

    /// <summary>Reads a letter that was paged out when it left the queue.</summary>
    public RecordReadResult TryReadBack(in DeadLetter letter, out Payload payload) =>
        _pager.TryRead(letter.Locator, letter.Flags, letter.Payload.Length, out payload);

    /// <summary>Gives back the log reference and page-file space of a letter that is stored elsewhere, or goes nowhere.</summary>
    public void Discard(in DeadLetter letter) => _pager.Discard(_queue.Id, letter);

    // Its record in the log is the queue's, and went with it.
    private void GiveBack(DeadLetter letter)
    {
        letter.Payload.Release();
        if ((letter.Flags & EntryFlags.InPageFile) != 0)
        {
            _services.PageFile.Release((long)letter.Locator, letter.Payload.Length);
        }
    }
}
