using System.Buffers.Binary;
using Warren.Wire.Amqp091;

namespace Warren.Wire.Tests.Amqp091;

[Spec("AMQP091-4.2.4")]
public sealed class MethodTests
{
    public static TheoryData<string> Cases => [.. MethodCases.All.Select(c => c.ToString())];

    [Theory]
    [MemberData(nameof(Cases))]
    public void Every_method_is_written_as_the_specification_lays_it_out(string name)
    {
        MethodCase method = Find(name);
        byte[] arguments = Hex.Bytes(method.Arguments);
        byte[] expected = new byte[12 + arguments.Length];
        expected[0] = 1;
        BinaryPrimitives.WriteUInt16BigEndian(expected.AsSpan(1), method.Channel);
        BinaryPrimitives.WriteInt32BigEndian(expected.AsSpan(3), 4 + arguments.Length);
        BinaryPrimitives.WriteUInt32BigEndian(expected.AsSpan(7), (uint)method.Method);
        arguments.CopyTo(expected, 11);
        expected[^1] = 0xCE;
        byte[] buffer = new byte[MethodWriter.MaxSize];

        int length = method.Write(buffer);

        Assert.Equal(expected, buffer[..length]);
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public void Every_method_is_read(string name)
    {
        MethodCase method = Find(name);

        Assert.Equal(method.Text, MethodText.Of(method.Method, Hex.Bytes(method.Arguments)));
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public void Every_proper_prefix_of_the_arguments_is_a_frame_error_of_that_method(string name)
    {
        MethodCase method = Find(name);
        byte[] arguments = Hex.Bytes(method.Arguments);
        for (int length = 0; length < arguments.Length; length++)
        {
            AssertCannotDecode(method.Method, arguments[..length]);
        }
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public void A_byte_after_the_arguments_is_a_frame_error_of_that_method(string name)
    {
        MethodCase method = Find(name);

        AssertCannotDecode(method.Method, [.. Hex.Bytes(method.Arguments), 0]);
    }

    [Fact]
    public void Every_method_of_the_specification_is_among_the_cases()
    {
        Assert.Equal(
            Enum.GetValues<MethodId>().Where(m => m != MethodId.None).Order(),
            MethodCases.All.Select(c => c.Method).Distinct().Order());
    }

    [Theory]
    [InlineData("000A000B", MethodId.ConnectionStartOk)]
    [InlineData("00280033", MethodId.ExchangeUnbindOk)]
    [InlineData("003C0078", MethodId.BasicNack)]
    [InlineData("0055000A", MethodId.ConfirmSelect)]
    public void The_id_is_class_and_number(string hex, MethodId method)
    {
        Assert.Equal(method, Method.ReadId(Hex.Bytes(hex + "AA"), out ReadOnlySpan<byte> arguments));
        Assert.Equal(Hex.Bytes("AA"), arguments);
        Assert.Equal(hex, $"{method.ToClass():X4}{method.ToNumber():X4}");
    }

    [Fact]
    public void A_payload_too_short_for_an_id_is_a_frame_error()
    {
        ConnectionError error = Assert.Throws<ConnectionError>(() => Method.ReadId(Hex.Bytes("000A00"), out _));

        Assert.Equal("FRAME_ERROR - cannot decode <<0,10,0>>", error.WireText);
    }

    [Theory]
    [InlineData(MethodId.None)]
    [InlineData((MethodId)0x000A000C)]
    [InlineData((MethodId)0xFFFFFFFF)]
    public void Other_ids_are_not_known(MethodId method)
    {
        Assert.False(method.IsKnown());
    }

    [Fact]
    public void Undecodable_arguments_are_shown_and_the_method_is_named()
    {
        ConnectionError error = Assert.Throws<ConnectionError>(() => MethodText.Of(MethodId.QueueDeclare, [0, 0, 255]));

        Assert.Equal("FRAME_ERROR - cannot decode <<0,0,255>>", error.WireText);
        Assert.Equal((50, 10), (error.ClassId, error.MethodId));
    }

    [Theory]
    [InlineData("0000 00 00 00000003 016B4C", "UnknownType")]
    [InlineData("0000 00 00 00000002 056B", "Truncated")]
    [InlineData("0000 00 00 00000007 016B53 00000001", "Truncated")]
    public void A_malformed_table_is_a_syntax_error(string hex, string fault)
    {
        ConnectionError error = Assert.Throws<ConnectionError>(
            () => MethodText.Of(MethodId.QueueDeclare, Hex.Bytes(hex)));

        Assert.Equal($"SYNTAX_ERROR - malformed field table: {fault}", error.WireText);
        Assert.Equal((50, 10), (error.ClassId, error.MethodId));
    }

    [Fact]
    public void A_name_that_is_not_utf8_is_a_syntax_error()
    {
        ConnectionError error = Assert.Throws<ConnectionError>(
            () => MethodText.Of(MethodId.QueueDeclare, Hex.Bytes("0000 01 FF 00 00000000")));

        Assert.Equal("SYNTAX_ERROR - name is not valid UTF-8", error.WireText);
    }

    [Fact]
    public void A_routing_key_may_be_any_bytes()
    {
        Assert.Equal(
            "Queue=q Exchange=e RoutingKey=0xFF00 Arguments=",
            MethodText.Of(MethodId.QueueBind, Hex.Bytes("0000 01 71 01 65 02 FF00 00 00000000")));
    }

    [Fact]
    public void The_longest_names_fit_the_size_that_is_promised()
    {
        byte[] name = new byte[255];
        byte[] buffer = new byte[MethodWriter.MaxSize];
        string text = new('t', 400);

        Assert.Equal(
            MethodWriter.SizeOfDeliver(255, 255, 255), MethodWriter.WriteDeliver(buffer, 1, name, 1, true, name, name));
        Assert.Equal(
            MethodWriter.SizeOfReturn(255, 255, 255),
            MethodWriter.WriteReturn(buffer, 1, ReplyCode.NoRoute, name, name, name));
        Assert.Equal(MethodWriter.SizeOfGetOk(255, 255), MethodWriter.WriteGetOk(buffer, 1, 1, true, name, name, 1));
        Assert.Equal(
            ClientMethodWriter.SizeOfPublish(255, 255), ClientMethodWriter.WritePublish(buffer, 1, name, name));
        Assert.Equal(
            12 + 2 + 1 + 255 + 4,
            MethodWriter.WriteConnectionClose(buffer, ReplyCode.NotAllowed, text, MethodId.None));
        Assert.Equal(MethodWriter.AckSize, MethodWriter.WriteAck(buffer, 1, 1, false));
        Assert.Equal(MethodWriter.EmptySize, MethodWriter.WriteEmpty(buffer, 1, MethodId.TxSelectOk));
    }

    [Fact]
    public void A_name_longer_than_a_short_string_is_not_written()
    {
        Assert.Throws<OverflowException>(() => MethodWriter.WriteConsumeOk(new byte[1024], 1, new byte[256]));
    }

    [Fact]
    public void Start_takes_the_size_that_is_promised()
    {
        var properties = new Warren.Buffers.Fields.FieldTable();
        properties.Add("product", Warren.Buffers.Fields.FieldValue.Of(new string('p', 3000)));
        int size = MethodWriter.SizeOfConnectionStart(properties, "PLAIN AMQPLAIN"u8, "en_US"u8);

        Assert.Equal(
            size,
            MethodWriter.WriteConnectionStart(new byte[size], properties, "PLAIN AMQPLAIN"u8, "en_US"u8));
    }

    [Fact]
    public void Body_frames_and_heartbeats_are_written()
    {
        byte[] buffer = new byte[16];

        Assert.Equal(7, MethodWriter.WriteBodyFrameHeader(buffer, 0x0102, 5));
        Assert.Equal(Hex.Bytes("03 0102 00000005"), buffer[..7]);
        int length = MethodWriter.WriteBody(buffer, 0x0102, "ab"u8);
        Assert.Equal(Hex.Bytes("03 0102 00000002 6162 CE"), buffer[..length]);
        Assert.Equal(Hex.Bytes("08 0000 00000000 CE"), FrameWriter.Heartbeat);
        Assert.Equal(Hex.Bytes("414D5150 00000901"), ClientMethodWriter.ProtocolHeader);
    }

    [Fact]
    public void What_happens_per_message_allocates_nothing()
    {
        byte[] buffer = new byte[256];
        byte[] publish = Hex.Bytes("0000 01 65 03 6B6579 01");
        PerMessage(buffer, publish);
        long before = GC.GetAllocatedBytesForCurrentThread();

        PerMessage(buffer, publish);

        Assert.Equal(before, GC.GetAllocatedBytesForCurrentThread());
    }

    private static void PerMessage(byte[] buffer, byte[] publish)
    {
        var read = Warren.Wire.Amqp091.Methods.BasicPublish.Read(publish);
        MethodWriter.WriteDeliver(buffer, 1, "tag"u8, 1, false, read.Exchange, read.RoutingKey);
        MethodWriter.WriteContentHeader(buffer, 1, 5, BasicProperties.None);
        MethodWriter.WriteAck(buffer, 1, 1, true);
        MethodWriter.WriteNack(buffer, 1, 1, true, false);
        MethodWriter.WriteReturn(buffer, 1, ReplyCode.NoRoute, "NO_ROUTE"u8, read.Exchange, read.RoutingKey);
        MethodWriter.WriteGetOk(buffer, 1, 1, false, read.Exchange, read.RoutingKey, 0);
    }

    private static MethodCase Find(string name) =>
        MethodCases.All.Single(c => string.Equals(c.ToString(), name, StringComparison.Ordinal));

    private static void AssertCannotDecode(MethodId method, byte[] arguments)
    {
        ConnectionError error = Assert.Throws<ConnectionError>(() => MethodText.Of(method, arguments));

        Assert.Equal(ReplyCode.FrameError, error.Code);
        Assert.Equal($"cannot decode <<{string.Join(',', arguments)}>>", error.Message);
        Assert.Equal(method, error.Method);
    }
}
