using Warren.Buffers.Fields;
using Warren.Core;
using Warren.Core.Queues;
using Warren.Core.Security;
using Warren.Core.VirtualHosts;
using Xunit;

namespace Warren.Storage.FaultTests.Brokers;

/// <summary>A start reads everything before anything begins, and finishes what a stop has interrupted.</summary>
public sealed class StartPhaseTests
{
    [Fact]
    public void A_crash_anywhere_in_the_deletion_of_a_virtual_host_does_not_stop_the_start_which_finishes_it()
    {
        for (int call = 1; call < 40; call++)
        {
            using var broker = new FaultBroker(new SimulatedDisk(call));
            broker.Declare("stays");
            broker.Broker.PutVirtualHost("doomed", VirtualHostSettings.Default);
            VirtualHost doomed = broker.Broker.FindVirtualHost("doomed")!;
            for (int i = 0; i < 20; i++)
            {
                doomed.DeclareQueue(
                    User.Operator, new QueueDeclaration($"q{i}", false, Durable: true, false, new FieldTable(), null), broker, out var ticket);
                broker.Wait(ticket);
            }

            broker.Disk.FailAt = broker.Disk.Calls + call;
            broker.Disk.FailForEver = true;
            bool isDeleted = false;
            try
            {
                isDeleted = broker.Broker.DeleteVirtualHost("doomed") && !broker.Disk.HasFailed;
            }
            catch (Exception failure) when (failure is IOException or Core.Arguments.BrokerError)
            {
                Assert.True(broker.Disk.HasFailed);
            }

            broker.Disk.FailForEver = false;
            broker.KillAndStart();

            Assert.NotNull(broker.Host.FindQueue("stays"));
            VirtualHost? left = broker.Broker.FindVirtualHost("doomed");
            Assert.True(left is null || !isDeleted, $"call {call}");
            Assert.False(left?.Settings.IsBeingDeleted ?? false, $"call {call}");
            Assert.True(left is null || left.FindQueue("q19") is not null, $"half of it is left, call {call}");
        }
    }

    [Fact]
    public void Formats_can_neither_be_asked_for_before_the_broker_is_active_nor_be_added_afterwards()
    {
        using var broker = new FaultBroker(new SimulatedDisk(1));
        using Broker second = ReadOnly(broker);

        Assert.False(second.IsActive);
        Assert.Throws<InvalidOperationException>(() => second.FindFormat(1));
        Assert.Null(broker.Broker.FindFormat(1));
        Assert.Throws<InvalidOperationException>(broker.Broker.Activate);
    }

    [Fact]
    public void A_start_that_is_given_up_before_it_is_active_changes_no_segment_and_no_checkpoint()
    {
        using var broker = new FaultBroker(new SimulatedDisk(1));
        MessageQueue queue = broker.Declare("orders");
        broker.Publish("one", [queue], out var ticket);
        broker.Wait(ticket);
        broker.Broker.Log.Abandon();
        broker.Disk.Kill();
        Dictionary<string, byte[]> before = Files(broker.Disk);

        ReadOnly(broker).Dispose();

        Dictionary<string, byte[]> after = Files(broker.Disk);
        foreach ((string path, byte[] bytes) in before.Where(static f => f.Key.Contains("shard-", StringComparison.Ordinal)))
        {
            Assert.True(after.TryGetValue(path, out byte[]? now) && now.AsSpan().SequenceEqual(bytes), path);
        }

        broker.KillAndStart();
        Assert.Equal(["one"], broker.ReadAll("orders"));
    }

    private static Broker ReadOnly(FaultBroker broker) => broker.OpenOnly();

    private static Dictionary<string, byte[]> Files(SimulatedDisk disk) =>
        disk.Paths().ToDictionary(static p => p, p => (byte[])disk.Bytes(p).Clone());
}
