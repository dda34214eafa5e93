using System.Text;
using Warren.Buffers;
using Warren.Buffers.Scheduling;
using Warren.Core.Arguments;
using Warren.Core.Queues;
using Warren.Core.Security;
using Warren.Core.Tests.Queues;
using Warren.Storage.FaultTests;
using Xunit;

namespace Warren.Core.Tests.DeadLettering;

/// <summary>What cannot be forwarded now stays with its queue until it can.</summary>
public sealed class DeadLetterForwarderTests : IDisposable
{
    private readonly SimulatedDisk _disk = new(seed: 1);
    private readonly SteppedBroker _broker;

    public DeadLetterForwarderTests()
    {
        _broker = new SteppedBroker(_disk);
        _broker.Queue("dead");
    }

    public void Dispose() => _broker.Dispose();

    [Fact]
    public void Messages_that_expired_while_the_broker_was_down_are_dead_lettered_once_their_encoding_is_known()
    {
        Declare("q", ttlMs: 3000);
        PublishMany("q", 100);

        _broker.Restart(away: TimeSpan.FromSeconds(10), knowsFormat: false);
        _broker.Time.Elapse(TimeSpan.FromSeconds(1));
        Assert.Equal(0, _broker.Counts("dead").Ready);
        _broker.RegisterFormat();
        _broker.Time.Elapse(TimeSpan.FromMinutes(1));

        AssertAllDead(100);
    }

    [Fact]
    public void A_start_without_the_encoding_loses_nothing_for_the_next_start()
    {
        Declare("q", ttlMs: 3000);
        PublishMany("q", 100);

        _broker.Restart(away: TimeSpan.FromSeconds(10), knowsFormat: false);
        _broker.Time.Elapse(TimeSpan.FromSeconds(1));
        _broker.Restart(away: TimeSpan.FromSeconds(10));
        _broker.Time.Elapse(TimeSpan.FromMinutes(1));

        AssertAllDead(100);
    }

    [Fact]
    public void A_disk_that_cannot_be_read_for_a_while_loses_no_dead_letter()
    {
        Declare("q", ttlMs: 60_000);
        PublishMany("q", 100);
        _broker.Restart(away: TimeSpan.Zero); // so that the bodies are on the disk only

        _disk.FailReads = true;
        _broker.Time.Elapse(TimeSpan.FromMinutes(2));
        Assert.Equal(0, _broker.Counts("dead").Ready);
        _disk.FailReads = false;
        _broker.Time.Elapse(TimeSpan.FromMinutes(2));

        Assert.Equal(100, _broker.Counts("dead").Ready);
        Assert.Equal(0, _broker.Counts("q").Ready);
        _broker.Restart(away: TimeSpan.Zero);
        Assert.Equal(100, _broker.Counts("dead").Ready);
    }

    [Fact]
    public void A_purge_just_when_letters_are_due_strands_none()
    {
        Declare("q", ttlMs: 3000);
        PublishMany("q", 100);
        _broker.Restart(away: TimeSpan.Zero); // so that the bodies are on the disk only
        _disk.FailReads = true;
        _broker.Time.Elapse(TimeSpan.FromSeconds(5));
        _disk.FailReads = false;
        var queue = (ClassicQueue)_broker.Host.FindQueue("q")!;
        Assert.Equal(100, queue.Letters.Count);

        var purge = new Deadline(_broker.Broker.Scheduler, new Purge(queue));
        purge.Set(new Uptime(queue.Letters.DueAt.Ms - 1));
        _broker.Time.Elapse(TimeSpan.FromMinutes(10));
        _broker.Publish("q", "100");
        _broker.Time.Elapse(TimeSpan.FromMinutes(10));

        AssertAllDead(101);
    }

    [Fact]
    public void A_page_in_that_fails_is_tried_again_and_damages_nothing()
    {
        MessageQueue queue = _broker.Queue("q");
        PublishMany("q", 10);
        _broker.Restart(away: TimeSpan.Zero);
        queue = _broker.Host.FindQueue("q")!;

        _disk.FailReads = true;
        Assert.Throws<BrokerError>(() => queue.TryGet(noAck: true, new FlushSet(), out _));
        _disk.FailReads = false;

        Assert.True(queue.TryGet(noAck: true, new FlushSet(), out TakenMessage taken));
        Assert.Equal("0", Encoding.UTF8.GetString(taken.Message.Body));
        taken.Message.Payload.Release();
        Assert.Equal(0, _broker.Counts("q").Damaged);
    }

