using System.Buffers.Binary;
using System.Diagnostics.CodeAnalysis;
using System.Text;

namespace Warren.Buffers.Fields;

/// <summary>Reads encoded field tables (AMQP 0-9-1, 4.2.5.5). Pure: no state, any bytes may be given.</summary>
/// <remarks>
/// A table is given without its length prefix. Every length is checked against the bytes that are there before
/// anything is allocated, and nesting is counted, so that neither memory nor stack depends on what a client claims.
/// Of a doubled name the first one counts.
/// </remarks>
public static class FieldTableReader
{
    /// <summary>Tables and arrays that may stand inside each other, the outermost table included.</summary>
    public const int MaxDepth = 64;

    private const int Unknown = 0xFF;
    private const int LengthPrefixed = 0xFE;
    private const int Nested = 0xFD;

    //   0      1         1+n    2+n
    //   +------+---------+------+----------+ +------+-------- - -
    //   | n    | name    | type | value    | | n    | …
    //   +------+---------+------+----------+ +------+-------- - -
    //     u8     n octets  u8     by type: fixed size, or u32 length and as many octets

    /// <summary>Checks a whole table to any depth without allocating.</summary>
    public static bool Validate(ReadOnlySpan<byte> table) => Check(table) == FieldTableFault.None;

    /// <summary>Checks a whole table to any depth without allocating, and says what is wrong with it.</summary>
    public static FieldTableFault Check(ReadOnlySpan<byte> table) => CheckFields(table, named: true, depth: 1);

    /// <summary>Checks the values of an array to any depth without allocating.</summary>
    public static bool ValidateArray(ReadOnlySpan<byte> values) =>
        CheckFields(values, named: false, depth: 1) == FieldTableFault.None;

    /// <summary>Decodes a table that was checked before.</summary>
    /// <exception cref="FormatException">The bytes are not a table.</exception>
    public static FieldTable Read(ReadOnlySpan<byte> encodedWithoutLengthPrefix)
    {
        if (!TryRead(encodedWithoutLengthPrefix, out FieldTable? table, out FieldTableFault fault))
        {
            throw new FormatException($"malformed field table: {fault}");
        }

        return table;
    }

    /// <summary>Decodes a table of unknown origin.</summary>
    public static bool TryRead(
        ReadOnlySpan<byte> encodedWithoutLengthPrefix,
        [NotNullWhen(true)] out FieldTable? table,
        out FieldTableFault fault)
    {
        fault = Check(encodedWithoutLengthPrefix);
        table = fault == FieldTableFault.None ? ReadFields(encodedWithoutLengthPrefix) : null;
        return table is not null;
    }

    /// <summary>Finds a field of the outermost table; only the value found is decoded.</summary>
    /// <returns>False when there is no such field, or when the table is malformed before or at it.</returns>
    public static bool TryFind(ReadOnlySpan<byte> table, ReadOnlySpan<byte> name, out FieldValue value)
    {
        foreach (FieldView field in Enumerate(table))
        {
            if (field.Name.SequenceEqual(name))
            {
                return field.TryReadValue(out value);
            }
        }

        value = default;
        return false;
    }

    /// <summary>Walks the fields of the outermost table without decoding them.</summary>
    public static FieldTableEnumerator Enumerate(ReadOnlySpan<byte> table) => new(table);

    /// <summary>
    /// Measures the value at the start of <paramref name="input"/> without looking into tables and arrays.
    /// </summary>
    /// <param name="input">A type octet, its value, and whatever follows.</param>
    /// <param name="length">Bytes of type octet and value together.</param>
    /// <returns>False when the type is unknown or the value is not there whole.</returns>
    public static bool TrySkipValue(ReadOnlySpan<byte> input, out int length)
    {
        length = 0;
        if (input.IsEmpty)
        {
            return false;
        }

        int size = SizeOf(input[0]);
        if (size == LengthPrefixed || size == Nested)
        {
            if (input.Length < 1 + sizeof(uint)
                || BinaryPrimitives.ReadUInt32BigEndian(input[1..]) > (uint)(input.Length - 1 - sizeof(uint)))
            {
                return false;
            }

            length = 1 + sizeof(uint) + (int)BinaryPrimitives.ReadUInt32BigEndian(input[1..]);
            return true;
        }

        if (size == Unknown || input.Length <= size)
        {
            return false;
        }

        length = 1 + size;
        return true;
    }

