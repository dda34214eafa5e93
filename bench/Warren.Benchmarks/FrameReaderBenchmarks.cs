using BenchmarkDotNet.Attributes;
using Warren.Protocols.Tests.Amqp091.InMemory;
using Warren.Wire.Amqp091;

namespace Warren.Benchmarks;

/// <summary>Step 2: the three frames of a published message are cut out of a read.</summary>
[MemoryDiagnoser]
public class FrameReaderBenchmarks
{
    private const int Messages = 50;

    private byte[] _batch = [];

    [Params(16, 1024)]
    public int Size { get; set; }

    [GlobalSetup]
    public void Fill() => _batch = ClientFrames.Publishes(Messages, "amq.topic"u8, "k000001.a.x"u8, Size, persistent: false);

    [Benchmark(OperationsPerInvoke = Messages)]
    public int Three_frames()
    {
        ReadOnlySpan<byte> rest = _batch;
        int bytes = 0;
        while (FrameReader.TryRead(ref rest, 131072, out Frame frame))
        {
            bytes += frame.Payload.Length;
        }

        return bytes;
    }
}