    [Fact]
    public void A_log_that_refuses_keeps_the_letter_where_it_is()
    {
        Declare("q", ttlMs: 60_000);
        PublishMany("q", 100);
        _broker.Broker.Commits.Request();
        Assert.True(SpinWait.SpinUntil(() => _broker.Broker.Log.CommittedLsn >= _broker.Broker.Log.LastLsn, TimeSpan.FromMinutes(1)));
        _disk.FailAt = _disk.Calls + 1;
        _disk.FailForEver = true;
        _broker.Publish("q", "not stored");
        _broker.Broker.Commits.Request();

        Assert.True(SpinWait.SpinUntil(() => _broker.Broker.Log.State != Warren.Storage.LogState.Open, TimeSpan.FromMinutes(1)));
        _broker.Time.Elapse(TimeSpan.FromMinutes(2));

        Assert.Equal(0, _broker.Counts("dead").Ready);
        _disk.FailAt = 0;
        _disk.FailForEver = false;
        _broker.Restart(away: TimeSpan.Zero);
        _broker.Time.Elapse(TimeSpan.FromMinutes(2));
        Assert.InRange(_broker.Counts("dead").Ready, 100, 101);
    }

    [Fact]
    public void A_dead_letter_to_more_queues_than_a_record_holds_ends_nothing()
    {
        _broker.Queue("q", ("x-message-ttl", 1000), ("x-dead-letter-exchange", "amq.fanout"));
        for (int i = 0; i < 66_000; i++)
        {
            _broker.Host.BindQueue(
                User.Operator, "amq.fanout", _broker.Queue($"q{i}"), "", Warren.Buffers.Fields.FieldTable.Empty);
        }

        _broker.Publish("q", "hello");
        _broker.Queue("other", ("x-expires", 2000));
        _broker.Time.Elapse(TimeSpan.FromSeconds(5));

        Assert.Null(_broker.Host.FindQueue("other")); // the timers go on
    }

    [Fact]
    public void A_missing_exchange_drops_the_message_as_RabbitMQ_does()
    {
        _broker.Queue("q", ("x-message-ttl", 1000), ("x-dead-letter-exchange", "not-there"));
        PublishMany("q", 3);

        _broker.Time.Elapse(TimeSpan.FromSeconds(2));

        Assert.Equal(0, _broker.Counts("q").Ready);
        Assert.Equal(0, _broker.Broker.Scheduler.Count);
    }

    [Fact]
    public void A_policy_over_a_long_queue_cuts_it_down_in_steps_and_in_order()
    {
        Declare("q", ttlMs: 3_600_000);
        PublishMany("q", 5000);

        _broker.PutPolicy("^q$", """{"max-length":10}""");

        Assert.InRange(_broker.Counts("q").Ready, 5000 - (2 * DeadLetterLine.SliceMax), 4999);
        _broker.Time.Elapse(TimeSpan.FromSeconds(1));
        Assert.Equal(10, _broker.Counts("q").Ready);
        Assert.Equal(Enumerable.Range(0, 4990).Select(static i => $"{i}"), LocalBroker.Shown(_broker.Host.FindQueue("dead")!).Split(' '));
    }

    [Fact]
    public void A_publish_pushes_out_exactly_as_many_as_it_must()
    {
        _broker.Queue("q", ("x-max-length", 10), ("x-dead-letter-exchange", ""), ("x-dead-letter-routing-key", "dead"));

        for (int i = 0; i < 1000; i++)
        {
            _broker.Publish("q", $"{i}");
            Assert.Equal(Math.Min(10, i + 1), _broker.Counts("q").Ready);
            Assert.Equal(Math.Max(0, i - 9), _broker.Counts("dead").Ready);
        }
    }

    [Fact]
    public void Many_that_expire_at_once_go_in_steps_and_in_order()
    {
        Declare("q", ttlMs: 1000);
        PublishMany("q", 3000);

        _broker.Time.Elapse(TimeSpan.FromSeconds(3));

        Assert.Equal(Enumerable.Range(0, 3000).Select(static i => $"{i}"), LocalBroker.Shown(_broker.Host.FindQueue("dead")!).Split(' '));
        Assert.Equal(0, _broker.Counts("q").Ready);
    }

    private void Declare(string queue, int ttlMs) => _broker.Queue(
        queue, ("x-message-ttl", ttlMs), ("x-dead-letter-exchange", ""), ("x-dead-letter-routing-key", "dead"));

    private void PublishMany(string queue, int count)
    {
        for (int i = 0; i < count; i++)
        {
            _broker.Publish(queue, $"{i}");
        }
    }

    private void AssertAllDead(int count)
    {
        Assert.Equal(0, _broker.Counts("q").Ready);
        Assert.Equal(
            Enumerable.Range(0, count).Select(static i => $"{i}"), LocalBroker.Shown(_broker.Host.FindQueue("dead")!).Split(' '));
    }

    private sealed class Purge(MessageQueue queue) : IDue
    {
        public void OnDue(Uptime now) => queue.Purge(out _);
    }
}
