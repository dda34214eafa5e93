using Warren.Buffers;
using Warren.Buffers.Commits;
using Warren.Buffers.Fields;
using Warren.Core.Queues;
using Warren.Protocols.Tests.Mqtt.InMemory;
using Xunit;

namespace Warren.Protocols.Tests.Mqtt;

/// <summary>A session ends while its client comes back, and what an answer to its end waits for.</summary>
public sealed class EndingSessionTests : IDisposable
{
    private const string Kept = "mqtt-subscription-cqos1";

    private readonly MqttBroker _broker = new();

    public void Dispose() => _broker.Dispose();

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Client_that_comes_back_while_its_session_ends_gets_a_queue_of_its_own(bool expires)
    {
        MqttClient client = _broker.Connect50("c", expirySeconds: 5);
        client.Subscribe("a", 1);
        client.Disconnect();
        MessageQueue old = _broker.VirtualHost.FindQueue(Kept)!;
        MqttClient back = _broker.Open(Wire.Mqtt.ProtocolVersion.Mqtt50);
        Task? coming = null;
        bool wasEarly = false;
        bool wasThere = false; // however slow the client is
        old.Subscribe(
            new Witness(old, () =>
            {
                // The queue is being deleted just now.
                wasThere = _broker.VirtualHost.Sessions.Find("c") is not null;
                coming = Task.Run(
                    () =>
                    {
                        back.Connect("c", cleanStart: false);
                        back.Subscribe("a", 1);
                    },
                    TestContext.Current.CancellationToken);
                wasEarly = Settles(coming, TimeSpan.FromMilliseconds(200));
            }),
            new FlushSet());

        if (expires)
        {
            _broker.Advance(6); // less than the time for CONNECT
        }
        else
        {
            _broker.VirtualHost.Sessions.Delete("c", out _);
        }

        Assert.NotNull(coming);
        Assert.True(Settles(coming, TimeSpan.FromSeconds(20)));
        Assert.Equal((true, false), (wasThere, wasEarly));
        Assert.False(back.IsSessionPresent);
        Assert.NotSame(old, _broker.VirtualHost.FindQueue(Kept));
        _broker.Connect("publisher").PublishAcknowledged("a", "x");
        Assert.Equal("PUBLISH q1 #1 a 'x'", back.Receive());
    }

    [Fact]
    public void Answer_to_the_end_of_a_session_waits_for_the_disk_also_when_it_has_just_ended()
    {
        _broker.Connect50("c").Disconnect();

        CommitTicket first = _broker.VirtualHost.Sessions.Delete("c", out bool was);
        CommitTicket second = _broker.VirtualHost.Sessions.Delete("c", out bool wasAgain);

        Assert.Equal((true, false), (was, wasAgain));
        Assert.False(first.IsNone);
        Assert.Equal(first, second);
    }

    [Fact]
    public void Client_that_is_connected_is_told_that_its_session_was_ended()
    {
        MqttClient client = _broker.Connect50("c");

        _broker.VirtualHost.Sessions.Delete("c", out bool was);

        Assert.True(was);
        Assert.StartsWith("DISCONNECT", client.Receive(), StringComparison.Ordinal);
        Assert.Null(_broker.VirtualHost.Sessions.Find("c"));
    }

    private static bool Settles(Task task, TimeSpan limit) =>
        SpinWait.SpinUntil(() => task.IsCompleted, limit) && task.IsCompletedSuccessfully;

    // Sees the end of a queue from within it.
    private sealed class Witness(MessageQueue queue, Action onEnd)
        : QueueConsumer(queue, "witness", noAck: true, exclusive: false, priority: 0, FieldTable.Empty)
    {
        public override DeliveryOutcome TryDeliver(in Delivery delivery, FlushSet flush) => DeliveryOutcome.Refused;

        public override void OnCancelled(ConsumerCancelReason reason, FlushSet flush) => onEnd();
    }
}
