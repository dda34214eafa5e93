using System.Buffers.Binary;
using System.Text;

namespace Warren.Buffers.Fields;

/// <summary>Reads field tables in RabbitMQ's encoding (AMQP 0-9-1, 4.2.5.5 with the errata), without their length prefix.</summary>
/// <remarks>
/// Pure. Nothing is allocated from a claimed length before the bytes are known to be there, and nesting is bounded by
/// <see cref="MaxDepth"/>.
/// </remarks>
public static class FieldTableReader
{
    /// <summary>Tables and arrays inside each other.</summary>
    public const int MaxDepth = 64;

    /// <summary>Decodes a table that was validated before.</summary>
    /// <exception cref="InvalidDataException">The bytes are no table.</exception>
    public static FieldTable Read(ReadOnlySpan<byte> table) =>
        TryRead(table, out FieldTable? read) ? read! : throw new InvalidDataException("malformed field table");

    /// <summary>Decodes a table.</summary>
    /// <returns>False when the bytes are no table.</returns>
    public static bool TryRead(ReadOnlySpan<byte> table, out FieldTable? read)
    {
        read = null;
        return Validate(table) && TryReadFields(table, out read);
    }

    /// <summary>Walks the whole structure without allocating.</summary>
    public static bool Validate(ReadOnlySpan<byte> table) => ValidateFields(table, 1);

    /// <summary>Finds a field by name at the top level; only its value is decoded.</summary>
    public static bool TryFind(ReadOnlySpan<byte> table, ReadOnlySpan<byte> name, out FieldValue value)
    {
        while (!table.IsEmpty)
        {
            int nameLength = table[0];
            if (table.Length < nameLength + 2)
            {
                break;
            }

            bool found = table.Slice(1, nameLength).SequenceEqual(name);
            byte type = table[nameLength + 1];
            table = table[(nameLength + 2)..];
            int size = SizeOf(type, table);
            if (size < 0)
            {
                break;
            }

            if (found)
            {
                return TryReadValue(type, table[..size], 1, out value);
            }

            table = table[size..];
        }

        value = default;
        return false;
    }

    // Bytes of the value, or -1 when it is unknown or not whole.
    private static int SizeOf(byte type, ReadOnlySpan<byte> rest)
    {
        int size = (FieldType)type switch
        {
            FieldType.Void => 0,
            FieldType.Boolean or FieldType.Int8 or FieldType.UInt8 => 1,
            FieldType.Int16 or FieldType.UInt16 => 2,
            FieldType.Int32 or FieldType.UInt32 or FieldType.Float => 4,
            FieldType.Int64 or FieldType.Double or FieldType.Timestamp => 8,
            FieldType.Decimal => 5,
            FieldType.LongString or FieldType.Bytes or FieldType.Array or FieldType.Table => Prefixed(rest),
            _ => -1,
        };
        return size <= rest.Length ? size : -1;
    }

    private static int Prefixed(ReadOnlySpan<byte> rest)
    {
        if (rest.Length < sizeof(uint))
        {
            return -1;
        }

        uint length = BinaryPrimitives.ReadUInt32BigEndian(rest);
        return length <= (uint)(rest.Length - sizeof(uint)) ? sizeof(uint) + (int)length : -1;
    }

    private static bool ValidateFields(ReadOnlySpan<byte> table, int depth)
    {
        if (depth > MaxDepth)
        {
            return false;
        }

        while (!table.IsEmpty)
        {
            int nameLength = table[0];
            if (table.Length < nameLength + 2)
            {
                return false;
            }

            byte type = table[nameLength + 1];
            table = table[(nameLength + 2)..];
            if (!ValidateValue(type, ref table, depth))
            {
                return false;
            }
        }

        return true;
    }

    private static bool ValidateValue(byte type, ref ReadOnlySpan<byte> rest, int depth)
    {
        int size = SizeOf(type, rest);
        if (size < 0)
        {
            return false;
        }

        ReadOnlySpan<byte> value = rest[..size];
        rest = rest[size..];
        return (FieldType)type switch
        {
            FieldType.Table => ValidateFields(value[sizeof(uint)..], depth + 1),
            FieldType.Array => ValidateArray(value[sizeof(uint)..], depth + 1),
            _ => true,
        };
    }

