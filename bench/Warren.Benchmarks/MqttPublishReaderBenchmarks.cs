using BenchmarkDotNet.Attributes;
using Warren.Wire.Mqtt;

namespace Warren.Benchmarks;

/// <summary>PUBLISH packets are cut out of a read and taken apart: topic checked, properties checked.</summary>
[MemoryDiagnoser]
public class MqttPublishReaderBenchmarks
{
    private const int Messages = 50;

    private byte[] _batch = [];

    [Params(16, 1024)]
    public int Size { get; set; }

    [Params(ProtocolVersion.Mqtt311, ProtocolVersion.Mqtt50)]
    public ProtocolVersion Version { get; set; }

    /// <summary>User properties in each packet of MQTT 5.0.</summary>
    [Params(0, 3)]
    public int UserProperties { get; set; }

    [GlobalSetup]
    public void Fill() => _batch = Batch();

    [Benchmark(OperationsPerInvoke = Messages)]
    public int Read()
    {
        ReadOnlySpan<byte> rest = _batch;
        int bytes = 0;
        while (PacketReader.TryRead(ref rest, Version, 1 << 20, out Packet packet))
        {
            Publish publish = Publish.Read(packet, Version);
            bytes += publish.Topic.Length + publish.Payload.Length + publish.TopicAlias;
        }

        return bytes;
    }

    private byte[] Batch()
    {
        byte[] encoded = new byte[256];
        var properties = new PropertyWriter(encoded);
        for (int i = 0; i < UserProperties; i++)
        {
            properties.User("content-encoding"u8, "identity"u8);
        }

        Publish publish = new()
        {
            QoS = QoS.AtLeastOnce,
            Topic = "sensors/house1/kitchen/temperature"u8,
            PacketIdentifier = 7,
            Properties = Properties.OfChecked(properties.Written),
            PayloadLength = Size,
        };
        byte[] batch = new byte[Messages * (Size + 512)];
        int at = 0;
        for (int i = 0; i < Messages; i++)
        {
            at += PublishWriter.WriteHead(batch.AsSpan(at), Version, publish, []) + Size;
        }

        return batch[..at];
    }
}
