using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics.Arm;
using System.Runtime.Intrinsics.X86;

namespace Warren.Buffers;

/// <summary>CRC-32C (Castagnoli polynomial 0x1EDC6F41, reflected), as iSCSI (RFC 3720) defines it.</summary>
/// <remarks>Pure and thread-safe. Uses the processor's instruction where there is one.</remarks>
public static class Crc32C
{
    private const uint ReflectedPolynomial = 0x82F63B78;

    private static readonly uint[] Table = BuildTable();

    /// <summary>The checksum of <paramref name="bytes"/>.</summary>
    /// <param name="bytes">The bytes to check.</param>
    /// <param name="seed">The checksum of what came before, or a value that binds the checksum to a place.</param>
    public static uint Compute(ReadOnlySpan<byte> bytes, uint seed = 0) => ~Update(~seed, bytes);

    /// <summary>What <see cref="Compute"/> does on a processor without an instruction for it.</summary>
    internal static uint ComputeByTable(ReadOnlySpan<byte> bytes, uint seed = 0) => ~UpdateByTable(~seed, bytes);

    private static uint Update(uint crc, ReadOnlySpan<byte> bytes)
    {
        if (Sse42.X64.IsSupported)
        {
            ulong wide = crc;
            while (bytes.Length >= sizeof(ulong))
            {
                wide = Sse42.X64.Crc32(wide, BinaryPrimitives.ReadUInt64LittleEndian(bytes));
                bytes = bytes[sizeof(ulong)..];
            }

            crc = (uint)wide;
            foreach (byte b in bytes)
            {
                crc = Sse42.Crc32(crc, b);
            }

            return crc;
        }

        if (Crc32.Arm64.IsSupported)
        {
            while (bytes.Length >= sizeof(ulong))
            {
                crc = Crc32.Arm64.ComputeCrc32C(crc, MemoryMarshal.Read<ulong>(bytes));
                bytes = bytes[sizeof(ulong)..];
            }

            foreach (byte b in bytes)
            {
                crc = Crc32.ComputeCrc32C(crc, b);
            }

            return crc;
        }

        return UpdateByTable(crc, bytes);
    }

    private static uint UpdateByTable(uint crc, ReadOnlySpan<byte> bytes)
    {
        foreach (byte b in bytes)
        {
            crc = Table[(byte)(crc ^ b)] ^ (crc >> 8);
        }

        return crc;
    }

    private static uint[] BuildTable()
    {
        uint[] table = new uint[256];
        for (uint i = 0; i < table.Length; i++)
        {
            uint entry = i;
            for (int bit = 0; bit < 8; bit++)
            {
                entry = (entry & 1) != 0 ? (entry >> 1) ^ ReflectedPolynomial : entry >> 1;
            }

            table[i] = entry;
        }

        return table;
    }
}
