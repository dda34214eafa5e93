using Warren.Buffers.Fields;
using Warren.Core.Messages;

namespace Warren.Core.Exchanges;

/// <summary>What routing may look at of a message: a view, valid for the call it is passed to.</summary>
public readonly ref struct RoutingInput
{
    /// <summary>A message with one routing key.</summary>
    /// <param name="routingKey">The routing key, UTF-8.</param>
    /// <param name="format">How <paramref name="properties"/> are encoded; null when there are none.</param>
    /// <param name="properties">The encoded properties.</param>
    public RoutingInput(ReadOnlySpan<byte> routingKey, MessageFormat? format = null, ReadOnlySpan<byte> properties = default)
    {
        RoutingKey = routingKey;
        Format = format;
        Properties = properties;
    }

    /// <summary>The routing key, UTF-8.</summary>
    public ReadOnlySpan<byte> RoutingKey { get; private init; }

    /// <summary>Further keys of the same message (the CC and BCC headers of AMQP 0-9-1), UTF-8.</summary>
    /// <remarks>Routed together with <see cref="RoutingKey"/>: the alternate exchange is used when none of them matches.</remarks>
    public ReadOnlySpan<byte[]> MoreKeys { get; init; }

    /// <summary>How <see cref="Properties"/> are encoded; null when there are none.</summary>
    public MessageFormat? Format { get; private init; }

    /// <summary>The encoded properties.</summary>
    public ReadOnlySpan<byte> Properties { get; private init; }

    /// <summary>The same message under another key, without the further ones.</summary>
    public RoutingInput WithKey(ReadOnlySpan<byte> routingKey) => new(routingKey, Format, Properties);

    /// <summary>Finds one header in the encoded properties.</summary>
    public bool TryFindHeader(ReadOnlySpan<byte> name, out FieldValue value)
    {
        if (Format is null)
        {
            value = default;
            return false;
        }

        return Format.TryFindHeader(Properties, name, out value);
    }

    /// <summary>The bytes of one property; empty when it is not there.</summary>
    public ReadOnlySpan<byte> FindProperty(MessageProperty property) =>
        Format is null ? default : Format.FindProperty(Properties, property);
}
