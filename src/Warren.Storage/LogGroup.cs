using Warren.Buffers.Commits;
using Warren.Storage.Memory;

namespace Warren.Storage;

/// <summary>Records and releases that a crash keeps whole or drops whole. Holds the append lock until disposed.</summary>
public readonly ref struct LogGroup : IDisposable
{
    private readonly ShardLog _log;
    private readonly LogMemory _memory;

    internal LogGroup(ShardLog log, LogMemory memory)
    {
        _log = log;
        _memory = memory;
        memory.Lock.Enter();
        memory.BeginGroup();
    }

    /// <summary>Bytes appended in this group.</summary>
    public int Bytes => _memory.GroupBytes;

    /// <summary>Whether a record of that many payload bytes and owners still fits; a group holds 48 MiB.</summary>
    public bool CanHold(long payloadBytes, int owners) => _memory.GroupCanHold(payloadBytes, owners);

    /// <summary>As <see cref="ShardLog.Store"/>; refused also when the group would become too large.</summary>
    public StoreResult Store(in RecordDraft record)
    {
        ulong lsn = Append(record);
        return lsn == 0 ? StoreResult.Refused : StoreResult.Stored(_log, lsn);
    }

    /// <summary>Ends the group: what it has becomes part of the log. Disposing one that is not completed undoes it.</summary>
    /// <returns>What to wait for.</returns>
    public CommitTicket Complete()
    {
        _memory.EndGroup();
        return new CommitTicket(_log, _memory.NextLsn - 1);
    }

    /// <summary>As <see cref="Store"/>; 0 when it is refused.</summary>
    internal ulong Append(in RecordDraft record)
    {
        ShardLog.RequireAppendable(record);
        return _memory.Append(record);
    }

    /// <summary>As <see cref="ShardLog.Release(ulong, ulong)"/>, in the group's batch.</summary>
    public void Release(ulong owner, ulong lsn) => _memory.Release(owner, lsn);

    /// <summary>As <see cref="ShardLog.Annotate"/>, in the group's batch.</summary>
    public void Annotate(ulong owner, ulong lsn, uint value) => _memory.Annotate(owner, lsn, value);

    /// <summary>Ends the group; the caller asks for the commit.</summary>
    public void Dispose()
    {
        _memory.EndGroup();
        _memory.Lock.Exit();
        _log.CommitReleasesLater();
    }
}
