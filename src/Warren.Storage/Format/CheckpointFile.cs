using System.Buffers.Binary;
using Warren.Buffers;
using Warren.Storage.Memory;

namespace Warren.Storage.Format;

/// <summary>A checkpoint: the live segments, which references in them are live, and the numbers kept with references.</summary>
/// <remarks>
/// <code>
///  0 magic "WARRNCKP"   8 major u16  10 flags u16 (1 = clean stop, 2 = the tail has its file)  12 shardId u32   16 clusterUuid 16
/// 32 sequence u64      40 lsn u64   48 epoch u64   56 tailNumber u64 (unlisted segments below it are left over)
/// 64 epochCount u32 (epoch, startLsn u64 each)  .. segmentCount u32
/// segment: number u64, firstLsn u64, lastLsn u64, end u64, references u32, live u32, flags u32 (1 closed, 2 compacted,
///          4 bitmap follows), annotationCount u32, bitmap u64 each, annotations (reference u32, value u32) each
/// from version 2: uncertainThroughLsn u64, sweepCount u32; sweep: owner u64, upToLsn u64, flags u32 (1 keep marked)
/// last 4 bytes: crc32c of everything before, seeded with cluster and shard
/// </code>
/// </remarks>
internal sealed class CheckpointFile
{
    internal const ushort Major = 2;
    private const int FixedSize = 68;
    private const int SegmentSize = 48;
    private const int SweepSize = 20;

    internal ulong Sequence { get; init; }

    internal ulong Lsn { get; init; }

    internal ulong Epoch { get; init; } = 1;

    internal bool IsClean { get; init; }

    /// <summary>The file of <see cref="TailNumber"/> was there under its name.</summary>
    internal bool HasTailFile { get; init; }

    /// <summary>The segment that was being written: a lower one that is not listed is left over.</summary>
    internal ulong TailNumber { get; init; }

    /// <summary>Records up to this may have been delivered before; 0 for none.</summary>
    internal ulong UncertainThroughLsn { get; private set; }

    /// <summary>References given back that the segments may still show as live.</summary>
    internal List<PendingSweep> Sweeps { get; } = [];

    internal List<CheckpointSegment> Segments { get; } = [];

    internal List<(ulong Epoch, ulong StartLsn)> Epochs { get; } = [];

    private static ReadOnlySpan<byte> Magic => "WARRNCKP"u8;

    internal static string NameOf(ulong sequence, bool copy) => $"ckpt-{sequence:x16}{(copy ? ".copy" : string.Empty)}";

    internal static CheckpointFile From(CheckpointSnapshot snapshot, ulong sequence, ulong epoch)
    {
        var file = new CheckpointFile
        {
            Sequence = sequence,
            Lsn = snapshot.Lsn,
            Epoch = epoch,
            IsClean = snapshot.IsClean,
            TailNumber = snapshot.Tail.Number,
            HasTailFile = snapshot.Tail.ReservedName is null,
            UncertainThroughLsn = snapshot.UncertainThroughLsn,
        };
        file.Sweeps.AddRange(snapshot.Sweeps);
        file.Epochs.Add((epoch, 1));
        foreach (SegmentSnapshot segment in snapshot.Segments)
        {
            // A segment without live references needs no place here once it takes no more batches: it will be deleted.
            // One whose file has no name yet is found by its number.
            if ((segment.Live > 0 || !segment.IsClosed) && (segment.References > 0 || segment.Segment.ReservedName is null))
            {
                file.Segments.Add(new CheckpointSegment
                {
                    Number = segment.Number,
                    FirstLsn = segment.FirstLsn,
                    LastLsn = segment.LastLsn,
                    End = segment.End,
                    References = segment.References,
                    Live = segment.Live,
                    IsClosed = segment.IsClosed,
                    IsCompacted = segment.IsCompacted,
                    Words = segment.Words,
                    Annotations = segment.Annotations,
                });
            }
        }

        return file;
    }

    internal byte[] Write(LogIdentity identity)
    {
        int size = FixedSize + (16 * Epochs.Count) + 8 + 12 + (SweepSize * Sweeps.Count);
        foreach (CheckpointSegment segment in Segments)
        {
            size += SegmentSize + (8 * (segment.Words?.Length ?? 0)) + (8 * segment.Annotations.Length);
        }

        byte[] bytes = new byte[size];
        var output = new ByteCursor(bytes);
        output.Put(Magic);
        output.Put(Major);
        output.Put((ushort)((IsClean ? 1 : 0) | (HasTailFile ? 2 : 0)));
        output.Put(identity.ShardId);
        identity.ClusterUuid.TryWriteBytes(bytes.AsSpan(16));
        output.Position = 32;
        output.Put(Sequence);
        output.Put(Lsn);
        output.Put(Epoch);
        output.Put(TailNumber);
        output.Put((uint)Epochs.Count);
        foreach ((ulong epoch, ulong start) in Epochs)
        {
            output.Put(epoch);
            output.Put(start);
        }

        output.Put((uint)Segments.Count);
        foreach (CheckpointSegment segment in Segments)
        {
            output.Put(segment.Number);
            output.Put(segment.FirstLsn);
            output.Put(segment.LastLsn);
            output.Put((ulong)segment.End);
            output.Put((uint)segment.References);
            output.Put((uint)segment.Live);
            output.Put((segment.IsClosed ? 1u : 0) | (segment.IsCompacted ? 2u : 0) | (segment.Words is null ? 0u : 4));
            output.Put((uint)segment.Annotations.Length);
            foreach (ulong word in segment.Words ?? [])
            {
                output.Put(word);
            }

            foreach ((int reference, uint value) in segment.Annotations)
            {
                output.Put((uint)reference);
                output.Put(value);
            }
        }

        output.Put(UncertainThroughLsn);
        output.Put((uint)Sweeps.Count);
        foreach (PendingSweep sweep in Sweeps)
        {
            output.Put(sweep.Owner);
            output.Put(sweep.UpToLsn);
            output.Put(sweep.KeepMarked ? 1u : 0);
        }

        output.Put(Crc32C.Compute(bytes.AsSpan(0, output.Position), identity.RecordSeed));
        return bytes;
    }

