using Warren.Storage.Format;
using Warren.Storage.Log;
using Warren.Storage.Memory;

namespace Warren.Storage.Recovery;

/// <summary>A log that is read without changing anything: what is wrong with it, what is left of it, and a copy of that.</summary>
/// <remarks>One thread. Nobody else may have the directory open.</remarks>
internal sealed class LogInspection : IDisposable
{
    private readonly LogRecovery _recovery;
    private readonly RecoveredState _state;
    private readonly LogIdentity _identity;
    private readonly HashSet<ulong> _unreadable = [];

    private LogInspection(LogRecovery recovery, RecoveredState state, LogIdentity identity)
    {
        _recovery = recovery;
        _state = state;
        _identity = identity;
    }

    /// <summary>Everything found wrong.</summary>
    internal IReadOnlyList<DamageReport> Damage => _state.Damage;

    /// <summary>Queues that are there.</summary>
    internal long Queues { get; private set; }

    /// <summary>Messages that are there, one for each queue that holds it.</summary>
    internal long Messages { get; private set; }

    /// <summary>Messages that are held and cannot be read, one for each queue.</summary>
    internal long LostMessages { get; private set; }

    /// <summary>Owners of records whose own definition is not there.</summary>
    internal HashSet<ulong> UnknownOwners { get; } = [];

    /// <summary>Reads everything, every record that is held included.</summary>
    /// <exception cref="StorageException">The files are of a newer version, of another cluster, or no log.</exception>
    /// <exception cref="IOException">The disk failed.</exception>
    internal static LogInspection Run(IBlockDisk disk, string directory, ShardLogOptions options, TimeProvider time)
    {
        var recovery = new LogRecovery(disk, directory, options with { AcceptLoss = true }, time, isReadOnly: true);
        try
        {
            var inspection = new LogInspection(recovery, recovery.Run(), new LogIdentity(options.ClusterUuid, options.ShardId));
            inspection.Look();
            return inspection;
        }
        catch
        {
            recovery.Close();
            throw;
        }
    }

    /// <summary>Writes what is intact into an empty directory: the same records under the same LSNs, and a checkpoint.</summary>
    /// <exception cref="IOException">The disk failed.</exception>
    internal void CopyTo(IBlockDisk disk, string directory, ShardLogOptions options, TimeProvider time)
    {
        disk.CreateDirectory(directory);
        var copy = new LogCopy(new LogFiles(disk, directory, options, time, nextNumber: 1), options, _state.Owners);
        foreach (Segment segment in _state.Segments)
        {
            byte[] scratch = new byte[64 * 1024];
            DefinitionCopies copies = CopiesOf(segment);
            for (int i = 0; i < segment.Index.Count; i++)
            {
                if (!segment.Index.AnyLive(i))
                {
                    continue;
                }

                if (RecordBytes.TryRead(
                    segment.File!, segment.Index.OffsetAt(i), segment.Index.LsnAt(i), _identity.RecordSeed, ref scratch, out RecordView record))
                {
                    copy.Add(segment.Index, i, record);
                }
                else if (copies.TryFind(i, out ReadOnlyMemory<byte> payload))
                {
                    copy.Add(segment.Index, i, RowOf(segment, i), payload.Span);
                }
            }
        }

        copy.Complete(_state.LastLsn);
    }

    /// <inheritdoc/>
    public void Dispose() => _recovery.Close();

    private void Look()
    {
        var known = new HashSet<ulong>();
        foreach (Segment segment in _state.Segments)
        {
            if (!segment.IsNamed && !segment.Index.HasRows) // a scan has read every record
            {
                _recovery.ReportUnreadable(segment);
            }
        }

        // By segment, so that a record is looked up among the damaged of its own.
        foreach (Segment segment in _state.Segments)
        {
            foreach (DamageReport damage in _state.Damage.Where(d => d.File == segment.FileName && d is { Kind: DamageKind.DamagedRecord, Records: > 0 }))
            {
                for (ulong lsn = damage.FirstLsn; lsn <= damage.LastLsn; lsn++)
                {
                    _unreadable.Add(lsn);
                }
            }
        }

        foreach (Segment segment in _state.Segments)
        {
            DefinitionCopies copies = CopiesOf(segment);
            SidecarFile? sidecar = segment.Index.HasRows ? null : SidecarOf(segment);
            for (int i = 0; i < segment.Index.Count; i++)
            {
                if (segment.Index.AnyLive(i))
                {
                    Count(segment.Index, i, sidecar is null ? segment.Index.RowAt(i) : sidecar.Rows[i], copies, known);
                }
            }
        }

        UnknownOwners.ExceptWith(known);
    }

    private void Count(SegmentIndex index, int record, SidecarRow row, DefinitionCopies copies, HashSet<ulong> known)
    {
        ulong lsn = index.LsnAt(record);
        bool isIntact = !_unreadable.Contains(lsn);
        int held = 0;
        for (int r = index.FirstReference(record); r < index.FirstReference(record + 1); r++)
        {
            if (index.IsLive(r))
            {
                held++;
                UnknownOwners.Add(_state.Owners[index.Owners[r]].Id);
            }
        }

        switch ((RecordType)row.Type)
        {
            case RecordType.Publish or RecordType.Move:
                Messages += isIntact ? held : 0;
                LostMessages += isIntact ? 0 : held;
                break;
            case RecordType.QueueDeclare or RecordType.Session or RecordType.Retained when isIntact || copies.TryFind(record, out _):
                known.Add(lsn);
                Queues += (RecordType)row.Type == RecordType.QueueDeclare ? 1 : 0;
                break;
            default:
                break;
        }
    }

    private SidecarRow RowOf(Segment segment, int record) =>
        segment.Index.HasRows ? segment.Index.RowAt(record) : SidecarOf(segment).Rows[record];

    private DefinitionCopies CopiesOf(Segment segment) =>
        segment.Copies ?? (segment.Index.HasRows ? DefinitionCopies.Empty : SidecarOf(segment).Definitions);

    private SidecarFile SidecarOf(Segment segment)
    {
        string name = Segment.NameOf(segment.Number, ".idx");
        byte[] fresh = []; // what was read before may still be looked at
        return SidecarFile.TryRead(_recovery.Files.ReadAll(name, ref fresh), segment.Number, _identity)
            ?? throw new StorageException($"'{name}' changed while it was read");
    }
}
