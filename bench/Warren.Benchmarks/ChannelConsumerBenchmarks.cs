using BenchmarkDotNet.Attributes;
using Warren.Buffers;
using Warren.Buffers.Fields;
using Warren.Core.Messages;
using Warren.Core.Queues;
using Warren.Protocols.Amqp091;
using Warren.Protocols.Tests.Amqp091.InMemory;

namespace Warren.Benchmarks;

/// <summary>Step 8 (with 9): a delivery to a consumer of a connection, and its acknowledgement.</summary>
[MemoryDiagnoser]
public class ChannelConsumerBenchmarks
{
    private const int Messages = 50;

    private readonly InMemoryBroker _broker = new();
    private readonly FlushSet _flush = new();
    private InMemoryClient _client = null!;
    private MessageQueue _queue = null!;
    private Channel _channel = null!;
    private ChannelConsumer _noAck = null!;
    private ChannelConsumer _acknowledging = null!;
    private Message _message;
    private ulong _tag; // a process runs one of the benchmarks, so the channel's tags are this one's

    [GlobalSetup]
    public void Open()
    {
        _client = _broker.Connect();
        _queue = _broker.DeclareQueue("q", durable: false);
        _channel = new Channel(_client.Session, 1);
        _noAck = new ChannelConsumer(_channel, _queue, "a", noAck: true, exclusive: false, 0, new FieldTable(), prefetch: 0);
        _acknowledging = new ChannelConsumer(_channel, _queue, "b", noAck: false, exclusive: false, 0, new FieldTable(), prefetch: 100);
        _message = _broker.CreateMessage(1024, persistent: false);
    }

    [GlobalCleanup]
    public void Close()
    {
        _message.Payload.Release();
        _client.Dispose();
        _broker.Dispose();
    }

    [Benchmark(OperationsPerInvoke = Messages)]
    public ulong Deliver()
    {
        DeliverTo(_noAck);
        return _client.Deliveries;
    }

    [Benchmark(OperationsPerInvoke = Messages)]
    public ulong Deliver_and_acknowledge_each()
    {
        DeliverTo(_acknowledging);
        for (int i = 0; i < Messages; i++)
        {
            _channel.Acknowledger.Settle(++_tag, multiple: false, SettlementKind.Accepted);
        }

        return _client.Deliveries;
    }

    private void DeliverTo(ChannelConsumer consumer)
    {
        for (int i = 0; i < Messages; i++)
        {
            var delivery = new Delivery(_queue, _message, i, redelivered: false, deliveryCount: 0);
            if (consumer.TryDeliver(delivery, _flush) == DeliveryOutcome.Refused)
            {
                throw new InvalidOperationException("a consumer with credit refused");
            }
        }

        _flush.FlushAll();
        _client.Receive();
    }
}
