using System.Text;
using Warren.Buffers;
using Warren.Buffers.Fields;
using Warren.Core.Exchanges;
using Warren.Core.Messages;
using Warren.Core.Routing;
using Warren.Protocols.Amqp091;
using Warren.Protocols.Mqtt;
using Warren.Protocols.Tests.Mqtt.InMemory;
using Warren.Wire.Mqtt;
using Warren.Wire.Tests;
using Xunit;

namespace Warren.Protocols.Tests.Mqtt;

/// <summary>What other protocols let into a message and MQTT does not: a client must not be cut off because of it.</summary>
public sealed class ForeignMessageTests
{
    [Theory]
    [InlineData("7", "eight", "CorrelationData=7 x-correlation-id:eight")]
    [InlineData(null, "eight", "CorrelationData=eight")]
    [InlineData("7", null, "CorrelationData=7")]
    public void Correlation_is_said_once_and_the_header_beside_it_is_a_user_property(string? property, string? header, string expected)
    {
        FieldTable headers = header is null ? new FieldTable() : Headers(("x-correlation-id", Bytes(header)));

        Assert.Equal(expected, Converted(new MessageProperties { CorrelationId = property, Headers = headers }));
    }

    [Fact]
    public void Of_two_headers_of_one_name_the_first_counts()
    {
        FieldTable headers = Headers(
            ("x-reply-to-topic", "a.b"u8.ToArray()),
            ("x-reply-to-topic", "c.d"u8.ToArray()),
            ("x-correlation-id", "1"u8.ToArray()),
            ("x-correlation-id", "2"u8.ToArray()));

        Assert.Equal(
            "ResponseTopic=a/b x-reply-to-topic:c.d CorrelationData=1 x-correlation-id:2",
            Converted(new MessageProperties { Headers = headers }));
    }

    [Fact]
    public void Reply_topic_that_is_none_is_a_user_property_when_it_is_text_and_the_next_one_counts()
    {
        FieldTable headers = Headers(
            ("x-reply-to-topic", "a.#"u8.ToArray()),
            ("x-reply-to-topic", [0xFF]),
            ("x-reply-to-topic", []),
            ("x-reply-to-topic", "a"u8.ToArray()));

        Assert.Equal(
            "x-reply-to-topic:a.# x-reply-to-topic: ResponseTopic=a", Converted(new MessageProperties { Headers = headers }));
    }

    [Fact]
    [Spec("MQTT-1.5.4-2")]
    public void Text_with_the_null_character_is_left_out()
    {
        FieldTable headers = Headers(("a\0", "x"u8.ToArray()), ("b", "y\0"u8.ToArray()), ("c", "z"u8.ToArray()));

        Assert.Equal("c:z", Converted(new MessageProperties { ContentType = "text\0", Headers = headers }));
    }

    [Fact]
    public void What_is_too_long_for_a_property_is_left_out()
    {
        byte[] tooLong = new byte[ushort.MaxValue + 1];
        tooLong.AsSpan().Fill((byte)'a');
        FieldTable headers = Headers(
            ("x-reply-to-topic", tooLong), ("x-correlation-id", tooLong), ("b", tooLong), (Encoding.UTF8.GetString(tooLong), []));

        Assert.Equal("", Converted(new MessageProperties { ContentType = Encoding.UTF8.GetString(tooLong), Headers = headers }));
    }

    [Theory]
    [InlineData("FF")]
    [InlineData("61C0")]
    [InlineData("6100")]
    [Spec("MQTT-1.5.4-1")]
    public void Message_whose_routing_key_is_no_text_does_not_reach_a_client(string key)
    {
        using var broker = new MqttBroker();
        MqttClient client = broker.Connect50("c");
        client.Subscribe("#", 1);

        Publish(broker, Convert.FromHexString(key));
        Publish(broker, "good"u8);

        Assert.Equal("PUBLISH q1 #1 good 'x'", client.Receive());
        client.Acknowledge(PacketType.PubAck, 1);
        Assert.Empty(client.ReceiveUntilPing());
    }

