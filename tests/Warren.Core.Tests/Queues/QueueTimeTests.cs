using Warren.Buffers;
using Warren.Buffers.Fields;
using Warren.Core.Arguments;
using Warren.Core.Queues;
using Warren.Storage;
using Warren.Core.Security;
using Warren.Protocols.Tests.Amqp091.InMemory;
using Xunit;

namespace Warren.Core.Tests.Queues;

/// <summary>What queues do when their time comes, and what a wall clock that is set does to it: nothing.</summary>
public sealed class QueueTimeTests : IDisposable
{
    private readonly SteppedBroker _broker = new(new DiscardingDisk());

    public void Dispose() => _broker.Dispose();

    [Fact]
    public void Deleted_queues_leave_no_deadlines_behind()
    {
        for (int i = 0; i < 150_000; i++)
        {
            MessageQueue queue = Transient($"reply-{i}", ("x-expires", 86_400_000));
            _broker.Host.DeleteQueue(User.Operator, queue.Name, _broker, false, false, new FlushSet(), out _);
        }

        Assert.Equal(0, _broker.Broker.Scheduler.Count);
    }

    [Fact]
    public void A_queue_in_use_again_does_not_expire_although_its_time_had_come()
    {
        MessageQueue queue = _broker.Queue("q", ("x-expires", 1000));
        _broker.Time.Elapse(TimeSpan.FromMilliseconds(900));
        queue.Subscribe(new NoConsumer(queue), new FlushSet());

        QueueConsumer[]? consumers = queue.MarkDeleted(new QueueDeletion(IfExpired: true), static _ => StoreResult.NothingToStore, out _, out _);

        Assert.Null(consumers);
        _broker.Time.Elapse(TimeSpan.FromSeconds(10));
        Assert.NotNull(_broker.Host.FindQueue("q"));
        Assert.Equal(0, _broker.Broker.Scheduler.Faults);
    }

    [Fact]
    public void An_unused_queue_expires()
    {
        _broker.Queue("q", ("x-expires", 1000));

        _broker.Time.Elapse(TimeSpan.FromMilliseconds(900));
        Assert.NotNull(_broker.Host.FindQueue("q"));
        _broker.Time.Elapse(TimeSpan.FromMilliseconds(200));
        Assert.Null(_broker.Host.FindQueue("q"));
        Assert.Equal(0, _broker.Broker.Scheduler.Count);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(-1)]
    public void A_step_of_the_wall_clock_expires_no_message_and_no_queue_and_keeps_none(int hours)
    {
        _broker.Queue("q", ("x-message-ttl", 60_000));
        _broker.Queue("unused", ("x-expires", 60_000));
        _broker.Publish("q", "a");
        _broker.Publish("q", "b", ttlMs: 30_000);

        _broker.Time.SetWall(TimeSpan.FromHours(hours));
        _broker.Time.Elapse(TimeSpan.FromSeconds(59));
        Assert.NotNull(_broker.Host.FindQueue("unused"));
        Assert.Equal(2, _broker.Counts("q").Ready);

        _broker.Time.Elapse(TimeSpan.FromSeconds(2));
        Assert.Null(_broker.Host.FindQueue("unused"));
        Assert.Equal(0, _broker.Counts("q").Ready);
    }

    [Fact]
    public void A_dead_letter_routing_key_longer_than_a_routing_key_is_refused()
    {
        BrokerError error = Assert.Throws<BrokerError>(() => _broker.Queue(
            "q", ("x-dead-letter-exchange", ""), ("x-dead-letter-routing-key", new string('k', 256))));

        Assert.Equal(BrokerErrorKind.PreconditionFailed, error.Kind);
        Assert.Equal("invalid arg 'x-dead-letter-routing-key' for queue 'q' in vhost '/': routing_key_too_long", error.Text);
        _broker.Queue("q", ("x-dead-letter-exchange", ""), ("x-dead-letter-routing-key", new string('k', 255)));
    }

    private MessageQueue Transient(string name, params (string Name, object Value)[] arguments) => _broker.Host.DeclareQueue(
        User.Operator, new QueueDeclaration(name, false, false, false, Exchanges.TestTopology.Table(arguments), null), _broker, out _);

    private sealed class NoConsumer(MessageQueue queue)
        : QueueConsumer(queue, "none", noAck: false, exclusive: false, priority: 0, FieldTable.Empty)
    {
        public override DeliveryOutcome TryDeliver(in Delivery delivery, FlushSet flush) => DeliveryOutcome.Refused;

        public override void OnCancelled(ConsumerCancelReason reason, FlushSet flush)
        {
        }
    }
}
