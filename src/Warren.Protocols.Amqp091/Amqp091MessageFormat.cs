using System.Text;
using Warren.Buffers.Fields;
using Warren.Core.Messages;
using Warren.Wire.Amqp091;

namespace Warren.Protocols.Amqp091;

/// <summary>AMQP 0-9-1 properties as the core looks into them.</summary>
public sealed class Amqp091MessageFormat : MessageFormat
{
    /// <summary>The tag: property flags and property list of a content header frame (AMQP 0-9-1, 4.2.6.1).</summary>
    public const byte FormatTag = 1;

    private Amqp091MessageFormat()
    {
    }

    /// <summary>The one instance; it has no state.</summary>
    public static Amqp091MessageFormat Instance { get; } = new();

    /// <inheritdoc/>
    public override byte Tag => FormatTag;

    /// <inheritdoc/>
    public override bool TryFindHeader(ReadOnlySpan<byte> properties, ReadOnlySpan<byte> name, out FieldValue value) =>
        FieldTableReader.TryFind(BasicProperties.OfChecked(properties).Headers, name, out value);

    /// <inheritdoc/>
    public override ReadOnlySpan<byte> FindProperty(ReadOnlySpan<byte> properties, MessageProperty property)
    {
        BasicProperties read = BasicProperties.OfChecked(properties);
        return property switch
        {
            MessageProperty.CorrelationId => read.CorrelationId,
            MessageProperty.MessageId => read.MessageId,
            MessageProperty.Timestamp when read.Has(BasicProperty.Timestamp) => read.Raw(BasicProperty.Timestamp),
            _ => [],
        };
    }

    /// <inheritdoc/>
    public override FieldTable ReadHeaders(ReadOnlySpan<byte> properties) =>
        FieldTableReader.Read(BasicProperties.OfChecked(properties).Headers);

    /// <inheritdoc/>
    public override byte[] WithHeaders(ReadOnlySpan<byte> properties, FieldTable headers, bool keepExpiration) =>
        BasicPropertiesWriter.Replace(properties, headers, keepExpiration);

    /// <inheritdoc/>
    public override string? ReadExpiration(ReadOnlySpan<byte> properties)
    {
        BasicProperties read = BasicProperties.OfChecked(properties);
        return read.Has(BasicProperty.Expiration) ? Encoding.UTF8.GetString(read.Expiration) : null;
    }

    /// <inheritdoc/>
    public override MessageProperties ReadProperties(ReadOnlySpan<byte> properties)
    {
        BasicProperties read = BasicProperties.OfChecked(properties);
        return new MessageProperties
        {
            ContentType = Text(read, BasicProperty.ContentType),
            ContentEncoding = Text(read, BasicProperty.ContentEncoding),
            Headers = read.Has(BasicProperty.Headers) ? FieldTableReader.Read(read.Headers) : null,
            DeliveryMode = read.Has(BasicProperty.DeliveryMode) ? read.DeliveryMode : null,
            Priority = read.Has(BasicProperty.Priority) ? read.Priority : null,
            CorrelationId = Text(read, BasicProperty.CorrelationId),
            ReplyTo = Text(read, BasicProperty.ReplyTo),
            Expiration = Text(read, BasicProperty.Expiration),
            MessageId = Text(read, BasicProperty.MessageId),
            Timestamp = read.Has(BasicProperty.Timestamp) ? (long)read.Timestamp : null,
            Type = Text(read, BasicProperty.Type),
            UserId = Text(read, BasicProperty.UserId),
            AppId = Text(read, BasicProperty.AppId),
            ClusterId = Text(read, BasicProperty.ClusterId),
        };
    }

    /// <inheritdoc/>
    public override byte[] WriteProperties(MessageProperties properties)
    {
        ArgumentNullException.ThrowIfNull(properties);
        return BasicPropertiesWriter.Write(new BasicPropertyValues
        {
            ContentType = properties.ContentType,
            ContentEncoding = properties.ContentEncoding,
            Headers = properties.Headers,
            DeliveryMode = properties.DeliveryMode,
            Priority = properties.Priority,
            CorrelationId = properties.CorrelationId,
            ReplyTo = properties.ReplyTo,
            Expiration = properties.Expiration,
            MessageId = properties.MessageId,
            Timestamp = (ulong?)properties.Timestamp,
            Type = properties.Type,
            UserId = properties.UserId,
            AppId = properties.AppId,
            ClusterId = properties.ClusterId,
        });
    }

    private static string? Text(in BasicProperties properties, BasicProperty property) =>
        properties.Has(property) ? Encoding.UTF8.GetString(properties.Raw(property)[1..]) : null;
}
