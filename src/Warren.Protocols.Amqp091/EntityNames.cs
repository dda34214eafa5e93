using System.Security.Cryptography;
using System.Text;

namespace Warren.Protocols.Amqp091;

/// <summary>Names of queues and exchanges as methods carry them.</summary>
internal static class EntityNames
{
    /// <summary>The name as text. Line breaks are taken out, as RabbitMQ does: they are never meant, and break logs.</summary>
    public static string Read(ReadOnlySpan<byte> utf8)
    {
        string name = Encoding.UTF8.GetString(utf8);
        return utf8.IndexOfAny((byte)'\r', (byte)'\n') < 0
            ? name
            : name.Replace("\r", "", StringComparison.Ordinal).Replace("\n", "", StringComparison.Ordinal);
    }

    /// <summary>A name nobody can guess, as RabbitMQ forms them.</summary>
    public static string Random(string prefix) =>
        prefix + Convert.ToBase64String(RandomNumberGenerator.GetBytes(16)).TrimEnd('=').Replace('+', '-').Replace('/', '_');
}
