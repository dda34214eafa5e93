using System.Buffers.Binary;
using System.Diagnostics;
using Warren.Buffers;
using Warren.Storage.Format;
using Warren.Storage.Memory;

namespace Warren.Storage.Log;

/// <summary>The one thread that writes: takes a batch, checksums it, writes it, syncs it, says so.</summary>
/// <remarks>
/// A batch is written only after every batch before it has been synced. Recovery leans on that: whatever lies before an
/// intact batch was durable once.
/// </remarks>
internal sealed class LogWriter : IDisposable
{
    private readonly LogMemory _memory;
    private readonly LogFiles _files;
    private readonly ShardLogOptions _options;
    private readonly TimeProvider _time;
    private readonly Action<Exception> _fail;
    private readonly Action _outOfSpace;
    private readonly Action<ulong> _committed;
    private readonly Action<CheckpointSnapshot> _snapshotTaken;
    private readonly ManualResetEventSlim _signal = new(initialState: false, spinCount: 20);
    private readonly ITimer _releaseTimer;
    private readonly uint _recordSeed;
    private Batch? _stuck;
    private Thread? _thread;
    private int _requested;
    private int _releaseTimerArmed;
    private bool _markOwed;
    private bool _needsKeeper;
    private bool _wantSnapshot;
    private volatile bool _stopping;
    private long _commits;
    private long _syncs;
    private long _bytes;
    private long _lastTicks;
    private ulong _committedLsn;

