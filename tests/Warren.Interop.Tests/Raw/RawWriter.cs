using System.Buffers.Binary;
using System.Text;

namespace Warren.Interop.Tests.Raw;

/// <summary>Writes method arguments byte by byte, right or wrong, as a test wants them.</summary>
public sealed class RawWriter
{
    private readonly List<byte> _bytes = [];

    /// <summary>What was written so far.</summary>
    public byte[] ToArray() => [.. _bytes];

    /// <summary>Bytes as they are.</summary>
    public RawWriter Bytes(params ReadOnlySpan<byte> bytes)
    {
        _bytes.AddRange(bytes);
        return this;
    }

    /// <summary>An octet.</summary>
    public RawWriter U8(byte value) => Bytes(value);

    /// <summary>A short.</summary>
    public RawWriter U16(int value)
    {
        Span<byte> bytes = stackalloc byte[2];
        BinaryPrimitives.WriteUInt16BigEndian(bytes, (ushort)value);
        return Bytes(bytes);
    }

    /// <summary>A long.</summary>
    public RawWriter U32(uint value)
    {
        Span<byte> bytes = stackalloc byte[4];
        BinaryPrimitives.WriteUInt32BigEndian(bytes, value);
        return Bytes(bytes);
    }

    /// <summary>A long long.</summary>
    public RawWriter U64(ulong value)
    {
        Span<byte> bytes = stackalloc byte[8];
        BinaryPrimitives.WriteUInt64BigEndian(bytes, value);
        return Bytes(bytes);
    }

    /// <summary>A short string.</summary>
    public RawWriter ShortString(string text) => ShortString(Encoding.UTF8.GetBytes(text));

    /// <summary>A short string of any bytes.</summary>
    public RawWriter ShortString(ReadOnlySpan<byte> bytes) => U8(checked((byte)bytes.Length)).Bytes(bytes);

    /// <summary>A long string.</summary>
    public RawWriter LongString(string text) => LongString(Encoding.UTF8.GetBytes(text));

    /// <summary>A long string of any bytes.</summary>
    public RawWriter LongString(ReadOnlySpan<byte> bytes) => U32((uint)bytes.Length).Bytes(bytes);

    /// <summary>Bits packed into octets, the first in the lowest place (AMQP 0-9-1, 4.2.5.2).</summary>
    public RawWriter Bits(params ReadOnlySpan<bool> bits)
    {
        int octet = 0;
        for (int i = 0; i < bits.Length; i++)
        {
            octet |= bits[i] ? 1 << i : 0;
        }

        return U8((byte)octet);
    }

    /// <summary>A field table.</summary>
    public RawWriter Table(IEnumerable<(string Key, object? Value)>? pairs)
    {
        RawWriter inner = new();
        foreach ((string key, object? value) in pairs ?? [])
        {
            inner.ShortString(key).Value(value);
        }

        return LongString(inner.ToArray());
    }

    /// <summary>A table value with its type octet.</summary>
    public RawWriter Value(object? value) => value switch
    {
        null => U8((byte)'V'),
        bool flag => U8((byte)'t').U8(flag ? (byte)1 : (byte)0),
        int number => U8((byte)'I').U32((uint)number),
        long number => U8((byte)'l').U64((ulong)number),
        double number => U8((byte)'d').U64(BitConverter.DoubleToUInt64Bits(number)),
        string text => U8((byte)'S').LongString(text),
        RawValue raw => U8((byte)raw.Type).Bytes(raw.Bytes),
        (string, object?)[] table => U8((byte)'F').Table(table),
        object?[] array => U8((byte)'A').LongString(ArrayBytes(array)),
        _ => throw new ArgumentException($"no field type for {value.GetType()}", nameof(value)),
    };

    private static byte[] ArrayBytes(object?[] values)
    {
        RawWriter inner = new();
        foreach (object? value in values)
        {
            inner.Value(value);
        }

        return inner.ToArray();
    }
}

/// <summary>A table value given as its type octet and bytes, so that it can be wrong.</summary>
public sealed record RawValue(char Type, byte[] Bytes);
