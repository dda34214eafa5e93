using Warren.Buffers.Fields;

namespace Warren.Wire.Amqp091;

/// <summary>The response of RabbitMQ's mechanism AMQPLAIN: a field table without length prefix.</summary>
public static class SaslAmqPlain
{
    /// <summary>Name of the mechanism.</summary>
    public static ReadOnlySpan<byte> Mechanism => "AMQPLAIN"u8;

    /// <summary>Finds the long strings LOGIN and PASSWORD.</summary>
    /// <returns>False when the table is malformed, or one of them is missing or of another type.</returns>
    public static bool TryRead(
        ReadOnlySpan<byte> response, out ReadOnlySpan<byte> user, out ReadOnlySpan<byte> password)
    {
        user = default;
        password = default;
        return FieldTableReader.Validate(response)
            && TryFind(response, "LOGIN"u8, out user)
            && TryFind(response, "PASSWORD"u8, out password);
    }

    private static bool TryFind(ReadOnlySpan<byte> table, ReadOnlySpan<byte> name, out ReadOnlySpan<byte> value)
    {
        foreach (FieldView field in FieldTableReader.Enumerate(table))
        {
            if (field.Name.SequenceEqual(name))
            {
                value = field.RawValue;
                return field.Type == FieldType.LongString;
            }
        }

        value = default;
        return false;
    }
}
