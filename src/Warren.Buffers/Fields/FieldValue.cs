using System.Text;

namespace Warren.Buffers.Fields;

/// <summary>
/// One typed value of a <see cref="FieldTable"/>: 24 bytes, boxed only for strings, arrays and tables.
/// </summary>
public readonly struct FieldValue : IEquatable<FieldValue>
{
    private readonly long _bits;
    private readonly object? _reference;

    private FieldValue(FieldType type, long bits, object? reference)
    {
        Type = type;
        _bits = bits;
        _reference = reference;
    }

    /// <summary>The type it has on the wire.</summary>
    public FieldType Type { get; }

    /// <summary>True for the eight integer types (a timestamp is none).</summary>
    public bool IsInteger => Type is FieldType.Int8 or FieldType.UInt8 or FieldType.Int16 or FieldType.UInt16
        or FieldType.Int32 or FieldType.UInt32 or FieldType.Int64;

    /// <summary>No value.</summary>
    public static FieldValue Void => new(FieldType.Void, 0, null);

    /// <summary>A boolean.</summary>
    public static FieldValue Of(bool value) => new(FieldType.Boolean, value ? 1 : 0, null);

    /// <summary>A signed 32 bit integer.</summary>
    public static FieldValue Of(int value) => new(FieldType.Int32, value, null);

    /// <summary>A signed 64 bit integer.</summary>
    public static FieldValue Of(long value) => new(FieldType.Int64, value, null);

    /// <summary>An integer or timestamp of the given width; the value is taken as it is.</summary>
    public static FieldValue OfInteger(FieldType type, long value) => new(type, value, null);

    /// <summary>A double.</summary>
    public static FieldValue Of(double value) => new(FieldType.Double, BitConverter.DoubleToInt64Bits(value), null);

    /// <summary>A single.</summary>
    public static FieldValue Of(float value) => new(FieldType.Float, BitConverter.SingleToInt32Bits(value), null);

    /// <summary>
    /// A decimal: <paramref name="unscaled"/> divided by ten to the power of <paramref name="scale"/>.
    /// </summary>
    public static FieldValue OfDecimal(byte scale, int unscaled) =>
        new(FieldType.Decimal, ((long)scale << 32) | (uint)unscaled, null);

    /// <summary>A long string from text.</summary>
    public static FieldValue Of(string value) => new(FieldType.LongString, 0, Encoding.UTF8.GetBytes(value));

    /// <summary>A long string from its bytes; the array is kept, not copied.</summary>
    public static FieldValue OfString(byte[] utf8) => new(FieldType.LongString, 0, utf8);

    /// <summary>A byte array; the array is kept, not copied.</summary>
    public static FieldValue OfBytes(byte[] bytes) => new(FieldType.Bytes, 0, bytes);

    /// <summary>Seconds since the Unix epoch.</summary>
    public static FieldValue OfTimestamp(long seconds) => new(FieldType.Timestamp, seconds, null);

    /// <summary>An array of values; the array is kept, not copied.</summary>
    public static FieldValue Of(FieldValue[] values) => new(FieldType.Array, 0, values);

    /// <summary>A nested table.</summary>
    public static FieldValue Of(FieldTable table) => new(FieldType.Table, 0, table);

    /// <summary>The integer, boolean (0 or 1) or timestamp; raw bits for the others.</summary>
    public long AsInteger() => _bits;

    /// <summary>The boolean.</summary>
    public bool AsBoolean() => _bits != 0;

    /// <summary>The double or single.</summary>
    public double AsDouble() => Type == FieldType.Float
        ? BitConverter.Int32BitsToSingle((int)_bits)
        : BitConverter.Int64BitsToDouble(_bits);

    /// <summary>Scale of a decimal.</summary>
    public byte DecimalScale => (byte)(_bits >> 32);

    /// <summary>Unscaled number of a decimal.</summary>
    public int DecimalUnscaled => (int)_bits;

    /// <summary>The bytes of a long string or byte array; empty for other types.</summary>
    public ReadOnlySpan<byte> AsBytes() => _reference as byte[];

    /// <summary>A long string as text; invalid UTF-8 becomes U+FFFD.</summary>
    public string AsText() => Encoding.UTF8.GetString(AsBytes());

    /// <summary>The values of an array; empty for other types.</summary>
    public ReadOnlySpan<FieldValue> AsArray() => _reference as FieldValue[];

    /// <summary>The nested table; empty for other types.</summary>
    public FieldTable AsTable() => _reference as FieldTable ?? FieldTable.Empty;

    /// <summary>Same type and same value, to any depth.</summary>
    public bool Equals(FieldValue other) => Type == other.Type && Type switch
    {
        FieldType.LongString or FieldType.Bytes => AsBytes().SequenceEqual(other.AsBytes()),
        FieldType.Array => AsArray().SequenceEqual(other.AsArray()),
        FieldType.Table => AsTable().Equals(other.AsTable()),
        _ => _bits == other._bits,
    };

    /// <inheritdoc/>
    public override bool Equals(object? obj) => obj is FieldValue other && Equals(other);

    /// <inheritdoc/>
    public override int GetHashCode()
    {
        var hash = default(HashCode);
        hash.Add(Type);
        hash.Add(_bits);
        hash.AddBytes(AsBytes());
        return hash.ToHashCode();
    }

    /// <summary>Same type and same value.</summary>
    public static bool operator ==(FieldValue left, FieldValue right) => left.Equals(right);

    /// <summary>Another type or another value.</summary>
    public static bool operator !=(FieldValue left, FieldValue right) => !left.Equals(right);
}
