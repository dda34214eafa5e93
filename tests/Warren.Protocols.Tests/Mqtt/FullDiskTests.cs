using Warren.Protocols.Tests.Mqtt.InMemory;
using Xunit;

namespace Warren.Protocols.Tests.Mqtt;

/// <summary>What clients whose sessions are stored may do while the disk is full.</summary>
public sealed class FullDiskTests : IDisposable
{
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

    private string[] Bindings() => [.. _broker.VirtualHost.ListBindings().Select(static b => $"{b.Source.Name} {b.Key}").Order(StringComparer.Ordinal)];
}
