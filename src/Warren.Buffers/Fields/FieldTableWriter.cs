using System.Buffers.Binary;
using System.Text;

namespace Warren.Buffers.Fields;

/// <summary>Writes field tables in RabbitMQ's encoding, without their length prefix.</summary>
/// <remarks>Pure. What was read is written back byte for byte.</remarks>
public static class FieldTableWriter
{
    /// <summary>Bytes the table takes.</summary>
    public static int SizeOf(FieldTable table)
    {
        ArgumentNullException.ThrowIfNull(table);
        int size = 0;
        foreach (KeyValuePair<string, FieldValue> field in table.Fields)
        {
            size += 1 + Encoding.UTF8.GetByteCount(field.Key) + 1 + SizeOf(field.Value);
        }

        return size;
    }

    /// <summary>The table as bytes.</summary>
    public static byte[] ToArray(FieldTable table)
    {
        byte[] bytes = new byte[SizeOf(table)];
        Write(bytes, table);
        return bytes;
    }

    /// <summary>Writes the table and answers its length.</summary>
    /// <exception cref="ArgumentException">A name is longer than 255 bytes.</exception>
    public static int Write(Span<byte> destination, FieldTable table)
    {
        ArgumentNullException.ThrowIfNull(table);
        int at = 0;
        foreach (KeyValuePair<string, FieldValue> field in table.Fields)
        {
            int length = Encoding.UTF8.GetBytes(field.Key, destination[(at + 1)..]);
            if (length > byte.MaxValue)
            {
                throw new ArgumentException($"field name of {length} bytes", nameof(table));
            }

            destination[at] = (byte)length;
            at += 1 + length;
            destination[at++] = (byte)field.Value.Type;
            at += Write(destination[at..], field.Value);
        }

        return at;
    }

    private static int SizeOf(in FieldValue value)
    {
        switch (value.Type)
        {
            case FieldType.Void:
                return 0;
            case FieldType.Boolean or FieldType.Int8 or FieldType.UInt8:
                return 1;
            case FieldType.Int16 or FieldType.UInt16:
                return 2;
            case FieldType.Int32 or FieldType.UInt32 or FieldType.Float:
                return 4;
            case FieldType.Int64 or FieldType.Double or FieldType.Timestamp:
                return 8;
            case FieldType.Decimal:
                return 5;
            case FieldType.LongString or FieldType.Bytes:
                return sizeof(uint) + value.AsBytes().Length;
            case FieldType.Table:
                return sizeof(uint) + SizeOf(value.AsTable());
            default:
                int size = sizeof(uint);
                foreach (FieldValue item in value.AsArray())
                {
                    size += 1 + SizeOf(item);
                }

                return size;
        }
    }

    private static int Write(Span<byte> destination, in FieldValue value)
    {
        switch (value.Type)
        {
            case FieldType.Void:
                return 0;
            case FieldType.Boolean or FieldType.Int8 or FieldType.UInt8:
                destination[0] = (byte)value.AsInteger();
                return 1;
            case FieldType.Int16 or FieldType.UInt16:
                BinaryPrimitives.WriteUInt16BigEndian(destination, (ushort)value.AsInteger());
                return 2;
            case FieldType.Int32 or FieldType.UInt32 or FieldType.Float:
                BinaryPrimitives.WriteUInt32BigEndian(destination, (uint)value.AsInteger());
                return 4;
            case FieldType.Int64 or FieldType.Double or FieldType.Timestamp:
                BinaryPrimitives.WriteInt64BigEndian(destination, value.AsInteger());
                return 8;
            case FieldType.Decimal:
                destination[0] = value.DecimalScale;
                BinaryPrimitives.WriteInt32BigEndian(destination[1..], value.DecimalUnscaled);
                return 5;
            case FieldType.LongString or FieldType.Bytes:
                BinaryPrimitives.WriteUInt32BigEndian(destination, (uint)value.AsBytes().Length);
                value.AsBytes().CopyTo(destination[sizeof(uint)..]);
                return sizeof(uint) + value.AsBytes().Length;
            case FieldType.Table:
                int tableSize = Write(destination[sizeof(uint)..], value.AsTable());
                BinaryPrimitives.WriteUInt32BigEndian(destination, (uint)tableSize);
                return sizeof(uint) + tableSize;
            default:
                int at = sizeof(uint);
                foreach (FieldValue item in value.AsArray())
                {
                    destination[at++] = (byte)item.Type;
                    at += Write(destination[at..], item);
                }

                BinaryPrimitives.WriteUInt32BigEndian(destination, (uint)(at - sizeof(uint)));
                return at;
        }
    }
}
