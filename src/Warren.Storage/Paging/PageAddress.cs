using Warren.Buffers;

namespace Warren.Storage.Paging;

/// <summary>Where a body lies in a page file and how to know it again: position and checksum in one number, never negative.</summary>
/// <remarks>
/// The checksum travels with the address and not with the bytes. So what the disk holds there cannot vouch for itself: bytes
/// of an earlier body, a write that was lost, an address that was given back are all told from what was written.
/// </remarks>
internal readonly record struct PageAddress
{
    /// <summary>Bodies begin at multiples of this many bytes.</summary>
    internal const int Unit = 8;

    //  63 62                 24 23          0
    // +--+---------------------+-------------+
    // | 0| position / Unit     | CRC-32C, low|
    // +--+---------------------+-------------+
    private const int CheckBits = 24;
    private const uint CheckMask = (1u << CheckBits) - 1;

    internal PageAddress(long value) => Value = value;

    internal PageAddress(long position, uint check)
        : this((position / Unit << CheckBits) | check)
    {
    }

    /// <summary>The first position, in bytes, that has no address any more: 4 TiB.</summary>
    internal static long End => (1L << (63 - CheckBits)) * Unit;

    internal long Value { get; }

    /// <summary>Bytes from the start of the file.</summary>
    internal long Position => (Value >> CheckBits) * Unit;

    internal uint Check => (uint)Value & CheckMask;

    internal static uint CheckOf(ReadOnlySpan<byte> bytes) => Crc32C.Compute(bytes) & CheckMask;

    /// <summary>Bytes a body takes in the file.</summary>
    internal static long RoomFor(int length) => ((long)length + Unit - 1) & ~(Unit - 1L);
}
