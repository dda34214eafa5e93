using Warren.Wire.Amqp091;

namespace Warren.Wire.Tests.Amqp091;

[Spec("AMQP091-4.2.3")]
public sealed class FrameReaderTests
{
    private const int FrameMax = 131072;

    private static readonly byte[] Heartbeat = Hex.Bytes("08 0000 00000000 CE");
    private static readonly byte[] Body = Hex.Bytes("03 0102 00000003 AABBCC CE");

    [Fact]
    public void Whole_frame_is_read_and_consumed()
    {
        ReadOnlySpan<byte> input = (byte[])[.. Body, .. Heartbeat];

        Assert.True(FrameReader.TryRead(ref input, FrameMax, out Frame body));
        Assert.Equal(FrameType.Body, body.Type);
        Assert.Equal(0x0102, body.Channel);
        Assert.Equal(Hex.Bytes("AABBCC"), body.Payload);
        Assert.Equal(Heartbeat, input);

        Assert.True(FrameReader.TryRead(ref input, FrameMax, out Frame heartbeat));
        Assert.Equal(FrameType.Heartbeat, heartbeat.Type);
        Assert.True(heartbeat.Payload.IsEmpty);
        Assert.True(input.IsEmpty);
    }

    [Fact]
    public void Every_proper_prefix_asks_for_more_bytes()
    {
        for (int length = 0; length < Body.Length; length++)
        {
            ReadOnlySpan<byte> input = Body.AsSpan(0, length);

            Assert.False(FrameReader.TryRead(ref input, FrameMax, out _));
            Assert.Equal(length, input.Length);
        }
    }

    [Fact]
    public void Header_is_read_before_the_payload_is_there()
    {
        Assert.False(FrameReader.TryReadHeader(Body.AsSpan(0, 6), FrameMax, out _));
        Assert.True(FrameReader.TryReadHeader(Body.AsSpan(0, 7), FrameMax, out FrameHeader header));
        Assert.Equal(new FrameHeader(FrameType.Body, 0x0102, 3), header);
    }

    [Fact]
    public void Wrong_end_octet_is_a_frame_error_that_shows_the_payload()
    {
        ConnectionError error = Refused("01 0001 00000005 0014000A00 00");

        Assert.Equal(
            "FRAME_ERROR - type 1, all octets = <<0,20,0,10,0>>: {invalid_frame_end_marker,0}", error.WireText);
        Assert.Equal(ReplyCode.FrameError, error.Code);
        Assert.Equal((0, 0), (error.ClassId, error.MethodId));
    }

    [Fact]
    public void A_long_payload_is_shown_as_far_as_the_reply_text_goes()
    {
        byte[] frame = [1, 0, 1, 0, 0, 4, 0, .. new byte[1024], 0xCD];

        ConnectionError error = Assert.Throws<ConnectionError>(() => Read(frame, FrameMax));

        Assert.StartsWith("FRAME_ERROR - type 1, all octets = <<0,0,0,", error.WireText, StringComparison.Ordinal);
        Assert.Equal(255, error.WireText.Length);
    }

    [Theory]
    [InlineData("05 0001 00000000 CE", 5)]
    [InlineData("00 0001 00000000 CE", 0)]
    [InlineData("05 0001 00000000", 5)]
    [InlineData("08 0000 00000001 00 CE", 8)]
    public void Unknown_types_and_heartbeats_with_payload_are_refused_at_the_header(string hex, int type)
    {
        Assert.Equal($"FRAME_ERROR - type {type}, all octets = <<>>: unknown_frame", Refused(hex).WireText);
    }

    [Fact]
    public void A_frame_larger_than_negotiated_is_refused_at_the_header()
    {
        Assert.Equal(
            "FRAME_ERROR - type 1, all octets = <<>>: {frame_too_large,200000,131064}",
            Refused("01 0001 00030D40").WireText);
        Assert.Equal(
            "FRAME_ERROR - type 3, all octets = <<>>: {frame_too_large,4294967295,131064}",
            Refused("03 0001 FFFFFFFF").WireText);
    }

    [Fact]
    public void The_largest_frame_negotiated_is_read_and_one_byte_more_refused()
    {
        byte[] largest = [3, 0, 1, 0, 0, 0x0F, 0xF8, .. new byte[4088], 0xCE];
        ReadOnlySpan<byte> input = largest;

        Assert.True(FrameReader.TryRead(ref input, frameMax: 4096, out Frame frame));
        Assert.Equal(4088, frame.Payload.Length);

        largest[6]++;
        Assert.Throws<ConnectionError>(() => Read(largest, 4096));
    }

    [Fact]
    public void The_end_octet_of_a_payload_in_pieces_is_checked_alone()
    {
        FrameReader.CheckEnd(0xCE, FrameType.Body, []);

        ConnectionError error = Assert.Throws<ConnectionError>(() => FrameReader.CheckEnd(1, FrameType.Body, []));
        Assert.Equal("FRAME_ERROR - type 3, all octets = <<>>: {invalid_frame_end_marker,1}", error.WireText);
    }

    [Fact]
    public void Any_split_of_a_stream_gives_the_same_frames()
    {
        byte[] stream = [.. Body, .. Heartbeat, .. Body];

        for (int split = 0; split <= stream.Length; split++)
        {
            var seen = new List<string>();
            ReadOnlySpan<byte> first = stream.AsSpan(0, split);
            ReadAll(ref first, seen);
            ReadOnlySpan<byte> second = (byte[])[.. first, .. stream.AsSpan(split)];
            ReadAll(ref second, seen);

            Assert.Equal(["Body 258 AABBCC", "Heartbeat 0 ", "Body 258 AABBCC"], seen);
            Assert.True(second.IsEmpty);
        }
    }

    private static void ReadAll(ref ReadOnlySpan<byte> input, List<string> seen)
    {
        while (FrameReader.TryRead(ref input, FrameMax, out Frame frame))
        {
            seen.Add($"{frame.Type} {frame.Channel} {Convert.ToHexString(frame.Payload)}");
        }
    }

    private static ConnectionError Refused(string hex) =>
        Assert.Throws<ConnectionError>(() => Read(Hex.Bytes(hex), FrameMax));

    private static bool Read(byte[] bytes, int frameMax)
    {
        ReadOnlySpan<byte> input = bytes;
        return FrameReader.TryRead(ref input, frameMax, out _);
    }
}
