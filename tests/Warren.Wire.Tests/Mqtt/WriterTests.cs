using Warren.Buffers;
using Warren.Wire.Mqtt;

namespace Warren.Wire.Tests.Mqtt;

public sealed class WriterTests
{
    private static readonly byte[] UserProperty = Hex.Bytes("26 0001 6B 0001 76");

    [Theory]
    [InlineData(100, "40 11 000A 97 0D 1F 0003 776879 26 0001 6B 0001 76")]
    [InlineData(19, "40 11 000A 97 0D 1F 0003 776879 26 0001 6B 0001 76")]
    [InlineData(18, "40 0A 000A 97 06 1F 0003 776879")]
    [InlineData(12, "40 0A 000A 97 06 1F 0003 776879")]
    [InlineData(11, "40 03 000A 97")]
    [InlineData(5, "40 03 000A 97")]
    [InlineData(4, "")]
    [Spec("MQTT-3.4.2-2")]
    [Spec("MQTT-3.4.2-3")]
    [Spec("MQTT-3.1.2-24")]
    public void What_is_optional_goes_first_when_the_client_takes_little(int maxPacketSize, string hex)
    {
        OptionalProperties optional = new() { ReasonString = "why"u8, UserProperties = UserProperty };
        byte[] buffer = new byte[100];

        int length = PacketWriter.WriteAcknowledgement(
            buffer, ProtocolVersion.Mqtt50, PacketType.PubAck, 10, ReasonCode.QuotaExceeded, optional, maxPacketSize);

        Assert.Equal(Hex.Bytes(hex), buffer[..length]);
    }

    [Theory]
    [InlineData(21, "20 13 00 00 10 21 000A 1F 0003 776879 26 0001 6B 0001 76")]
    [InlineData(20, "20 0C 00 00 09 21 000A 1F 0003 776879")]
    [InlineData(13, "20 06 00 00 03 21 000A")]
    [InlineData(8, "20 06 00 00 03 21 000A")]
    [InlineData(7, "")]
    [Spec("MQTT-3.2.2-19")]
    [Spec("MQTT-3.2.2-20")]
    public void What_has_to_be_said_stays_or_the_packet_is_not_sent(int maxPacketSize, string hex)
    {
        OptionalProperties optional = new() { ReasonString = "why"u8, UserProperties = UserProperty };
        byte[] buffer = new byte[100];

        int length = PacketWriter.WriteConnAck(
            buffer, ProtocolVersion.Mqtt50, false, ReasonCode.Success, Hex.Bytes("21 000A"), optional, maxPacketSize);

        Assert.Equal(Hex.Bytes(hex), buffer[..length]);
        Assert.True(PacketWriter.SizeOf(3, optional) >= length);
    }

    [Fact]
    public void Older_clients_get_neither_reasons_nor_properties()
    {
        OptionalProperties optional = new() { ReasonString = "why"u8 };
        byte[] buffer = new byte[100];
        const ProtocolVersion Old = ProtocolVersion.Mqtt311;

        Assert.Equal(Hex.Bytes("40 02 000A"), buffer[..PacketWriter.WriteAcknowledgement(
            buffer, Old, PacketType.PubAck, 10, ReasonCode.QuotaExceeded, optional)]);
        Assert.Equal(Hex.Bytes("62 02 000A"), buffer[..PacketWriter.WriteAcknowledgement(
            buffer, Old, PacketType.PubRel, 10)]);
        Assert.Equal(Hex.Bytes("20 02 00 04"), buffer[..PacketWriter.WriteConnAck(
            buffer, Old, true, ReasonCode.BadUserNameOrPassword, Hex.Bytes("21 000A"), optional)]);
        Assert.Equal(Hex.Bytes("90 04 000A 01 80"), buffer[..PacketWriter.WriteSubAck(
            buffer, Old, 10, [ReasonCode.GrantedQoS1, ReasonCode.NotAuthorized], optional)]);
        Assert.Equal(Hex.Bytes("B0 02 000A"), buffer[..PacketWriter.WriteUnsubAck(
            buffer, Old, 10, [ReasonCode.Success], optional)]);
        Assert.Equal(0, PacketWriter.WriteDisconnect(buffer, Old, ReasonCode.ServerBusy, [], optional));
    }

