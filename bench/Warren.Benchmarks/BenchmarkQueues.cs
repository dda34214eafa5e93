using Warren.Buffers;
using Warren.Buffers.Fields;
using Warren.Protocols.Amqp091;
using Warren.Core;
using Warren.Core.Messages;
using Warren.Core.Queues;
using Warren.Protocols.Tests.Amqp091.InMemory;

namespace Warren.Benchmarks;

/// <summary>Queues, messages and a consumer for steps that are measured without a client.</summary>
internal static class BenchmarkQueues
{
    public static MessageQueue DeclareQueue(this InMemoryBroker broker, string name, bool durable) =>
        broker.VirtualHost.DeclareQueue(
            broker.Broker.Users.Find("guest")!,
            new QueueDeclaration(name, ServerNamed: false, durable, AutoDelete: false, new FieldTable(), Owner: null),
            new Asker(),
            out _);

    public static Message CreateMessage(this InMemoryBroker broker, int bodySize, bool persistent)
    {
        Payload image = broker.Broker.Slabs.Allocate((int)Message.SizeOf(0, 1, 2, bodySize));
        var envelope = new MessageEnvelope(
            Amqp091MessageFormat.FormatTag, persistent ? MessageFlags.Persistent : MessageFlags.None, 0, broker.Broker.Clock.NowMs, -1);
        int head = Message.WriteHead(image.Writable, envelope, [], "q"u8, [0, 0], bodySize);
        image.Writable[head..].Clear();
        return new Message(image);
    }

    private sealed class Asker : IQueueOwner
    {
        public string Name => "benchmark";
    }
}

/// <summary>Takes whatever it is given.</summary>
internal sealed class TakingConsumer : QueueConsumer
{
    public TakingConsumer(MessageQueue queue, bool noAck)
        : base(queue, "taking", noAck, exclusive: false, priority: 0, new FieldTable())
    {
    }

    /// <summary>The entry taken last.</summary>
    public long LastEntry { get; private set; }

    public override DeliveryOutcome TryDeliver(in Delivery delivery, FlushSet flush)
    {
        LastEntry = delivery.EntryId;
        return NoAck ? DeliveryOutcome.Settled : DeliveryOutcome.Taken;
    }

    public override void OnCancelled(ConsumerCancelReason reason, FlushSet flush)
    {
    }
}
