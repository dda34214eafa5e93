using RabbitMQ.Client;
using RabbitMQ.Client.Events;

namespace Warren.Interop.Tests.Running;

/// <summary>A message as a client got it, copied out of the client's buffers.</summary>
public sealed record Delivery(
    ulong Tag,
    bool Redelivered,
    string Exchange,
    string RoutingKey,
    string ConsumerTag,
    byte[] Bytes,
    IReadOnlyBasicProperties Properties,
    uint ReadyBehind)
{
    /// <summary>The body as text.</summary>
    public string Body => Text.Of(Bytes);

    /// <summary>The headers; empty when there are none.</summary>
    public IDictionary<string, object?> Headers => Properties.Headers ?? new Dictionary<string, object?>(StringComparer.Ordinal);

    /// <summary>Copies a delivered message.</summary>
    public static Delivery Of(BasicDeliverEventArgs e) =>
        new(e.DeliveryTag, e.Redelivered, e.Exchange, e.RoutingKey, e.ConsumerTag, e.Body.ToArray(),
            new BasicProperties(e.BasicProperties), 0);

    /// <summary>Copies a message that was got.</summary>
    public static Delivery Of(BasicGetResult got) =>
        new(got.DeliveryTag, got.Redelivered, got.Exchange, got.RoutingKey, string.Empty, got.Body.ToArray(),
            new BasicProperties(got.BasicProperties), got.MessageCount);
}