    [Fact]
    [Spec("MQTT-3.1.2-24")]
    public void The_size_that_is_told_is_the_size_that_is_written()
    {
        foreach (ProtocolVersion version in (ProtocolVersion[])[ProtocolVersion.Mqtt311, ProtocolVersion.Mqtt50])
        {
            foreach (QoS qos in Enum.GetValues<QoS>())
            {
                foreach (int size in (int[])[0, 1, 100, 120, 127, 128, 16_380, 20_000, 70_000])
                {
                    byte[] written = Written(version, qos, "a/b"u8, UserProperty, Hex.Bytes("0B 05"), size);

                    Assert.Equal(written.Length, PublishWriter.SizeOf(version, qos, 3, UserProperty.Length + 2, size));
                    Assert.Equal(
                        written.Length - size, PublishWriter.SizeOfHead(version, qos, 3, UserProperty.Length + 2, size));
                }
            }
        }

        Assert.Equal(
            long.MaxValue, PublishWriter.SizeOf(ProtocolVersion.Mqtt311, QoS.AtMostOnce, 10, 0, 268_435_455));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(5)]
    [InlineData(PublishWriter.ByReference - 1)]
    [InlineData(PublishWriter.ByReference)]
    [InlineData(300_000)]
    public void A_written_publish_is_read_again(int size)
    {
        byte[] written = Written(ProtocolVersion.Mqtt50, QoS.AtLeastOnce, "a/b"u8, UserProperty, Hex.Bytes("0B 05 0B 06"), size);

        CheckPublish(written, "a/b"u8, size, UserProperty);
    }

    [Theory]
    [InlineData(5)]
    [InlineData(PublishWriter.ByReference)]
    public void A_head_longer_than_a_block_is_written_in_pieces(int size)
    {
        byte[] topic = [.. Enumerable.Repeat((byte)'t', Utf8Text.MaxLength)];
        byte[] properties = new byte[1 + 2 + 60_000];
        var writer = new PropertyWriter(properties);
        writer.Text(PropertyId.CorrelationData, new byte[60_000]);
        byte[] written = Written(ProtocolVersion.Mqtt50, QoS.AtLeastOnce, topic, properties, Hex.Bytes("0B 05 0B 06"), size);

        CheckPublish(written, topic, size, properties);
    }

    private static void CheckPublish(byte[] written, ReadOnlySpan<byte> topic, int size, byte[] properties)
    {
        ReadOnlySpan<byte> input = written;
        Assert.True(PacketReader.TryRead(ref input, ProtocolVersion.Mqtt50, PacketReader.MaxPacketSize, out Packet packet));
        Assert.True(input.IsEmpty);
        Publish publish = Publish.Read(packet, ProtocolVersion.Mqtt50, PacketSender.Server);
        Assert.Equal(topic, publish.Topic);
        Assert.Equal(0x1234, publish.PacketIdentifier);
        Assert.Equal((byte[])[.. properties, .. Hex.Bytes("0B 05 0B 06")], publish.Properties.Encoded);
        Assert.Equal(size, publish.Payload.Length);
        Assert.Equal(-1, publish.Payload.IndexOfAnyExcept((byte)'p'));
    }

    private static byte[] Written(
        ProtocolVersion version, QoS qos, ReadOnlySpan<byte> topic, byte[] properties, byte[] added, int size)
    {
        var sink = new CollectingSink();
        var output = new OutputBuffer(sink, new BlockPool());
        using var slabs = new SlabPool();
        Payload payload = slabs.Allocate(size);
        payload.Writable.Fill((byte)'p');
        Publish publish = new()
        {
            QoS = qos,
            Topic = topic,
            PacketIdentifier = 0x1234,
            Properties = Properties.OfChecked(properties),
        };
        lock (output.Lock)
        {
            PublishWriter.Write(output, version, publish, added, payload);
        }

        output.Flush();
        payload.Release();
        return sink.Sent;
    }
}
