using Warren.Buffers.Fields;
using Warren.Wire.Amqp091;

namespace Warren.Wire.Tests.Amqp091;

[Spec("AMQP091-4.2.6.1")]
public sealed class ContentHeaderTests
{
    // class 60, weight 0, body size 5
    private const string Fixed = "003C 0000 0000000000000005";

    private static readonly BasicPropertyValues Everything = new()
    {
        ContentType = "text/plain",
        ContentEncoding = "gzip",
        Headers = Table("h", FieldValue.Of("v")),
        DeliveryMode = 2,
        Priority = 9,
        CorrelationId = "corr",
        ReplyTo = "reply",
        Expiration = "60000",
        MessageId = "id",
        Timestamp = 0x0102030405060708,
        Type = "type",
        UserId = "guest",
        AppId = "app",
        ClusterId = "cluster",
    };

    [Fact]
    public void A_header_without_properties_is_read()
    {
        var header = ContentHeader.Read(Hex.Bytes(Fixed + "0000"));

        Assert.Equal(60, header.ClassId);
        Assert.Equal(5UL, header.BodySize);
        Assert.Equal(Hex.Bytes("0000"), header.Properties);
        Assert.False(header.Basic.Has(BasicProperty.Headers));
        Assert.True(header.Basic.Headers.IsEmpty);
        Assert.False(header.Basic.IsPersistent);
    }

    [Fact]
    public void A_typical_header_is_read()
    {
        // content-type "t", delivery-mode 2
        var header = ContentHeader.Read(Hex.Bytes(Fixed + "9000 0174 02"));

        Assert.Equal("t"u8, header.Basic.ContentType);
        Assert.True(header.Basic.IsPersistent);
        Assert.Equal(Hex.Bytes("9000 0174 02"), header.Properties);
    }

    [Fact]
    public void Every_property_is_found()
    {
        byte[] encoded = BasicPropertiesWriter.Write(Everything);

        var all = BasicProperties.Read(encoded);

        Assert.Equal(Hex.Bytes("FFFC"), encoded[..2]);
        foreach (BasicProperty property in Enum.GetValues<BasicProperty>())
        {
            Assert.True(all.Has(property));
        }

        Assert.Equal("text/plain"u8, all.ContentType);
        Assert.Equal("gzip"u8, all.ContentEncoding);
        Assert.Equal(Hex.Bytes("01 68 53 00000001 76"), all.Headers);
        Assert.Equal(2, all.DeliveryMode);
        Assert.Equal(9, all.Priority);
        Assert.Equal("corr"u8, all.CorrelationId);
        Assert.Equal("reply"u8, all.ReplyTo);
        Assert.Equal("60000"u8, all.Expiration);
        Assert.Equal("id"u8, all.MessageId);
        Assert.Equal(0x0102030405060708UL, all.Timestamp);
        Assert.Equal("type"u8, all.Type);
        Assert.Equal("guest"u8, all.UserId);
        Assert.Equal("app"u8, all.AppId);
        Assert.Equal("cluster"u8, all.ClusterId);
        Assert.Equal(Hex.Bytes("0161"), BasicProperties.Read(Hex.Bytes("0008 0161")).Raw(BasicProperty.AppId));
    }

    [Fact]
    public void Every_combination_of_properties_is_read_back()
    {
        for (int combination = 0; combination < 1 << 14; combination++)
        {
            byte[] encoded = BasicPropertiesWriter.Write(Some(combination));

            var read = BasicProperties.Read(encoded);

            int seen = 0;
            for (int i = 0; i < 14; i++)
            {
                seen |= read.Has((BasicProperty)i) ? 1 << i : 0;
                Assert.Equal(read.Has((BasicProperty)i), !read.Raw((BasicProperty)i).IsEmpty);
            }

            Assert.Equal(combination, seen);
            Assert.Equal((combination & 1) != 0, read.ContentType.SequenceEqual("text/plain"u8));
            Assert.Equal((combination & 0x200) != 0 ? 0x0102030405060708UL : 0, read.Timestamp);
            Assert.Equal((combination & 0x2000) != 0, read.ClusterId.SequenceEqual("cluster"u8));
        }
    }

    [Fact]
    public void Every_proper_prefix_is_refused()
    {
        byte[] payload = [.. Hex.Bytes(Fixed), .. BasicPropertiesWriter.Write(Everything)];
        for (int length = 0; length < payload.Length; length++)
        {
            byte[] prefix = payload[..length];

            ConnectionError error = Assert.Throws<ConnectionError>(() => Read(prefix));

            Assert.Equal(length < 12 ? ReplyCode.FrameError : ReplyCode.SyntaxError, error.Code);
        }
    }

    [Theory]
    [InlineData("0000 00", "left-over byte")]
    [InlineData("0001", "continuation flag")]
    [InlineData("0002", "unused flag")]
    [InlineData("2000 FFFFFFFF", "headers longer than the frame")]
    [InlineData("2000 7FFFFFFF", "headers longer than the frame")]
    [InlineData("3000 FFFFFFFF", "headers whose length wraps around to the octet behind them")]
    [InlineData("2000 00000003 016B4C", "unknown field type")]
    [InlineData("2000 00000001 05", "truncated field")]
    public void Malformed_properties_are_a_syntax_error(string hex, string what)
    {
        ConnectionError error = Assert.Throws<ConnectionError>(() => Read(Hex.Bytes(Fixed + hex)));

        Assert.True(error.Code == ReplyCode.SyntaxError, what);
        Assert.Equal((60, 40), (error.ClassId, error.MethodId));
    }

