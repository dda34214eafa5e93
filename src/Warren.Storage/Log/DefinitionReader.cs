using Warren.Storage.Format;
using Warren.Storage.Memory;

namespace Warren.Storage.Log;

/// <summary>Reads the payloads of a segment's definitions that somebody holds, for its sidecar.</summary>
internal static class DefinitionReader
{
    private const int UsualBytes = 4096;

    /// <summary>One that cannot be read is left out, and the segment marked: it is reported by who needs it.</summary>
    /// <param name="memory">The append lock, which guards the index.</param>
    /// <param name="segment">Committed, and its index has its rows still.</param>
    /// <param name="recordSeed">Seed of the records' checksums.</param>
    internal static DefinitionCopies Read(Lock memory, Segment segment, uint recordSeed)
    {
        var copies = new DefinitionCopies();
        byte[] scratch = [];
        for (int i = 0; i < segment.Index.Count; i++)
        {
            SidecarRow row = segment.Index.RowAt(i);
            if (!RecordTypes.IsDefinition((RecordType)row.Type) || row.PayloadLength > DefinitionCopies.MaxPayload || !IsHeld(memory, segment, i))
            {
                continue;
            }

            if (scratch.Length == 0)
            {
                scratch = new byte[UsualBytes];
            }

            if (TryRead(segment, i, recordSeed, ref scratch, out RecordView record))
            {
                copies.Add(i, record.Payload.ToArray());
            }
            else if (segment.Copies is { } before && before.TryFind(i, out ReadOnlyMemory<byte> copy))
            {
                copies.Add(i, copy);
            }
        }

        return copies;
    }

    private static bool IsHeld(Lock memory, Segment segment, int record)
    {
        lock (memory)
        {
            return segment.Index.AnyLive(record);
        }
    }

    private static bool TryRead(Segment segment, int record, uint recordSeed, ref byte[] scratch, out RecordView view)
    {
        try
        {
            return RecordBytes.TryRead(
                segment.File!, segment.Index.OffsetAt(record), segment.Index.LsnAt(record), recordSeed, ref scratch, out view);
        }
        catch (Exception error) when (LogFiles.IsDiskError(error))
        {
            segment.IsDamaged = true;
            view = default;
            return false;
        }
    }
}
