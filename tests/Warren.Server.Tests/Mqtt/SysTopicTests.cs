using System.Globalization;
using Xunit;

namespace Warren.Server.Tests.Mqtt;

public sealed class SysTopicTests : MqttServer
{
    /// <summary>Everything Mosquitto publishes without a bridge or a log.</summary>
    public static TheoryData<string> Topics => new(
        from topic in (string[])
        [
            "version", "uptime",
            "clients/total", "clients/connected", "clients/disconnected", "clients/active", "clients/inactive", "clients/maximum", "clients/expired",
            "messages/received", "messages/sent", "messages/stored",
            "publish/messages/received", "publish/messages/sent", "publish/messages/dropped", "publish/bytes/received", "publish/bytes/sent",
            "bytes/received", "bytes/sent", "store/messages/count", "store/messages/bytes", "retained messages/count",
            "subscriptions/count", "shared_subscriptions/count", "heap/current", "heap/maximum",
            .. from load in (string[])["messages/received", "messages/sent", "publish/received", "publish/sent", "publish/dropped", "bytes/received", "bytes/sent", "sockets", "connections"]
               from span in (string[])["1min", "5min", "15min"]
               select $"load/{load}/{span}",
        ]
        select topic);

    [Theory]
    [MemberData(nameof(Topics))]
    public async Task Topic_is_answered_at_once_and_retained(string topic)
    {
        using MqttClient client = await EnterAsync("reader");
        await client.SubscribeAsync("$SYS/broker/" + topic);

        (int flags, string from, string payload) = await client.ReadMessageAsync();

        Assert.Equal((1, "$SYS/broker/" + topic), (flags, from));
        Assert.True(
            topic switch
            {
                "version" => payload.StartsWith("warren version ", StringComparison.Ordinal),
                "uptime" => payload.EndsWith(" seconds", StringComparison.Ordinal),
                _ => double.TryParse(payload, CultureInfo.InvariantCulture, out _),
            },
            payload);
    }

    [Fact]
    public async Task Quality_of_service_is_what_was_granted()
    {
        using MqttClient client = await EnterAsync("exact");

        Assert.Equal(2, await client.SubscribeAsync("$SYS/broker/version", qos: 2));

        Assert.Equal(5, (await client.ReadMessageAsync()).Flags); // QoS 2, retained
    }

    [Fact]
    public async Task Wildcards_in_front_do_not_bring_them()
    {
        using MqttClient client = await EnterAsync("everything");
        await client.SubscribeAsync("#");
        await client.SubscribeAsync("+/broker/version");

        await client.SendAsync(MqttClient.Publish("own", "message"));

        Assert.Equal("own", (await client.ReadMessageAsync()).Topic);
    }

    [Fact]
    public async Task Nobody_publishes_there()
    {
        using MqttClient client = await EnterAsync("liar");

        await client.SendAsync(MqttClient.Publish("$SYS/broker/version", "mine"));
        (byte header, byte[] body) = await client.ReadAsync();

        Assert.Equal((MqttClient.Disconnect, 0x87), (header, body[0]));
    }
}

public sealed class LiveSysTopicTests : MqttServer
{
    protected override WarrenServerOptions Configure(WarrenServerOptions options) =>
        options with { Mqtt = options.Mqtt with { SysIntervalSeconds = 1 } };

    [Fact]
    public async Task Numbers_follow_what_happens()
    {
        using MqttClient watcher = await EnterAsync("watcher");
        await watcher.SubscribeAsync("$SYS/broker/#");
        using MqttClient publisher = await EnterAsync("publisher");
        await publisher.SubscribeAsync("$share/group/a");
        await publisher.SendAsync(MqttClient.Publish("b", "12345", retain: true));

        var expected = new Dictionary<string, string>
        {
            ["clients/connected"] = "2",
            ["clients/maximum"] = "2",
            ["subscriptions/count"] = "2",
            ["shared_subscriptions/count"] = "1",
            ["publish/messages/received"] = "1",
            ["publish/bytes/received"] = "5",
        };
        while (expected.Count > 0)
        {
            (_, string topic, string payload) = await watcher.ReadMessageAsync();
            string name = topic["$SYS/broker/".Length..];
            if (expected.TryGetValue(name, out string? value) && value == payload)
            {
                expected.Remove(name);
            }
        }
    }
}

public sealed class NoSysTopicTests : MqttServer
{
    protected override WarrenServerOptions Configure(WarrenServerOptions options) =>
        options with { Mqtt = options.Mqtt with { SysIntervalSeconds = 0 } };

    [Fact]
    public async Task Interval_of_zero_switches_them_off()
    {
        using MqttClient client = await EnterAsync("reader");
        await client.SubscribeAsync("$SYS/#");
        await client.SubscribeAsync("own");

        await client.SendAsync(MqttClient.Publish("own", "message"));

        Assert.Equal("own", (await client.ReadMessageAsync()).Topic);
    }
}
