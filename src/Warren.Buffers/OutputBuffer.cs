using System.Diagnostics;

namespace Warren.Buffers;

/// <summary>The bytes waiting to be sent to one connection, and the pump that sends them.</summary>
/// <remarks>
/// <para><see cref="Lock"/> guards everything; the protocol session guards its delivery state with it too. It is the
/// last lock of the order in docs/locks.md. No system call and no callback is made while it is held.</para>
/// <para>Small pieces are copied into pooled blocks, large bodies are kept by reference. An output without pending bytes
/// holds no block. At most one send is under way; it takes its bytes from the front while others append behind it.</para>
/// <para>Deliveries stop at the high-water mark. What does not ask first (replies, returned messages, controls) is bounded
/// by the hard limit, which counts what waits beside the largest message among it: a client may be sent any message the
/// broker has taken, whatever its size.</para>
/// <para>After <see cref="Complete"/> or <see cref="Close"/> what is appended is dropped, so that a deliverer need not
/// ask first.</para>
/// </remarks>
public sealed class OutputBuffer : IFlushable, IThreadPoolWorkItem
{
    /// <summary>Bytes waiting at which an output counts as full, unless told otherwise.</summary>
    public const int DefaultHighWater = 1024 * 1024;

    /// <summary>Bytes waiting beside the largest message beyond which the connection is given up, unless told otherwise.</summary>
    public const long DefaultHardLimit = 32L * 1024 * 1024;

    /// <summary>The largest span that can be asked for, in bytes.</summary>
    public const int MaxSpan = BlockPool.MediumSize;

    // One send gathers at most this many segments (the runtime pins up to eight without allocating) and bytes: progress
    // shows in PendingBytes even when a peer takes a large body slowly.
    private const int MaxGatheredSegments = 8;
    private const int MaxGatheredBytes = 256 * 1024;

    // Sends in a row that one thread does for others before it hands the pump to the pool.
    private const int MaxSendsInARow = 32;

    [ThreadStatic]
    private static byte[]? _scratch;

    private readonly IOutputSink _sink;
    private readonly BlockPool _blocks;
    private readonly OutputSegments _segments = new();
    private readonly int _lowWater;
    private List<ArraySegment<byte>>? _gathered;
    private Block? _open; // the block being filled; null when nothing is pending
    private int _openUsed; // bytes of it that are taken
    private Slab? _lastShared; // whose bytes were appended last
    private long _sharedRun; // bytes of it in a row
    private long _largestShared; // longest such run among what waits
    private long _pendingBytes;
    private long _sentBytes;
    private long _sends;
    private State _state;
    private bool _sending; // somebody owns the pump
    private bool _drainArmed;
    private bool _overflowed;
    private bool _flushedReported;
    private bool _usedSinceTrim;

    /// <param name="sink">Where the bytes go.</param>
    /// <param name="blocks">Where blocks come from.</param>
    /// <param name="highWater">Bytes waiting at which the output counts as full; a quarter of it is the low-water mark.</param>
    /// <param name="hardLimit">Bytes waiting beside the largest message beyond which the connection is given up.</param>
    public OutputBuffer(
        IOutputSink sink,
        BlockPool blocks,
        int highWater = DefaultHighWater,
        long hardLimit = DefaultHardLimit)
    {
        ArgumentNullException.ThrowIfNull(sink);
        ArgumentNullException.ThrowIfNull(blocks);
        ArgumentOutOfRangeException.ThrowIfLessThan(highWater, 4);
        ArgumentOutOfRangeException.ThrowIfLessThan(hardLimit, highWater);
        _sink = sink;
        _blocks = blocks;
        HighWater = highWater;
        _lowWater = highWater / 4;
        HardLimit = hardLimit;
    }

    private enum State : byte
    {
        Open,
        Completing, // takes no more, sends what it has
        Closed, // takes no more, sends no more
    }

    /// <summary>Guards the output and the delivery state of the session it belongs to.</summary>
    public Lock Lock { get; } = new();

