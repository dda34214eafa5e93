using Warren.Core;
using Warren.Core.Messages;
using Warren.Wire.Amqp091;

namespace Warren.Protocols.Amqp091;

/// <summary>What AMQP 0-9-1 clients see of messages, those of other protocols included.</summary>
/// <remarks>Thread-safe. Nothing is allocated for a message of AMQP 0-9-1, or for one without properties.</remarks>
internal static class ForeignMessage
{
    private const int ShortStringMax = 255;
    private const int FrameOverhead = FrameReader.HeaderSize + 12 + 1;

    // Property flags with the bit of delivery-mode, and its value.
    private static ReadOnlySpan<byte> Transient => [0x10, 0x00, 1];

    private static ReadOnlySpan<byte> Persistent => [0x10, 0x00, 2];

    /// <summary>The properties as a content header carries them.</summary>
    /// <param name="broker">Knows the other encodings.</param>
    /// <param name="message">The message.</param>
    /// <param name="frameMax">A content header is one frame: headers that do not fit are left out, all of them.</param>
    public static ReadOnlySpan<byte> PropertiesOf(Broker broker, Message message, int frameMax)
    {
        if (message.Format == Amqp091MessageFormat.FormatTag)
        {
            return message.Properties;
        }

        ReadOnlySpan<byte> plain = (message.Flags & MessageFlags.Persistent) != 0 ? Persistent : Transient;
        if (broker.FindFormat(message.Format) is not { } format || format.IsPlain(message.Properties))
        {
            return plain;
        }

        MessageProperties read = format.ReadProperties(message.Properties);
        byte[] written = Amqp091MessageFormat.Instance.WriteProperties(read);
        if (written.Length > frameMax - FrameOverhead)
        {
            written = Amqp091MessageFormat.Instance.WriteProperties(read with { Headers = null });
        }

        return written;
    }

    /// <summary>The routing key as a short string carries it: what is longer is cut off, between two characters.</summary>
    public static ReadOnlySpan<byte> KeyOf(Message message)
    {
        ReadOnlySpan<byte> key = message.RoutingKey;
        if (key.Length <= ShortStringMax)
        {
            return key;
        }

        int end = ShortStringMax;
        while ((key[end] & 0xC0) == 0x80)
        {
            end--;
        }

        return key[..end];
    }
}
