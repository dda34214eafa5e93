using Warren.Wire.Mqtt;

namespace Warren.Wire.Tests.Mqtt;

[Spec("MQTT-2.1.3-1")]
public sealed class PacketReaderTests
{
    private static readonly byte[] PingReq = Hex.Bytes("C0 00");
    private static readonly byte[] Message = Hex.Bytes("30 05 0001 61 6869");

    [Fact]
    public void Packets_are_read_one_after_the_other_and_consumed()
    {
        ReadOnlySpan<byte> input = (byte[])[.. Message, .. PingReq, 0x30];

        Assert.True(PacketReader.TryRead(ref input, ProtocolVersion.Mqtt311, 1000, out Packet message));
        Assert.Equal(PacketType.Publish, message.Type);
        Assert.Equal(Hex.Bytes("0001 61 6869"), message.Body);
        Assert.True(PacketReader.TryRead(ref input, ProtocolVersion.Mqtt311, 1000, out Packet ping));
        Assert.Equal(PacketType.PingReq, ping.Type);
        Assert.False(PacketReader.TryRead(ref input, ProtocolVersion.Mqtt311, 1000, out _));
        Assert.Equal(1, input.Length);
    }

    [Fact]
    public void The_largest_packet_allowed_is_read_and_one_byte_more_refused_at_the_header()
    {
        ReadOnlySpan<byte> input = Message;
        Assert.True(PacketReader.TryRead(ref input, ProtocolVersion.Mqtt50, Message.Length, out _));

        PacketError error = Assert.Throws<PacketError>(() => Header("30 06", 7));
        Assert.Equal(ReasonCode.PacketTooLarge, error.Code);
        Assert.Equal("Publish: 8 bytes, 7 are allowed", error.Message);
    }

    [Fact]
    [Spec("MQTT-1.5.5-1")]
    public void The_largest_length_of_the_protocol_is_read_without_its_bytes()
    {
        PacketHeader header = Header("30 FFFFFF7F", PacketReader.MaxPacketSize);

        Assert.Equal(new PacketHeader(PacketType.Publish, 0, 5, 268_435_455), header);
        Assert.Equal(PacketReader.MaxPacketSize, header.PacketSize);
    }

    [Theory]
    [InlineData("30 00", 0)]
    [InlineData("30 7F", 127)]
    [InlineData("30 8001", 128)]
    [InlineData("30 FF7F", 16_383)]
    [InlineData("30 808001", 16_384)]
    [InlineData("30 FFFF7F", 2_097_151)]
    [InlineData("30 80808001", 2_097_152)]
    [Spec("MQTT-1.5.5-1")]
    public void Lengths_at_the_borders_of_their_encodings(string hex, int length)
    {
        Assert.Equal(length, Header(hex, PacketReader.MaxPacketSize).RemainingLength);

        byte[] written = new byte[VariableByteInteger.MaxSize];
        Assert.Equal(Hex.Bytes(hex)[1..], written[..VariableByteInteger.Write(written, length)]);
        Assert.Equal(Hex.Bytes(hex).Length - 1, VariableByteInteger.SizeOf(length));
    }

    [Fact]
    public void Bad_flags_are_refused_at_the_first_byte()
    {
        Assert.Equal(ReasonCode.MalformedPacket, Assert.Throws<PacketError>(() => Header("C1", 10)).Code);
    }

    [Fact]
    public void Before_the_version_is_known_any_packet_is_cut_out_by_the_strict_rules()
    {
        ReadOnlySpan<byte> auth = Hex.Bytes("F0 00");

        Assert.True(PacketReader.TryRead(ref auth, ProtocolVersion.None, 10, out Packet packet));
        Assert.Equal(PacketType.Auth, packet.Type);
    }

    [Fact]
    public void A_head_larger_than_allowed_is_refused_before_it_is_there()
    {
        // Topic a, and one kilobyte of properties announced.
        byte[] body = Hex.Bytes("0001 61 8008");
        var header = new PacketHeader(PacketType.Publish, 0, 3, 2000);

        Assert.False(Publish.TryReadHead(body, header, ProtocolVersion.Mqtt50, 1029, out _));
        PacketError error = Assert.Throws<PacketError>(
            () => Publish.TryReadHead(body, header, ProtocolVersion.Mqtt50, 1028, out _));
        Assert.Equal(ReasonCode.PacketTooLarge, error.Code);
    }

    [Fact]
    public void A_topic_that_cannot_fit_is_refused_before_it_is_there()
    {
        var header = new PacketHeader(PacketType.Publish, 0, 2, 20);

        PacketError error = Assert.Throws<PacketError>(
            () => Publish.TryReadHead(Hex.Bytes("0013"), header, ProtocolVersion.Mqtt311, 1000, out _));
        Assert.Equal(ReasonCode.MalformedPacket, error.Code);
    }

    [Fact]
    public void Bytes_behind_the_packet_are_no_payload()
    {
        var header = new PacketHeader(PacketType.Publish, 0, 2, 4);

        Assert.True(Publish.TryReadHead(
            Hex.Bytes("0001 61 68 C000"), header, ProtocolVersion.Mqtt311, 1000, out Publish publish));
        Assert.Equal("h"u8, publish.Payload);
        Assert.Equal(1, publish.PayloadLength);
    }

    private static PacketHeader Header(string hex, int maxPacketSize)
    {
        Assert.True(PacketReader.TryReadHeader(
            Hex.Bytes(hex), ProtocolVersion.Mqtt50, maxPacketSize, out PacketHeader header));
        return header;
    }
}
