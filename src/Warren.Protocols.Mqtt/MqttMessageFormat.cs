using System.Globalization;
using System.Text;
using System.Text.Unicode;
using Warren.Buffers.Fields;
using Warren.Core.Messages;
using Warren.Wire.Mqtt;

namespace Warren.Protocols.Mqtt;

/// <summary>The properties of MQTT messages as the core and other protocols look into them.</summary>
/// <remarks>
/// Mapped as RabbitMQ does it: content type and correlation data to the properties of that name, the response topic to
/// the header <c>x-reply-to-topic</c>, user properties to headers, of several with one name the first.
/// </remarks>
public sealed class MqttMessageFormat : MessageFormat
{
    /// <summary>The tag: an octet of flags, the properties of PUBLISH as MQTT 5.0 writes them, further headers.</summary>
    public const byte FormatTag = 2;

    private const string ReplyToTopic = "x-reply-to-topic";
    private const string LongCorrelationId = "x-correlation-id";
    private const int ShortStringMax = 255;

    private MqttMessageFormat()
    {
    }

    /// <summary>The one instance; it has no state.</summary>
    public static MqttMessageFormat Instance { get; } = new();

    /// <inheritdoc/>
    public override byte Tag => FormatTag;

    /// <inheritdoc/>
    public override bool RetainsByHeader => false; // PUBLISH has a flag for it

    /// <inheritdoc/>
    public override bool TryFindHeader(ReadOnlySpan<byte> properties, ReadOnlySpan<byte> name, out FieldValue value)
    {
        var stored = new StoredProperties(properties);
        if (stored.HasHeaders)
        {
            return FieldTableReader.TryFind(stored.Headers, name, out value);
        }

        foreach (Property property in stored.Properties)
        {
            if (property.Id == PropertyId.UserProperty && property.Name.SequenceEqual(name))
            {
                value = FieldValue.OfString(property.Value.ToArray());
                return true;
            }
        }

        value = default;
        return false;
    }

    /// <inheritdoc/>
    public override bool IsPlain(ReadOnlySpan<byte> properties)
    {
        var stored = new StoredProperties(properties);
        return stored.Encoded.IsEmpty && !stored.HasHeaders;
    }

    /// <inheritdoc/>
    public override ReadOnlySpan<byte> FindProperty(ReadOnlySpan<byte> properties, MessageProperty property) =>
        property == MessageProperty.CorrelationId
            ? new StoredProperties(properties).Properties.Value(PropertyId.CorrelationData)
            : [];

    /// <inheritdoc/>
    public override FieldTable ReadHeaders(ReadOnlySpan<byte> properties)
    {
        var stored = new StoredProperties(properties);
        if (stored.HasHeaders)
        {
            return FieldTableReader.Read(stored.Headers);
        }

        if (stored.Encoded.IsEmpty)
        {
            return FieldTable.Empty;
        }

        var found = new SortedDictionary<string, FieldValue>(StringComparer.Ordinal);
        foreach (Property property in stored.Properties)
        {
            switch (property.Id)
            {
                case PropertyId.UserProperty when property.Name.Length <= ShortStringMax:
                    found.TryAdd(Encoding.UTF8.GetString(property.Name), FieldValue.OfString(property.Value.ToArray()));
                    break;
                case PropertyId.ResponseTopic:
                    byte[] key = new byte[property.Value.Length];
                    TopicConversion.Swap(property.Value, key);
                    found[ReplyToTopic] = FieldValue.OfString(key);
                    break;
                case PropertyId.CorrelationData when !IsShortText(property.Value):
                    found[LongCorrelationId] = FieldValue.OfString(property.Value.ToArray());
                    break;
                default:
                    break;
            }
        }

        var headers = new FieldTable();
        foreach (KeyValuePair<string, FieldValue> header in found)
        {
            headers.Add(header.Key, header.Value);
        }

        return headers;
    }

    /// <inheritdoc/>
    public override byte[] WithHeaders(ReadOnlySpan<byte> properties, FieldTable headers, bool keepExpiration)
    {
        var stored = new StoredProperties(properties);
        byte[] kept = new byte[stored.Encoded.Length];
        int length = stored.Properties.CopyWithout(
            kept, keepExpiration ? PropertyId.None : PropertyId.MessageExpiryInterval);
        byte[] table = FieldTableWriter.ToArray(headers);
        byte[] bytes = new byte[StoredProperties.SizeOf(stored.Origin, length, table.Length)];
        StoredProperties.Write(bytes, stored.QoS, stored.Retain, stored.Origin, kept.AsSpan(0, length), table, hasHeaders: true);
        return bytes;
    }

    /// <inheritdoc/>
    public override string? ReadExpiration(ReadOnlySpan<byte> properties)
    {
        Properties read = new StoredProperties(properties).Properties;
        return read.Has(PropertyId.MessageExpiryInterval)
            ? (read.Number(PropertyId.MessageExpiryInterval, 0) * 1000L).ToString(CultureInfo.InvariantCulture)
            : null;
    }

    /// <inheritdoc/>
    public override MessageProperties ReadProperties(ReadOnlySpan<byte> properties)
    {
        var stored = new StoredProperties(properties);
        Properties read = stored.Properties;
        ReadOnlySpan<byte> correlation = read.Value(PropertyId.CorrelationData);
        return new MessageProperties
        {
            ContentType = read.TryGet(PropertyId.ContentType, out Property type) && type.Value.Length <= ShortStringMax
                ? Encoding.UTF8.GetString(type.Value)
                : null,
            CorrelationId = read.Has(PropertyId.CorrelationData) && IsShortText(correlation)
                ? Encoding.UTF8.GetString(correlation)
                : null,
            DeliveryMode = (byte)(stored.QoS > 0 ? 2 : 1),
            Expiration = ReadExpiration(properties),
            Headers = ReadHeaders(properties) is { Count: > 0 } headers ? headers : null,
        };
    }

    private static bool IsShortText(ReadOnlySpan<byte> value) => value.Length <= ShortStringMax && Utf8.IsValid(value);
}
