using Warren.Core.Security;
using Warren.Core.Tests.Queues;
using Warren.Storage.FaultTests;
using Xunit;

namespace Warren.Core.Tests.Security;

/// <summary>The default user and virtual host are made on the first start, whole, and never again.</summary>
public sealed class FirstStartTests
{
    private static readonly UserPermissions Everything = new(".*", ".*", ".*");

    [Fact]
    public void A_first_start_that_a_disk_error_cuts_short_is_made_up_for_by_the_next()
    {
        const int CallsForDefinitions = 60; // and some more
        for (int call = 1; call <= CallsForDefinitions; call++)
        {
            var disk = new SimulatedDisk(call) { FailAt = call };
            TryStart(disk);
            Assert.True(disk.HasFailed);
            disk.FailAt = 0;

            using var broker = new SteppedBroker(disk);

            Assert.True(broker.Broker.FindVirtualHost("/") is not null, $"call {call}");
            Assert.True(Everything == broker.Broker.Users.FindPermissions("guest", "/"), $"call {call}");
        }
    }

    [Fact]
    public void Whoever_has_deleted_the_default_user_and_every_virtual_host_does_not_get_them_back()
    {
        using var broker = new SteppedBroker(new SimulatedDisk(1));
        broker.Broker.Users.Add("root", "secret", ["administrator"]);
        broker.Broker.Users.Remove("guest");
        broker.Broker.DeleteVirtualHost("/");

        broker.Restart(TimeSpan.Zero);

        Assert.Null(broker.Broker.Users.Find("guest"));
        Assert.Null(broker.Broker.FindVirtualHost("/"));
        Assert.NotNull(broker.Broker.Users.Find("root"));
    }

    private static void TryStart(SimulatedDisk disk)
    {
        try
        {
            new SteppedBroker(disk).Dispose();
        }
        catch (IOException)
        {
            // it says that it cannot
        }
    }
}
