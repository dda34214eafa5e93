using BenchmarkDotNet.Attributes;
using Warren.Protocols.Amqp091;
using Warren.Protocols.Tests.Amqp091.InMemory;
using Warren.Wire.Amqp091;

namespace Warren.Benchmarks;

/// <summary>Step 3 (with 4 and 5): method, header and body become one message, which finds no queue.</summary>
/// <remarks>A slab is an object of 40 bytes for 64 KiB of messages: half a byte each at 1 KiB.</remarks>
[MemoryDiagnoser]
public class ChannelPublisherBenchmarks
{
    private const int Messages = 50;

    private readonly InMemoryBroker _broker = new();
    private InMemoryClient _client = null!;
    private Channel _channel = null!;
    private byte[] _batch = [];

    [Params(16, 1024)]
    public int Size { get; set; }

    [GlobalSetup]
    public void Open()
    {
        _client = _broker.Connect();
        _channel = new Channel(_client.Session, 1);
        _batch = ClientFrames.Publishes(Messages, "amq.direct"u8, "nobody"u8, Size, persistent: false);
    }

    [GlobalCleanup]
    public void Close()
    {
        _client.Dispose();
        _broker.Dispose();
    }

    [Benchmark(OperationsPerInvoke = Messages)]
    public int Three_frames_to_a_message()
    {
        ReadOnlySpan<byte> rest = _batch;
        while (FrameReader.TryRead(ref rest, 131072, out Frame frame))
        {
            if (frame.Type != FrameType.Body)
            {
                _channel.OnFrame(frame);
                continue;
            }

            _channel.OnBodyFrame();
            _channel.OnBodyPart(frame.Payload);
            _channel.OnBodyFrameEnd();
        }

        return rest.Length;
    }
}
