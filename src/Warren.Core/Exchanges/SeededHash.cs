using System.Buffers.Binary;
using System.Numerics;
using System.Security.Cryptography;

namespace Warren.Core.Exchanges;

/// <summary>SipHash-1-3 with a key drawn at process start: clients choose the keys of our tables, not their collisions.</summary>
public static class SeededHash
{
    private static readonly ulong Key0 = BitConverter.ToUInt64(RandomNumberGenerator.GetBytes(sizeof(ulong)));
    private static readonly ulong Key1 = BitConverter.ToUInt64(RandomNumberGenerator.GetBytes(sizeof(ulong)));

    /// <summary>Hash of the bytes; the same in this process only.</summary>
    public static uint Of(ReadOnlySpan<byte> bytes)
    {
        ulong v0 = Key0 ^ 0x736f6d6570736575;
        ulong v1 = Key1 ^ 0x646f72616e646f6d;
        ulong v2 = Key0 ^ 0x6c7967656e657261;
        ulong v3 = Key1 ^ 0x7465646279746573;
        ulong last = (ulong)bytes.Length << 56;
        while (bytes.Length >= sizeof(ulong))
        {
            ulong word = BinaryPrimitives.ReadUInt64LittleEndian(bytes);
            v3 ^= word;
            Round(ref v0, ref v1, ref v2, ref v3);
            v0 ^= word;
            bytes = bytes[sizeof(ulong)..];
        }

        for (int i = 0; i < bytes.Length; i++)
        {
            last |= (ulong)bytes[i] << (8 * i);
        }

        v3 ^= last;
        Round(ref v0, ref v1, ref v2, ref v3);
        v0 ^= last;
        v2 ^= 0xFF;
        Round(ref v0, ref v1, ref v2, ref v3);
        Round(ref v0, ref v1, ref v2, ref v3);
        Round(ref v0, ref v1, ref v2, ref v3);
        ulong hash = v0 ^ v1 ^ v2 ^ v3;
        return (uint)(hash ^ (hash >> 32));
    }

    private static void Round(ref ulong v0, ref ulong v1, ref ulong v2, ref ulong v3)
    {
        v0 += v1;
        v1 = BitOperations.RotateLeft(v1, 13) ^ v0;
        v0 = BitOperations.RotateLeft(v0, 32);
        v2 += v3;
        v3 = BitOperations.RotateLeft(v3, 16) ^ v2;
        v0 += v3;
        v3 = BitOperations.RotateLeft(v3, 21) ^ v0;
        v2 += v1;
        v1 = BitOperations.RotateLeft(v1, 17) ^ v2;
        v2 = BitOperations.RotateLeft(v2, 32);
    }
}