    [Fact]
    public void Reason_that_is_no_text_or_too_long_is_not_given()
    {
        Assert.Empty(ControlPackets.ReasonString("refused: \0"));
        Assert.Empty(ControlPackets.ReasonString(new string('a', 2000)));
        Assert.Equal("refused"u8, ControlPackets.ReasonString("refused"));
    }

    [Fact]
    public void Will_that_is_not_the_text_it_says_it_is_is_refused()
    {
        using var broker = new MqttBroker();
        MqttClient client = broker.Open(ProtocolVersion.Mqtt50);

        // Properties of the will: payload format indicator 1; its topic is a, its payload FF.
        client.SendHex("10 17 0004 4D515454 05 06 0000 00 0001 63 02 01 01 0001 61 0001 FF");

        Assert.StartsWith("CONNACK 99", client.Receive(), StringComparison.Ordinal);
    }

    private static byte[] Bytes(string text) => Encoding.UTF8.GetBytes(text);

    private static FieldTable Headers(params (string Name, byte[] Value)[] headers)
    {
        var table = new FieldTable();
        foreach ((string name, byte[] value) in headers)
        {
            table.Add(name, FieldValue.OfString(value));
        }

        return table;
    }

    // Read as a client reads it: what is not allowed throws.
    private static string Converted(MessageProperties properties)
    {
        ReadOnlySpan<byte> encoded = ForeignProperties.Convert(new Fixed(properties), []);
        var texts = new List<string>();
        foreach (Property property in Properties.Read(encoded, PacketType.Publish, PropertyPlace.Publish))
        {
            texts.Add(property.Id == PropertyId.UserProperty
                ? $"{Encoding.UTF8.GetString(property.Name)}:{Encoding.UTF8.GetString(property.Value)}"
                : $"{property.Id}={Encoding.UTF8.GetString(property.Value)}");
        }

        return string.Join(' ', texts);
    }

    private static void Publish(MqttBroker broker, ReadOnlySpan<byte> key)
    {
        byte[] exchange = "amq.topic"u8.ToArray();
        byte[] properties = Amqp091MessageFormat.Instance.WriteProperties(new MessageProperties());
        var envelope = new MessageEnvelope(Amqp091MessageFormat.FormatTag, MessageFlags.Persistent, 0, broker.Broker.Clock.NowMs, -1);
        Payload image = broker.Broker.Slabs.Allocate((int)Message.SizeOf(exchange.Length, key.Length, properties.Length, 1));
        int at = Message.WriteHead(image.Writable, envelope, exchange, key, properties, 1);
        image.Writable[at] = (byte)'x';
        var message = new Message(image);
        var routes = new RouteSet();
        Exchange topic = broker.VirtualHost.FindExchange("amq.topic")!;
        broker.VirtualHost.Publishing.Route(topic, message, default, Amqp091MessageFormat.Instance, routes);
        var flush = new FlushSet();
        broker.VirtualHost.Publishing.Publish(message, Route.Of(routes, topic), flush, out _);
        broker.Broker.Commits.Request();
        flush.FlushAll();
        image.Release();
    }

    // A format whose messages all have the same properties.
    private sealed class Fixed(MessageProperties properties) : MessageFormat
    {
        public override byte Tag => 200;

        public override bool TryFindHeader(ReadOnlySpan<byte> properties, ReadOnlySpan<byte> name, out FieldValue value)
        {
            value = default;
            return false;
        }

        public override FieldTable ReadHeaders(ReadOnlySpan<byte> encoded) => properties.Headers ?? FieldTable.Empty;

        public override byte[] WithHeaders(ReadOnlySpan<byte> encoded, FieldTable headers, bool keepExpiration) => [];

        public override string? ReadExpiration(ReadOnlySpan<byte> encoded) => null;

        public override MessageProperties ReadProperties(ReadOnlySpan<byte> encoded) => properties;
    }
}
