using System.Text;
using Warren.Buffers.Fields;
using Warren.Core.Messages;
using Warren.Wire.Amqp091;

namespace Warren.Protocols.Amqp091;

/// <summary>AMQP 0-9-1 properties as the core looks into them.</summary>
public sealed class Amqp091MessageFormat : MessageFormat
{
    private Amqp091MessageFormat()
    {
    }

    /// <summary>The one instance; it has no state.</summary>
    public static Amqp091MessageFormat Instance { get; } = new();

    /// <inheritdoc/>
    public override byte Tag => Amqp091;

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
}
