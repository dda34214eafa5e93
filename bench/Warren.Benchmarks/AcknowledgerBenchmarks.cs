using BenchmarkDotNet.Attributes;
using Warren.Protocols.Tests.Amqp091.InMemory;
using Warren.Wire.Amqp091;

namespace Warren.Benchmarks;

/// <summary>All steps in one: published, delivered under a prefetch limit and acknowledged, over two connections.</summary>
/// <remarks>A slab is an object of 40 bytes for 64 KiB of messages: half a byte each at 1 KiB.</remarks>
[MemoryDiagnoser]
public class AcknowledgerBenchmarks
{
    private const int Messages = 50;

    private readonly InMemoryBroker _broker = new();
    private readonly byte[] _batch = ClientFrames.Publishes(Messages, ""u8, "q"u8, 1024, persistent: false);
    private readonly byte[] _acks = new byte[Messages * 32];
    private InMemoryClient _publisher = null!;
    private InMemoryClient _consumer = null!;

    [GlobalSetup]
    public void Open()
    {
        _publisher = _broker.Connect();
        _consumer = _broker.Connect();
        _consumer.DeclareQueue("q"u8, durable: false);
        _consumer.Consume("q"u8, noAck: false, prefetch: Messages);
    }

    [GlobalCleanup]
    public void Close()
    {
        _publisher.Dispose();
        _consumer.Dispose();
        _broker.Dispose();
    }

    [Benchmark(Baseline = true, OperationsPerInvoke = Messages)]
    public ulong Acknowledge_multiple()
    {
        _publisher.Send(_batch);
        _consumer.Receive();
        _consumer.Send(_acks.AsSpan(0, MethodWriter.WriteAck(_acks, 1, _consumer.Deliveries, multiple: true)));
        return _consumer.Deliveries;
    }

    [Benchmark(OperationsPerInvoke = Messages)]
    public ulong Acknowledge_each()
    {
        ulong first = _consumer.Deliveries + 1;
        _publisher.Send(_batch);
        _consumer.Receive();
        _consumer.Send(_acks.AsSpan(0, ClientFrames.WriteAcks(_acks, first, _consumer.Deliveries)));
        return _consumer.Deliveries;
    }
}
