using System.Text;
using Warren.Buffers.Fields;

namespace Warren.Wire.Amqp091;

/// <summary>SASL PLAIN (RFC 4616): authorization id, NUL, user, NUL, password.</summary>
public static class SaslPlain
{
    /// <summary>Reads a response; false when it is not of that form.</summary>
    public static bool TryRead(ReadOnlySpan<byte> response, out string user, out string password)
    {
        user = password = "";
        int first = response.IndexOf((byte)0);
        int second = first < 0 ? -1 : response[(first + 1)..].IndexOf((byte)0);
        if (second < 0)
        {
            return false;
        }

        ReadOnlySpan<byte> secret = response[(first + second + 2)..];
        if (secret.Contains((byte)0))
        {
            return false;
        }

        user = Encoding.UTF8.GetString(response.Slice(first + 1, second));
        password = Encoding.UTF8.GetString(secret);
        return true;
    }
}

/// <summary>RabbitMQ's AMQPLAIN: a field table, without its length, with LOGIN and PASSWORD.</summary>
public static class SaslAmqPlain
{
    /// <summary>Reads a response; false when it is not of that form.</summary>
    public static bool TryRead(ReadOnlySpan<byte> response, out string user, out string password)
    {
        user = password = "";
        if (!FieldTableReader.TryRead(response, out FieldTable? table)
            || !table!.TryGet("LOGIN", out FieldValue login)
            || !table.TryGet("PASSWORD", out FieldValue secret)
            || login.Type != FieldType.LongString
            || secret.Type != FieldType.LongString)
        {
            return false;
        }

        user = login.AsText();
        password = secret.AsText();
        return true;
    }
}
