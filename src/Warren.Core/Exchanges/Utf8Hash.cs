using Warren.Buffers;

namespace Warren.Core.Exchanges;

/// <summary>The hash of every <see cref="Utf8Map{TValue}"/> of this process, so that a word is hashed once for many maps.</summary>
internal static class Utf8Hash
{
    private static readonly ulong Seed = SeededHash.NewSeed();

    public static uint Of(ReadOnlySpan<byte> key)
    {
        ulong hash = SeededHash.Compute(key, Seed);
        return (uint)(hash ^ (hash >> 32));
    }
}
