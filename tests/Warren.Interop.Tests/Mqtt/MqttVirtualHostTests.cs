using RabbitMQ.Client;
using Warren.Interop.Tests.Running;
using Warren.Wire.Mqtt;

namespace Warren.Interop.Tests.Mqtt;

/// <summary>Which virtual host a client enters, and which answer it gets when it may not.</summary>
public sealed class MqttVirtualHostTests : MqttTest
{
    public MqttVirtualHostTests(SharedBroker broker)
        : base(broker)
    {
    }

    [Fact]
    public async Task Name_in_the_user_name_comes_first_then_the_port_then_the_default()
    {
        await StartWithHostsAsync("mqtt.vhost=standard");

        await LandsInAsync("guest", "standard");
        await LandsInAsync("named:guest", "named");
        await LandsInAsync("/:guest", "/");
        await Ctl.RunAsync(Own, "set_global_parameter", "mqtt_port_to_vhost_mapping", $$"""{"{{Own.MqttPort}}":"mapped","1":"named"}""");
        await LandsInAsync("guest", "mapped");
        await LandsInAsync("named:guest", "named");
        await Ctl.RunAsync(Own, "clear_global_parameter", "mqtt_port_to_vhost_mapping");
        await LandsInAsync("guest", "standard");
    }

    [Theory]
    [InlineData("nov:guest", "guest", 4, 0x86)]
    [InlineData("guest", "wrong", 4, 0x86)]
    [InlineData("nobody", "guest", 4, 0x86)]
    [InlineData("named:nobody", "guest", 4, 0x86)]
    [InlineData("guest", null, 4, 0x86)]
    [InlineData(null, null, 4, 0x86)]
    [InlineData(":guest", "guest", 4, 0x86)]
    [InlineData("forbidden:guest", "guest", 5, 0x87)]
    public async Task Refusals_have_their_codes(string? user, string? password, int old, int five)
    {
        await StartWithHostsAsync();
        await Ctl.RunAsync(Own, "add_vhost", "forbidden");
        await Ctl.RunAsync(Own, "clear_permissions", "-p", "forbidden", "guest");
        MqttLogin login = new("refused") { User = user, Password = password };

        foreach ((ProtocolVersion version, int code) in new[]
        {
            (ProtocolVersion.Mqtt31, old), (ProtocolVersion.Mqtt311, old), (ProtocolVersion.Mqtt50, five),
        })
        {
            // before 5.0 a password alone cannot be sent at all
            MqttRaw client = Open(Own.MqttPort, version);
            Assert.Equal(code, client.Login(login).Code);
            Assert.Null(client.TryNext());
        }
    }

    [Fact]
    public async Task Default_that_does_not_exist_refuses_as_a_wrong_name_does()
    {
        await StartWithHostsAsync("mqtt.vhost=missing");

        Assert.Equal(4, Open(Own.MqttPort, ProtocolVersion.Mqtt311).Login("a").Code);
        Assert.Equal(0x86, Open(Own.MqttPort).Login("a").Code);
        await LandsInAsync("/:guest", "/");
    }

    [Fact]
    public async Task Colons_stay_in_the_name_when_they_are_to_be_ignored()
    {
        await StartWithHostsAsync("mqtt.ignore_colons_in_username=true");
        await Ctl.RunAsync(Own, "add_user", "named:guest", "secret");
        await Ctl.RunAsync(Own, "set_permissions", "-p", "/", "named:guest", ".*", ".*", ".*");

        Assert.Equal(0x86, Open(Own.MqttPort).Login(new MqttLogin("a") { User = "named:guest" }).Code);
        await LandsInAsync("named:guest", "/", "secret");
    }

    [Fact]
    public async Task Client_id_is_one_clients_per_virtual_host()
    {
        await StartWithHostsAsync();
        MqttRaw first = Open(Own.MqttPort);
        first.Login(new MqttLogin("same"));
        MqttRaw elsewhere = Open(Own.MqttPort);
        elsewhere.Login(new MqttLogin("same") { User = "named:guest" });

        Assert.Empty(first.Ping());
        MqttRaw second = Open(Own.MqttPort);
        second.Login(new MqttLogin("same"));

        Assert.Equal((byte)ReasonCode.SessionTakenOver, first.ExpectEnd());
        Assert.Empty(elsewhere.Ping());
    }

