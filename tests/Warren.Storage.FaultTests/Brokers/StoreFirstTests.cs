using Warren.Buffers;
using Warren.Buffers.Commits;
using Warren.Buffers.Fields;
using Warren.Core;
using Warren.Core.Arguments;
using Warren.Core.Publishing;
using Warren.Core.Queues;
using Warren.Core.Routing;
using Warren.Core.Security;
using Xunit;

namespace Warren.Storage.FaultTests.Brokers;

/// <summary>Memory changes only when what changes it is stored, and what was answered with yes is on the disk.</summary>
public sealed class StoreFirstTests : IDisposable
{
    private readonly SimulatedDisk _disk = new(7);
    private readonly FaultBroker _broker;

    public StoreFirstTests() => _broker = new FaultBroker(_disk);

    public void Dispose() => _broker.Dispose();

    [Fact]
    public void A_bind_that_failed_has_not_happened_and_fails_again_until_it_is_stored()
    {
        MessageQueue queue = _broker.Declare("q");
        FailDisk();

        for (int attempt = 0; attempt < 2; attempt++)
        {
            BrokerError error = Assert.Throws<BrokerError>(
                () => _broker.Host.BindQueue(User.Operator, "amq.direct", queue, "key", FieldTable.Empty));
            Assert.Equal(BrokerErrorKind.InternalError, error.Kind);
            Assert.Empty(_broker.Host.BindingsTo(queue));
        }
    }

    [Fact]
    public void An_unbind_and_a_delete_that_cannot_be_stored_change_nothing()
    {
        MessageQueue queue = _broker.Declare("q");
        Assert.Equal(
            CommitState.Committed,
            _broker.Wait(_broker.Host.BindQueue(User.Operator, "amq.direct", queue, "key", FieldTable.Empty)));
        FailDisk();

        Assert.Throws<BrokerError>(() => _broker.Host.UnbindQueue(User.Operator, "amq.direct", queue, "key", FieldTable.Empty));
        Assert.Single(_broker.Host.BindingsTo(queue));
        Assert.Throws<BrokerError>(() => _broker.Host.DeleteQueue(
            User.Operator, "q", _broker, ifUnused: false, ifEmpty: false, new FlushSet(), out _));
        Assert.Same(queue, _broker.Host.FindQueue("q"));
    }

    [Fact]
    public async Task What_was_published_before_the_disk_failed_is_told_no_and_what_comes_after_is_refused()
    {
        MessageQueue queue = _broker.Declare("q");
        _disk.FailAt = _disk.Calls + 1;
        _disk.FailForEver = true;

        Assert.Equal(PublishOutcome.Accepted, _broker.Publish("before", [queue], out CommitTicket ticket));
        Assert.Equal(CommitState.Failed, _broker.Wait(ticket));
        await _broker.Broker.StorageFailed.WaitAsync(TimeSpan.FromSeconds(30), TestContext.Current.CancellationToken);
        Assert.Equal(PublishOutcome.Refused, _broker.Publish("after", [queue], out CommitTicket none));
        Assert.True(none.IsNone);
    }

    [Fact]
    public void Purged_messages_do_not_come_back_once_the_purge_was_answered()
    {
        MessageQueue queue = _broker.Declare("q");
        CommitTicket last = default;
        for (int i = 0; i < 300; i++)
        {
            _broker.Publish($"m{i}", [queue], out last);
        }

        Assert.Equal(CommitState.Committed, _broker.Wait(last));
        Assert.Equal(300, queue.Purge(out CommitTicket purged));
        Assert.Equal(CommitState.Committed, _broker.Wait(purged));
        _broker.KillAndStart();

        Assert.Empty(FaultBroker.Bodies(_broker.Host.FindQueue("q")!));
    }

    [Fact]
    public void A_message_to_more_queues_than_a_record_can_name_is_in_all_of_them_after_a_restart()
    {
        var queues = new MessageQueue[MessageRecords.QueuesPerRecord + 500];
        CommitTicket all = default;
        for (int i = 0; i < queues.Length; i++)
        {
            queues[i] = _broker.Host.DeclareQueue(
                User.Operator, new QueueDeclaration($"q{i}", false, true, false, FieldTable.Empty, null), _broker, out CommitTicket ticket);
            all = all.And(ticket);
        }

        Assert.Equal(CommitState.Committed, _broker.Wait(all));
        Assert.Equal(PublishOutcome.Accepted, _broker.Publish("to all", queues, out CommitTicket published));
        Assert.Equal(CommitState.Committed, _broker.Wait(published));
        Assert.All(queues, static queue => Assert.Equal(1, queue.Counts.Ready));
        _broker.KillAndStart();

        Assert.All(_broker.Host.Queues, static queue => Assert.Equal(1, queue.Counts.Ready));
        Assert.Equal(["to all"], FaultBroker.Bodies(_broker.Host.FindQueue($"q{queues.Length - 1}")!));
    }

    [Fact]
    public void A_transaction_that_is_refused_has_stored_nothing()
    {
        MessageQueue queue = _broker.Declare("q");
        var batch = new AtomicBatch(_broker.Broker);
        string body = new('x', 1 << 20);
        Core.Messages.Message message = _broker.Message(body);
        for (int i = 0; i < 600; i++)
        {
            batch.Publish(message, new Route([queue])); // more than a group of the log holds
        }

        Assert.Throws<BrokerError>(() => batch.Store());
        message.Payload.Release();
        Assert.Equal(PublishOutcome.Accepted, _broker.Publish("next", [queue], out CommitTicket ticket));
        Assert.Equal(CommitState.Committed, _broker.Wait(ticket));
        _broker.KillAndStart();

        Assert.Equal(["next"], FaultBroker.Bodies(_broker.Host.FindQueue("q")!));
    }

    [Fact]
    public void A_transaction_asks_queues_that_reject_and_counts_what_it_brings_itself()
    {
        MessageQueue queue = _broker.Declare(
            "q", ("x-max-length", FieldValue.Of(2L)), ("x-overflow", FieldValue.Of("reject-publish")));
        MessageQueue other = _broker.Declare("other");
        var batch = new AtomicBatch(_broker.Broker);
        Core.Messages.Message message = _broker.Message("m");
        for (int i = 0; i < 4; i++)
        {
            batch.Publish(message, new Route([queue, other]));
        }

        Assert.Equal(CommitState.Committed, _broker.Wait(batch.Store()));
        for (int i = 0; i < 4; i++)
        {
            batch.Deliver(i, new FlushSet());
        }

        message.Payload.Release();
        Assert.Equal((2, 4), (queue.Counts.Ready, other.Counts.Ready));
        _broker.KillAndStart();

        Assert.Equal((2, 4), (_broker.Host.FindQueue("q")!.Counts.Ready, _broker.Host.FindQueue("other")!.Counts.Ready));
    }

    private void FailDisk()
    {
        _disk.FailAt = _disk.Calls + 1;
        _disk.FailForEver = true;
        _broker.Publish("fails", [_broker.Host.FindQueue("q")!], out CommitTicket ticket);
        Assert.Equal(CommitState.Failed, _broker.Wait(ticket));
    }
}
