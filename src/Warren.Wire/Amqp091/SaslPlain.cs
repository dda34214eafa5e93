namespace Warren.Wire.Amqp091;

/// <summary>The response of SASL mechanism PLAIN (RFC 4616) as RabbitMQ takes it: NUL, user, NUL, password.</summary>
public static class SaslPlain
{
    /// <summary>Name of the mechanism.</summary>
    public static ReadOnlySpan<byte> Mechanism => "PLAIN"u8;

    /// <summary>Splits a response into views of its parts.</summary>
    /// <returns>False when an authorization identity is given, a NUL is missing, or there is a third one.</returns>
    public static bool TryRead(
        ReadOnlySpan<byte> response, out ReadOnlySpan<byte> user, out ReadOnlySpan<byte> password)
    {
        user = default;
        password = default;
        if (response.IsEmpty || response[0] != 0)
        {
            return false;
        }

        ReadOnlySpan<byte> rest = response[1..];
        int separator = rest.IndexOf((byte)0);
        if (separator < 0 || rest[(separator + 1)..].Contains((byte)0))
        {
            return false;
        }

        user = rest[..separator];
        password = rest[(separator + 1)..];
        return true;
    }
}
