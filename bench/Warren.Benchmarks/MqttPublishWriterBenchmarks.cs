using BenchmarkDotNet.Attributes;
using Warren.Buffers;
using Warren.Wire.Mqtt;

namespace Warren.Benchmarks;

/// <summary>PUBLISH packets go into an output whose socket takes everything; large payloads by reference.</summary>
[MemoryDiagnoser]
public class MqttPublishWriterBenchmarks : IOutputSink
{
    private const int Messages = 20;

    private readonly BlockPool _blocks = new();
    private readonly SlabPool _slabs = new();
    private readonly byte[] _properties = new byte[256];
    private int _propertyLength;
    private OutputBuffer _output = null!;
    private Payload _payload;

    [Params(16, 1024, 65536)]
    public int Size { get; set; }

    [Params(ProtocolVersion.Mqtt311, ProtocolVersion.Mqtt50)]
    public ProtocolVersion Version { get; set; }

    [GlobalSetup]
    public void Open()
    {
        _output = new OutputBuffer(this, _blocks);
        _payload = _slabs.Allocate(Size);
        var properties = new PropertyWriter(_properties);
        properties.User("content-encoding"u8, "identity"u8);
        _propertyLength = properties.Written.Length;
    }

    [GlobalCleanup]
    public void Close()
    {
        _output.Close();
        _payload.Release();
        _slabs.Dispose();
    }

    [Benchmark(OperationsPerInvoke = Messages)]
    public long Write()
    {
        lock (_output.Lock)
        {
            for (ushort i = 1; i <= Messages; i++)
            {
                Publish publish = new()
                {
                    QoS = QoS.AtLeastOnce,
                    Topic = "sensors/house1/kitchen/temperature"u8,
                    PacketIdentifier = i,
                    Properties = Properties.OfChecked(_properties.AsSpan(0, _propertyLength)),
                };
                PublishWriter.Write(_output, Version, publish, [(byte)PropertyId.SubscriptionIdentifier, 1], _payload);
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
