using System.Globalization;
using System.Text;
using Warren.Buffers.Fields;
using Warren.Core.Messages;
using Warren.Wire.Mqtt;

namespace Warren.Protocols.Mqtt;

/// <summary>Properties of messages that did not come by MQTT, as MQTT 5.0 writes them.</summary>
/// <remarks>Pure. Allocates: a message that changes its protocol is converted for each delivery.</remarks>
internal static class ForeignProperties
{
    private const int UserPropertiesMax = 256;

    /// <summary>Encodes what MQTT has words for.</summary>
    /// <remarks>
    /// Whatever is no well-formed text, or would stand there twice, is a protocol error to the client, who would be sent
    /// it again at each connection. So it is left out; a header that cannot be what its name says is a user property.
    /// </remarks>
    /// <param name="format">The encoding of the properties; null when its protocol is not there.</param>
    /// <param name="encoded">The properties.</param>
    public static ReadOnlySpan<byte> Convert(MessageFormat? format, ReadOnlySpan<byte> encoded)
    {
        if (format is null)
        {
            return [];
        }

        MessageProperties read = format.ReadProperties(encoded);
        var bytes = new MemoryStream();
        if (read.ContentType is { } contentType && Encoding.UTF8.GetBytes(contentType) is var type && Utf8Text.IsWellFormed(type))
        {
            TryWrite(bytes, PropertyId.ContentType, type);
        }

        bool hasCorrelation = read.CorrelationId is { } correlation
            && TryWrite(bytes, PropertyId.CorrelationData, Encoding.UTF8.GetBytes(correlation));
        if (read.Headers is { } headers)
        {
            WriteHeaders(bytes, headers, hasCorrelation);
        }

        return bytes.ToArray();
    }

    // The property goes before the header of its name, and of two headers of one name the first.
    private static void WriteHeaders(MemoryStream bytes, FieldTable headers, bool hasCorrelation)
    {
        bool hasResponseTopic = false;
        int count = 0;
        foreach (KeyValuePair<string, FieldValue> header in headers.Fields)
        {
            if (!hasResponseTopic && header.Key == "x-reply-to-topic" && TopicOf(header.Value) is { } topic)
            {
                hasResponseTopic = TryWrite(bytes, PropertyId.ResponseTopic, topic);
            }
            else if (!hasCorrelation && header.Key == "x-correlation-id" && header.Value.Type == FieldType.LongString)
            {
                hasCorrelation = TryWrite(bytes, PropertyId.CorrelationData, header.Value.AsBytes());
            }
            else if (TextOf(header.Value) is { } text && count++ < UserPropertiesMax)
            {
                WriteUserProperty(bytes, header.Key, text);
            }
        }
    }

    private static byte[]? TopicOf(FieldValue value)
    {
        ReadOnlySpan<byte> key = value.AsBytes();
        if (value.Type != FieldType.LongString || !TopicConversion.IsTopicName(key) || !Utf8Text.IsWellFormed(key))
        {
            return null;
        }

        byte[] topic = new byte[key.Length];
        TopicConversion.Swap(key, topic);
        return topic;
    }

    // Tables and arrays have no form in a user property.
    private static byte[]? TextOf(FieldValue value)
    {
        switch (value.Type)
        {
            case FieldType.LongString:
                byte[] bytes = value.AsBytes().ToArray();
                return Utf8Text.IsWellFormed(bytes) ? bytes : null;
            case FieldType.Boolean:
                return Encoding.ASCII.GetBytes(value.AsBoolean() ? "true" : "false");
            case FieldType.Float or FieldType.Double:
                return Encoding.ASCII.GetBytes(value.AsDouble().ToString("R", CultureInfo.InvariantCulture));
            case FieldType.Table or FieldType.Array or FieldType.Void or FieldType.Bytes or FieldType.Decimal:
                return null;
            default:
                return Encoding.ASCII.GetBytes(value.AsInteger().ToString(CultureInfo.InvariantCulture));
        }
    }

    private static bool TryWrite(MemoryStream bytes, PropertyId id, ReadOnlySpan<byte> value)
    {
        if (value.Length > ushort.MaxValue)
        {
            return false;
        }

        bytes.WriteByte((byte)id);
        WriteLengthAndBytes(bytes, value);
        return true;
    }

    private static void WriteUserProperty(MemoryStream bytes, string name, byte[] text)
    {
        byte[] key = Encoding.UTF8.GetBytes(name);
        if (key.Length <= ushort.MaxValue && text.Length <= ushort.MaxValue && Utf8Text.IsWellFormed(key))
        {
            bytes.WriteByte((byte)PropertyId.UserProperty);
            WriteLengthAndBytes(bytes, key);
            WriteLengthAndBytes(bytes, text);
        }
    }

    private static void WriteLengthAndBytes(MemoryStream bytes, ReadOnlySpan<byte> text)
    {
        bytes.WriteByte((byte)(text.Length >> 8));
        bytes.WriteByte((byte)text.Length);
        bytes.Write(text);
    }
}
