using RabbitMQ.Client;
using Warren.Interop.Tests.Running;
using Warren.Wire.Mqtt;

namespace Warren.Interop.Tests.Mqtt;

/// <summary>One topology for two protocols: what MQTT clients publish seen by AMQP programs, and the other way round.</summary>
public sealed class MqttAmqpTests : MqttTest
{
    public MqttAmqpTests(SharedBroker broker)
        : base(broker)
    {
    }

    [Theory]
    [InlineData(0, DeliveryModes.Transient)]
    [InlineData(1, DeliveryModes.Persistent)]
    [InlineData(2, DeliveryModes.Persistent)]
    public async Task Quality_of_service_becomes_the_delivery_mode(int qos, DeliveryModes mode)
    {
        (IChannel channel, string queue, string topic) = await BoundAsync();
        MqttRaw client = Enter(ProtocolVersion.Mqtt311);

        client.Publish($"{topic}/a", "x", qos, (ushort)qos);

        Delivery got = await GetAsync(channel, queue);
        Assert.Equal(($"amq.topic", $"{topic}.a", "x"), (got.Exchange, got.RoutingKey, got.Body));
        Assert.Equal(mode, got.Properties.DeliveryMode);
        Assert.Empty(got.Headers);
    }

    [Fact]
    public async Task Properties_of_version_5_become_those_of_AMQP()
    {
        (IChannel channel, string queue, string topic) = await BoundAsync();
        MqttRaw client = Enter();

        client.PublishAcknowledged($"{topic}/a", "x", properties: Encode((ref PropertyWriter p) =>
        {
            p.Number(PropertyId.PayloadFormatIndicator, 1);
            p.Number(PropertyId.MessageExpiryInterval, 3600);
            p.Text(PropertyId.ContentType, "application/json");
            p.Text(PropertyId.ResponseTopic, "answers/to.me");
            p.Text(PropertyId.CorrelationData, "c-1"u8);
            p.User("kind"u8, "first"u8);
            p.User("kind"u8, "second"u8);
            p.User("other"u8, "온도"u8);
        }));

        Delivery got = await GetAsync(channel, queue);
        Assert.Equal("application/json", got.Properties.ContentType);
        Assert.Equal("c-1", got.Properties.CorrelationId);
        Assert.Equal("3600000", got.Properties.Expiration);
        Assert.Equal(DeliveryModes.Persistent, got.Properties.DeliveryMode);
        Assert.Equal(["kind", "other", "x-reply-to-topic"], got.Headers.Keys.Order(StringComparer.Ordinal));
        Assert.Equal("first", Text.Of(got.Headers["kind"]));
        Assert.Equal("온도", Text.Of(got.Headers["other"]));
        Assert.Equal("answers.to/me", Text.Of(got.Headers["x-reply-to-topic"]));
    }

    [Fact]
    public async Task Correlation_that_is_no_text_becomes_a_header()
    {
        (IChannel channel, string queue, string topic) = await BoundAsync();
        MqttRaw client = Enter();

        client.PublishAcknowledged(
            $"{topic}/a", "x", properties: Encode((ref PropertyWriter p) => p.Text(PropertyId.CorrelationData, [0xFF, 0x00, 0x80])));

        Delivery got = await GetAsync(channel, queue);
        Assert.Null(got.Properties.CorrelationId);
        Assert.Equal([0xFF, 0x00, 0x80], Assert.IsType<byte[]>(got.Headers["x-correlation-id"]));
    }

