using System.Text;
using Warren.Interop.Tests.Raw;
using Warren.Interop.Tests.Running;
using static Warren.Interop.Tests.Raw.RawMethod;

namespace Warren.Interop.Tests;

/// <summary>From the protocol header to connection.open-ok, right and wrong (AMQP 0-9-1, 2.2.4 and 4.2.2).</summary>
public sealed class HandshakeTests : BrokerTest
{
    private const string Refused = "ACCESS_REFUSED - Login was refused using authentication mechanism PLAIN. "
        + "For details see the broker logfile.";

    private static readonly string[] Capabilities =
    [
        "authentication_failure_close", "basic.nack", "connection.blocked", "consumer_cancel_notify",
        "consumer_priorities", "direct_reply_to", "exchange_exchange_bindings", "per_consumer_qos",
        "publisher_confirms",
    ];

    public HandshakeTests(SharedBroker broker)
        : base(broker)
    {
    }

    [Fact]
    public void Start_offers_version_mechanisms_locale_and_properties()
    {
        RawClient client = ConnectRaw();

        client.SendProtocolHeader();
        RawReader start = client.Expect(0, 10, 10).Arguments();

        Assert.Equal(0, start.U8());
        Assert.Equal(9, start.U8());
        Dictionary<string, object?> properties = start.Table();
        string[] mechanisms = start.LongString().Split(' ');
        Assert.Contains("PLAIN", mechanisms);
        Assert.Contains("AMQPLAIN", mechanisms);
        Assert.Equal("en_US", start.LongString());
        Assert.True(start.AtEnd);
        foreach (string key in (string[])
            ["cluster_name", "copyright", "information", "platform", "product", "version"])
        {
            Assert.IsType<string>(properties[key]);
        }
    }

    [Fact]
    public void Start_announces_the_nine_capabilities()
    {
        RawClient client = ConnectRaw();

        client.SendProtocolHeader();
        RawReader start = client.Expect(0, 10, 10).Arguments();
        start.U16();
        Dictionary<string, object?> capabilities =
            Assert.IsType<Dictionary<string, object?>>(start.Table()["capabilities"]);

        Assert.Equal(Capabilities, capabilities.Keys.Order(StringComparer.Ordinal));
        Assert.All(capabilities.Values, value => Assert.Equal(true, value));
    }

    [Fact]
    public void Tune_offers_the_defaults()
    {
        RawClient client = ConnectRaw();

        RawReader tune = client.Authenticate().Arguments();

        Assert.Equal(2047, tune.U16());
        Assert.Equal(131072u, tune.U32());
        Assert.Equal(60, tune.U16());
    }

    [Fact]
    public void Open_ok_has_empty_known_hosts()
    {
        RawClient client = ConnectRaw();

        client.Authenticate();
        client.Send(0, ConnectionTuneOk());
        client.Send(0, ConnectionOpen());

        Assert.Equal("", client.Expect(0, 10, 41).Arguments().ShortString());
    }

    [Theory]
    [InlineData("garbage!")]
    [InlineData("GET / HTTP/1.1\r\n\r\n")]
    [InlineData("\u0016\u0003\u0001\u0002\0\u0001\0\u0001\u00fc\u0003\u0003")]
    [InlineData("AMQP\0\0\u0009\u0002")]
    [InlineData("AMQP\u0009\u0009\u0009\u0009")]
    public async Task Wrong_protocol_header_is_answered_with_ours(string sent)
    {
        RawClient client = ConnectRaw();

        client.Send(Encoding.Latin1.GetBytes(sent));

        Assert.Equal([.. "AMQP"u8, 0, 0, 9, 1], client.ReadToEnd());
        await OthersGoOnAsync();
    }

    [Theory]
    [InlineData(1, 1, 0, 9, 0, 9)]
    [InlineData(1, 1, 8, 0, 8, 0)]
    public void Older_protocol_headers_are_answered_with_start(
        byte a, byte b, byte c, byte d, int major, int minor)
    {
        RawClient client = ConnectRaw();

        client.Send([.. "AMQP"u8, a, b, c, d]);
        RawReader start = client.Expect(0, 10, 10).Arguments();

        Assert.Equal((major, minor), (start.U8(), start.U8()));
    }

    [Fact]
    public void Failed_login_is_told_to_a_client_that_can_hear_it()
    {
        RawClient client = ConnectRaw();

        client.SendProtocolHeader();
        client.Expect(0, 10, 10);
        client.Send(0, ConnectionStartOk(
            response: "\0guest\0wrong",
            properties: [("capabilities", RawClient.Capabilities("authentication_failure_close"))]));

        Assert.Equal(new RawClose(403, Refused, 0, 0), client.ExpectConnectionClose());
    }

    [Fact]
    public void Unknown_user_hears_the_same_as_a_wrong_password()
    {
        RawClient client = ConnectRaw();

        client.SendProtocolHeader();
        client.Expect(0, 10, 10);
        client.Send(0, ConnectionStartOk(
            response: "\0nobody\0guest",
            properties: [("capabilities", RawClient.Capabilities("authentication_failure_close"))]));

        Assert.Equal(new RawClose(403, Refused, 0, 0), client.ExpectConnectionClose());
    }

