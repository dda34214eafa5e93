using Warren.Buffers.Commits;
using Warren.Storage.Log;
using Warren.Storage.Memory;
using Warren.Storage.Recovery;

namespace Warren.Storage;

/// <summary>
/// An append-only log of records with group commit, which counts references to records by opaque owners. The durable
/// state is the set of records that somebody still holds; opening the log enumerates it in LSN order.
/// </summary>
/// <remarks>
/// Thread-safe. One writer thread writes and syncs, one keeper thread prepares segments, writes checkpoints, compacts
/// and deletes. Callers never wait for the disk. Lock order: the caller's locks, then the append lock; no event is raised
/// with it held. File format: docs/storage-format.md.
/// </remarks>
public sealed class ShardLog : CommitSource, IDisposable
{
    /// <summary>In <see cref="RecordDraft.Owners"/>: the record holds itself, under its own LSN.</summary>
    public const ulong Self = 0;

    private const int DamageMax = 10_000;

    private readonly LogMemory _memory;
    private readonly LogWriter _writer;
    private readonly LogKeeper _keeper;
    private readonly LogFiles _files;
    private readonly Compactor _compactor;
    private readonly ShardLogOptions _options;
    private readonly Lock _damageLock = new();
    private readonly List<DamageReport> _damage;
    private readonly Scrubber _scrubber;
    private readonly uint _recordSeed;
    private Exception? _failure;
    private int _isBackedUp;
    private bool _disposed;

    private ShardLog(LogRecovery recovery, RecoveredState state, ShardLogOptions options, TimeProvider time)
    {
        _options = options;
        _files = recovery.Files;
        _damage = state.Damage;
        _recordSeed = _files.Identity.RecordSeed;
        RecoveredCleanly = state.IsClean;
        _memory = new LogMemory(options, state.Segments, state.Owners, _files.Supply, state.LastLsn + 1)
        {
            UncertainThroughLsn = state.IsClean ? state.UncertainThroughLsn : state.LastLsn,
        };
        _compactor = new Compactor(_memory, _files, options, Report);
        _keeper = new LogKeeper(
            _memory, _files, options, time, new CheckpointWriter(_files, recovery.LastSequence), _compactor, Fail, SetState);
        _writer = new LogWriter(
            _memory, _files, options, time, Fail, () => SetState(LogState.OutOfSpace), OnCommitted, _keeper.OnSnapshot);
        _keeper.Writer = _writer;
        _scrubber = new Scrubber(_memory, options, time, Report, _recordSeed, isUrgent: !state.IsClean);
        _memory.Plan.Alert = () =>
        {
            _writer.Request();
            _keeper.Wake();
        };
    }

    /// <summary>Raised on the writer thread after each successful sync, with the new <see cref="CommittedLsn"/>.</summary>
    public event Action<ulong>? Committed;

    /// <summary>Raised on the thread that noticed; the exception says why when the log failed.</summary>
    public event Action<LogState, Exception?>? StateChanged;

    /// <summary>Raised on the thread that found something broken after the log was read; must not block.</summary>
    public event Action<DamageReport>? DamageFound;

    /// <summary>Every record up to this LSN is on the disk.</summary>
    public ulong CommittedLsn => _writer.CommittedLsn;

    /// <summary>The LSN given last.</summary>
    public ulong LastLsn
    {
        get
        {
            lock (_memory.Lock)
            {
                return _memory.NextLsn - 1;
            }
        }
    }

    /// <summary>The epoch of this writer; 1 as long as there is one node.</summary>
    public ulong Epoch { get; } = 1;

    /// <summary>So much is uncommitted that publishers should pause; they may go on at a later <see cref="Committed"/>.</summary>
    public bool IsBackedUp => Volatile.Read(ref _isBackedUp) != 0;

    /// <summary>What the log accepts now.</summary>
    public LogState State => _memory.State;

    /// <summary>The last stop wrote a clean checkpoint and nothing came after it.</summary>
    public bool RecoveredCleanly { get; }

    /// <summary>
    /// Records up to this LSN may have been delivered before, because the log was not stopped cleanly after them; 0 for
    /// none. It outlives every later stop and start.
    /// </summary>
    public ulong UncertainThroughLsn => _memory.UncertainThroughLsn;

    /// <summary>Everything found broken since the log was opened, as far as it fits into a list of a decent length.</summary>
    public IReadOnlyList<DamageReport> Damage
    {
        get
        {
            lock (_damageLock)
            {
                return [.. _damage];
            }
        }
    }

