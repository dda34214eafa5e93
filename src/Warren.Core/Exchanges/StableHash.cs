using System.Buffers.Binary;
using System.Diagnostics;
using Warren.Buffers;
using Warren.Buffers.Fields;

namespace Warren.Core.Exchanges;

/// <summary>Hashes that are the same on every node and after every restart, to choose a destination by.</summary>
/// <remarks>
/// Who knows the seed can send everything to one queue. That is no more than using one key does, so a secret seed would
/// protect nothing here.
/// </remarks>
internal static class StableHash
{
    private const ulong Seed = 0x9E3779B97F4A7C15;
    private const ulong Absent = 0x5851F42D4C957F2D;

    /// <summary>The hash of bytes.</summary>
    public static ulong Of(ReadOnlySpan<byte> bytes) => Spread(SeededHash.Compute(bytes, Seed));

    /// <summary>The hash of two numbers.</summary>
    public static ulong Of(ulong first, ulong second)
    {
        Span<byte> bytes = stackalloc byte[sizeof(ulong)];
        BinaryPrimitives.WriteUInt64LittleEndian(bytes, first);
        return Spread(SeededHash.Compute(bytes, second ^ Seed));
    }

    /// <summary>The hash of what tells a destination from all others of its virtual host.</summary>
    public static ulong Of(RoutingTarget target) => Of(Of(target.NameUtf8), target is Exchange ? 1UL : 0UL);

    /// <summary>The hash of a header; integers of any width hash by their value, tables whatever the order of fields.</summary>
    public static ulong Of(in FieldValue value)
    {
        switch (value.Type)
        {
            case FieldType.LongString or FieldType.Bytes:
                return Of(value.AsBytes());
            case FieldType.Void:
                return Absent;
            case FieldType.Array:
                ulong chain = (ulong)FieldType.Array;
                foreach (FieldValue item in value.AsArray())
                {
                    chain = Of(Of(item), chain);
                }

                return chain;
            case FieldType.Table:
                ulong sum = (ulong)FieldType.Table;
                foreach (KeyValuePair<string, FieldValue> field in value.AsTable().Fields)
                {
                    sum = unchecked(sum + Of(Of(FieldValue.Of(field.Key)), Of(field.Value)));
                }

                return Of(sum, (ulong)FieldType.Table);
            default:
                Debug.Assert(Enum.IsDefined(value.Type), "the reader lets no unknown type through");
                return Of((ulong)value.AsInteger(), value.IsInteger ? 0UL : (ulong)value.Type);
        }
    }

    /// <summary>The hash of a header that is not there.</summary>
    public static ulong OfAbsent() => Absent;

    // For a table of buckets the hash of short keys is good enough; a share of a few percent needs all bits to depend
    // on all others.
    private static ulong Spread(ulong hash)
    {
        const ulong Odd = 0xD6E8FEB86659FD93;
        hash = unchecked((hash ^ (hash >> 32)) * Odd);
        hash = unchecked((hash ^ (hash >> 32)) * Odd);
        return hash ^ (hash >> 32);
    }
}
