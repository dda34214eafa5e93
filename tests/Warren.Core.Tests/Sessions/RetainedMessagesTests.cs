using System.Text;
using Warren.Buffers;
using Warren.Buffers.Commits;
using Warren.Core.Arguments;
using Warren.Core.Messages;
using Warren.Core.Security;
using Warren.Core.Sessions;
using Warren.Core.Tests.Exchanges;
using Warren.Core.Tests.Queues;
using Warren.Storage.FaultTests;
using Xunit;

namespace Warren.Core.Tests.Sessions;

/// <summary>What retained messages may take, and what answers about them wait for.</summary>
public sealed class RetainedMessagesTests : IDisposable
{
    private readonly SteppedBroker _broker = new(new SimulatedDisk(seed: 1));

    private RetainedMessages Retained => _broker.Host.Retained;

    public void Dispose() => _broker.Dispose();

    [Fact]
    public void Words_of_topics_count_to_the_limit_and_are_given_back()
    {
        _broker.Broker.RetainedLimits = new RetainedLimits { BytesMax = 1_000_000 };
        int first = Fill();

        // 100 words each of their own
        Assert.InRange(first, 1, 1_000_000 / (100 * RetainedTree.NodeBytes));
        Retained.ClearAll("#", out int cleared);
        Assert.Equal((first, 0, 0L), (cleared, Retained.Count, Retained.Bytes));
        Assert.Equal(first, Fill());

        // those that share their words have room where those that do not have none
        Retained.ClearAll("#", out _);
        string shared = string.Concat(Enumerable.Repeat("w.", 99));
        for (int i = 0; i < 10 * first; i++)
        {
            Assert.Equal(RetainOutcome.Kept, Keep($"{shared}{i}", "x"));
        }

        int Fill()
        {
            int count = 0;
            while (Keep($"{count}.{string.Join('.', Enumerable.Range(0, 99))}", "x") == RetainOutcome.Kept)
            {
                count++;
            }

            return count;
        }
    }

    [Fact]
    public void Message_that_takes_no_more_than_the_one_before_is_kept_whatever_the_limit_is_now()
    {
        Keep("a", "one");
        _broker.Broker.RetainedLimits = new RetainedLimits { BytesMax = 10 };

        Assert.Equal(RetainOutcome.Kept, Keep("a", "two"));
        Assert.Equal(RetainOutcome.NoRoom, Keep("a", "four"));
        Assert.Equal(RetainOutcome.NoRoom, Keep("b", "x"));
    }

    [Fact]
    public void Empty_message_to_a_topic_without_one_waits_for_whoever_may_have_cleared_it()
    {
        Keep("a", "x");
        CommitTicket first = Retained.Clear("a"u8);

        Retained.Keep(Image("a", ""), null, out CommitTicket again);
        CommitTicket third = Retained.Clear("a"u8);
        CommitTicket all = Retained.ClearAll("#", out int cleared);

        Assert.Equal(0, cleared);
        Assert.False(first.IsNone);
        Assert.Equal([first, first, first], [again, third, all]);
    }

    [Fact]
    public void What_was_cleared_by_a_filter_is_gone_after_a_restart_also_with_a_plus_in_its_name()
    {
        Keep("a+b", "x");
        Keep("c", "x");

        Retained.ClearAll("#", out int cleared);
        _broker.Restart(TimeSpan.Zero);

        Assert.Equal((2, 0), (cleared, Retained.Count));
    }

    [Fact]
    public void Nothing_is_cleared_that_a_failed_log_would_bring_back()
    {
        Keep("a", "x");
        ClientSession session = _broker.Host.Sessions.Open(
            "c", User.Operator, static id => $"mqtt-{id}", cleanStart: false, new Holder(), out _);
        _broker.Host.Sessions.Keep(session, 1000);
        _broker.Host.Sessions.Release(session, session.Holder!, keepsWill: false);
        _broker.Broker.Log.Fail(new IOException("the test says so"));

        Assert.Throws<BrokerError>(() => Retained.Clear("a"u8));
        Assert.Throws<BrokerError>(() => Retained.ClearAll("#", out _));
        Assert.Throws<BrokerError>(() => _broker.Host.Sessions.Delete("c", out _));
        Assert.Equal(1, Retained.Count);
    }

    private RetainOutcome Keep(string topic, string body) => Retained.Keep(Image(topic, body), null, out _);

    // Not released: the test is over before anybody misses it.
    private Message Image(string topic, string body)
    {
        byte[] key = Encoding.UTF8.GetBytes(topic);
        Payload image = _broker.Broker.Slabs.Allocate((int)Message.SizeOf(0, key.Length, 0, body.Length));
        var envelope = new MessageEnvelope(new TableFormat().Tag, MessageFlags.None, 0, _broker.Broker.Clock.NowMs, -1);
        int at = Message.WriteHead(image.Writable, envelope, [], key, [], body.Length);
        Encoding.UTF8.GetBytes(body).CopyTo(image.Writable[at..]);
        return new Message(image);
    }

    private sealed class Holder : ISessionHolder
    {
        public void Displace()
        {
        }
    }
}
