using BenchmarkDotNet.Attributes;
using Warren.Buffers;
using Warren.Core.Messages;
using Warren.Core.Queues;
using Warren.Protocols.Tests.Amqp091.InMemory;

namespace Warren.Benchmarks;

/// <summary>Step 7: a message into the ring and out again, or straight to a consumer.</summary>
[MemoryDiagnoser]
public class MessageQueueBenchmarks
{
    private const int Messages = 1000; // more than a chunk of the ring holds

    private readonly InMemoryBroker _broker = new();
    private readonly FlushSet _flush = new();
    private readonly long[] _entry = new long[1];
    private MessageQueue _ring = null!;
    private MessageQueue _noAck = null!;
    private MessageQueue _acknowledged = null!;
    private TakingConsumer _consumer = null!;
    private Message _message;

    [GlobalSetup]
    public void Open()
    {
        _message = _broker.CreateMessage(1024, persistent: false);
        _ring = _broker.DeclareQueue("ring", durable: false);
        _noAck = _broker.DeclareQueue("no-ack", durable: false);
        _noAck.Subscribe(new TakingConsumer(_noAck, noAck: true), _flush);
        _acknowledged = _broker.DeclareQueue("acknowledged", durable: false);
        _consumer = new TakingConsumer(_acknowledged, noAck: false);
        _acknowledged.Subscribe(_consumer, _flush);
    }

    [GlobalCleanup]
    public void Close()
    {
        _message.Payload.Release();
        _broker.Dispose();
    }

    [Benchmark(OperationsPerInvoke = Messages)]
    public void Publish_to_the_ring_and_get()
    {
        for (int i = 0; i < Messages; i++)
        {
            _ring.Publish(_message, 0, _flush);
        }

        while (_ring.TryGet(noAck: true, _flush, out TakenMessage taken))
        {
            taken.Message.Payload.Release();
        }
    }

    [Benchmark(OperationsPerInvoke = Messages)]
    public void Publish_to_a_consumer()
    {
        for (int i = 0; i < Messages; i++)
        {
            _noAck.Publish(_message, 0, _flush);
        }
    }

    [Benchmark(OperationsPerInvoke = Messages)]
    public void Publish_to_a_consumer_and_acknowledge()
    {
        for (int i = 0; i < Messages; i++)
        {
            _acknowledged.Publish(_message, 0, _flush);
            _entry[0] = _consumer.LastEntry;
            _acknowledged.Acknowledge(_entry, _flush);
        }
    }
}
