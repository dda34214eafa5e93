using System.Text;
using Warren.Buffers.Fields;
using Warren.Core.Exchanges;
using Warren.Core.Messages;
using Warren.Core.Queues;

namespace Warren.Core.Events;

/// <summary>Copies what is published in a virtual host and what is delivered from it to <c>amq.rabbitmq.trace</c> (RabbitMQ's firehose).</summary>
/// <remarks>
/// Thread-safe; may be called under any lock. There is one only while the virtual host is traced, so a publish or
/// delivery without costs a comparison with null. The copies are not traced themselves.
/// </remarks>
public sealed class Firehose
{
    /// <summary>The exchange in every virtual host.</summary>
    public const string ExchangeName = "amq.rabbitmq.trace";

    private readonly Broker _broker;
    private readonly VirtualHost _home;
    private readonly Exchange _exchange;

    internal Firehose(Broker broker, VirtualHost home, Exchange exchange)
    {
        _broker = broker;
        _home = home;
        _exchange = exchange;
    }

    /// <summary>A client has published; of the further keys only those of the CC header are known by now.</summary>
    public void OnPublished(in Message message, ReadOnlySpan<MessageQueue> queues, in TraceOrigin by)
    {
        if (!IsOwn(message))
        {
            PostPublished(message, KeysOf(message), queues, by);
        }
    }

    /// <summary>A client has published.</summary>
    /// <param name="message">The message.</param>
    /// <param name="moreKeys">The keys of its CC and BCC headers.</param>
    /// <param name="queues">The queues it goes to.</param>
    /// <param name="by">Who.</param>
    public void OnPublished(
        in Message message, ReadOnlySpan<byte[]> moreKeys, ReadOnlySpan<MessageQueue> queues, in TraceOrigin by)
    {
        if (IsOwn(message))
        {
            return;
        }

        var keys = new FieldValue[1 + moreKeys.Length];
        keys[0] = FieldValue.OfString(message.RoutingKey.ToArray());
        for (int i = 0; i < moreKeys.Length; i++)
        {
            keys[i + 1] = FieldValue.OfString(moreKeys[i]);
        }

        PostPublished(message, keys, queues, by);
    }

    /// <summary>A message was delivered to a consumer, or taken by basic.get.</summary>
    public void OnDelivered(in Message message, MessageQueue queue, bool redelivered, in TraceOrigin to)
    {
        ArgumentNullException.ThrowIfNull(queue);
        if (!IsOwn(message))
        {
            Post(
                $"deliver.{queue.Name}", message, KeysOf(message), to, ("redelivered", FieldValue.Of(redelivered ? 1 : 0)));
        }
    }

    private static bool IsOwn(in Message message) => message.Exchange.SequenceEqual("amq.rabbitmq.trace"u8);

    private FieldValue[] KeysOf(in Message message)
    {
        var keys = new List<FieldValue> { FieldValue.OfString(message.RoutingKey.ToArray()) };
        if (_broker.FindFormat(message.Format) is { } format
            && (message.Flags & MessageFlags.HasHeaders) != 0
            && format.TryFindHeader(message.Properties, "CC"u8, out FieldValue copies))
        {
            foreach (FieldValue key in copies.AsArray())
            {
                keys.Add(FieldValue.OfString(key.AsBytes().ToArray()));
            }
        }

        return [.. keys];
    }

    private void PostPublished(
        in Message message, FieldValue[] keys, ReadOnlySpan<MessageQueue> queues, in TraceOrigin by)
    {
        var routed = new FieldValue[queues.Length];
        for (int i = 0; i < routed.Length; i++)
        {
            routed[i] = FieldValue.Of(queues[i].Name);
        }

        string exchange = Encoding.UTF8.GetString(message.Exchange);
        Post($"publish.{exchange}", message, keys, by, ("routed_queues", FieldValue.Of(routed)));
    }

    private void Post(
        string key, in Message message, FieldValue[] routingKeys, in TraceOrigin origin, (string Name, FieldValue Value) more)
    {
        var headers = new FieldTable(9);
        headers.Add("exchange_name", FieldValue.OfString(message.Exchange.ToArray()));
        headers.Add("routing_keys", FieldValue.Of(routingKeys));
        headers.Add("properties", FieldValue.Of(PropertiesOf(message)));
        headers.Add("node", FieldValue.Of(_broker.NodeName));
        headers.Add("vhost", FieldValue.Of(_home.Name));
        headers.Add("connection", FieldValue.Of(origin.Connection));
        headers.Add("channel", FieldValue.Of(origin.Channel));
        headers.Add("user", FieldValue.Of(origin.User));
        headers.Add(more.Name, more.Value);
        _broker.Own.Post(
            new OwnMessage(_home, _exchange, key, new MessageProperties { Headers = headers }) { Copied = message.Payload });
    }

    private FieldTable PropertiesOf(in Message message) =>
        _broker.FindFormat(message.Format) is { } format ? TraceProperties.Of(format.ReadProperties(message.Properties)) : new FieldTable();
}

/// <summary>The client a traced message comes from or goes to.</summary>
/// <param name="Connection">The name of its connection.</param>
/// <param name="Channel">The number of its channel; 0 for a protocol without.</param>
/// <param name="User">Who it is.</param>
public readonly record struct TraceOrigin(string Connection, int Channel, string User);
