using System.Buffers;
using System.Buffers.Binary;
using System.Text;

namespace Warren.Buffers.Fields;

/// <summary>Encodes field tables (AMQP 0-9-1, 4.2.5.5). Pure: no state.</summary>
/// <remarks>
/// Reading a table and writing it again gives the same bytes if its names are UTF-8 and its booleans 0 or 1.
/// </remarks>
public static class FieldTableWriter
{
    /// <summary>Bytes the table takes, without its length prefix.</summary>
    public static int SizeOf(FieldTable table)
    {
        ArgumentNullException.ThrowIfNull(table);
        int size = 0;
        foreach (KeyValuePair<string, FieldValue> field in table.Fields)
        {
            size = checked(size + 1 + CutName(field.Key, out _) + SizeOf(field.Value));
        }

        return size;
    }

    /// <summary>Bytes one value takes with its type octet.</summary>
    public static int SizeOf(in FieldValue value)
    {
        switch (value.Type)
        {
            case FieldType.LongString:
            case FieldType.Bytes:
                return 1 + sizeof(uint) + value.AsBytes().Length;
            case FieldType.Table:
                return 1 + sizeof(uint) + SizeOf(value.AsTable());
            case FieldType.Array:
                int size = 1 + sizeof(uint);
                foreach (FieldValue item in value.AsArray())
                {
                    size = checked(size + SizeOf(item));
                }

                return size;
            case FieldType.Boolean:
            case FieldType.Int8:
            case FieldType.UInt8:
                return 2;
            case FieldType.Int16:
            case FieldType.UInt16:
                return 3;
            case FieldType.Int32:
            case FieldType.UInt32:
            case FieldType.Float:
                return 5;
            case FieldType.Decimal:
                return 6;
            case FieldType.Int64:
            case FieldType.Double:
            case FieldType.Timestamp:
                return 9;
            default:
                return 1;
        }
    }

    /// <summary>Writes the table without its length prefix.</summary>
    /// <returns>Bytes written: <see cref="SizeOf(FieldTable)"/>.</returns>
    public static int Write(Span<byte> destination, FieldTable table)
    {
        ArgumentNullException.ThrowIfNull(table);
        int at = 0;
        foreach (KeyValuePair<string, FieldValue> field in table.Fields)
        {
            int nameLength = CutName(field.Key, out int characters);
            destination[at++] = (byte)nameLength;
            at += Encoding.UTF8.GetBytes(field.Key.AsSpan(0, characters), destination[at..]);
            at += WriteValue(destination[at..], field.Value);
        }

        return at;
    }

    /// <summary>Writes the table after its length as an unsigned 32 bit number.</summary>
    /// <returns>Bytes written: <see cref="SizeOf(FieldTable)"/> and 4.</returns>
    public static int WriteWithLength(Span<byte> destination, FieldTable table)
    {
        int length = Write(destination[sizeof(uint)..], table);
        BinaryPrimitives.WriteUInt32BigEndian(destination, (uint)length);
        return sizeof(uint) + length;
    }

    /// <summary>Writes the table without its length prefix.</summary>
    public static void Write(IBufferWriter<byte> destination, FieldTable table)
    {
        ArgumentNullException.ThrowIfNull(destination);
        int size = SizeOf(table);
        destination.Advance(Write(destination.GetSpan(size), table));
    }

    /// <summary>The table as an array of its own, without length prefix.</summary>
    public static byte[] ToArray(FieldTable table)
    {
        byte[] encoded = new byte[SizeOf(table)];
        _ = Write(encoded, table);
        return encoded;
    }

    /// <summary>Writes one value after its type octet.</summary>
    /// <returns>Bytes written: <see cref="SizeOf(in FieldValue)"/>.</returns>
    public static int WriteValue(Span<byte> destination, in FieldValue value)
    {
        destination[0] = (byte)value.Type;
        Span<byte> raw = destination[1..];
        switch (value.Type)
        {
            case FieldType.LongString:
            case FieldType.Bytes:
                BinaryPrimitives.WriteUInt32BigEndian(raw, (uint)value.AsBytes().Length);
                value.AsBytes().CopyTo(raw[sizeof(uint)..]);
                return 1 + sizeof(uint) + value.AsBytes().Length;
            case FieldType.Table:
                return 1 + WriteWithLength(raw, value.AsTable());
            case FieldType.Array:
                return 1 + WriteArray(raw, value.AsArray());
            case FieldType.Boolean:
            case FieldType.Int8:
            case FieldType.UInt8:
                raw[0] = (byte)value.AsInteger();
                return 2;
            case FieldType.Int16:
            case FieldType.UInt16:
                BinaryPrimitives.WriteUInt16BigEndian(raw, (ushort)value.AsInteger());
                return 3;
            case FieldType.Int32:
            case FieldType.UInt32:
            case FieldType.Float:
                BinaryPrimitives.WriteUInt32BigEndian(raw, (uint)value.AsInteger());
                return 5;
            case FieldType.Decimal:
                raw[0] = value.DecimalScale;
                BinaryPrimitives.WriteInt32BigEndian(raw[1..], value.DecimalUnscaled);
                return 6;
            case FieldType.Int64:
            case FieldType.Double:
            case FieldType.Timestamp:
                BinaryPrimitives.WriteInt64BigEndian(raw, value.AsInteger());
                return 9;
            default:
                destination[0] = (byte)FieldType.Void;
                return 1;
        }
    }

    private static int WriteArray(Span<byte> destination, ReadOnlySpan<FieldValue> values)
    {
        int at = sizeof(uint);
        foreach (FieldValue value in values)
        {
            at += WriteValue(destination[at..], value);
        }

        BinaryPrimitives.WriteUInt32BigEndian(destination, (uint)(at - sizeof(uint)));
        return at;
    }

    // A name that came as 255 octets of broken UTF-8 grows when it is decoded: each octet becomes U+FFFD, three octets.
    // What does not fit is cut off after a whole character.
    private static int CutName(string name, out int characters)
    {
        characters = Math.Min(name.Length, byte.MaxValue);
        int length = Encoding.UTF8.GetByteCount(name.AsSpan(0, characters));
        while (length > byte.MaxValue)
        {
            characters -= char.IsLowSurrogate(name[characters - 1]) && characters > 1 ? 2 : 1;
            length = Encoding.UTF8.GetByteCount(name.AsSpan(0, characters));
        }

        return length;
    }
}
