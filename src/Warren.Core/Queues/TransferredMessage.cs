using System.Text;
using Warren.Buffers;
using Warren.Buffers.Fields;
using Warren.Core.DeadLettering;
using Warren.Core.Messages;

namespace Warren.Core.Queues;

/// <summary>What a message becomes when an operator sends it elsewhere: its life begins anew.</summary>
/// <remarks>Valid as long as the message it was made from.</remarks>
internal sealed class TransferredMessage
{
    private readonly Payload _original;

    private TransferredMessage(Message message) => _original = message.Payload;

    /// <summary>The queue it goes to; null: where its exchange sends it.</summary>
    public string? Queue { get; private init; }

    private byte[]? Exchange { get; init; }

    private byte[]? RoutingKey { get; init; }

    private byte[]? Properties { get; init; }

    private MessageFlags Removed { get; init; }

    /// <summary>The message for a target; null: it has no origin to return to.</summary>
    public static TransferredMessage? Of(Message message, MessageFormat format, TransferTarget target)
    {
        switch (target.Kind)
        {
            case TransferKind.Queue:
                return new TransferredMessage(message) { Queue = target.Name };
            case TransferKind.Exchange:
                return new TransferredMessage(message)
                {
                    Exchange = Encoding.UTF8.GetBytes(target.Name),
                    RoutingKey = target.RoutingKey is { } key ? Encoding.UTF8.GetBytes(key) : null,
                };
            default:
                FieldTable headers = format.ReadHeaders(message.Properties);
                return DeathOrigin.TryRead(headers, out DeathOrigin origin)
                    ? new TransferredMessage(message)
                    {
                        Queue = target.Kind == TransferKind.OriginQueue ? origin.Queue : null,
                        Exchange = Encoding.UTF8.GetBytes(origin.Exchange),
                        RoutingKey = origin.RoutingKey,
                        Properties = format.WithHeaders(
                            message.Properties, DeathOrigin.WithoutHistory(headers), keepExpiration: true),
                        Removed = MessageFlags.DeadLettered,
                    }
                    : null;
        }
    }

    /// <summary>Makes the image of the new message, with one reference.</summary>
    /// <returns>False: no message can be that large, or have such a key.</returns>
    public bool TryWriteTo(Broker broker, out Payload image)
    {
        image = default;
        var original = new Message(_original);
        ReadOnlySpan<byte> exchange = Exchange is null ? original.Exchange : Exchange;
        ReadOnlySpan<byte> key = RoutingKey is null ? original.RoutingKey : RoutingKey;
        ReadOnlySpan<byte> properties = Properties is null ? original.Properties : Properties;
        if (!Message.TrySizeOf(exchange.Length, key.Length, properties.Length, original.BodyLength, out int size))
        {
            return false;
        }

        image = broker.Slabs.Allocate(size);
        var envelope = new MessageEnvelope(
            original.Format, original.Flags & ~Removed, original.Priority, broker.Clock.NowMs, original.TtlMs);
        int body = Message.WriteHead(image.Writable, envelope, exchange, key, properties, original.BodyLength);
        original.Body.CopyTo(image.Writable[body..]);
        return true;
    }
}
