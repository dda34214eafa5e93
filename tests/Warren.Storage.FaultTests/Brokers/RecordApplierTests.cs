using Microsoft.Extensions.Logging.Abstractions;
using Warren.Buffers.Fields;
using Warren.Core;
using Warren.Core.Persistence;
using Warren.Core.Queues;
using Warren.Core.Security;
using Xunit;

namespace Warren.Storage.FaultTests.Brokers;

/// <summary>What a start builds, record by record: after each one the state is that of the log so far.</summary>
public sealed class RecordApplierTests
{
    [Fact]
    public void References_given_back_and_owners_deleted_later_leave_the_state_of_the_log_so_far()
    {
        using var broker = new FaultBroker(new SimulatedDisk(1));
        MessageQueue orders = broker.Declare("orders");
        broker.Declare("other");
        broker.Host.DeclareExchange(User.Operator, new ExchangeDeclaration("x", "direct", Durable: true, false, false, new FieldTable()));
        broker.Host.BindQueue(User.Operator, "x", orders, "key", new FieldTable());
        ulong binding = broker.Broker.Log.LastLsn;
        broker.Publish("one", [orders], out _);
        ulong one = broker.Broker.Log.LastLsn;
        broker.Publish("two", [orders], out _);
        ulong two = broker.Broker.Log.LastLsn;
        broker.Wait(broker.Broker.Log.Barrier());
        broker.Broker.Log.Abandon();
        broker.Disk.Kill();

        // A follower's broker: it has the metadata, and is fed the log from outside.
        using Broker follower = broker.OpenOnly();
        RecordApplier applier = follower.Recovered;
        VirtualHost host = follower.FindVirtualHost("/")!;
        Assert.Equal((2, 2L), (applier.QueueCount, applier.MessageCount));
        MessageQueue followed = host.FindQueue("orders")!;
        Assert.Single(host.FindExchange("x")!.Bindings);

        applier.OnReleased(orders.Id, one);
        Assert.Equal((1L, 1L), (applier.MessageCount, followed.Counts.Ready));
        Assert.False(followed.Forget(one));

        applier.OnReleased(orders.Id, binding);
        Assert.Empty(host.FindExchange("x")!.Bindings);
        Assert.Equal(1L, followed.Counts.Ready);

        applier.OnOwnerDeleted(orders.Id);
        Assert.Equal((1, 0L), (applier.QueueCount, applier.MessageCount));
        Assert.Null(host.FindQueue("orders"));
        Assert.NotNull(host.FindQueue("other"));
        applier.OnReleased(orders.Id, two);
        Assert.Equal(0L, applier.MessageCount);
    }

    [Fact]
    public void Records_of_an_unknown_owner_are_kept_while_something_is_damaged_and_at_every_start_after_it()
    {
        var orphans = new OrphanedRecords(NullLogger.Instance);
        var metadata = new Metadata.MemoryMetadataStore();
        orphans.Add(7, 20);
        orphans.Judge(metadata, [new DamageReport(DamageKind.LostRecords, "f", 0, 1, 9, "gone")]);
        orphans.Remember(metadata);
        Assert.Equal(1, orphans.KeptCount);

        var later = new OrphanedRecords(NullLogger.Instance);
        later.Add(7, 20);
        later.Add(8, 21); // a message that was on its way to a queue being deleted
        later.Judge(metadata, []);
        later.Remember(metadata);

        Assert.Equal(1, later.KeptCount);
        Assert.True(later.IsEverythingKnown);

        var mended = new OrphanedRecords(NullLogger.Instance);
        mended.Judge(metadata, []);
        mended.Remember(metadata);
        Assert.Empty(metadata.List("lost/"));
    }
}
