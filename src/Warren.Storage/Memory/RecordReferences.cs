using Warren.Storage.Format;

namespace Warren.Storage.Memory;

/// <summary>Writes the owners and the releases of a record, which stand between its header and its payload.</summary>
internal static class RecordReferences
{
    /// <summary>Returns where the payload begins.</summary>
    internal static int Write(Span<byte> record, in RecordDraft draft, ulong lsn)
    {
        int length = RecordView.HeaderSize;
        ulong previous = 0;
        foreach (ulong owner in draft.Owners)
        {
            ulong id = owner == ShardLog.Self ? lsn : owner;
            length += Varint.WriteDelta(record[length..], previous, id);
            previous = id;
        }

        length += Varint.Write(record[length..], (ulong)draft.Releases.Length);
        previous = 0;
        foreach (RecordReference reference in draft.Releases)
        {
            length += Varint.WriteDelta(record[length..], previous, reference.Owner);
            length += Varint.WriteDelta(record[length..], lsn, reference.Lsn);
            previous = reference.Owner;
        }

        return length;
    }
}
