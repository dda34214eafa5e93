using System.Buffers.Binary;
using System.Text;

namespace Warren.Interop.Tests.Raw;

/// <summary>Reads method arguments and field tables in order; independent of Warren's own codec.</summary>
public sealed class RawReader
{
    private ReadOnlyMemory<byte> _rest;

    /// <summary>Starts at the first byte.</summary>
    public RawReader(ReadOnlyMemory<byte> bytes) => _rest = bytes;

    /// <summary>True when everything was read.</summary>
    public bool AtEnd => _rest.IsEmpty;

    /// <summary>An octet.</summary>
    public byte U8() => Take(1)[0];

    /// <summary>A short.</summary>
    public ushort U16() => BinaryPrimitives.ReadUInt16BigEndian(Take(2));

    /// <summary>A long.</summary>
    public uint U32() => BinaryPrimitives.ReadUInt32BigEndian(Take(4));

    /// <summary>A long long.</summary>
    public ulong U64() => BinaryPrimitives.ReadUInt64BigEndian(Take(8));

    /// <summary>A short string.</summary>
    public string ShortString() => Encoding.UTF8.GetString(Take(U8()));

    /// <summary>A long string.</summary>
    public string LongString() => Encoding.UTF8.GetString(Take(checked((int)U32())));

    /// <summary>A field table; integers of every width come back as long.</summary>
    public Dictionary<string, object?> Table()
    {
        RawReader inner = new(TakeMemory(checked((int)U32())));
        Dictionary<string, object?> table = new(StringComparer.Ordinal);
        while (!inner.AtEnd)
        {
            string key = inner.ShortString();
            table.Add(key, inner.Value());
        }

        return table;
    }

    private object? Value() => (char)U8() switch
    {
        't' => U8() != 0,
        'b' => (long)(sbyte)U8(),
        'B' => (long)U8(),
        's' => (long)(short)U16(),
        'u' => (long)U16(),
        'I' => (long)(int)U32(),
        'i' => (long)U32(),
        'l' => (long)U64(),
        'f' => BinaryPrimitives.ReadSingleBigEndian(Take(4)),
        'd' => BinaryPrimitives.ReadDoubleBigEndian(Take(8)),
        'D' => $"{U8()}:{U32()}",
        'S' => LongString(),
        'x' => Take(checked((int)U32())).ToArray(),
        'T' => DateTimeOffset.FromUnixTimeSeconds((long)U64()),
        'F' => Table(),
        'A' => Array(),
        'V' => null,
        char other => throw new InvalidDataException($"field type {other}"),
    };

    private List<object?> Array()
    {
        RawReader inner = new(TakeMemory(checked((int)U32())));
        List<object?> values = [];
        while (!inner.AtEnd)
        {
            values.Add(inner.Value());
        }

        return values;
    }

    private ReadOnlySpan<byte> Take(int count) => TakeMemory(count).Span;

    private ReadOnlyMemory<byte> TakeMemory(int count)
    {
        ReadOnlyMemory<byte> taken = _rest[..count];
        _rest = _rest[count..];
        return taken;
    }
}