    /// <summary>Bytes waiting at which <see cref="IsFull"/> becomes true.</summary>
    public int HighWater { get; }

    /// <summary>Bytes waiting beside the largest message beyond which the connection is given up.</summary>
    public long HardLimit { get; }

    /// <summary>Bytes appended and not yet taken by the network, those being sent included. Read outside the lock: a moment's value.</summary>
    public long PendingBytes => Volatile.Read(ref _pendingBytes);

    /// <summary>Bytes the network has taken since the start. Any thread.</summary>
    public long SentBytes => Volatile.Read(ref _sentBytes);

    /// <summary>Sends the sink has taken so far.</summary>
    public long Sends => Volatile.Read(ref _sends);

    /// <summary>True when appended bytes are dropped. Under <see cref="Lock"/> it stays as it is; elsewhere a moment's value.</summary>
    public bool IsClosed => _state != State.Open;

    /// <summary>
    /// True when deliveries should wait: <see cref="PendingBytes"/> has reached <see cref="HighWater"/>, or the output is
    /// closed. Only under <see cref="Lock"/>. Reading true arms <see cref="IOutputSink.OnDrained"/>: it comes once when
    /// a quarter of the high-water mark is left (never for a closed output).
    /// </summary>
    public bool IsFull
    {
        get
        {
            Debug.Assert(Lock.IsHeldByCurrentThread, "IsFull outside the output's lock");
            if (_state != State.Open)
            {
                return true;
            }

            if (_pendingBytes < HighWater)
            {
                return false;
            }

            _drainArmed = true;
            return true;
        }
    }

    /// <summary>At least <paramref name="size"/> contiguous bytes to fill; then call <see cref="Advance"/>. Under <see cref="Lock"/>,
    /// held until then.</summary>
    /// <param name="size">At most <see cref="MaxSpan"/>.</param>
    public Span<byte> GetSpan(int size)
    {
        Debug.Assert(Lock.IsHeldByCurrentThread, "GetSpan outside the output's lock");
        ArgumentOutOfRangeException.ThrowIfGreaterThan((uint)size, (uint)MaxSpan, nameof(size));
        if (_state != State.Open)
        {
            return _scratch ??= GC.AllocateUninitializedArray<byte>(MaxSpan);
        }

        if (_open is null || _open.Bytes.Length - _openUsed < size)
        {
            OpenBlock(size);
        }

        return _open!.Bytes.AsSpan(_openUsed);
    }

    /// <summary>Appends the first <paramref name="written"/> bytes of the span just got. Under <see cref="Lock"/>.</summary>
    public void Advance(int written)
    {
        Debug.Assert(Lock.IsHeldByCurrentThread, "Advance outside the output's lock");
        if (_state != State.Open || written == 0)
        {
            return;
        }

        ArgumentOutOfRangeException.ThrowIfNegative(written);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(written, _open is null ? 0 : _open.Bytes.Length - _openUsed);
        if (_segments.Count > 0 && _segments[_segments.Count - 1].Block == _open)
        {
            _segments[_segments.Count - 1].Length += written;
        }
        else
        {
            _segments.Add(new OutputSegment { Block = _open, Offset = _openUsed, Length = written });
            _open!.Segments++;
        }

        _openUsed += written;
        AddPending(written);
    }

    /// <summary>Appends a copy of <paramref name="bytes"/>. Under <see cref="Lock"/>.</summary>
    public void Append(ReadOnlySpan<byte> bytes)
    {
        while (!bytes.IsEmpty && _state == State.Open)
        {
            Span<byte> span = GetSpan(1);
            if (span.Length < bytes.Length && span.Length < BlockPool.SmallSize)
            {
                span = GetSpan(Math.Min(bytes.Length, MaxSpan));
            }

            int copied = Math.Min(span.Length, bytes.Length);
            bytes[..copied].CopyTo(span);
            Advance(copied);
            bytes = bytes[copied..];
        }
    }

