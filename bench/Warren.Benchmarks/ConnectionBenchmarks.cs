using BenchmarkDotNet.Attributes;
using Warren.Buffers.Scheduling;
using Warren.Protocols.Tests.Amqp091.InMemory;
using Warren.Transport;
using Warren.Transport.InMemory;

namespace Warren.Benchmarks;

/// <summary>Step 1: a read batch through the read loop to a session that takes it whole; figures are for one message of it.</summary>
[MemoryDiagnoser]
public class ConnectionBenchmarks
{
    private const int Messages = 50; // of 1 KiB: less than one read

    private readonly InMemoryBroker _broker = new();
    private readonly byte[] _batch = ClientFrames.Publishes(Messages, ""u8, "q"u8, 1024, persistent: false);
    private InMemoryConnection _connection = null!;

    [GlobalSetup]
    public void Open() => _connection = new InMemoryConnection(new TakingProtocol(), _broker.Resources);

    [GlobalCleanup]
    public void Close()
    {
        _connection.Dispose();
        _broker.Dispose();
    }

    [Benchmark(OperationsPerInvoke = Messages)]
    public long Read_batch()
    {
        _connection.Send(_batch);
        return _connection.Connection.BytesReceived;
    }

    private sealed class TakingProtocol : IProtocol, IProtocolSession
    {
        public string Name => "taking";

        public IProtocolSession Accept(Connection connection) => this;

        public int Consume(ReadOnlySpan<byte> unread) => unread.Length;

        public void OnReadBatchEnd()
        {
        }

        public void OnDrained()
        {
        }

        public void OnTick(Uptime now)
        {
        }

        public void OnClosed(Exception? error)
        {
        }
    }
}