    internal LogWriter(
        LogMemory memory,
        LogFiles files,
        ShardLogOptions options,
        TimeProvider time,
        Action<Exception> fail,
        Action outOfSpace,
        Action<ulong> committed,
        Action<CheckpointSnapshot> snapshotTaken)
    {
        _memory = memory;
        _files = files;
        _options = options;
        _time = time;
        _fail = fail;
        _outOfSpace = outOfSpace;
        _committed = committed;
        _snapshotTaken = snapshotTaken;
        _recordSeed = files.Identity.RecordSeed;
        _committedLsn = memory.NextLsn - 1;
        _releaseTimer = time.CreateTimer(
            static state => ((LogWriter)state!).OnReleaseDelayOver(), this, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

    internal ulong CommittedLsn => Volatile.Read(ref _committedLsn);

    /// <summary>A segment was taken or closed since the keeper looked; reading it resets it.</summary>
    internal bool NeedsKeeper
    {
        get
        {
            bool needs = _needsKeeper;
            _needsKeeper = false;
            return needs;
        }
    }

    internal bool IsRunning => _thread is not null;

    internal long Commits => Volatile.Read(ref _commits);

    internal long Syncs => Volatile.Read(ref _syncs);

    internal long WrittenBytes => Volatile.Read(ref _bytes);

    internal TimeSpan LastDuration => Stopwatch.GetElapsedTime(0, Volatile.Read(ref _lastTicks));

    internal void Start(string name)
    {
        _thread = new Thread(Run) { IsBackground = true, Name = name };
        _thread.Start();
    }

    /// <summary>Wakes the writer; nearly free when it is awake. Thread-safe.</summary>
    internal void Request()
    {
        if (Volatile.Read(ref _requested) == 0 && Interlocked.Exchange(ref _requested, 1) == 0)
        {
            _signal.Set();
        }
    }

    /// <summary>References were given back: they go with the next commit or after the delay. Thread-safe.</summary>
    internal void RequestLater()
    {
        if (Volatile.Read(ref _releaseTimerArmed) == 0 && Interlocked.Exchange(ref _releaseTimerArmed, 1) == 0)
        {
            _releaseTimer.Change(_options.ReleaseDelay, Timeout.InfiniteTimeSpan);
        }
    }

    /// <summary>The next commit takes a snapshot of everything that waits then. Thread-safe.</summary>
    internal void RequestSnapshot()
    {
        lock (_memory.Lock)
        {
            _wantSnapshot = true;
        }

        Request();
    }

    /// <summary>Stops the thread after the batch in hand.</summary>
    internal void Stop()
    {
        _stopping = true;
        _signal.Set();
        _thread?.Join();
        _thread = null;
    }

    /// <summary>Writes one batch; false when there was none or it could not be written now.</summary>
    internal bool CommitOnce()
    {
        Batch? batch = _stuck;
        CheckpointSnapshot? snapshot = null;
        if (batch is null)
        {
            lock (_memory.Lock)
            {
                if (_memory.State is LogState.Failed or LogState.Closed)
                {
                    return false;
                }

                Volatile.Write(ref _releaseTimerArmed, 0);
                batch = _memory.Take(ref _wantSnapshot, out snapshot);
            }
        }
        else if (_memory.State is LogState.Failed or LogState.Closed)
        {
            return false;
        }

        if (batch is not null)
        {
            if (!TryWrite(batch))
            {
                return false;
            }

            snapshot = batch.Snapshot;
            Finish(batch);
            _markOwed = true;
        }

        if (snapshot is not null)
        {
            _snapshotTaken(snapshot);
        }

        return batch is not null;
    }

    /// <summary>Writes down that the last commit is durable, so that recovery can tell damage from an unfinished write.</summary>
    internal void MarkOnce()
    {
        if (!_markOwed || _stuck is not null)
        {
            return;
        }

        Batch? mark;
        bool hasSpare = _files.HasSpare;
        lock (_memory.Lock)
        {
            mark = _memory.State is LogState.Failed or LogState.Closed ? null : _memory.TakeMark(hasSpare);
        }

        if (mark is null)
        {
            return;
        }

        _markOwed = false;
        if (TryWrite(mark))
        {
            lock (_memory.Lock)
            {
                _memory.Committed(mark);
            }
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        Stop();
        _releaseTimer.Dispose();
        _signal.Dispose();
    }

    private void Run()
    {
        var retry = TimeSpan.FromMilliseconds(100);
        while (!_stopping)
        {
            TimeSpan wait = _stuck is not null ? retry : _markOwed ? _options.MarkDelay : Timeout.InfiniteTimeSpan;
            bool signalled = _signal.Wait(wait);
            if (!signalled && _stuck is null)
            {
                MarkOnce();
                continue;
            }

            _signal.Reset();
            Volatile.Write(ref _requested, 0);
            Interlocked.MemoryBarrier();
            while (CommitOnce() && !_stopping && HasMore())
            {
            }
        }
    }

    private bool HasMore()
    {
        lock (_memory.Lock)
        {
            return _memory.HasRecords;
        }
    }

    private void OnReleaseDelayOver() => Request();

    private bool TryWrite(Batch batch)
    {
        long start = Stopwatch.GetTimestamp();
        Segment segment = batch.Segment;
        try
        {
            if (segment.File is null)
            {
                _files.TakeSpare(segment);
                _needsKeeper = true;
            }

            if (batch.Offset + batch.Length > segment.Allocated)
            {
                long allocated = batch.Offset + batch.Length;
                segment.File!.Allocate(segment.Allocated, allocated - segment.Allocated);
                segment.Allocated = allocated;
            }
        }
        catch (IOException error) when (LogFiles.IsOutOfSpace(error))
        {
            // Nothing of the batch was written: it can wait for space.
            _stuck = batch;
            _outOfSpace();
            return false;
        }
        catch (Exception error)
        {
            _fail(error);
            return false;
        }

        _stuck = null;
        try
        {
            segment.ChainCrc = Seal(batch, segment);
            segment.File!.Write(batch.Offset, batch.Buffer.AsSpan(0, batch.Length));
            segment.File.DataSync();
        }
        catch (Exception error)
        {
            _fail(error);
            return false;
        }

        segment.CommittedEnd = batch.Offset + batch.Length;
        Volatile.Write(ref _syncs, _syncs + 1);
        Volatile.Write(ref _bytes, _bytes + batch.Length);
        Volatile.Write(ref _lastTicks, Stopwatch.GetTimestamp() - start);
        return true;
    }

    private void Finish(Batch batch)
    {
        Volatile.Write(ref _commits, _commits + 1);
        ulong last = batch.LastLsn;
        lock (_memory.Lock)
        {
            Volatile.Write(ref _committedLsn, last);
            _memory.Committed(batch);
        }

        _committed(last);
    }

    // Fills in every checksum and the batch header; returns the header's checksum.
    private uint Seal(Batch batch, Segment segment)
    {
        Span<byte> bytes = batch.Buffer.AsSpan(0, batch.Length);
        uint body = SealRecords(bytes[BatchHeader.Size..], _recordSeed);
        return new BatchHeader
        {
            Length = (uint)batch.Length,
            BaseLsn = batch.BaseLsn,
            Epoch = 1,
            DurableLsn = CommittedLsn,
            WallClockMs = _time.GetUtcNow().ToUnixTimeMilliseconds(),
            RecordCount = (uint)batch.RecordCount,
            PreviousCrc = segment.ChainCrc,
            BodyCrc = body,
        }.Write(bytes, _files.Identity.SegmentSeed(segment.Number));
    }

    private static uint SealRecords(Span<byte> records, uint recordSeed)
    {
        uint body = 0;
        while (!records.IsEmpty)
        {
            int padded = RecordView.Padded((int)BinaryPrimitives.ReadUInt32LittleEndian(records));
            int frame = (int)BinaryPrimitives.ReadUInt32LittleEndian(records[36..]);
            BinaryPrimitives.WriteUInt32LittleEndian(records[4..], RecordView.ComputeCrc(records[..padded], recordSeed));
            body = Crc32C.Compute(records[..frame], body);
            records = records[padded..];
        }

        return body;
    }
}