    internal LogMemory Memory => _memory;

    internal LogKeeper Keeper => _keeper;

    internal LogWriter Writer => _writer;

    internal Scrubber Scrubber => _scrubber;

    /// <summary>Opens or creates the log of a shard and hands every live record to <paramref name="visitor"/>.</summary>
    /// <param name="disk">Where the files are.</param>
    /// <param name="directory">The shard's own directory; created when missing.</param>
    /// <param name="options">Sizes and delays; the identity must be that of the files.</param>
    /// <param name="time">Intervals; never used for order.</param>
    /// <param name="visitor">Receives the live records on this thread before the log accepts anything.</param>
    /// <exception cref="StorageException">The files are of a newer version, of another cluster or shard, or no log.</exception>
    /// <exception cref="IOException">The disk failed.</exception>
    public static ShardLog Open(
        IBlockDisk disk, string directory, ShardLogOptions options, TimeProvider time, IRecoveryVisitor visitor)
    {
        ArgumentNullException.ThrowIfNull(disk);
        ArgumentException.ThrowIfNullOrEmpty(directory);
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(time);
        ArgumentNullException.ThrowIfNull(visitor);
        using RecoveredLog recovered = Read(disk, directory, options, time, visitor);
        return recovered.Begin();
    }

    /// <summary>The first half of <see cref="Open"/>: hands every live record to <paramref name="visitor"/> and begins nothing.</summary>
    /// <param name="disk">Where the files are.</param>
    /// <param name="directory">The shard's own directory; created when missing.</param>
    /// <param name="options">Sizes and delays; the identity must be that of the files.</param>
    /// <param name="time">Intervals; never used for order.</param>
    /// <param name="visitor">Receives the live records on this thread.</param>
    /// <exception cref="StorageException">The files are of a newer version, of another cluster or shard, or no log.</exception>
    /// <exception cref="IOException">The disk failed.</exception>
    public static RecoveredLog Read(
        IBlockDisk disk, string directory, ShardLogOptions options, TimeProvider time, IRecoveryVisitor visitor)
    {
        ArgumentNullException.ThrowIfNull(disk);
        ArgumentException.ThrowIfNullOrEmpty(directory);
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(time);
        ArgumentNullException.ThrowIfNull(visitor);
        disk.CreateDirectory(directory);
        var recovery = new LogRecovery(disk, directory, options, time);
        ShardLog? log = null;
        try
        {
            RecoveredState state = recovery.Run();
            recovery.StartSegment();
            log = new ShardLog(recovery, state, options, time);
            new LiveRecords(log._memory, log._files, log.OpenReader()).Visit(visitor);
            return new RecoveredLog(recovery, state, log);
        }
        catch
        {
            log?.Abandon();
            recovery.Close();
            throw;
        }
    }

    /// <summary>
    /// Adds a record to the open batch. Copies everything under one short lock; neither waits for the disk nor wakes the
    /// writer: ask for the commit with <see cref="RequestCommit"/>.
    /// </summary>
    /// <returns>The record and what to wait for; refused when the log is failed, closed, full, too far behind, or the record
    /// is larger than 516 MiB.</returns>
    public StoreResult Store(in RecordDraft record)
    {
        ulong lsn = Append(record);
        return lsn == 0 ? StoreResult.Refused : StoreResult.Stored(this, lsn);
    }

    /// <summary>A ticket for everything appended and given back so far, by anybody.</summary>
    /// <remarks>What was given back becomes a record now, so that there is something to wait for.</remarks>
    public CommitTicket Barrier()
    {
        lock (_memory.Lock)
        {
            return new CommitTicket(this, _memory.FlushAll());
        }
    }

    /// <summary>As <see cref="Store"/>; 0 when it is refused.</summary>
    internal ulong Append(in RecordDraft record)
    {
        RequireAppendable(record);
        lock (_memory.Lock)
        {
            ulong lsn = _memory.Append(record);
            NoteBacklog();
            return lsn;
        }
    }

    // In the lock: the commit that ends it comes after.
    internal void NoteBacklog()
    {
        if (_memory.BacklogBytes > _options.BacklogBytesMax)
        {
            Volatile.Write(ref _isBackedUp, 1);
        }
    }

