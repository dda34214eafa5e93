using System.Buffers.Binary;
using System.Security.Cryptography;

namespace Warren.Buffers;

/// <summary>A fast hash of bytes that clients choose, seeded so that they cannot choose collisions.</summary>
/// <remarks>Pure. The value depends on the seed and must not be stored.</remarks>
public static class SeededHash
{
    private const ulong Odd1 = 0xA0761D6478BD642F;
    private const ulong Odd2 = 0xE7037ED1A0B428DB;

    /// <summary>A seed nobody can guess.</summary>
    public static ulong NewSeed() => BinaryPrimitives.ReadUInt64LittleEndian(RandomNumberGenerator.GetBytes(sizeof(ulong)));

    /// <summary>The hash of <paramref name="bytes"/> under <paramref name="seed"/>.</summary>
    public static ulong Compute(ReadOnlySpan<byte> bytes, ulong seed)
    {
        ulong hash = Mix(seed ^ Odd1, (ulong)bytes.Length ^ Odd2);
        while (bytes.Length > sizeof(ulong))
        {
            hash = Mix(hash ^ BinaryPrimitives.ReadUInt64LittleEndian(bytes), Odd1);
            bytes = bytes[sizeof(ulong)..];
        }

        ulong last = 0;
        if (bytes.Length == sizeof(ulong))
        {
            last = BinaryPrimitives.ReadUInt64LittleEndian(bytes);
        }
        else
        {
            for (int i = 0; i < bytes.Length; i++)
            {
                last |= (ulong)bytes[i] << (i * 8);
            }
        }

        return Mix(hash ^ last, Odd2);
    }

    private static ulong Mix(ulong a, ulong b)
    {
        ulong high = Math.BigMul(a, b, out ulong low);
        return high ^ low;
    }
}