    /// <summary>
    /// Appends <paramref name="payload"/> without copying it: worth while from about 8 KiB. Takes a reference of its own,
    /// given back when the bytes are sent or dropped; the caller keeps his. Under <see cref="Lock"/>.
    /// </summary>
    public void AppendShared(Payload payload)
    {
        Debug.Assert(Lock.IsHeldByCurrentThread, "AppendShared outside the output's lock");
        if (_state != State.Open || payload.Length == 0)
        {
            return;
        }

        payload.Retain();
        _segments.Add(new OutputSegment { Slab = payload.Slab, Offset = payload.Offset, Length = payload.Length });
        CountShared(payload);
        AddPending(payload.Length);
    }

    /// <summary>Starts sending on this thread if nobody is. Outside <see cref="Lock"/>.</summary>
    public void Flush()
    {
        Debug.Assert(!Lock.IsHeldByCurrentThread, "Flush inside the output's lock");
        bool overflowed;
        lock (Lock)
        {
            overflowed = _overflowed;
            _overflowed = false;
            if (!overflowed && (_sending || _pendingBytes == 0 || _state == State.Closed))
            {
                return;
            }

            _sending |= !overflowed;
        }

        if (overflowed)
        {
            _sink.OnFailed(new IOException($"more than {HardLimit} bytes wait beside its largest message for a client that does not read"));
            return;
        }

        Pump();
    }

    /// <summary>Takes no more bytes but goes on sending; <see cref="IOutputSink.OnFlushed"/> follows when all is sent
    /// (which needs a <see cref="Flush"/> if bytes are pending). Outside <see cref="Lock"/>.</summary>
    public void Complete()
    {
        bool flushed;
        lock (Lock)
        {
            if (_state != State.Open)
            {
                return;
            }

            _state = State.Completing;
            _drainArmed = false;
            flushed = !_sending && TakeFlushed();
        }

        if (flushed)
        {
            _sink.OnFlushed();
        }
    }

    /// <summary>Drops what is pending and takes no more. Bytes being sent are let go when that send has ended. Any thread.</summary>
    public void Close()
    {
        lock (Lock)
        {
            _state = State.Closed;
            _drainArmed = false;
            if (!_sending)
            {
                DropAll();
            }
        }
    }

    /// <summary>The send for which <see cref="IOutputSink.Send"/> answered -1 has ended. Called by the sink, outside
    /// <see cref="Lock"/>.</summary>
    /// <param name="bytes">Bytes the network has taken.</param>
    /// <param name="error">Why the connection is lost; null when it is not.</param>
    public void OnSent(int bytes, Exception? error)
    {
        if (error is not null)
        {
            Fail(error);
        }
        else
        {
            Settle(bytes);
            Pump();
        }
    }

    /// <summary>Gives up the arrays of an output that was not used since the last call. Any thread; about once a second.</summary>
    public void Trim()
    {
        lock (Lock)
        {
            if (!_usedSinceTrim && !_sending && _segments.Count == 0)
            {
                _segments.Trim();
                _gathered = null;
            }

            _usedSinceTrim = false;
        }
    }

    void IThreadPoolWorkItem.Execute() => Pump();

    // Sends until nothing is pending or a send goes on by itself. The caller owns _sending and has passed it to us.
    private void Pump()
    {
        for (int sends = 0; Gather(); sends++)
        {
            if (sends == MaxSendsInARow)
            {
                _sink.Schedule(this);
                return;
            }

            int sent;
            try
            {
                sent = _sink.Send(_gathered!);
            }
            catch (Exception error)
            {
                Fail(error);
                return;
            }

            if (sent < 0)
            {
                return;
            }

            Settle(sent);
        }
    }

    // Collects what the next send takes. False: there is nothing, and the pump is given back.
    private bool Gather()
    {
        bool flushed = false;
        lock (Lock)
        {
            if (_state != State.Closed && _pendingBytes > 0)
            {
                GatherSegments();
                return true;
            }

            _sending = false;
            if (_state == State.Closed)
            {
                DropAll();
            }

            flushed = TakeFlushed();
        }

        if (flushed)
        {
            _sink.OnFlushed();
        }

        return false;
    }