    /// <summary>Starts a group: everything in it survives a crash whole or not at all. Dispose it soon.</summary>
    public LogGroup BeginGroup() => new(this, _memory);

    /// <summary>Wakes the writer; nearly free when it is already awake.</summary>
    public void RequestCommit() => _writer.Request();

    /// <summary>Gives one reference back: in memory at once, on the disk with the next commit or after the release delay.</summary>
    public void Release(ulong owner, ulong lsn)
    {
        lock (_memory.Lock)
        {
            _memory.Release(owner, lsn);
        }

        _writer.RequestLater();
    }

    /// <summary>Gives one reference back, and says what a reply has to wait for.</summary>
    /// <returns>Nothing to store when there is no such reference; refused when the log has failed or is closed.</returns>
    public StoreResult GiveBack(ulong owner, ulong lsn)
    {
        ulong position;
        lock (_memory.Lock)
        {
            if (_memory.IsOver)
            {
                return StoreResult.Refused;
            }

            _memory.Release(owner, lsn);
            position = _memory.FlushAll();
        }

        return position == 0 ? StoreResult.NothingToStore : StoreResult.Stored(this, position);
    }

    /// <summary>A ticket for a record that was appended before.</summary>
    public CommitTicket TicketOf(ulong lsn) => new(this, lsn);

    /// <summary>Gives several references of one owner back.</summary>
    public void Release(ulong owner, ReadOnlySpan<ulong> lsns)
    {
        lock (_memory.Lock)
        {
            foreach (ulong lsn in lsns)
            {
                _memory.Release(owner, lsn);
            }
        }

        _writer.RequestLater();
    }

    /// <summary>Gives back an owner's references up to an LSN, except on records marked <see cref="RecordDraft.KeepOnPurge"/>.</summary>
    public void Purge(ulong owner, ulong upToLsn)
    {
        lock (_memory.Lock)
        {
            _memory.Purge(owner, upToLsn);
        }

        _writer.RequestLater();
    }

    /// <summary>
    /// Gives back all references of an owner. From now on nobody finds them; their space is freed a little later.
    /// </summary>
    /// <returns>Refused when the log has failed or is closed: then nothing has changed.</returns>
    public StoreResult DeleteOwner(ulong owner)
    {
        ulong position;
        lock (_memory.Lock)
        {
            if (_memory.IsOver)
            {
                return StoreResult.Refused;
            }

            _memory.DeleteOwner(owner);
            position = _memory.FlushAll();
        }

        _writer.RequestLater();
        return StoreResult.Stored(this, position);
    }

    /// <summary>Keeps a number with a live reference; the last one wins and survives a restart.</summary>
    public void Annotate(ulong owner, ulong lsn, uint value)
    {
        lock (_memory.Lock)
        {
            _memory.Annotate(owner, lsn, value);
        }

        _writer.RequestLater();
    }

    /// <summary>A reader of payloads; one per queue or thread.</summary>
    public RecordReader OpenReader() => new(_memory, () => CommittedLsn, Report, _recordSeed);

    /// <summary>Writes a checkpoint and deletes what it makes superfluous; returns when done. Also happens by itself.</summary>
    public void Checkpoint() => _keeper.CheckpointNow(isClean: false);

    /// <summary>Numbers for metrics.</summary>
    public LogStatistics GetStatistics()
    {
        lock (_memory.Lock)
        {
            long live = 0;
            long size = 0;
            long records = 0;
            long references = 0;
            foreach (Segment segment in _memory.Segments)
            {
                live += segment.Index.LiveBytes;
                size += segment.PlannedEnd;
                records += segment.Index.LiveRecords;
                references += segment.Index.LiveReferences;
            }

            return new LogStatistics
            {
                Segments = _memory.Segments.Count,
                LiveBytes = live,
                DeadBytes = Math.Max(0, size - live),
                LiveRecords = records,
                LiveReferences = references - _memory.Owners.DeletedReferences,
                Owners = _memory.Owners.Count,
                BacklogBytes = _memory.BacklogBytes,
                Commits = _writer.Commits,
                Syncs = _writer.Syncs,
                WrittenBytes = _writer.WrittenBytes,
                Checkpoints = _keeper.Checkpoints,
                Compactions = _compactor.Compactions,
                LastCommitDuration = _writer.LastDuration,
            };
        }
    }

