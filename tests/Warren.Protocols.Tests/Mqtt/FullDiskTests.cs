using Warren.Protocols.Tests.Mqtt.InMemory;
using Warren.Wire.Mqtt;
using Xunit;

namespace Warren.Protocols.Tests.Mqtt;

/// <summary>What clients whose sessions are stored may do while the disk is full.</summary>
public sealed class FullDiskTests : IDisposable
{
    private const int WillDelay = 100;
    private const int WillNotStored = 3013;

    private readonly MqttBroker _broker = new();

    public void Dispose() => _broker.Dispose();

    [Theory]
    [InlineData("a", 1)]
    [InlineData("a", 0)]
    [InlineData("$SYS/#", 1)]
    public void Subscription_that_cannot_be_stored_is_refused_and_leaves_no_binding(string filter, int qos)
    {
        MqttClient client = _broker.Connect50("c");
        client.Subscribe("first", qos);
        _broker.Connect("other").Subscribe("$SYS/x");
        string[] before = Bindings();
        _broker.LacksSpace();

        Assert.Equal("80", client.Subscribe(filter, qos));

        Assert.Equal(before, Bindings());
        _broker.HasSpace();
        Assert.Equal($"0{qos}", client.Subscribe(filter, qos));
        Assert.Equal(before.Length + 1, Bindings().Length);
    }

    [Fact]
    public void Subscription_that_cannot_be_replaced_stays_as_it_was()
    {
        MqttClient client = _broker.Connect50("c");
        client.Subscribe("a", 1);
        _broker.LacksSpace();

        Assert.Equal("80", client.Subscribe("a", 2));

        _broker.HasSpace();
        MqttClient publisher = _broker.Connect("publisher");
        publisher.Publish("a", "x", 2, 1);
        Assert.Equal("PUBLISH q1 #1 a 'x'", client.Receive());
    }

    [Fact]
    public void Member_of_a_group_that_cannot_be_stored_takes_nothing_from_the_others()
    {
        MqttClient first = _broker.Connect50("first");
        first.Subscribe("$share/g/a", 1);
        MqttClient second = _broker.Connect50("second");
        _broker.LacksSpace();

        Assert.Equal("80", second.Subscribe("$share/g/a", 1));

        _broker.HasSpace();
        _broker.Connect("publisher").PublishAcknowledged("a", "x");
        Assert.Equal("PUBLISH q1 #1 a 'x'", first.Receive());
    }

    [Theory]
    [InlineData("gone", false)] // the will is stored already
    [InlineData("changed", true)]
    [InlineData(null, false)]
    public void Client_with_a_stored_session_comes_in_and_empties_its_queue(string? payload, bool isLogged)
    {
        Come("gone").Subscribe("a", 1);
        _broker.Restart(); // with the will, which waits, and the session
        _broker.Connect("publisher").PublishAcknowledged("a", "x");
        _broker.LacksSpace();

        MqttClient client = Come(payload);

        Assert.True(client.IsSessionPresent);
        Assert.Equal("PUBLISH q1 #1 a 'x'", client.Receive());
        client.Acknowledge(PacketType.PubAck, 1);
        Assert.Empty(client.ReceiveUntilPing());
        Assert.Equal(isLogged ? 1 : 0, _broker.Loggers.Lines(WillNotStored).Length);
        _broker.HasSpace();
        MqttClient watcher = _broker.Connect("watcher");
        watcher.Subscribe("w");
        client.Drop();
        _broker.Advance(WillDelay + 1);
        Assert.Equal(payload is null ? [] : [$"PUBLISH q0 w '{payload}'"], watcher.ReceiveUntilPing());
    }

    [Theory]
    [InlineData(true, "changed")] // stored when the client was lost
    [InlineData(false, null)] // lost; but never the one before
    public void Will_that_could_not_be_stored_is_stored_when_the_client_is_lost_and_there_is_space(bool hasSpace, string? expected)
    {
        Come("gone").Drop();
        _broker.LacksSpace();
        MqttClient client = Come("changed");
        if (hasSpace)
        {
            _broker.HasSpace();
        }

        client.Drop();
        _broker.Restart();
        MqttClient watcher = _broker.Connect("watcher");
        watcher.Subscribe("w");
        _broker.Advance(WillDelay + 1);

        Assert.Equal(expected is null ? [] : [$"PUBLISH q0 w '{expected}'"], watcher.ReceiveUntilPing());
    }

    [Fact]
    public void Log_that_has_failed_lets_nobody_in_with_a_will()
    {
        Come(null).Drop();
        _broker.LacksSpace("Failed");

        MqttClient client = Come("gone");

        Assert.StartsWith("CONNACK 88", client.Connack, StringComparison.Ordinal);
    }

    private MqttClient Come(string? will)
    {
        MqttClient client = _broker.Open(ProtocolVersion.Mqtt50);
        client.Connect(
            "c",
            cleanStart: false,
            Props.Of(PropertyId.SessionExpiryInterval, 1000),
            will: will is null ? null : new WillOf("w", will, Properties: Props.Of(PropertyId.WillDelayInterval, WillDelay)));
        return client;
    }

    private string[] Bindings() => [.. _broker.VirtualHost.ListBindings().Select(static b => $"{b.Source.Name} {b.Key}").Order(StringComparer.Ordinal)];
}
