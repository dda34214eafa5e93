using System.Buffers.Binary;
using System.Diagnostics;
using Warren.Buffers;
using Warren.Buffers.Scheduling;
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
    private readonly GuardedTimer _releaseTimer;
    private readonly uint _recordSeed;
    private Segment? _segment;
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
        _releaseTimer = new GuardedTimer(time, OnReleaseDelayOver, fail);
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
            _releaseTimer.StartOnce(_options.ReleaseDelay);
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

    /// <summary>Writes one batch; false when there was none or the log has failed.</summary>
    internal bool CommitOnce()
    {
        Batch? batch;
        CheckpointSnapshot? snapshot;
        Exception? trouble;
        bool isFull;
        lock (_memory.Lock)
        {
            if (_memory.State is LogState.Failed or LogState.Closed)
            {
                return false;
            }

            Volatile.Write(ref _releaseTimerArmed, 0);
            batch = _memory.Take(ref _wantSnapshot, out snapshot);
            trouble = _memory.Plan.Trouble;
            isFull = _memory.Plan.IsFull && _memory.State == LogState.Open;
        }

        if (trouble is not null)
        {
            _fail(trouble);
            return false;
        }

        if (isFull)
        {
            _outOfSpace();
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
        if (!_markOwed)
        {
            return;
        }

        Batch? mark;
        lock (_memory.Lock)
        {
            mark = _memory.State is LogState.Failed or LogState.Closed ? null : _memory.TakeMark();
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
        try
        {
            WriteUntilStopped();
        }
        catch (Exception error)
        {
            // Who waits for a commit threw, so somebody may not have heard of it: nothing more is confirmed.
            _fail(error);
        }
    }

    private void WriteUntilStopped()
    {
        while (!_stopping)
        {
            if (!_signal.Wait(_markOwed ? _options.MarkDelay : Timeout.InfiniteTimeSpan))
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
        if (!ReferenceEquals(segment, _segment))
        {
            _segment = segment;
            _needsKeeper = true;
        }

        try
        {
            if (segment.ReservedName is not null)
            {
                _files.Supply.Bind(segment);
            }

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
        PrepareWhenLate();
    }

    // Usually the keeper has done it. Here it costs a commit's time; at the end of the segment it would cost every publisher.
    private void PrepareWhenLate()
    {
        if (_files.Supply.HasSpare || _memory.State != LogState.Open)
        {
            return;
        }

        lock (_memory.Lock)
        {
            Segment tail = _memory.Plan.Tail;
            if (_memory.Plan.IsFull || tail.PlannedEnd < tail.Limit / 2)
            {
                return;
            }
        }

        try
        {
            _files.PrepareSpare();
        }
        catch (IOException error) when (LogFiles.IsOutOfSpace(error))
        {
            _outOfSpace();
        }
        catch (Exception error)
        {
            _fail(error);
        }
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