    /// <summary>Null when the bytes are no intact checkpoint.</summary>
    /// <exception cref="NewerFormatException">An intact checkpoint of a newer version.</exception>
    internal static CheckpointFile? TryRead(ReadOnlySpan<byte> bytes, LogIdentity identity)
    {
        if (bytes.Length < FixedSize + 8 || !bytes.StartsWith(Magic)
            || BinaryPrimitives.ReadUInt32LittleEndian(bytes[^4..]) != Crc32C.Compute(bytes[..^4], identity.RecordSeed))
        {
            return null;
        }

        ushort major = BinaryPrimitives.ReadUInt16LittleEndian(bytes[8..]);
        if (major > Major)
        {
            throw new NewerFormatException($"the checkpoint has format {major}; this version reads up to {Major}");
        }

        var input = new ByteReader(bytes[..^4], 32);
        var file = new CheckpointFile
        {
            IsClean = (bytes[10] & 1) != 0,
            HasTailFile = (bytes[10] & 2) != 0,
            Sequence = input.U64(),
            Lsn = input.U64(),
            Epoch = input.U64(),
            TailNumber = input.U64(),
        };
        for (uint epochs = input.U32(); epochs > 0 && !input.Failed; epochs--)
        {
            file.Epochs.Add((input.U64(), input.U64()));
        }

        for (uint segments = input.U32(); segments > 0 && !input.Failed; segments--)
        {
            CheckpointSegment? segment = ReadSegment(ref input);
            if (segment is null)
            {
                return null;
            }

            file.Segments.Add(segment);
        }

        if (major >= 2)
        {
            ReadSweeps(ref input, file);
        }

        return input.Failed || input.Remaining != 0 ? null : file;
    }

    private static void ReadSweeps(ref ByteReader input, CheckpointFile file)
    {
        file.UncertainThroughLsn = input.U64();
        for (uint sweeps = input.U32(); sweeps > 0 && !input.Failed; sweeps--)
        {
            file.Sweeps.Add(new PendingSweep(input.U64(), input.U64(), (input.U32() & 1) != 0));
        }
    }

    private static CheckpointSegment? ReadSegment(ref ByteReader input)
    {
        ulong number = input.U64();
        ulong first = input.U64();
        ulong last = input.U64();
        ulong end = input.U64();
        uint references = input.U32();
        uint live = input.U32();
        uint flags = input.U32();
        uint annotations = input.U32();
        long words = (flags & 4) != 0 ? (references + 63L) / 64 : 0;
        if (input.Failed || (words * 8) + (annotations * 8L) > input.Remaining || end > long.MaxValue || references > int.MaxValue)
        {
            return null;
        }

        ulong[]? bits = (flags & 4) != 0 ? new ulong[words] : null;
        for (int i = 0; i < words; i++)
        {
            bits![i] = input.U64();
        }

        var numbers = new KeyValuePair<int, uint>[annotations];
        for (int i = 0; i < numbers.Length; i++)
        {
            numbers[i] = new((int)input.U32(), input.U32());
        }

        return new CheckpointSegment
        {
            Number = number,
            FirstLsn = first,
            LastLsn = last,
            End = (long)end,
            References = (int)references,
            Live = (int)live,
            IsClosed = (flags & 1) != 0,
            IsCompacted = (flags & 2) != 0,
            Words = bits,
            Annotations = numbers,
        };
    }
}

/// <summary>One segment in a checkpoint.</summary>
internal sealed class CheckpointSegment
{
    internal ulong Number { get; init; }

    internal ulong FirstLsn { get; init; }

    internal ulong LastLsn { get; init; }

    internal long End { get; init; }

    internal int References { get; init; }

    internal int Live { get; init; }

    internal bool IsClosed { get; init; }

    internal bool IsCompacted { get; init; }

    /// <summary>Null when none or all references are live.</summary>
    internal ulong[]? Words { get; init; }

    internal KeyValuePair<int, uint>[] Annotations { get; init; } = [];

    internal bool IsLive(int reference) =>
        Words is null ? Live > 0 : (Words[reference >> 6] & (1UL << reference)) != 0;
}
