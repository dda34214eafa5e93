using Warren.Buffers;
using Warren.Core.Exchanges;
using Warren.Core.Messages;

namespace Warren.Core.Events;

/// <summary>A message the broker itself publishes.</summary>
/// <param name="Home">The virtual host of the exchange.</param>
/// <param name="Exchange">Where it is published.</param>
/// <param name="Key">The routing key; cut to 255 bytes.</param>
/// <param name="Properties">Its properties.</param>
internal sealed record OwnMessage(VirtualHost Home, Exchange Exchange, string Key, MessageProperties Properties)
{
    /// <summary>The body, unless it is that of <see cref="Copied"/>.</summary>
    public ReadOnlyMemory<byte> Body { get; init; }

    /// <summary>The message whose body this one repeats, with a reference of its own; empty: none.</summary>
    public Payload Copied { get; init; }

    /// <summary>Bytes it keeps from being freed.</summary>
    public int Weight => Body.Length + Copied.Length;
}
