using Warren.Buffers.Fields;
using Warren.Core.Arguments;
using Warren.Core.Exchanges;
using Warren.Core.Policies;
using Warren.Core.Queues;

namespace Warren.Core.Events;

/// <summary>The events of queues, exchanges and bindings.</summary>
internal static class TopologyEvents
{
    public static void QueueCreated(this BrokerEvents events, MessageQueue queue, string? by)
    {
        if (!events.IsHeard)
        {
            return;
        }

        QueueDefinition definition = queue.Definition;
        events.Emit(
            "queue.created",
            BrokerEvents.Of("name", queue.Name),
            BrokerEvents.Of("vhost", queue.VirtualHostName),
            BrokerEvents.Of("durable", definition.Durable),
            BrokerEvents.Of("auto_delete", definition.AutoDelete),
            BrokerEvents.Of("arguments", definition.Arguments),
            BrokerEvents.Of("exclusive", definition.Exclusive),
            BrokerEvents.Of("leader", events.NodeName),
            BrokerEvents.Of("members", [events.NodeName]),
            BrokerEvents.Of("type", TypeOf(queue)),
            events.By(by));
    }

    public static void QueueDeleted(this BrokerEvents events, MessageQueue queue, string? by)
    {
        if (events.IsHeard)
        {
            events.Emit(
                "queue.deleted",
                BrokerEvents.Of("name", queue.Name),
                BrokerEvents.Of("vhost", queue.VirtualHostName),
                BrokerEvents.Of("type", TypeOf(queue)),
                events.By(by));
        }
    }

    public static void QueuePolicyChanged(this BrokerEvents events, MessageQueue queue, Policy? policy)
    {
        if (!events.IsHeard)
        {
            return;
        }

        (string, FieldValue)[] what =
        [
            BrokerEvents.Of("name", queue.Name),
            BrokerEvents.Of("vhost", queue.VirtualHostName),
            BrokerEvents.Of("type", TypeOf(queue)),
            events.By(null),
        ];
        if (policy is null)
        {
            events.Emit("queue.policy.cleared", what);
        }
        else
        {
            events.Emit("queue.policy.updated", [.. what, .. DefinitionEvents.Details(policy)]);
        }
    }

    public static void ExchangeCreated(this BrokerEvents events, string virtualHost, Exchange exchange, string? by)
    {
        if (events.IsHeard)
        {
            events.Emit(
                "exchange.created",
                BrokerEvents.Of("name", exchange.Name),
                BrokerEvents.Of("vhost", virtualHost),
                BrokerEvents.Of("type", exchange.Type),
                BrokerEvents.Of("durable", exchange.Durable),
                BrokerEvents.Of("auto_delete", exchange.AutoDelete),
                BrokerEvents.Of("internal", exchange.Internal),
                BrokerEvents.Of("arguments", exchange.Arguments),
                BrokerEvents.Of("policy", exchange.Policies.User?.Name ?? ""),
                events.By(by));
        }
    }

    public static void ExchangeDeleted(this BrokerEvents events, string virtualHost, Exchange exchange, string? by)
    {
        if (events.IsHeard)
        {
            events.Emit(
                "exchange.deleted",
                BrokerEvents.Of("name", exchange.Name),
                BrokerEvents.Of("vhost", virtualHost),
                events.By(by));
        }
    }

    public static void BindingCreated(this BrokerEvents events, string virtualHost, Binding binding, string? by) =>
        Emit(events, "binding.created", virtualHost, binding, by);

    public static void BindingDeleted(this BrokerEvents events, string virtualHost, Binding binding, string? by) =>
        Emit(events, "binding.deleted", virtualHost, binding, by);

    /// <summary>The type as RabbitMQ's events name it.</summary>
    private static string TypeOf(MessageQueue queue) => queue.Definition.Parsed.Kind switch
    {
        QueueKind.Quorum => "rabbit_quorum_queue",
        QueueKind.Stream => "rabbit_stream_queue",
        _ => "rabbit_classic_queue",
    };

    private static void Emit(BrokerEvents events, string key, string virtualHost, Binding binding, string? by)
    {
        if (events.IsHeard)
        {
            events.Emit(
                key,
                BrokerEvents.Of("source_name", binding.Source.Name),
                BrokerEvents.Of("source_kind", "exchange"),
                BrokerEvents.Of("destination_name", binding.Destination.Name),
                BrokerEvents.Of("destination_kind", binding.Destination is Exchange ? "exchange" : "queue"),
                BrokerEvents.Of("routing_key", binding.Key),
                BrokerEvents.Of("arguments", binding.Arguments),
                BrokerEvents.Of("vhost", virtualHost),
                events.By(by));
        }
    }
}
