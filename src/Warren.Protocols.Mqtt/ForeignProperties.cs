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
        if (read.ContentType is { } contentType)
        {
            WriteText(bytes, PropertyId.ContentType, Encoding.UTF8.GetBytes(contentType));
        }

        if (read.CorrelationId is { } correlation)
        {
            WriteText(bytes, PropertyId.CorrelationData, Encoding.UTF8.GetBytes(correlation));
        }

        if (read.Headers is { } headers)
        {
            WriteHeaders(bytes, headers);
        }

        return bytes.ToArray();
    }

    private static void WriteHeaders(MemoryStream bytes, FieldTable headers)
    {
        int count = 0;
        foreach (KeyValuePair<string, FieldValue> header in headers.Fields)
        {
            if (header.Key == "x-reply-to-topic" && header.Value.Type == FieldType.LongString)
            {
                byte[] key = Encoding.UTF8.GetBytes(header.Value.AsText());
                if (TopicConversion.IsTopicName(key))
                {
                    byte[] topic = new byte[key.Length];
                    TopicConversion.Swap(key, topic);
                    WriteText(bytes, PropertyId.ResponseTopic, topic);
                }
            }
            else if (header.Key == "x-correlation-id" && header.Value.Type == FieldType.LongString)
            {
                WriteText(bytes, PropertyId.CorrelationData, header.Value.AsBytes().ToArray());
            }
            else if (TextOf(header.Value) is { } text && count++ < UserPropertiesMax)
            {
                WriteUserProperty(bytes, header.Key, text);
            }
        }
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

    private static void WriteText(MemoryStream bytes, PropertyId id, byte[] text)
    {
        if (text.Length <= ushort.MaxValue)
        {
            bytes.WriteByte((byte)id);
            WriteLengthAndBytes(bytes, text);
        }
    }

    private static void WriteUserProperty(MemoryStream bytes, string name, byte[] text)
    {
        byte[] key = Encoding.UTF8.GetBytes(name);
        if (text.Length <= ushort.MaxValue && Utf8Text.IsWellFormed(key))
        {
            bytes.WriteByte((byte)PropertyId.UserProperty);
            WriteLengthAndBytes(bytes, key);
            WriteLengthAndBytes(bytes, text);
        }
    }

    private static void WriteLengthAndBytes(MemoryStream bytes, byte[] text)
    {
        bytes.WriteByte((byte)(text.Length >> 8));
        bytes.WriteByte((byte)text.Length);
        bytes.Write(text);
    }
}
