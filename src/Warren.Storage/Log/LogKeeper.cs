using System.Diagnostics.CodeAnalysis;
using Warren.Storage.Memory;

namespace Warren.Storage.Log;

/// <summary>The second thread: prepares segments, seals them, writes checkpoints, deletes and compacts.</summary>
/// <remarks>Never holds the append lock across I/O.</remarks>
internal sealed class LogKeeper : IDisposable
{
    private const int SweepSlices = 256;

    private static readonly TimeSpan LookInterval = TimeSpan.FromSeconds(1);

    private readonly Lock _working = new();
    private readonly LogMemory _memory;
    private readonly LogFiles _files;
    private readonly ShardLogOptions _options;
    private readonly TimeProvider _time;
    private readonly SpaceKeeper _space;
    private readonly SegmentSealer _sealer;
    private readonly CheckpointWriter _checkpoints;
    private readonly Compactor _compactor;
    private readonly Action<Exception> _fail;
    private readonly Action<LogState> _setState;
    private readonly ManualResetEventSlim _signal = new(initialState: false, spinCount: 0);
    private readonly ManualResetEventSlim _snapshotReady = new(initialState: false, spinCount: 0);
    private CheckpointSnapshot? _snapshot;
    private Thread? _thread;
    private long _lastCheckpoint;
    private long _lastCheckpointBytes;
    private ulong _lastCheckpointLsn;
    private long _lastCheckpointSwept;
    private bool _lacksSpace;
    private long _lookedAt;
    private volatile bool _stopping;

    internal LogKeeper(
        LogMemory memory,
        LogFiles files,
        ShardLogOptions options,
        TimeProvider time,
        CheckpointWriter checkpoints,
        Compactor compactor,
        Action<Exception> fail,
        Action<LogState> setState)
    {
        _memory = memory;
        _files = files;
        _options = options;
        _time = time;
        _space = new SpaceKeeper(memory, files, setState);
        _sealer = new SegmentSealer(memory, files);
        _checkpoints = checkpoints;
        _compactor = compactor;
        _fail = fail;
        _setState = setState;
        _lastCheckpoint = time.GetTimestamp();
        _lookedAt = _lastCheckpoint;
        _lastCheckpointLsn = memory.NextLsn - 1;
    }

    internal LogWriter Writer { get; set; } = null!;

    internal long Checkpoints { get; private set; }

    internal void Start(string name)
    {
        _thread = new Thread(Run) { IsBackground = true, Name = name, Priority = ThreadPriority.BelowNormal };
        _thread.Start();
    }

    internal void Wake() => _signal.Set();

    internal void Stop()
    {
        _stopping = true;
        _signal.Set();
        _snapshotReady.Set();
        _thread?.Join();
        _thread = null;
    }

    /// <summary>Called by the writer when the snapshot asked for is taken and committed.</summary>
    internal void OnSnapshot(CheckpointSnapshot snapshot)
    {
        Volatile.Write(ref _snapshot, snapshot);
        _snapshotReady.Set();
    }

    /// <summary>One round of everything that is due; false when nothing was.</summary>
    internal bool MaintainOnce()
    {
        lock (_working)
        {
            if (_memory.State is LogState.Failed or LogState.Closed)
            {
                return false;
            }

            // Each step by itself: on a full disk the others may make room, and what makes room comes first.
            if (!IsStillThere())
            {
                return false;
            }

            _lacksSpace = false;
            _space.NoteFull();
            bool worked = _memory.State == LogState.OutOfSpace && (Step(_space.LeaveDeadTail) | Step(CheckpointWhenDue));
            worked |= Step(Prepare);
            worked |= Step(Sweep);
            worked |= Step(SealClosed);
            worked |= Step(Compact);
            worked |= Step(CheckpointWhenDue);
            return worked | (!_lacksSpace && _space.Reopen());
        }
    }

    /// <summary>Writes a checkpoint now and deletes what it makes superfluous.</summary>
    internal void CheckpointNow(bool isClean)
    {
        lock (_working)
        {
            if (_memory.State is LogState.Failed or LogState.Closed)
            {
                return;
            }

            Step(SealClosed);
            Step(() => WriteCheckpoint(isClean));
            if (isClean)
            {
                LeaveSidecar();
            }
        }
    }

