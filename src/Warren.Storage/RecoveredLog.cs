using Warren.Storage.Recovery;

namespace Warren.Storage;

/// <summary>A log that was read and not begun: what it holds is known, and nothing on the disk has been deleted for it.</summary>
/// <remarks>
/// One thread. <see cref="Begin"/> turns it into a log that takes records; there is no other way to append, to give back or
/// to write a checkpoint, so nothing can be lost to somebody who does not know everything yet. Disposed without it, the log is
/// as it was found.
/// </remarks>
public sealed class RecoveredLog : IDisposable
{
    private readonly LogRecovery _recovery;
    private readonly RecoveredState _state;
    private ShardLog? _log;

    internal RecoveredLog(LogRecovery recovery, RecoveredState state, ShardLog log)
    {
        _recovery = recovery;
        _state = state;
        _log = log;
        Damage = [.. state.Damage];
        LastLsn = state.LastLsn;
    }

    /// <summary>Everything found broken.</summary>
    public IReadOnlyList<DamageReport> Damage { get; }

    /// <summary>The LSN given last; 0 when there was no record yet.</summary>
    public ulong LastLsn { get; }

    /// <summary>As <see cref="ShardLog.RecoveredCleanly"/>.</summary>
    public bool IsClean => _state.IsClean;

    /// <summary>Writes a checkpoint of what was found, deletes what it makes superfluous and starts the log's threads.</summary>
    /// <exception cref="IOException">The checkpoint could not be written; nothing was deleted.</exception>
    public ShardLog Begin()
    {
        ShardLog log = _log ?? throw new InvalidOperationException("the log was begun or let go of");
        log.Begin(_recovery);
        _log = null;
        return log;
    }

    /// <summary>Lets go of the files, unless the log was begun.</summary>
    public void Dispose()
    {
        _log?.Abandon();
        _log = null;
    }
}
