using Warren.Buffers.Fields;
using Warren.Core.Messages;

namespace Warren.Core.Exchanges;

/// <summary>What an exchange may look at to route a message.</summary>
public readonly ref struct RoutingInput
{
    private readonly MessageFormat? _format;
    private readonly ReadOnlySpan<byte> _properties;

    /// <summary>A message by its routing key and its encoded properties.</summary>
    public RoutingInput(ReadOnlySpan<byte> routingKey, MessageFormat? format, ReadOnlySpan<byte> properties)
    {
        RoutingKey = routingKey;
        _format = format;
        _properties = properties;
    }

    /// <summary>The routing key, UTF-8.</summary>
    public ReadOnlySpan<byte> RoutingKey { get; }

    /// <summary>Finds one header without decoding the others.</summary>
    public bool TryFindHeader(ReadOnlySpan<byte> name, out FieldValue value)
    {
        value = default;
        return _format is not null && _format.TryFindHeader(_properties, name, out value);
    }
}