    [Fact]
    public void Amqplain_logs_in()
    {
        RawClient client = ConnectRaw();
        byte[] table = new RawWriter().Table([("LOGIN", "guest"), ("PASSWORD", "guest")]).ToArray();

        client.SendProtocolHeader();
        client.Expect(0, 10, 10);
        client.Send(0, new RawMethod(10, 11, new RawWriter()
            .Table(null).ShortString("AMQPLAIN").LongString(table.AsSpan(4)).ShortString("en_US").ToArray()));

        client.Expect(0, 10, 30);
    }

    [Fact]
    public void Missing_virtual_host_is_refused()
    {
        RawClient client = ConnectRaw();

        client.Authenticate();
        client.Send(0, ConnectionTuneOk());
        client.Send(0, ConnectionOpen("nov"));

        Assert.Equal(new RawClose(530, "NOT_ALLOWED - vhost nov not found", 10, 40), client.ExpectConnectionClose());
    }

    [Fact]
    public void Lower_frame_max_holds_for_both_sides()
    {
        string queue = Unique("q");
        RawClient client = ConnectRaw();
        client.Login(frameMax: 4096);
        client.OpenChannel(1);
        client.Call(1, QueueDeclare(queue, exclusive: true), 11);
        client.Send(1, BasicPublish("", queue));
        client.SendHeader(1, 10_000);
        client.SendBody(1, new byte[4088]);
        client.SendBody(1, new byte[4088]);
        client.SendBody(1, new byte[10_000 - (2 * 4088)]);

        client.Call(1, BasicGet(queue, noAck: true), 71);
        Assert.Equal(RawFrame.HeaderType, client.Read().Type);
        int received = 0;
        while (received < 10_000)
        {
            RawFrame body = client.Read();
            Assert.InRange(body.Payload.Length, 1, 4088);
            received += body.Payload.Length;
        }

        // RabbitMQ lets eight bytes more pass than were negotiated
        client.SendFrame(RawFrame.BodyType, 1, new byte[4097]);
        Assert.Equal(501, client.ExpectConnectionClose().Code);
    }

    [Fact]
    public void More_channels_than_negotiated_are_refused()
    {
        RawClient client = ConnectRaw();
        client.Login(channelMax: 2);
        client.OpenChannel(1);
        client.OpenChannel(2);

        client.Send(3, ChannelOpen());

        RawClose close = client.ExpectConnectionClose();
        Assert.Equal(530, close.Code);
        Assert.Equal(
            "NOT_ALLOWED - number of channels opened (2) has reached the negotiated channel_max (2)", close.Text);
    }

    [Fact]
    public void Idle_broker_sends_heartbeats()
    {
        RawClient client = ConnectRaw();
        client.Login(heartbeat: 1);

        for (int i = 0; i < 3; i++)
        {
            client.SendFrame(RawFrame.HeartbeatType, 0, []);
            RawFrame frame = client.Read();
            Assert.Equal((RawFrame.HeartbeatType, 0, 0), (frame.Type, frame.Channel, frame.Payload.Length));
        }
    }

    [Fact]
    public async Task Silent_client_is_closed_after_two_missed_heartbeats()
    {
        RawClient client = ConnectRaw();
        client.Login(heartbeat: 1);

        client.ExpectSocketClosed();

        await OthersGoOnAsync();
    }

    [Fact]
    public async Task Heartbeats_keep_a_connection_open()
    {
        RawClient client = ConnectRaw();
        client.Login(heartbeat: 1);
        client.OpenChannel(1);

        for (int i = 0; i < 16; i++)
        {
            client.SendFrame(RawFrame.HeartbeatType, 0, []);
            await Task.Delay(250);
        }

        client.Call(1, ExchangeDeclare("amq.direct", passive: true), 11);
    }

    [Fact]
    public async Task Any_traffic_counts_as_heartbeat()
    {
        RawClient client = ConnectRaw();
        client.Login(heartbeat: 1);
        client.OpenChannel(1);

        for (int i = 0; i < 16; i++)
        {
            client.Call(1, ExchangeDeclare("amq.direct", passive: true), 11);
            await Task.Delay(250);
        }
    }

    [Theory]
    [InlineData(0xFFFFFFFFu)]
    [InlineData(0x7FFFFFFFu)]
    [InlineData(9000u)]
    public async Task Huge_frame_before_login_ends_the_connection(uint size)
    {
        RawClient client = ConnectRaw();

        client.SendProtocolHeader();
        client.Expect(0, 10, 10);
        client.Send(new RawWriter().U8(1).U16(0).U32(size).ToArray());

        if (!Broker.IsReference)
        {
            Assert.Equal(501, RawClose.Of(client.Expect(0, 10, 50)).Code);
        }

        client.ExpectSocketClosed();
        await OthersGoOnAsync();
    }
}
