using Warren.Storage.Format;

namespace Warren.Storage.Memory;

/// <summary>The bytes of one commit while they are collected and written.</summary>
internal sealed class Batch
{
    private const int FirstSize = 64 * 1024;

    /// <summary>Larger buffers go back to the collector once written.</summary>
    internal const int KeptSize = 4 << 20;

    internal Batch(int size) => Buffer = GC.AllocateUninitializedArray<byte>(Math.Max(size, FirstSize));

    internal byte[] Buffer { get; private set; }

    /// <summary>Bytes used, batch header included.</summary>
    internal int Length { get; set; } = BatchHeader.Size;

    internal Segment Segment { get; set; } = null!;

    internal long Offset { get; set; }

    internal ulong BaseLsn { get; set; }

    internal ulong LastLsn { get; set; }

    internal int RecordCount { get; set; }

    /// <summary>Bytes of records that are so large that they are counted apart.</summary>
    internal long LargeBytes { get; set; }

    /// <summary>The state of the log after this batch, when somebody asked for it.</summary>
    internal CheckpointSnapshot? Snapshot { get; set; }

    internal void Reset(Segment segment, long offset)
    {
        Length = BatchHeader.Size;
        Segment = segment;
        Offset = offset;
        BaseLsn = 0;
        LastLsn = 0;
        RecordCount = 0;
        LargeBytes = 0;
        Snapshot = null;
    }

    /// <summary>Room for <paramref name="size"/> more bytes.</summary>
    internal Span<byte> Reserve(int size)
    {
        if (Buffer.Length - Length < size)
        {
            long wanted = Math.Max((long)Buffer.Length * 2, (long)Length + size);
            byte[] larger = GC.AllocateUninitializedArray<byte>((int)Math.Min(wanted, int.MaxValue / 2));
            Buffer.AsSpan(0, Length).CopyTo(larger);
            Buffer = larger;
        }

        return Buffer.AsSpan(Length, size);
    }
}
