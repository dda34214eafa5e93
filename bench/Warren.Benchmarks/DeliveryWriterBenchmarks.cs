using BenchmarkDotNet.Attributes;
using Warren.Buffers;
using Warren.Core.Messages;
using Warren.Protocols.Amqp091;
using Warren.Protocols.Tests.Amqp091.InMemory;

namespace Warren.Benchmarks;

/// <summary>Step 9: basic.deliver with its content into an output whose socket takes everything; large bodies by reference.</summary>
[MemoryDiagnoser]
public class DeliveryWriterBenchmarks : IOutputSink
{
    private const int Messages = 20;

    private readonly InMemoryBroker _broker = new();
    private OutputBuffer _output = null!;
    private Message _message;

    [Params(16, 1024, 65536)]
    public int Size { get; set; }

    [GlobalSetup]
    public void Open()
    {
        _output = new OutputBuffer(this, _broker.Resources.Blocks);
        _message = _broker.CreateMessage(Size, persistent: false);
    }

    [GlobalCleanup]
    public void Close()
    {
        _output.Close();
        _message.Payload.Release();
        _broker.Dispose();
    }

    [Benchmark(OperationsPerInvoke = Messages)]
    public long Deliver()
    {
        lock (_output.Lock)
        {
            for (uint i = 1; i <= Messages; i++)
            {
                DeliveryWriter.WriteDeliver(
                    _output, 131072, 1, "amq.ctag-0123456789"u8, i, redelivered: false, _message, _message.Properties);
            }
        }

        _output.Flush();
        return _output.SentBytes;
    }

    int IOutputSink.Send(List<ArraySegment<byte>> segments)
    {
        int bytes = 0;
        foreach (ArraySegment<byte> segment in segments)
        {
            bytes += segment.Count;
        }

        return bytes;
    }

    void IOutputSink.Schedule(IThreadPoolWorkItem item) => ThreadPool.UnsafeQueueUserWorkItem(item, preferLocal: false);

    void IOutputSink.OnDrained()
    {
    }

    void IOutputSink.OnFlushed()
    {
    }

    void IOutputSink.OnFailed(Exception error) => throw new InvalidOperationException("the output gave up", error);
}
