using Warren.Buffers.Fields;

namespace Warren.Wire.Tests.Fields;

/// <summary>Random tables of every type, the same for the same seed.</summary>
internal static class RandomFields
{
    private static readonly FieldType[] Types = Enum.GetValues<FieldType>();

    internal static FieldTable Table(Random random, int depth)
    {
        var table = new FieldTable();
        int count = random.Next(6);
        for (int i = 0; i < count; i++)
        {
            table.Add($"{(char)('a' + random.Next(26))}é{i}", Value(random, depth));
        }

        return table;
    }

    private static FieldValue Value(Random random, int depth)
    {
        FieldType type = Types[random.Next(Types.Length)];
        byte[] bytes = new byte[random.Next(20)];
        random.NextBytes(bytes);
        long bits = random.NextInt64(long.MinValue, long.MaxValue);
        return type switch
        {
            FieldType.Void => FieldValue.Void,
            FieldType.Boolean => FieldValue.Of(bits > 0),
            FieldType.Int8 => FieldValue.OfInteger(type, (sbyte)bits),
            FieldType.UInt8 => FieldValue.OfInteger(type, (byte)bits),
            FieldType.Int16 => FieldValue.OfInteger(type, (short)bits),
            FieldType.UInt16 => FieldValue.OfInteger(type, (ushort)bits),
            FieldType.Int32 => FieldValue.Of((int)bits),
            FieldType.UInt32 => FieldValue.OfInteger(type, (uint)bits),
            FieldType.Int64 => FieldValue.Of(bits),
            FieldType.Timestamp => FieldValue.OfTimestamp(bits),
            FieldType.Float => FieldValue.Of(BitConverter.Int32BitsToSingle((int)bits)),
            FieldType.Double => FieldValue.Of(BitConverter.Int64BitsToDouble(bits)),
            FieldType.Decimal => FieldValue.OfDecimal((byte)bits, (int)(bits >> 8)),
            FieldType.LongString => FieldValue.OfString(bytes),
            FieldType.Bytes => FieldValue.OfBytes(bytes),
            FieldType.Array when depth > 0 =>
                FieldValue.Of(Enumerable.Range(0, random.Next(4)).Select(_ => Value(random, depth - 1)).ToArray()),
            FieldType.Table when depth > 0 => FieldValue.Of(Table(random, depth - 1)),
            _ => FieldValue.Void,
        };
    }
}
