using Warren.Buffers.Fields;
using Warren.Core.Messages;

namespace Warren.Core.Tests.Exchanges;

/// <summary>
/// Properties that are one encoded field table, and a count of how often they were searched. The fields named as
/// AMQP 0-9-1 names its properties stand for these.
/// </summary>
internal sealed class TableFormat : MessageFormat
{
    public int Searches { get; private set; }

    public override byte Tag => 200;

    public override bool TryFindHeader(ReadOnlySpan<byte> properties, ReadOnlySpan<byte> name, out FieldValue value)
    {
        Searches++;
        return FieldTableReader.TryFind(properties, name, out value);
    }

    public override ReadOnlySpan<byte> FindProperty(ReadOnlySpan<byte> properties, MessageProperty property)
    {
        ReadOnlySpan<byte> name = property switch
        {
            MessageProperty.CorrelationId => "correlation_id"u8,
            MessageProperty.MessageId => "message_id"u8,
            _ => "timestamp"u8,
        };
        return FieldTableReader.TryFind(properties, name, out FieldValue value) ? value.AsBytes() : default;
    }

    public override FieldTable ReadHeaders(ReadOnlySpan<byte> properties) => FieldTableReader.Read(properties);

    public override byte[] WithHeaders(ReadOnlySpan<byte> properties, FieldTable headers, bool keepExpiration) =>
        FieldTableWriter.ToArray(headers);

    public override string? ReadExpiration(ReadOnlySpan<byte> properties) => null;
}