    [Fact]
    public void Another_class_is_an_unexpected_frame()
    {
        Assert.Equal(
            "UNEXPECTED_FRAME - expected content header for class 60, got one for class 50 instead",
            Assert.Throws<ConnectionError>(() => Read(Hex.Bytes("0032 0000 0000000000000000 0000"))).WireText);
        Assert.Equal(
            "UNEXPECTED_FRAME - expected content header for class 60, got non content header frame instead",
            Assert.Throws<ConnectionError>(() => Read(Hex.Bytes("003C 0001 0000000000000000 0000"))).WireText);
    }

    [Fact]
    public void The_body_size_is_any_unsigned_64_bit_number()
    {
        Assert.Equal(ulong.MaxValue, ContentHeader.Read(Hex.Bytes("003C 0000 FFFFFFFFFFFFFFFF 0000")).BodySize);
    }

    [Fact]
    public void A_written_content_header_is_read_back()
    {
        byte[] properties = BasicPropertiesWriter.Write(Everything);
        byte[] buffer = new byte[MethodWriter.SizeOfContentHeader(properties.Length)];

        int length = MethodWriter.WriteContentHeader(buffer, 7, 42, properties);

        Assert.Equal(buffer.Length, length);
        ReadOnlySpan<byte> input = buffer;
        Assert.True(FrameReader.TryRead(ref input, 4096, out Frame frame));
        Assert.Equal(FrameType.Header, frame.Type);
        Assert.Equal(7, frame.Channel);
        var header = ContentHeader.Read(frame.Payload);
        Assert.Equal(42UL, header.BodySize);
        Assert.Equal(properties, header.Properties);
    }

    [Fact]
    public void Headers_are_replaced_and_the_rest_is_kept()
    {
        byte[] properties = BasicPropertiesWriter.Write(Everything);
        FieldTable headers = Table("other", FieldValue.Of(1));

        byte[] replaced = BasicPropertiesWriter.Replace(properties, headers, keepExpiration: true);

        Assert.Equal(BasicPropertiesWriter.Write(Everything with { Headers = headers }), replaced);
    }

    [Fact]
    public void Headers_are_added_and_the_expiration_is_left_out()
    {
        byte[] properties = BasicPropertiesWriter.Write(Everything with { Headers = null });
        FieldTable headers = Table("x-death", FieldValue.Of(1));

        byte[] replaced = BasicPropertiesWriter.Replace(properties, headers, keepExpiration: false);

        Assert.Equal(BasicPropertiesWriter.Write(Everything with { Headers = headers, Expiration = null }), replaced);
    }

    [Fact]
    public void No_headers_given_leaves_them_as_they_are()
    {
        byte[] properties = BasicPropertiesWriter.Write(Everything);

        Assert.Equal(properties, BasicPropertiesWriter.Replace(properties, headers: null, keepExpiration: true));
        Assert.Equal(
            BasicPropertiesWriter.Write(Everything with { Expiration = null }),
            BasicPropertiesWriter.Replace(properties, headers: null, keepExpiration: false));
    }

    [Fact]
    public void Reply_to_is_replaced_or_added()
    {
        byte[] expected = BasicPropertiesWriter.Write(Everything with { ReplyTo = "amq.rabbitmq.reply-to.token" });

        Assert.Equal(
            expected,
            BasicPropertiesWriter.ReplaceReplyTo(
                BasicPropertiesWriter.Write(Everything), "amq.rabbitmq.reply-to.token"u8));
        Assert.Equal(
            expected,
            BasicPropertiesWriter.ReplaceReplyTo(
                BasicPropertiesWriter.Write(Everything with { ReplyTo = null }), "amq.rabbitmq.reply-to.token"u8));
    }

    [Fact]
    public void Long_texts_are_cut_to_short_strings()
    {
        byte[] encoded = BasicPropertiesWriter.Write(new BasicPropertyValues { Type = new string('t', 300) });

        Assert.Equal(255, BasicProperties.Read(encoded).Type.Length);
    }

    [Fact]
    public void Reading_a_header_allocates_nothing()
    {
        byte[] payload = [.. Hex.Bytes(Fixed), .. BasicPropertiesWriter.Write(Everything)];
        _ = ContentHeader.Read(payload);
        long before = GC.GetAllocatedBytesForCurrentThread();

        _ = ContentHeader.Read(payload);

        Assert.Equal(before, GC.GetAllocatedBytesForCurrentThread());
    }

    private static void Read(byte[] payload) => ContentHeader.Read(payload);

    private static FieldTable Table(string name, FieldValue value)
    {
        var table = new FieldTable();
        table.Add(name, value);
        return table;
    }

    private static BasicPropertyValues Some(int combination) => new()
    {
        ContentType = (combination & 1) != 0 ? Everything.ContentType : null,
        ContentEncoding = (combination & 2) != 0 ? Everything.ContentEncoding : null,
        Headers = (combination & 4) != 0 ? Everything.Headers : null,
        DeliveryMode = (combination & 8) != 0 ? Everything.DeliveryMode : null,
        Priority = (combination & 0x10) != 0 ? Everything.Priority : null,
        CorrelationId = (combination & 0x20) != 0 ? Everything.CorrelationId : null,
        ReplyTo = (combination & 0x40) != 0 ? Everything.ReplyTo : null,
        Expiration = (combination & 0x80) != 0 ? Everything.Expiration : null,
        MessageId = (combination & 0x100) != 0 ? Everything.MessageId : null,
        Timestamp = (combination & 0x200) != 0 ? Everything.Timestamp : null,
        Type = (combination & 0x400) != 0 ? Everything.Type : null,
        UserId = (combination & 0x800) != 0 ? Everything.UserId : null,
        AppId = (combination & 0x1000) != 0 ? Everything.AppId : null,
        ClusterId = (combination & 0x2000) != 0 ? Everything.ClusterId : null,
    };
}