    private void GatherSegments()
    {
        _gathered ??= new List<ArraySegment<byte>>(MaxGatheredSegments);
        _gathered.Clear();
        int room = MaxGatheredBytes;
        for (int i = 0; i < _segments.Count && _gathered.Count < MaxGatheredSegments && room > 0; i++)
        {
            ref OutputSegment segment = ref _segments[i];
            int length = Math.Min(segment.Length, room);
            _gathered.Add(new ArraySegment<byte>(segment.Bytes, segment.Offset, length));
            room -= length;
        }
    }

    private void Settle(int sent)
    {
        bool drained;
        lock (Lock)
        {
            _sentBytes += sent;
            _sends++;
            _pendingBytes -= sent;
            _gathered!.Clear();
            RemoveFront(sent);
            bool isLow = _pendingBytes < _lowWater;
            if (isLow)
            {
                ForgetShared(); // what is left of it is less than the limit notices
            }

            drained = _drainArmed && isLow;
            if (drained)
            {
                _drainArmed = false;
            }
        }

        if (drained)
        {
            _sink.OnDrained();
        }
    }

    private void Fail(Exception error)
    {
        lock (Lock)
        {
            _sending = false;
            _state = State.Closed;
            _drainArmed = false;
            DropAll();
        }

        _sink.OnFailed(error);
    }

    private bool TakeFlushed()
    {
        if (_state != State.Completing || _pendingBytes > 0 || _flushedReported)
        {
            return false;
        }

        _flushedReported = true;
        return true;
    }

    // A large message lies in a slab of its own and comes in one piece or, framed, in many: together no longer than the
    // slab, however often it is sent.
    private void CountShared(Payload payload)
    {
        _sharedRun = ReferenceEquals(_lastShared, payload.Slab) ? _sharedRun + payload.Length : payload.Length;
        _sharedRun = Math.Min(_sharedRun, payload.Slab!.Bytes.Length);
        _lastShared = payload.Slab;
        _largestShared = Math.Max(_largestShared, _sharedRun);
    }

    private void AddPending(int bytes)
    {
        _usedSinceTrim = true;
        Volatile.Write(ref _pendingBytes, _pendingBytes + bytes);
        if (_pendingBytes - _largestShared > HardLimit)
        {
            // The appender is in the middle of something and holds locks: his Flush reports it.
            _overflowed = true;
            _state = State.Closed;
            _drainArmed = false;
            if (!_sending)
            {
                DropAll();
            }
        }
    }

    private void OpenBlock(int size)
    {
        if (_open is { Segments: 0 })
        {
            _blocks.Return(_open);
        }

        bool little = _pendingBytes == 0 && size <= BlockPool.SmallSize;
        _open = _blocks.Rent(little ? BlockPool.SmallSize : BlockPool.MediumSize);
        _openUsed = 0;
    }

    private void ForgetShared()
    {
        _lastShared = null;
        _largestShared = _sharedRun = 0;
    }

    private void DropAll()
    {
        ForgetShared();
        _gathered?.Clear();
        RemoveFront(_pendingBytes);
        Volatile.Write(ref _pendingBytes, 0);
    }

    private void RemoveFront(long bytes)
    {
        while (bytes > 0)
        {
            ref OutputSegment oldest = ref _segments[0];
            int removed = (int)Math.Min(bytes, oldest.Length);
            bytes -= removed;
            oldest.Offset += removed;
            oldest.Length -= removed;
            if (oldest.Length == 0)
            {
                Let(oldest);
                _segments.RemoveOldest();
            }
        }

        if (_segments.Count == 0 && _open is not null)
        {
            _blocks.Return(_open);
            _open = null;
        }
    }

    private void Let(in OutputSegment segment)
    {
        segment.Slab?.Release();
        if (segment.Block is { } block && --block.Segments == 0 && block != _open)
        {
            _blocks.Return(block);
        }
    }
}
