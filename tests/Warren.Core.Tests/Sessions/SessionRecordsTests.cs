using Warren.Core.Security;
using Warren.Core.Sessions;
using Warren.Core.Tests.Queues;
using Warren.Storage.FaultTests;
using Xunit;

namespace Warren.Core.Tests.Sessions;

/// <summary>What the log holds of a session, also where a crash of an older version came between two records.</summary>
public sealed class SessionRecordsTests
{
    [Theory]
    [InlineData(4)]
    [InlineData(16)]
    [InlineData(17)]
    public void Of_a_subscription_that_is_stored_twice_the_last_counts_and_one_unsubscribe_ends_it(int count)
    {
        using var broker = new SteppedBroker(new SimulatedDisk(seed: 1));
        ClientSession session = Open(broker);
        broker.Host.Sessions.Keep(session, 1000);
        for (int i = 0; i < count; i++)
        {
            broker.Host.Sessions.Add(session, Subscription($"f{i}", qos: 1), "mqtt-c", out _);
        }

        broker.Broker.SessionStore.Save(session, Subscription("f3", qos: 2), "mqtt-c", before: 0);
        broker.Restart(TimeSpan.Zero);

        ClientSession again = Open(broker);
        Assert.Equal(count, again.Subscriptions.Count);
        SessionSubscription found = again.Find("f3", null)!;
        Assert.Equal(2, found.MaxQoS);
        broker.Host.Sessions.Remove(again, found);
        Assert.DoesNotContain(again.Subscriptions, static s => s.Filter == "f3");

        broker.Restart(TimeSpan.Zero);
        Assert.Null(Open(broker).Find("f3", null));
    }

    [Fact]
    public void A_subscription_that_replaces_another_comes_back_once()
    {
        using var broker = new SteppedBroker(new SimulatedDisk(seed: 1));
        ClientSession session = Open(broker);
        broker.Host.Sessions.Keep(session, 1000);
        broker.Host.Sessions.Add(session, Subscription("f", qos: 0), "mqtt-c", out _);
        broker.Host.Sessions.Add(session, Subscription("f", qos: 2), "mqtt-c", out SessionSubscription? replaced);
        Assert.Equal(0, replaced!.MaxQoS);

        broker.Restart(TimeSpan.Zero);

        Assert.Equal(2, Assert.Single(Open(broker).Subscriptions).MaxQoS);
    }

    // As at the stop of a broker whose disk is full: what says when the client went away is not taken any more.
    [Fact]
    public void A_client_that_came_back_is_not_away_since_the_time_before()
    {
        using var broker = new SteppedBroker(new SimulatedDisk(seed: 1));
        ClientSession session = Open(broker);
        broker.Host.Sessions.Keep(session, 600);
        broker.Host.Sessions.Release(session, session.Holder!, keepsWill: false);
        broker.Time.Elapse(TimeSpan.FromSeconds(60));
        Open(broker);
        broker.Time.Elapse(TimeSpan.FromSeconds(3600));

        broker.Restart(TimeSpan.Zero);

        broker.Time.Elapse(TimeSpan.FromSeconds(500));
        broker.Host.Sessions.Open(
            "c", User.Operator, static id => $"mqtt-{id}", cleanStart: false, new Holder(), out bool present);
        Assert.True(present);
    }

    private static ClientSession Open(SteppedBroker broker) => broker.Host.Sessions.Open(
        "c", User.Operator, static id => $"mqtt-{id}", cleanStart: false, new Holder(), out _);

    private static SessionSubscription Subscription(string filter, byte qos) => new(filter, null, "amq.topic", filter, qos, 0);

    private sealed class Holder : ISessionHolder
    {
        public void Displace()
        {
            // lets go by itself
        }
    }
}