    private static bool ValidateArray(ReadOnlySpan<byte> items, int depth)
    {
        if (depth > MaxDepth)
        {
            return false;
        }

        while (!items.IsEmpty)
        {
            byte type = items[0];
            items = items[1..];
            if (!ValidateValue(type, ref items, depth))
            {
                return false;
            }
        }

        return true;
    }

    private static bool TryReadFields(ReadOnlySpan<byte> table, out FieldTable read, int depth = 1)
    {
        read = new FieldTable();
        while (!table.IsEmpty)
        {
            int nameLength = table[0];
            string name = Encoding.UTF8.GetString(table.Slice(1, nameLength));
            byte type = table[nameLength + 1];
            table = table[(nameLength + 2)..];
            int size = SizeOf(type, table);
            if (size < 0 || !TryReadValue(type, table[..size], depth, out FieldValue value))
            {
                return false;
            }

            read.Add(name, value);
            table = table[size..];
        }

        return true;
    }

    private static bool TryReadValue(byte type, ReadOnlySpan<byte> bytes, int depth, out FieldValue value)
    {
        value = default;
        switch ((FieldType)type)
        {
            case FieldType.Void:
                value = FieldValue.Void;
                return true;
            case FieldType.Boolean:
                value = FieldValue.Of(bytes[0] != 0);
                return true;
            case FieldType.Int8:
                value = FieldValue.OfInteger(FieldType.Int8, (sbyte)bytes[0]);
                return true;
            case FieldType.UInt8:
                value = FieldValue.OfInteger(FieldType.UInt8, bytes[0]);
                return true;
            case FieldType.Int16:
                value = FieldValue.OfInteger(FieldType.Int16, BinaryPrimitives.ReadInt16BigEndian(bytes));
                return true;
            case FieldType.UInt16:
                value = FieldValue.OfInteger(FieldType.UInt16, BinaryPrimitives.ReadUInt16BigEndian(bytes));
                return true;
            case FieldType.Int32:
                value = FieldValue.OfInteger(FieldType.Int32, BinaryPrimitives.ReadInt32BigEndian(bytes));
                return true;
            case FieldType.UInt32:
                value = FieldValue.OfInteger(FieldType.UInt32, BinaryPrimitives.ReadUInt32BigEndian(bytes));
                return true;
            case FieldType.Int64:
                value = FieldValue.OfInteger(FieldType.Int64, BinaryPrimitives.ReadInt64BigEndian(bytes));
                return true;
            case FieldType.Timestamp:
                value = FieldValue.OfTimestamp(BinaryPrimitives.ReadInt64BigEndian(bytes));
                return true;
            case FieldType.Float:
                value = FieldValue.Of(BinaryPrimitives.ReadSingleBigEndian(bytes));
                return true;
            case FieldType.Double:
                value = FieldValue.Of(BinaryPrimitives.ReadDoubleBigEndian(bytes));
                return true;
            case FieldType.Decimal:
                value = FieldValue.OfDecimal(bytes[0], BinaryPrimitives.ReadInt32BigEndian(bytes[1..]));
                return true;
            case FieldType.LongString:
                value = FieldValue.OfString(bytes[sizeof(uint)..].ToArray());
                return true;
            case FieldType.Bytes:
                value = FieldValue.OfBytes(bytes[sizeof(uint)..].ToArray());
                return true;
            case FieldType.Table:
                if (!ValidateFields(bytes[sizeof(uint)..], depth + 1) || !TryReadFields(bytes[sizeof(uint)..], out FieldTable nested, depth + 1))
                {
                    return false;
                }

                value = FieldValue.Of(nested);
                return true;
            case FieldType.Array:
                return TryReadArray(bytes[sizeof(uint)..], depth + 1, out value);
            default:
                return false;
        }
    }

    private static bool TryReadArray(ReadOnlySpan<byte> items, int depth, out FieldValue value)
    {
        value = default;
        if (depth > MaxDepth)
        {
            return false;
        }

        var read = new List<FieldValue>();
        while (!items.IsEmpty)
        {
            byte type = items[0];
            int size = SizeOf(type, items[1..]);
            if (size < 0 || !TryReadValue(type, items.Slice(1, size), depth, out FieldValue item))
            {
                return false;
            }

            read.Add(item);
            items = items[(1 + size)..];
        }

        value = FieldValue.Of(read.ToArray());
        return true;
    }
}
