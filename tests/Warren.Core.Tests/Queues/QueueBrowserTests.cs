using System.Text;
using Warren.Buffers;
using Warren.Core.Queues;
using Xunit;

namespace Warren.Core.Tests.Queues;

public sealed class QueueBrowserTests : IDisposable
{
    private readonly LocalBroker _broker = new();

    public void Dispose() => _broker.Dispose();

    [Fact]
    public void Messages_are_shown_in_the_order_of_their_delivery_and_stay_as_they_are()
    {
        MessageQueue queue = Filled("a", "b", "c");

        Assert.Equal("a b c", LocalBroker.Shown(queue));
        Assert.Equal("a b c", LocalBroker.Shown(queue));
        Assert.Equal((3L, 0L), (queue.Counts.Ready, queue.Counts.Unacked));
    }

    [Fact]
    public void Message_that_is_out_is_shown_as_such_until_it_is_back()
    {
        MessageQueue queue = Filled("a", "b");
        var flush = new FlushSet();
        Assert.True(queue.TryGet(noAck: false, flush, out TakenMessage taken));
        taken.Message.Payload.Release();

        Assert.Equal("a* b", LocalBroker.Shown(queue));

        queue.PutBack([taken.EntryId], flush);
        Assert.Equal("a b", LocalBroker.Shown(queue));
    }

    [Fact]
    public void Higher_priorities_are_shown_first()
    {
        MessageQueue queue = _broker.Queue("q", ("x-max-priority", 5));
        _broker.Publish("q", "low", 1);
        _broker.Publish("q", "high", 5);
        _broker.Publish("q", "lower", 0);
        _broker.Publish("q", "high-too", 5);

        Assert.Equal("high high-too low lower", LocalBroker.Shown(queue));
    }

    [Fact]
    public void Skipping_counts_what_is_passed_and_reading_goes_on_behind_it()
    {
        MessageQueue queue = Filled([.. Enumerable.Range(0, 700).Select(i => $"{i}")]); // more than two slices
        QueueBrowser browser = queue.Browse();

        browser.Skip(300);
        List<string> bodies = [];
        bool more = browser.Read(300, (in BrowsedMessage m) =>
        {
            Assert.Equal(300 + bodies.Count, m.Position);
            bodies.Add(Encoding.UTF8.GetString(m.Message.Body));
            return true;
        });

        Assert.True(more);
        Assert.Equal(("300", "599", 300), (bodies[0], bodies[^1], bodies.Count));
        Assert.Equal(600, browser.Position);
        browser.Skip(1000);
        Assert.True(browser.AtEnd);
        Assert.Equal(700, browser.Position);
        Assert.False(browser.Read(1, (in BrowsedMessage _) => throw new InvalidOperationException("there is nothing left")));
    }

    [Fact]
    public void Visitor_that_has_seen_enough_stops_it()
    {
        QueueBrowser browser = Filled("a", "b", "c").Browse();
        int seen = 0;

        bool more = browser.Read(100, (in BrowsedMessage _) => ++seen < 2);

        Assert.False(more);
        Assert.Equal(2, seen);
    }

    [Fact]
    public void Message_that_goes_while_others_are_shown_is_no_trouble()
    {
        MessageQueue queue = Filled("a", "b", "c");
        QueueBrowser browser = queue.Browse();
        int seen = 0;

        browser.Read(100, (in BrowsedMessage _) =>
        {
            queue.Purge(out Warren.Buffers.Commits.CommitTicket _);
            seen++;
            return true;
        });

        Assert.InRange(seen, 1, 3);
        Assert.Equal("", LocalBroker.Shown(queue));
    }

    [Fact]
    public void Empty_queue_ends_at_once()
    {
        QueueBrowser browser = _broker.Queue("empty").Browse();

        Assert.False(browser.Read(10, (in BrowsedMessage _) => true));
        Assert.Equal((true, 0L), (browser.AtEnd, browser.Position));
    }

    private MessageQueue Filled(params string[] bodies)
    {
        MessageQueue queue = _broker.Queue("q");
        foreach (string body in bodies)
        {
            _broker.Publish("q", body);
        }

        return queue;
    }
}
