using System.Text;
using System.Text.Json.Nodes;
using System.Text.Unicode;
using Warren.Core.Messages;

namespace Warren.Management.Messages;

/// <summary>A message as JSON.</summary>
internal static class PayloadJson
{
    /// <summary>The parts every view of a message has.</summary>
    /// <param name="message">The message.</param>
    /// <param name="format">How its properties are encoded; null: not known.</param>
    /// <param name="mayBeText">False: the body is always base64.</param>
    /// <param name="truncate">Bytes of the body that are shown.</param>
    public static JsonObject Of(Message message, MessageFormat? format, bool mayBeText, long truncate)
    {
        ReadOnlySpan<byte> body = message.Body;
        ReadOnlySpan<byte> shown = body[..(int)Math.Min(body.Length, truncate)];
        bool isText = mayBeText && Utf8.IsValid(shown);
        return new JsonObject
        {
            ["payload_bytes"] = body.Length,
            ["exchange"] = Encoding.UTF8.GetString(message.Exchange),
            ["routing_key"] = Encoding.UTF8.GetString(message.RoutingKey),
            ["properties"] = format is null ? new JsonObject() : PropertiesJson.Of(format.ReadProperties(message.Properties)),
            ["payload"] = isText ? Encoding.UTF8.GetString(shown) : Convert.ToBase64String(shown),
            ["payload_encoding"] = isText ? "string" : "base64",
        };
    }
}