    /// <summary>Decodes one value that was checked before.</summary>
    /// <param name="type">Its type.</param>
    /// <param name="raw">Its bytes, without type octet and without length prefix.</param>
    internal static FieldValue ReadValue(FieldType type, ReadOnlySpan<byte> raw) => type switch
    {
        FieldType.Boolean => FieldValue.Of(raw[0] != 0),
        FieldType.Int8 => FieldValue.OfInteger(type, (sbyte)raw[0]),
        FieldType.UInt8 => FieldValue.OfInteger(type, raw[0]),
        FieldType.Int16 => FieldValue.OfInteger(type, BinaryPrimitives.ReadInt16BigEndian(raw)),
        FieldType.UInt16 => FieldValue.OfInteger(type, BinaryPrimitives.ReadUInt16BigEndian(raw)),
        FieldType.Int32 => FieldValue.OfInteger(type, BinaryPrimitives.ReadInt32BigEndian(raw)),
        FieldType.UInt32 => FieldValue.OfInteger(type, BinaryPrimitives.ReadUInt32BigEndian(raw)),
        FieldType.Int64 or FieldType.Timestamp =>
            FieldValue.OfInteger(type, BinaryPrimitives.ReadInt64BigEndian(raw)),
        FieldType.Float => FieldValue.Of(BinaryPrimitives.ReadSingleBigEndian(raw)),
        FieldType.Double => FieldValue.Of(BinaryPrimitives.ReadDoubleBigEndian(raw)),
        FieldType.Decimal => FieldValue.OfDecimal(raw[0], BinaryPrimitives.ReadInt32BigEndian(raw[1..])),
        FieldType.LongString => FieldValue.OfString(raw.ToArray()),
        FieldType.Bytes => FieldValue.OfBytes(raw.ToArray()),
        FieldType.Array => FieldValue.Of(ReadArray(raw)),
        FieldType.Table => FieldValue.Of(ReadFields(raw)),
        _ => FieldValue.Void,
    };

    // Both containers in one walk: an array is a table without names. The recursion ends at MaxDepth.
    private static FieldTableFault CheckFields(ReadOnlySpan<byte> bytes, bool named, int depth)
    {
        int at = 0;
        while (at < bytes.Length)
        {
            at += named ? 1 + bytes[at] : 0;
            if (at >= bytes.Length)
            {
                return FieldTableFault.Truncated;
            }

            int size = SizeOf(bytes[at++]);
            if (size == Unknown)
            {
                return FieldTableFault.UnknownType;
            }

            if (size is LengthPrefixed or Nested)
            {
                if (bytes.Length - at < sizeof(uint))
                {
                    return FieldTableFault.Truncated;
                }

                uint length = BinaryPrimitives.ReadUInt32BigEndian(bytes[at..]);
                at += sizeof(uint);
                if (length > (uint)(bytes.Length - at))
                {
                    return FieldTableFault.Truncated;
                }

                if (size == Nested)
                {
                    byte type = bytes[at - 1 - sizeof(uint)];
                    FieldTableFault fault = CheckNested(type, bytes.Slice(at, (int)length), depth);
                    if (fault != FieldTableFault.None)
                    {
                        return fault;
                    }
                }

                size = (int)length;
            }

            at += size;
        }

        return at == bytes.Length ? FieldTableFault.None : FieldTableFault.Truncated;
    }

    private static FieldTableFault CheckNested(byte type, ReadOnlySpan<byte> bytes, int depth) =>
        depth == MaxDepth
            ? FieldTableFault.TooDeep
            : CheckFields(bytes, named: type == (byte)FieldType.Table, depth + 1);

    private static FieldTable ReadFields(ReadOnlySpan<byte> bytes)
    {
        int count = 0;
        foreach (FieldView _ in Enumerate(bytes))
        {
            count++;
        }

        var table = new FieldTable(count);
        foreach (FieldView field in Enumerate(bytes))
        {
            table.Add(Encoding.UTF8.GetString(field.Name), ReadValue(field.Type, field.RawValue));
        }

        return table;
    }

    private static FieldValue[] ReadArray(ReadOnlySpan<byte> bytes)
    {
        int count = 0;
        for (ReadOnlySpan<byte> rest = bytes; TrySkipValue(rest, out int length); rest = rest[length..])
        {
            count++;
        }

        var values = new FieldValue[count];
        for (int i = 0; i < values.Length; i++)
        {
            _ = TrySkipValue(bytes, out int length);
            var type = (FieldType)bytes[0];
            values[i] = ReadValue(type, bytes[FieldView.ValueOffset(type)..length]);
            bytes = bytes[length..];
        }

        return values;
    }

    // Bytes of a value whose type fixes them, or one of the marks at the top.
    private static int SizeOf(byte type) => type switch
    {
        (byte)FieldType.Void => 0,
        (byte)FieldType.Boolean or (byte)FieldType.Int8 or (byte)FieldType.UInt8 => 1,
        (byte)FieldType.Int16 or (byte)FieldType.UInt16 => 2,
        (byte)FieldType.Int32 or (byte)FieldType.UInt32 or (byte)FieldType.Float => 4,
        (byte)FieldType.Decimal => 5,
        (byte)FieldType.Int64 or (byte)FieldType.Double or (byte)FieldType.Timestamp => 8,
        (byte)FieldType.LongString or (byte)FieldType.Bytes => LengthPrefixed,
        (byte)FieldType.Array or (byte)FieldType.Table => Nested,
        _ => Unknown,
    };
}
