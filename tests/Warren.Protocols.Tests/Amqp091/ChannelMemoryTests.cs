using Warren.Buffers.Fields;
using Warren.Protocols.Amqp091;
using Warren.Protocols.Tests.Amqp091.InMemory;
using Warren.Wire.Amqp091;
using Xunit;

namespace Warren.Protocols.Tests.Amqp091;

/// <summary>What stays with a channel that lives long.</summary>
public sealed class ChannelMemoryTests : IDisposable
{
    private readonly InMemoryBroker _broker = new();
    private readonly byte[] _scratch = new byte[4096];

    public void Dispose() => _broker.Dispose();

    [Fact]
    public void One_message_that_is_never_acknowledged_costs_nothing_of_those_behind_it()
    {
        using InMemoryClient consumer = _broker.Connect();
        using InMemoryClient publisher = _broker.Connect();
        consumer.DeclareQueue("q"u8, durable: false);
        consumer.Consume("q"u8, noAck: false, prefetch: 200);
        byte[] batch = ClientFrames.Publishes(100, ""u8, "q"u8, 10, persistent: false);
        byte[] acks = new byte[100 * 32];
        ulong acknowledged = 1; // never the first

        for (int i = 0; i < 1000; i++)
        {
            publisher.Send(batch);
            consumer.Receive();
            int length = ClientFrames.WriteAcks(acks, acknowledged + 1, consumer.Deliveries);
            acknowledged = consumer.Deliveries;
            consumer.Send(acks.AsSpan(0, length));
        }

        Assert.Equal(100_000UL, consumer.Deliveries);
        Assert.InRange(ReportOf(consumer).Held.Unacked, 1, 1024);
    }

    [Fact]
    public void Consumers_of_deleted_queues_do_not_stay()
    {
        using InMemoryClient client = _broker.Connect();
        using InMemoryClient other = _broker.Connect();
        for (int i = 0; i < 200; i++)
        {
            client.DeclareQueue("q"u8, durable: false);
            client.Send(_scratch.AsSpan(0, ClientMethodWriter.WriteConsume(
                _scratch, 1, "q"u8, System.Text.Encoding.UTF8.GetBytes($"tag{i}"), new FieldTable())));
            other.Send(_scratch.AsSpan(0, ClientMethodWriter.WriteQueueDelete(_scratch, 1, "q"u8)));
            client.Receive();
        }

        Assert.InRange(ReportOf(client).Held.Consumers, 0, 40);
        Assert.Equal(0, ReportOf(client).View().ConsumerCount);
    }

    [Fact]
    public void Rolled_back_acknowledgements_stand_in_their_old_order()
    {
        using InMemoryClient consumer = _broker.Connect();
        using InMemoryClient publisher = _broker.Connect();
        consumer.DeclareQueue("q"u8, durable: false);
        consumer.Consume("q"u8, noAck: false);
        publisher.Send(ClientFrames.Publishes(20_000, ""u8, "q"u8, 10, persistent: false));
        consumer.ReceiveUntil(static c => c.Deliveries == 20_000);
        consumer.Send(_scratch.AsSpan(0, MethodWriter.WriteEmpty(_scratch, 1, MethodId.TxSelect)));
        byte[] acks = new byte[20_000 * 32];
        consumer.Send(acks.AsSpan(0, ClientFrames.WriteAcks(acks, 101, 19_900)));

        consumer.Send(_scratch.AsSpan(0, MethodWriter.WriteEmpty(_scratch, 1, MethodId.TxRollback)));
        consumer.ReceiveUntil(static c => c.LastMethod == MethodId.TxRollbackOk);

        Assert.Equal(20_000, ReportOf(consumer).View().Unacknowledged);
        consumer.Send(acks.AsSpan(0, ClientFrames.WriteAcks(acks, 1, 20_000)));
        consumer.Send(_scratch.AsSpan(0, MethodWriter.WriteEmpty(_scratch, 1, MethodId.TxCommit)));
        consumer.ReceiveUntil(static c => c.LastMethod == MethodId.TxCommitOk);
        Assert.Equal(0, ReportOf(consumer).View().Unacknowledged);
        Assert.Equal(0, _broker.VirtualHost.FindQueue("q")!.Counts.Unacked);
    }

    private static ChannelReport ReportOf(InMemoryClient client) => (ChannelReport)client.Session.Report.ListChannels()[0];
}