    /// <summary>Commits everything and writes a clean checkpoint, unless the log has failed.</summary>
    public void Dispose()
    {
        if (_disposed)
        {
            return;
        }

        _disposed = true;
        _scrubber.Dispose();
        _keeper.Stop();
        _writer.Stop();
        while (CommitOnce())
        {
        }

        _keeper.CheckpointNow(isClean: true);
        Close();
    }

    /// <summary>One batch, for tests that run the log without its threads.</summary>
    internal bool CommitOnce() => _writer.CommitOnce();

    /// <summary>One round of maintenance, for tests that run the log without its threads.</summary>
    internal bool MaintainOnce() => _keeper.MaintainOnce();

    /// <summary>Lets go of every file without writing, as a crash would.</summary>
    internal void Abandon()
    {
        _disposed = true;
        _scrubber.Dispose();
        _keeper.Stop();
        _writer.Stop();
        Close();
    }

    /// <inheritdoc/>
    public override CommitState StateOf(ulong position)
    {
        // In this order: what is committed is committed before the log says that it has ended.
        LogState state = _memory.State;
        return position <= CommittedLsn ? CommitState.Committed
            : state is LogState.Failed or LogState.Closed ? CommitState.Failed
            : CommitState.Pending;
    }

    internal void CommitReleasesLater() => _writer.RequestLater();

    internal static void RequireAppendable(in RecordDraft record)
    {
        if (record.Type is RecordType.Release or RecordType.Annotate or RecordType.Purge or RecordType.OwnerDelete or 0)
        {
            throw new ArgumentException($"the log writes {record.Type} records itself", nameof(record));
        }

        if (record.Owners.Length > ushort.MaxValue || record.Releases.Length > ushort.MaxValue)
        {
            throw new ArgumentException($"a record has at most {ushort.MaxValue} owners and releases", nameof(record));
        }
    }

    internal void Begin(LogRecovery recovery)
    {
        recovery.PutAsideSidecars();
        _keeper.CheckpointNow(isClean: false);
        if (_keeper.Checkpoints == 0)
        {
            throw new StorageException(
                "the checkpoint of the start could not be written", _failure ?? new IOException("no space on the disk"));
        }

        recovery.DeleteObsolete();
        if (_options.RunThreads)
        {
            _writer.Start($"warren-log-{_options.ShardId}");
            _keeper.Start($"warren-keeper-{_options.ShardId}");
            if (_options.ScrubBytesPerSecond > 0)
            {
                _scrubber.Start($"warren-scrub-{_options.ShardId}");
            }
        }
        else
        {
            _keeper.MaintainOnce();
        }
    }

    private void Close()
    {
        lock (_memory.Lock)
        {
            _memory.State = _memory.State == LogState.Failed ? LogState.Failed : LogState.Closed;
            foreach (Segment segment in _memory.Segments)
            {
                segment.Release();
            }
        }

        _files.CloseSpare(delete: _memory.State == LogState.Closed);
        _keeper.Dispose();
        _writer.Dispose();
    }

    private void OnCommitted(ulong lsn)
    {
        if (IsBackedUp)
        {
            lock (_memory.Lock)
            {
                if (_memory.BacklogBytes <= _options.BacklogBytesMax / 2)
                {
                    Volatile.Write(ref _isBackedUp, 0);
                }
            }
        }

        Committed?.Invoke(lsn);
        if (_writer.NeedsKeeper)
        {
            _keeper.Wake();
        }
    }

    /// <summary>
    /// Ends it as an error of its own disk calls does, for something stored beside it that has failed: nothing is taken any
    /// more, and what is not committed by now is told no.
    /// </summary>
    /// <param name="error">Why.</param>
    public void Fail(Exception error)
    {
        lock (_memory.Lock)
        {
            if (_memory.State is LogState.Failed or LogState.Closed)
            {
                return;
            }

            _memory.State = LogState.Failed;
            _failure = error;
        }

        StateChanged?.Invoke(LogState.Failed, error);
    }

    private void SetState(LogState state)
    {
        lock (_memory.Lock)
        {
            if (_memory.State == state || _memory.State is LogState.Failed or LogState.Closed)
            {
                return;
            }

            _memory.State = state;
        }

        StateChanged?.Invoke(state, null);
        _writer.Request();
    }

    private void Report(DamageReport report)
    {
        lock (_damageLock)
        {
            if (_damage.Count < DamageMax)
            {
                _damage.Add(report);
            }
        }

        DamageFound?.Invoke(report);
    }
}
