using Warren.Buffers;
using Warren.Core.Arguments;
using Warren.Core.Queues;
using Warren.Core.Security;
using Xunit;

namespace Warren.Core.Tests.Queues;

public sealed class QueueEditTests : IDisposable
{
    private readonly LocalBroker _broker = new();
    private readonly FlushSet _flush = new();
    private readonly MessageQueue _from;
    private readonly MessageQueue _to;

    public QueueEditTests()
    {
        _from = _broker.Queue("from");
        _to = _broker.Queue("to");
        foreach (string body in new[] { "a", "b", "c" })
        {
            _broker.Publish("from", body);
        }
    }

    public void Dispose() => _broker.Dispose();

    [Fact]
    public void One_message_is_deleted_out_of_the_middle()
    {
        Assert.Equal(EditOutcome.Done, Edit().Delete(LocalBroker.IdOf(_from, "b"), _flush));

        Assert.Equal("a c", LocalBroker.Shown(_from));
    }

    [Fact]
    public void Moved_message_is_in_the_other_queue_only()
    {
        Assert.Equal(EditOutcome.Done, Edit().Move(LocalBroker.IdOf(_from, "b"), ToQueue("to"), _flush));

        Assert.Equal(("a c", "b"), (LocalBroker.Shown(_from), LocalBroker.Shown(_to)));
    }

    [Fact]
    public void Copied_message_is_in_both_even_when_it_is_out()
    {
        Assert.True(_from.TryGet(noAck: false, _flush, out TakenMessage taken));
        taken.Message.Payload.Release();

        Assert.Equal(EditOutcome.Done, Edit().Copy(taken.EntryId, ToQueue("to"), _flush));

        Assert.Equal(("a* b c", "a"), (LocalBroker.Shown(_from), LocalBroker.Shown(_to)));
    }

    [Fact]
    public void Message_that_is_out_or_gone_can_neither_be_deleted_nor_moved()
    {
        Assert.True(_from.TryGet(noAck: false, _flush, out TakenMessage taken));
        taken.Message.Payload.Release();

        Assert.Equal(EditOutcome.Gone, Edit().Delete(taken.EntryId, _flush));
        Assert.Equal(EditOutcome.Gone, Edit().Move(taken.EntryId, ToQueue("to"), _flush));
        Assert.Equal(EditOutcome.Gone, Edit().Delete(123456, _flush));
        Assert.Equal(EditOutcome.Gone, Edit().Copy(123456, ToQueue("to"), _flush));
        Assert.Equal("a* b c", LocalBroker.Shown(_from));
    }

    [Theory]
    [InlineData(TransferKind.Queue, "nowhere")]
    [InlineData(TransferKind.Queue, "from")]
    [InlineData(TransferKind.Exchange, "nowhere")]
    [InlineData(TransferKind.Exchange, "amq.direct")]
    [InlineData(TransferKind.OriginQueue, "")]
    [InlineData(TransferKind.OriginExchange, "")]
    public void Message_with_nowhere_to_go_stays_where_it_was(TransferKind kind, string name)
    {
        var target = new TransferTarget(_broker.Host, kind, name);

        Assert.Equal(EditOutcome.Unroutable, Edit().Move(LocalBroker.IdOf(_from, "b"), target, _flush));

        Assert.Equal("a b c", LocalBroker.Shown(_from));
    }

    [Fact]
    public void Full_queue_that_rejects_takes_nothing_and_the_source_keeps_it()
    {
        _broker.Queue("full", ("x-max-length", 1), ("x-overflow", "reject-publish"));
        _broker.Publish("full", "first");

        Assert.Equal(EditOutcome.Refused, Edit().Move(LocalBroker.IdOf(_from, "a"), ToQueue("full"), _flush));

        Assert.Equal("a b c", LocalBroker.Shown(_from));
        Assert.Equal((3L, 0L), (_from.Counts.Ready, _from.Counts.Unacked));
    }

    [Fact]
    public void User_who_may_not_read_the_queue_is_refused_before_anything_happens()
    {
        User user = UserWith("^$", "^$");

        Assert.Throws<BrokerError>(() => Edit(user));
    }

    [Fact]
    public void User_who_may_not_publish_there_leaves_the_message_where_it_was()
    {
        QueueEdit edit = Edit(UserWith("^from$", "^$"));

        Assert.Throws<BrokerError>(() => edit.Move(LocalBroker.IdOf(_from, "b"), ToQueue("to"), _flush));

        Assert.Equal(("a b c", ""), (LocalBroker.Shown(_from), LocalBroker.Shown(_to)));
        Assert.Equal((3L, 0L), (_from.Counts.Ready, _from.Counts.Unacked));
    }

    [Fact]
    public void Topic_the_user_may_not_write_is_no_way_to_a_queue_either()
    {
        _broker.Bind("amq.topic", "to", "#");
        User user = UserWith(".*", ".*");
        _broker.Broker.Users.SetTopicPermissions(user.Name, "/", "amq.topic", "^open", ".*");
        QueueEdit edit = Edit(user);

        Assert.Throws<BrokerError>(() => edit.Move(LocalBroker.IdOf(_from, "a"), ToTopic("closed"), _flush));
        Assert.Equal(EditOutcome.Done, edit.Move(LocalBroker.IdOf(_from, "b"), ToTopic("open"), _flush));

        Assert.Equal(("a c", "b"), (LocalBroker.Shown(_from), LocalBroker.Shown(_to)));
    }

    private TransferTarget ToQueue(string name) => new(_broker.Host, TransferKind.Queue, name);

    private TransferTarget ToTopic(string key) => new(_broker.Host, TransferKind.Exchange, "amq.topic", key);

    private QueueEdit Edit(User? user = null) => new(_broker.Broker, _broker.Host, _from, user ?? User.Operator);

    private User UserWith(string read, string write)
    {
        _broker.Broker.Users.Add("worker", "pass", []);
        _broker.Broker.Users.SetPermissions("worker", "/", "^$", write, read);
        return _broker.Broker.Users.Find("worker")!;
    }
}
