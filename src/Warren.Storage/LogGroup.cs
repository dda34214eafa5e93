using Warren.Buffers.Commits;
using Warren.Storage.Memory;

namespace Warren.Storage;

/// <summary>Records and releases that are kept whole or dropped whole. Holds the append lock until disposed.</summary>
/// <remarks>Disposed without <see cref="TryComplete"/> it leaves nothing behind: the LSNs it gave are given again.</remarks>
public readonly ref struct LogGroup : IDisposable
{
    private readonly ShardLog _log;
    private readonly LogMemory _memory;

    internal LogGroup(ShardLog log, LogMemory memory)
    {
        _log = log;
        _memory = memory;
        memory.Lock.Enter();
        try
        {
            memory.BeginGroup();
        }
        catch
        {
            memory.Lock.Exit();
            throw;
        }
    }

    /// <summary>Bytes of this group, what it gives back included.</summary>
    public long Bytes => _memory.GroupBytes;

    /// <summary>Whether a record of that many payload bytes and owners still fits; a group holds 516 MiB.</summary>
    public bool CanHold(long payloadBytes, int owners) => _memory.GroupCanHold(payloadBytes, owners);

    /// <summary>As <see cref="ShardLog.Store"/>; refused also when the group would become too large.</summary>
    public StoreResult Store(in RecordDraft record)
    {
        ulong lsn = Append(record);
        return lsn == 0 ? StoreResult.Refused : StoreResult.Stored(_log, lsn);
    }

    /// <summary>Keeps the group; nothing may follow but Dispose. Until then what it gives back is not given back.</summary>
    /// <param name="ticket">What to wait for.</param>
    /// <returns>False when something in it was refused, or it is too large, or the log has failed: it is dropped whole.</returns>
    public bool TryComplete(out CommitTicket ticket)
    {
        bool isKept = Complete();
        ticket = isKept ? new CommitTicket(_log, _memory.NextLsn - 1) : default;
        return isKept;
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

    /// <summary>As <see cref="TryComplete"/>.</summary>
    internal bool Complete()
    {
        bool isKept = _memory.CompleteGroup();
        _log.NoteBacklog();
        return isKept;
    }

    /// <summary>Ends the group, dropping it unless it is complete; the caller asks for the commit.</summary>
    public void Dispose()
    {
        _memory.EndGroup();
        _memory.Lock.Exit();
        _log.CommitReleasesLater();
    }
}
