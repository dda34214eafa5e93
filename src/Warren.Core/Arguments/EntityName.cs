using System.Text;
using System.Text.Unicode;

namespace Warren.Core.Arguments;

/// <summary>What queues and exchanges may be called.</summary>
public static class EntityName
{
    /// <summary>Longest name, in bytes of UTF-8: what a short string holds.</summary>
    public const int MaxBytes = 255;

    private const string ReservedPrefix = "amq.";
    private static readonly UTF8Encoding Strict = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    /// <summary>Refuses a name a client must not give to a new queue.</summary>
    /// <exception cref="BrokerError">403: reserved; 406: too long or not text.</exception>
    public static void CheckNewQueue(string name) => CheckNew("queue", name);

    /// <summary>Refuses a name a client must not give to a new exchange.</summary>
    /// <exception cref="BrokerError">403: reserved; 406: too long or not text.</exception>
    public static void CheckNewExchange(string name) => CheckNew("exchange", name);

    /// <summary>A name as it came over the wire, without line breaks, which RabbitMQ drops as well.</summary>
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

    private static void CheckNew(string kind, string name)
    {
        ArgumentNullException.ThrowIfNull(name);
        if (name.StartsWith(ReservedPrefix, StringComparison.Ordinal))
        {
            throw new BrokerError(
                BrokerErrorKind.AccessRefused,
                $"{kind} name '{name}' contains reserved prefix 'amq.*'");
        }

        if (ByteCount(name) is null or > MaxBytes)
        {
            throw new BrokerError(
                BrokerErrorKind.PreconditionFailed,
                $"{kind} name is longer than {MaxBytes} bytes or not valid UTF-8");
        }
    }

    // Null for text that has no encoding, which a half surrogate has not.
    private static int? ByteCount(string name)
    {
        try
        {
            return Strict.GetByteCount(name);
        }
        catch (EncoderFallbackException)
        {
            return null;
        }
    }
}