    [Fact]
    public async Task Properties_of_AMQP_become_those_of_version_5()
    {
        string topic = Unique("down");
        MqttRaw client = Enter();
        client.Subscribe($"{topic}/+", 2);
        MqttRaw old = Enter(ProtocolVersion.Mqtt311);
        old.Subscribe($"{topic}/+", 2);
        IChannel channel = await OpenAsync();

        await channel.BasicPublishAsync(
            "amq.topic",
            $"{topic}.a",
            mandatory: true,
            new BasicProperties
            {
                Persistent = true,
                ContentType = "text/plain",
                CorrelationId = "c-2",
                Expiration = "600000",
                Headers = Arguments(
                    ("text", "value"), ("number", 42), ("yes", true), ("half", 0.5), ("table", Arguments(("a", 1))), ("x-reply-to-topic", "answers.here")),
            },
            Text.Bytes("from AMQP"));

        MqttPacket got = client.Receive();
        Assert.Equal(($"{topic}/a", "from AMQP", 1, false), (got.Topic, got.Body, got.QoS, got.Retain));
        Assert.Equal("text/plain", got.Text(PropertyId.ContentType));
        Assert.Equal("c-2", got.Text(PropertyId.CorrelationData));
        Assert.Equal("answers/here", got.Text(PropertyId.ResponseTopic));
        Assert.InRange(got.Number(PropertyId.MessageExpiryInterval)!.Value, 500u, 600u);
        Assert.Equal(
            [("half", "0.5"), ("number", "42"), ("text", "value"), ("yes", "true")],
            got.UserProperties.OrderBy(p => p.Name, StringComparer.Ordinal));
        MqttPacket plain = old.Receive();
        Assert.Equal(($"{topic}/a", "from AMQP", 1), (plain.Topic, plain.Body, plain.QoS));
    }

    [Fact]
    public async Task Transient_message_of_AMQP_comes_with_quality_0()
    {
        string topic = Unique("down");
        MqttRaw client = Enter();
        client.Subscribe(topic, 2);
        IChannel channel = await OpenAsync();

        await channel.BasicPublishAsync("amq.topic", topic, Text.Bytes("x"));

        Assert.Equal(0, client.Receive().QoS);
    }

    [Fact]
    public async Task Routing_key_that_is_no_topic_reaches_no_MQTT_client_and_harms_none()
    {
        string topic = Unique("down");
        MqttRaw client = Enter();
        client.Subscribe($"{topic}/#", 1);
        IChannel channel = await OpenConfirmingAsync();

        foreach (string key in new[] { $"{topic}.#", $"{topic}.+.x", $"{topic}.*", $"{topic}.fine" })
        {
            await channel.BasicPublishAsync("amq.topic", key, mandatory: true, new BasicProperties { Persistent = true }, Text.Bytes(key));
        }

        Assert.Equal($"{topic}/*", client.Receive().Topic); // a star is a letter like any other in MQTT
        Assert.Equal($"{topic}/fine", client.Receive().Topic);
        Assert.Empty(client.Ping());
    }

    [Fact]
    public async Task Dots_and_slashes_come_back_as_they_were()
    {
        (IChannel channel, string queue, string topic) = await BoundAsync();
        MqttRaw client = Enter();
        client.Subscribe($"{topic}/#", 1);

        client.Publish($"{topic}/a.b//c", "x", 1, 7);

        Delivery got = await GetAsync(channel, queue);
        Assert.Equal($"{topic}.a/b..c", got.RoutingKey);
        MqttPacket[] both = [client.Next(), client.Next()]; // in either order
        Assert.Single(both, p => p.Type == PacketType.PubAck);
        Assert.Equal($"{topic}/a.b//c", both.Single(p => p.Type == PacketType.Publish).Topic);
        await channel.BasicPublishAsync("amq.topic", got.RoutingKey, Text.Bytes("y"));
        Assert.Equal($"{topic}/a.b//c", client.Receive().Topic);
    }

    [Fact]
    public async Task Dead_letter_comes_back_to_MQTT_with_its_properties()
    {
        string topic = Unique("dead");
        IChannel channel = await OpenAsync();
        string queue = await QueueAsync(
            channel, ("x-dead-letter-exchange", "amq.topic"), ("x-dead-letter-routing-key", $"{topic}.dead"));
        await channel.QueueBindAsync(queue, "amq.topic", $"{topic}.alive");
        MqttRaw client = Enter();
        client.Subscribe($"{topic}/dead", 1);

        client.PublishAcknowledged($"{topic}/alive", "x", properties: Encode((ref PropertyWriter p) =>
        {
            p.Text(PropertyId.ContentType, "text/plain");
            p.User("kind"u8, "important"u8);
        }));
        Delivery taken = await GetAsync(channel, queue, autoAck: false);
        await channel.BasicRejectAsync(taken.Tag, requeue: false);

        MqttPacket got = client.Receive();
        Assert.Equal(($"{topic}/dead", "x", 1), (got.Topic, got.Body, got.QoS));
        Assert.Equal("text/plain", got.Text(PropertyId.ContentType));
        Assert.Contains(("kind", "important"), got.UserProperties);
    }

