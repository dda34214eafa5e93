using System.Buffers.Text;
using System.Text;
using Warren.Wire.Amqp091;

namespace Warren.Protocols.Amqp091;

/// <summary>The expiration property: milliseconds in decimal text.</summary>
internal static class Expiration
{
    private const long LongestMs = 315_360_000_000; // ten years, as RabbitMQ bounds it

    /// <summary>The milliseconds.</summary>
    /// <exception cref="ChannelError">406 with RabbitMQ's words for what is wrong with the text.</exception>
    public static long Parse(ReadOnlySpan<byte> text)
    {
        if (!Utf8Parser.TryParse(text, out long value, out int used) || text[0] == (byte)'+')
        {
            throw Invalid(text, "no_integer");
        }

        if (used != text.Length)
        {
            throw Invalid(text, $"{{leftover_string,\"{Encoding.UTF8.GetString(text[used..])}\"}}");
        }

        if (value < 0)
        {
            throw Invalid(text, $"{{value_negative,{value}}}");
        }

        if (value > LongestMs)
        {
            throw Invalid(text, $"{{value_too_big,{value}}}");
        }

        return value;
    }

    private static ChannelError Invalid(ReadOnlySpan<byte> text, string reason) =>
        new(ReplyCode.PreconditionFailed, $"invalid expiration '{Encoding.UTF8.GetString(text)}': {reason}", MethodId.BasicPublish);
}
