using System.Text;
using System.Text.Unicode;

namespace Warren.Core.Arguments;

/// <summary>What clients may call queues and exchanges.</summary>
public static class ResourceNames
{
    /// <summary>Longest name, in bytes of UTF-8: what a short string holds.</summary>
    public const int MaxBytes = 255;

    private const string ReservedPrefix = "amq.";

    /// <summary>Refuses a name a client must not give to a new queue.</summary>
    /// <exception cref="BrokerError">403: reserved; 406: too long.</exception>
    public static void CheckQueue(string name) => Check("queue", name);

    /// <summary>Refuses a name a client must not give to a new exchange.</summary>
    /// <exception cref="BrokerError">403: reserved; 406: too long.</exception>
    public static void CheckExchange(string name) => Check("exchange", name);

    /// <summary>Refuses a name for a new virtual host.</summary>
    /// <exception cref="BrokerError">406: empty or too long.</exception>
    public static void CheckVirtualHost(string name)
    {
        ArgumentNullException.ThrowIfNull(name);
        if (name.Length == 0 || Encoding.UTF8.GetByteCount(name) > MaxBytes)
        {
            throw new BrokerError(
                BrokerErrorKind.PreconditionFailed, $"a vhost name has 1 to {MaxBytes} bytes");
        }
    }

    /// <summary>A name as it came over the wire, less line breaks, which RabbitMQ drops as well.</summary>
    /// <returns>False when the bytes are not UTF-8.</returns>
    public static bool TryDecode(ReadOnlySpan<byte> utf8, out string name)
    {
        if (!Utf8.IsValid(utf8))
        {
            name = "";
            return false;
        }

        name = Encoding.UTF8.GetString(utf8);
        if (utf8.ContainsAny((byte)'\r', (byte)'\n'))
        {
            name = name.Replace("\r", "", StringComparison.Ordinal).Replace("\n", "", StringComparison.Ordinal);
        }

        return true;
    }

    private static void Check(string what, string name)
    {
        ArgumentNullException.ThrowIfNull(name);
        if (name.StartsWith(ReservedPrefix, StringComparison.Ordinal))
        {
            throw new BrokerError(
                BrokerErrorKind.AccessRefused,
                $"{what} name '{name}' contains reserved prefix 'amq.*'");
        }

        if (Encoding.UTF8.GetByteCount(name) > MaxBytes)
        {
            throw new BrokerError(
                BrokerErrorKind.PreconditionFailed,
                $"{what} name is longer than {MaxBytes} bytes");
        }
    }
}