    // It only helps a start that finds damage: that there is no space for it says nothing about the stop.
    private void LeaveSidecar()
    {
        try
        {
            _sealer.LeaveSidecar();
        }
        catch (IOException error) when (LogFiles.IsOutOfSpace(error))
        {
            return;
        }
        catch (Exception error)
        {
            _fail(error);
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        Stop();
        _signal.Dispose();
        _snapshotReady.Dispose();
    }

    private void Run()
    {
        var pause = TimeSpan.FromMilliseconds(500);
        long filledAt = 0;
        while (!_stopping)
        {
            try
            {
                bool again = MaintainOnce();
                if (!again && !_stopping)
                {
                    // Zeros are written only while the log leaves the disk idle.
                    long bytes = Writer.WrittenBytes;
                    bool idle = bytes - filledAt < 1 << 20;
                    filledAt = bytes;
                    bool filled = idle && Step(Fill);
                    _signal.Wait(filled ? TimeSpan.FromMilliseconds(5) : pause);
                    _signal.Reset();
                }
            }
            catch (Exception error)
            {
                // Who is told of a state threw: better a log that has failed than one nobody looks after.
                _fail(error);
            }
        }
    }

    private bool Step(Func<bool> step)
    {
        if (_memory.State is LogState.Failed or LogState.Closed)
        {
            return false;
        }

        try
        {
            return step();
        }
        catch (IOException error) when (LogFiles.IsOutOfSpace(error))
        {
            _lacksSpace = true;
            _setState(LogState.OutOfSpace);
            return false;
        }
        catch (Exception error)
        {
            _fail(error);
            return false;
        }
    }

    private bool Fill() => _memory.State == LogState.Open && _files.FillSpare(firstPartOnly: false);

    // Each slice holds the append lock anew, so that nobody who appends waits for more than one.
    private bool Sweep()
    {
        bool swept = false;
        for (int slice = 0; slice < SweepSlices && !_stopping; slice++)
        {
            lock (_memory.Lock)
            {
                swept |= _memory.Sweeps.Any;
                if (!_memory.SweepSlice())
                {
                    break;
                }
            }
        }

        return swept;
    }

    // Somebody removed or replaced the directory: what is written goes into files that are gone when we close them.
    private bool IsStillThere()
    {
        if (_time.GetElapsedTime(_lookedAt) < LookInterval)
        {
            return true;
        }

        _lookedAt = _time.GetTimestamp();
        Segment? newest = null;
        lock (_memory.Lock)
        {
            foreach (Segment segment in _memory.Segments)
            {
                newest = segment.ReservedName is null ? segment : newest;
            }
        }

        string path = newest is null ? _files.Directory : _files.PathOf(newest.FileName);
        try
        {
            if (newest is null || newest.File!.IsLinked(path))
            {
                return true;
            }

            _fail(new IOException($"'{path}' is not the file any more that the log writes: it was removed or replaced"));
        }
        catch (Exception error)
        {
            _fail(error);
        }

        return false;
    }

    // It only tidies up: that a copy found no space says nothing to publishers.
    private bool Compact()
    {
        try
        {
            return _compactor.CompactOnce();
        }
        catch (IOException error) when (LogFiles.IsOutOfSpace(error))
        {
            return false;
        }
    }

    private bool SealClosed() => _sealer.SealClosed(Writer.CommittedLsn);

    // What waits for space to be written can go now.
    private bool Prepare()
    {
        bool prepared = _space.Prepare();
        if (prepared)
        {
            Writer.Request();
        }

        return prepared;
    }

    private bool CheckpointWhenDue() =>
        (IsCheckpointDue() || _compactor.HasReplaced) && WriteCheckpoint(isClean: false);

    private bool IsCheckpointDue()
    {
        lock (_memory.Lock)
        {
            if (_memory.State == LogState.OutOfSpace && _space.HasDeadSegment())
            {
                return true;
            }

            if (_memory.NextLsn - 1 == _lastCheckpointLsn && !_memory.HasPending
                && _memory.Sweeps.Cleared == _lastCheckpointSwept)
            {
                return false;
            }

            return _memory.AppendedBytes - _lastCheckpointBytes >= _options.CheckpointBytes
                || _time.GetElapsedTime(_lastCheckpoint) >= _options.CheckpointInterval;
        }
    }

    private bool WriteCheckpoint(bool isClean)
    {
        CheckpointSnapshot? snapshot = TakeSnapshot();
        if (snapshot is null)
        {
            return false;
        }

        snapshot.IsClean = isClean;
        _checkpoints.Write(snapshot);
        Checkpoints++;
        _lastCheckpoint = _time.GetTimestamp();
        _lastCheckpointLsn = snapshot.Lsn;
        lock (_memory.Lock)
        {
            _lastCheckpointBytes = _memory.AppendedBytes;
            _lastCheckpointSwept = snapshot.Swept;
        }

        DeleteDead(snapshot);
        _compactor.DeleteReplaced();
        return true;
    }

    // The writer takes it, between two batches. Without threads we are the writer.
    private CheckpointSnapshot? TakeSnapshot()
    {
        _snapshotReady.Reset();
        Volatile.Write(ref _snapshot, null);
        Writer.RequestSnapshot();
        CheckpointSnapshot? snapshot;
        while (!TryGetSnapshot(out snapshot))
        {
            if (_memory.State is LogState.Failed or LogState.Closed)
            {
                return null;
            }

            if (Writer.IsRunning)
            {
                _snapshotReady.Wait(TimeSpan.FromMilliseconds(100));
                _snapshotReady.Reset();
            }
            else if (!Writer.CommitOnce() && !TryGetSnapshot(out snapshot))
            {
                return null;
            }
        }

        return snapshot;
    }

    // One asked for earlier, and late because the disk was full, may name segments that compaction has replaced since.
    private bool TryGetSnapshot([NotNullWhen(true)] out CheckpointSnapshot? snapshot)
    {
        snapshot = Volatile.Read(ref _snapshot);
        if (snapshot is null)
        {
            return false;
        }

        lock (_memory.Lock)
        {
            if (snapshot.Replacements == _memory.Segments.Replacements)
            {
                return true;
            }
        }

        Interlocked.CompareExchange(ref _snapshot, null, snapshot);
        Writer.RequestSnapshot();
        return false;
    }

    private void DeleteDead(CheckpointSnapshot snapshot)
    {
        bool deleted = false;
        foreach (SegmentSnapshot dead in snapshot.Segments)
        {
            if (dead.Live > 0 || !dead.IsClosed)
            {
                continue;
            }

            lock (_memory.Lock)
            {
                int position = _memory.Segments.IndexOf(dead.Segment);
                if (position < 0)
                {
                    continue;
                }

                _memory.Segments.Replace(position, 1, null);
                _memory.Owners.SealedThroughLsn = Math.Max(_memory.Owners.SealedThroughLsn, dead.Segment.LastLsn);
            }

            DeleteFiles(dead.Segment);
            deleted = true;
        }

        if (deleted)
        {
            _files.Disk.SyncDirectory(_files.Directory);
        }
    }

    private void DeleteFiles(Segment segment)
    {
        _files.Remove(segment);
        segment.Release();
    }
}
