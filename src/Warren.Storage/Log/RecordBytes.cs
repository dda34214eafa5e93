using System.Buffers.Binary;
using Warren.Storage.Format;

namespace Warren.Storage.Log;

/// <summary>Reads one whole record from a file and checks it.</summary>
internal static class RecordBytes
{
    /// <summary>False when the record is not there or not intact; the scratch buffer grows as needed.</summary>
    /// <exception cref="IOException">The disk failed.</exception>
    internal static bool TryRead(
        IBlockFile file, long offset, ulong lsn, uint recordSeed, ref byte[] scratch, out RecordView record)
    {
        record = default;
        int read = file.Read(offset, scratch);
        if (read < RecordView.HeaderSize)
        {
            return false;
        }

        uint length = BinaryPrimitives.ReadUInt32LittleEndian(scratch);
        if (length is < RecordView.HeaderSize or > RecordView.MaxLength)
        {
            return false;
        }

        int padded = RecordView.Padded((int)length);
        if (padded > read)
        {
            if (padded > scratch.Length)
            {
                if (padded > file.Length - offset)
                {
                    return false; // nobody has checked this length yet
                }

                scratch = GC.AllocateUninitializedArray<byte>(padded);
            }

            read = file.Read(offset, scratch.AsSpan(0, padded));
        }

        return RecordView.TryCut(scratch.AsSpan(0, read), out record) && record.Lsn == lsn && record.IsIntact(recordSeed);
    }
}