    [Fact]
    public async Task User_properties_match_in_a_headers_exchange()
    {
        string topic = Unique("match");
        IChannel channel = await OpenAsync();
        string exchange = Unique("headers");
        await channel.ExchangeDeclareAsync(exchange, "headers", autoDelete: true);
        string queue = await QueueAsync(channel);
        await channel.QueueBindAsync(queue, exchange, "", Arguments(("x-match", "all"), ("kind", "alarm")));
        await channel.ExchangeBindAsync(exchange, "amq.topic", $"{topic}.#");
        MqttRaw client = Enter();

        client.PublishAcknowledged($"{topic}/a", "no", properties: Encode((ref PropertyWriter p) => p.User("kind"u8, "other"u8)));
        client.PublishAcknowledged($"{topic}/a", "yes", properties: Encode((ref PropertyWriter p) => p.User("kind"u8, "alarm"u8)));

        Assert.Equal("yes", (await GetAsync(channel, queue)).Body);
    }

    [Fact]
    public async Task Publish_that_reaches_nobody_is_told_so()
    {
        MqttRaw five = Enter();
        MqttRaw old = Enter(ProtocolVersion.Mqtt311);

        Assert.Equal((byte)ReasonCode.NoMatchingSubscribers, five.PublishAcknowledged(Unique("nobody"), "x").Code);
        Assert.Equal(0, old.PublishAcknowledged(Unique("nobody"), "x").Code);
        await OthersGoOnAsync();
    }

    [Fact]
    public async Task Full_queue_that_rejects_is_told_to_version_5()
    {
        string topic = Unique("full");
        IChannel channel = await OpenAsync();
        string queue = await QueueAsync(channel, ("x-max-length", 1), ("x-overflow", "reject-publish"));
        await channel.QueueBindAsync(queue, "amq.topic", topic);
        MqttRaw client = Enter();

        Assert.Equal(0, client.PublishAcknowledged(topic, "1").Code);
        Assert.Equal((byte)ReasonCode.QuotaExceeded, client.PublishAcknowledged(topic, "2").Code);
        Assert.Equal("1", (await GetAsync(channel, queue)).Body);
    }

    [Fact]
    public async Task Acknowledged_messages_wait_for_an_AMQP_program_over_a_kill()
    {
        await StartAsync();
        IChannel channel = await OpenOwnAsync();
        await channel.QueueDeclareAsync("readings", durable: true, exclusive: false, autoDelete: false);
        await channel.QueueBindAsync("readings", "amq.topic", "sensor.*.data");
        MqttRaw client = Enter(Own);
        byte[] properties = Encode((ref PropertyWriter p) =>
        {
            p.Text(PropertyId.ContentType, "application/json");
            p.User("unit"u8, "celsius"u8);
        });
        for (int i = 0; i < 50; i++)
        {
            Assert.Equal(0, client.PublishAcknowledged("sensor/temp_001/data", $"{i}", properties: properties).Code);
        }

        await Own.KillAsync();
        await Own.StartAgainAsync();

        IChannel after = await OpenOwnAsync();
        for (int i = 0; i < 50; i++)
        {
            Delivery got = await GetAsync(after, "readings");
            Assert.Equal(($"{i}", "application/json", "celsius"), (got.Body, got.Properties.ContentType, Text.Of(got.Headers["unit"])));
        }
    }

    private delegate void Writing(ref PropertyWriter properties);

    private static byte[] Encode(Writing write)
    {
        byte[] bytes = new byte[512];
        PropertyWriter writer = new(bytes);
        write(ref writer);
        return writer.Written.ToArray();
    }

    // A queue bound to a topic nobody else uses.
    private async Task<(IChannel Channel, string Queue, string Topic)> BoundAsync()
    {
        _ = Shared;
        string topic = Unique("up");
        IChannel channel = await OpenAsync();
        string queue = await QueueAsync(channel);
        await channel.QueueBindAsync(queue, "amq.topic", $"{topic}.#");
        return (channel, queue, topic);
    }
}