    [Fact]
    public async Task Anonymous_client_is_the_user_it_is_set_to_be()
    {
        await StartWithHostsAsync("mqtt.allow_anonymous=true", "anonymous_login_user=guest", "mqtt.vhost=named");

        MqttLogin nobody = new("a") { User = null, Password = null };

        Assert.Equal(0, Open(Own.MqttPort, ProtocolVersion.Mqtt31).Login(nobody).Code);
        Assert.Equal(0, Open(Own.MqttPort, ProtocolVersion.Mqtt50).Login(nobody with { ClientId = "b" }).Code);
    }

    [Fact]
    public async Task Configuration_of_the_article_is_taken_as_it_is()
    {
        Assert.SkipWhen(Broker.Process is null, "needs a process of its own");
        int mqttPort = BrokerProcess.FreePort();
        await using ServerProgram server = new();
        await File.WriteAllTextAsync(server["rabbitmq.config"], $$"""
            [{rabbit,        [{tcp_listeners,    [{"127.0.0.1", {{server.Port}}}]}]},
             {rabbitmq_mqtt, [{default_user,     <<"guest">>},
                              {default_pass,     <<"guest">>},
                              {allow_anonymous,  true},
                              {vhost,            <<"/">>},
                              {exchange,         <<"webos.topic">>},
                              {subscription_ttl, 1800000},
                              {prefetch,         10},
                              {ssl_listeners,    []},
                              %% Default MQTT with TLS port is 8883
                              %% {ssl_listeners,    [8883]}
                              {tcp_listeners,    [{"127.0.0.1", {{mqttPort}}}]},
                              {tcp_listen_options, [binary,
                                                    {packet,    raw},
                                                    {reuseaddr, true},
                                                    {backlog,   128},
                                                    {nodelay,   true}]}]}
            ].
            """);
        await server.StartAsync(BrokerProcess.FindExecutable()!, ["server", "--config", server["rabbitmq.config"], "--data-dir", server["data"]]);
        IConnection connection = await ConnectAsync(factory => factory.Port = server.Port);
        IChannel channel = await connection.CreateChannelAsync();
        await channel.ExchangeDeclareAsync("webos.topic", "topic");
        string queue = await QueueAsync(channel);
        await channel.QueueBindAsync(queue, "webos.topic", "webos.server.*");
        MqttRaw board = Open(mqttPort, ProtocolVersion.Mqtt311);
        Assert.Equal(0, board.Login(new MqttLogin("esp8266") { User = null, Password = null }).Code);
        board.Subscribe("webos/+/cmd");

        board.Publish("webos/server/info", "28.5");
        await channel.BasicPublishAsync("webos.topic", "webos.esp.cmd", Text.Bytes("on"));

        Delivery got = await GetAsync(channel, queue);
        Assert.Equal(("webos.topic", "webos.server.info", "28.5"), (got.Exchange, got.RoutingKey, got.Body));
        MqttPacket command = board.Receive();
        Assert.Equal(("webos/esp/cmd", "on"), (command.Topic, command.Body));
    }

    private async Task StartWithHostsAsync(params string[] settings)
    {
        await StartAsync([.. Management, .. settings]);
        foreach (string name in new[] { "named", "mapped", "standard" })
        {
            await Ctl.RunAsync(Own, "add_vhost", name);
            await Ctl.RunAsync(Own, "set_permissions", "-p", name, "guest", ".*", ".*", ".*");
        }
    }

    // Publishes under this name; the message has to come out in the virtual host, seen with AMQP.
    private async Task LandsInAsync(string user, string virtualHost, string password = "guest")
    {
        string topic = Unique("lands");
        IConnection connection = await ConnectAsync(factory =>
        {
            factory.Port = Own.Port;
            factory.VirtualHost = virtualHost;
        });
        IChannel channel = await connection.CreateChannelAsync();
        string queue = await QueueAsync(channel);
        await channel.QueueBindAsync(queue, "amq.topic", topic);
        MqttRaw client = Open(Own.MqttPort, ProtocolVersion.Mqtt311);
        Assert.Equal(0, client.Login(new MqttLogin("lander") { User = user, Password = password }).Code);
        client.PublishAcknowledged(topic, user);
        Assert.Equal(user, (await GetAsync(channel, queue)).Body);
    }
}
