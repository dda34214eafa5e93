using System.Globalization;
using System.Text;

namespace Warren.Wire.Amqp091;

/// <summary>The texts that go with a <see cref="ReplyCode"/>.</summary>
public static class ReplyText
{
    /// <summary>Bytes a reply-text may take: it is a short string.</summary>
    public const int MaxSize = byte.MaxValue;

    // More octets than this do not fit into a reply-text, whatever they are.
    private const string Dots = "...";

    private const int MaxOctets = MaxSize / 2;

    /// <summary>The name with which the wire text begins, for instance <c>NOT_FOUND</c>.</summary>
    public static string ToWireName(this ReplyCode code) => code switch
    {
        ReplyCode.ReplySuccess => "REPLY_SUCCESS",
        ReplyCode.ContentTooLarge => "CONTENT_TOO_LARGE",
        ReplyCode.NoRoute => "NO_ROUTE",
        ReplyCode.NoConsumers => "NO_CONSUMERS",
        ReplyCode.ConnectionForced => "CONNECTION_FORCED",
        ReplyCode.InvalidPath => "INVALID_PATH",
        ReplyCode.AccessRefused => "ACCESS_REFUSED",
        ReplyCode.NotFound => "NOT_FOUND",
        ReplyCode.ResourceLocked => "RESOURCE_LOCKED",
        ReplyCode.PreconditionFailed => "PRECONDITION_FAILED",
        ReplyCode.FrameError => "FRAME_ERROR",
        ReplyCode.SyntaxError => "SYNTAX_ERROR",
        ReplyCode.CommandInvalid => "COMMAND_INVALID",
        ReplyCode.ChannelError => "CHANNEL_ERROR",
        ReplyCode.UnexpectedFrame => "UNEXPECTED_FRAME",
        ReplyCode.ResourceError => "RESOURCE_ERROR",
        ReplyCode.NotAllowed => "NOT_ALLOWED",
        ReplyCode.NotImplemented => "NOT_IMPLEMENTED",
        ReplyCode.InternalError => "INTERNAL_ERROR",
        _ => ((ushort)code).ToString(CultureInfo.InvariantCulture),
    };

    /// <summary>The reply-text of a close: <c>NAME - text</c>, cut to <see cref="MaxSize"/> bytes of UTF-8.</summary>
    /// <remarks>An internal error says nothing about its cause: the peer gets the name alone.</remarks>
    public static string ToWireText(ReplyCode code, string text) => code == ReplyCode.InternalError
        ? code.ToWireName()
        : Cut($"{code.ToWireName()} - {text}");

    /// <summary>The text, or the longest beginning of it that fits a short string with three dots behind, as RabbitMQ cuts.</summary>
    public static string Cut(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        if (Encoding.UTF8.GetByteCount(text) <= MaxSize)
        {
            return text;
        }

        int characters = Math.Min(text.Length, MaxSize - Dots.Length);
        while (Encoding.UTF8.GetByteCount(text.AsSpan(0, characters)) > MaxSize - Dots.Length)
        {
            characters--;
        }

        bool splits = characters > 0 && char.IsHighSurrogate(text[characters - 1]);
        return string.Concat(text.AsSpan(0, splits ? characters - 1 : characters), Dots);
    }

    /// <summary>
    /// Octets as RabbitMQ prints them: <c>&lt;&lt;0,20,255&gt;&gt;</c>; what no reply-text can hold is left out.
    /// </summary>
    internal static string OfOctets(ReadOnlySpan<byte> octets)
    {
        var text = new StringBuilder("<<");
        foreach (byte octet in octets[..Math.Min(octets.Length, MaxOctets)])
        {
            text.Append(CultureInfo.InvariantCulture, $"{octet},");
        }

        text.Length -= octets.IsEmpty ? 0 : 1;
        return text.Append(">>").ToString();
    }
}
