using System.Buffers.Binary;
using System.Runtime.InteropServices;
using Warren.Buffers;
using Warren.Storage.Memory;

namespace Warren.Storage.Format;

/// <summary>What a scan of a sealed segment would give, without its payloads. Rebuilt from the segment when broken.</summary>
/// <remarks>
/// <code>
///  0 magic "WARRNIDX"  8 major u16  10 flags u16 (1 = of a compacted segment)  12 rows u32  16 number u64  24 firstLsn u64  32 end u64
/// 40 references u32   44 owners u32  48 rows of 32 bytes (<see cref="SidecarRow"/>)
/// then references: u32 position in the owners; then owners: u64 (0 = given back before the file was written)
/// then, from version 2, the payloads of definitions (<see cref="DefinitionCopies"/>)
/// last 4 bytes: crc32c of everything before, seeded with cluster, shard and segment number
/// </code>
/// </remarks>
internal sealed class SidecarFile
{
    internal const ushort Major = 2;
    private const ushort CompactedFlag = 1;
    private const int FixedSize = 48;

    private readonly ReadOnlyMemory<byte> _bytes;

    private SidecarFile(ReadOnlyMemory<byte> bytes, DefinitionCopies definitions)
    {
        _bytes = bytes;
        Definitions = definitions;
    }

    /// <summary>Payloads kept a second time.</summary>
    internal DefinitionCopies Definitions { get; }

    internal bool IsCompacted => (BinaryPrimitives.ReadUInt16LittleEndian(_bytes.Span[10..]) & CompactedFlag) != 0;

    internal ulong LastLsn => Count == 0 ? 0 : FirstLsn + Rows[^1].LsnDelta;

    internal int Count => (int)BinaryPrimitives.ReadUInt32LittleEndian(_bytes.Span[12..]);

    internal ulong FirstLsn => BinaryPrimitives.ReadUInt64LittleEndian(_bytes.Span[24..]);

    internal long End => BinaryPrimitives.ReadInt64LittleEndian(_bytes.Span[32..]);

    internal int ReferenceCount => (int)BinaryPrimitives.ReadUInt32LittleEndian(_bytes.Span[40..]);

    internal ReadOnlySpan<SidecarRow> Rows =>
        MemoryMarshal.Cast<byte, SidecarRow>(_bytes.Span[FixedSize..])[..Count];

    internal ReadOnlySpan<uint> References =>
        MemoryMarshal.Cast<byte, uint>(_bytes.Span[(FixedSize + (32 * Count))..])[..ReferenceCount];

    internal ulong Owner(int position) =>
        BinaryPrimitives.ReadUInt64LittleEndian(_bytes.Span[(FixedSize + (32 * Count) + (4 * ReferenceCount) + (8 * position))..]);

    internal int OwnerCount => (int)BinaryPrimitives.ReadUInt32LittleEndian(_bytes.Span[44..]);

    private static ReadOnlySpan<byte> Magic => "WARRNIDX"u8;

    /// <summary>Writes an index whose rows are still there. <paramref name="ownerOf"/> turns owner numbers into ids.</summary>
    internal static byte[] Write(
        SegmentIndex index,
        ReadOnlySpan<uint> referenceOwners,
        ulong number,
        long end,
        LogIdentity identity,
        Func<uint, ulong> ownerOf,
        DefinitionCopies definitions,
        bool isCompacted)
    {
        var positions = new Dictionary<uint, uint>();
        var owners = new List<ulong>();
        uint[] references = new uint[referenceOwners.Length];
        for (int i = 0; i < references.Length; i++)
        {
            uint owner = referenceOwners[i];
            if (!positions.TryGetValue(owner, out uint position))
            {
                position = (uint)owners.Count;
                positions.Add(owner, position);
                owners.Add(owner == OwnerTable.Nobody ? 0 : ownerOf(owner));
            }

            references[i] = position;
        }

        byte[] bytes = new byte[
            FixedSize + (32L * index.Count) + (4L * references.Length) + (8L * owners.Count) + definitions.Size + 4];
        var output = new ByteCursor(bytes);
        output.Put(Magic);
        output.Put(Major);
        output.Put(isCompacted ? CompactedFlag : (ushort)0);
        output.Put((uint)index.Count);
        output.Put(number);
        output.Put(index.FirstLsn);
        output.Put((ulong)end);
        output.Put((uint)references.Length);
        output.Put((uint)owners.Count);
        for (int i = 0; i < index.Count; i++)
        {
            SidecarRow row = index.RowAt(i);
            MemoryMarshal.Write(bytes.AsSpan(output.Position), in row);
            output.Position += 32;
        }

        output.Put(MemoryMarshal.AsBytes(references.AsSpan()));
        foreach (ulong owner in owners)
        {
            output.Put(owner);
        }

        definitions.Write(ref output);
        output.Put(Crc32C.Compute(bytes.AsSpan(0, output.Position), identity.SegmentSeed(number)));
        return bytes;
    }

    /// <summary>Null when the bytes are no intact sidecar of that segment; uses them as long as it lives.</summary>
    internal static SidecarFile? TryRead(ReadOnlyMemory<byte> memory, ulong number, LogIdentity identity)
    {
        ReadOnlySpan<byte> bytes = memory.Span;
        if (bytes.Length < FixedSize + 4 || !bytes.StartsWith(Magic)
            || BinaryPrimitives.ReadUInt16LittleEndian(bytes[8..]) is not (1 or Major)
            || BinaryPrimitives.ReadUInt64LittleEndian(bytes[16..]) != number
            || BinaryPrimitives.ReadUInt32LittleEndian(bytes[^4..])
                != Crc32C.Compute(bytes[..^4], identity.SegmentSeed(number)))
        {
            return null;
        }

        long rows = BinaryPrimitives.ReadUInt32LittleEndian(bytes[12..]);
        long references = BinaryPrimitives.ReadUInt32LittleEndian(bytes[40..]);
        long owners = BinaryPrimitives.ReadUInt32LittleEndian(bytes[44..]);
        long rest = bytes.Length - (FixedSize + (32 * rows) + (4 * references) + (8 * owners) + 4);
        DefinitionCopies? definitions = BinaryPrimitives.ReadUInt16LittleEndian(bytes[8..]) == 1
            ? rest == 0 ? DefinitionCopies.Empty : null
            : rest < 0 ? null : DefinitionCopies.TryRead(memory.Slice(bytes.Length - 4 - (int)rest, (int)rest));
        return definitions is null ? null : new SidecarFile(memory, definitions);
    }
}
