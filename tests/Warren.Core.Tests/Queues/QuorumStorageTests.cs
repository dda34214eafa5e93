using Warren.Storage.FaultTests;
using Xunit;

namespace Warren.Core.Tests.Queues;

/// <summary>A quorum queue stores every message, as in RabbitMQ, whatever the delivery mode says.</summary>
public sealed class QuorumStorageTests
{
    [Theory]
    [InlineData("quorum", 3)]
    [InlineData("classic", 0)]
    public void Messages_that_do_not_ask_to_be_stored_are_there_after_a_restart(string type, int kept)
    {
        using var broker = new SteppedBroker(new SimulatedDisk(1));
        broker.Queue("q", ("x-queue-type", type));
        for (int i = 0; i < 3; i++)
        {
            broker.Publish("q", [(byte)i], persistent: false);
        }

        broker.Restart(TimeSpan.Zero);
        broker.Restart(TimeSpan.Zero);

        Assert.Equal(kept, broker.Counts("q").Ready);
    }

    [Fact]
    public void A_message_to_queues_of_both_kinds_is_stored_for_the_one_and_in_both()
    {
        using var broker = new SteppedBroker(new SimulatedDisk(1));
        foreach (string type in new[] { "quorum", "classic" })
        {
            broker.Host.BindQueue(
                Core.Security.User.Operator, "amq.fanout", broker.Queue(type, ("x-queue-type", type)), "", Buffers.Fields.FieldTable.Empty);
        }

        broker.PublishTo("amq.fanout", "x", persistent: false);
        Assert.Equal((1, 1), (broker.Counts("quorum").Ready, broker.Counts("classic").Ready));

        broker.Restart(TimeSpan.Zero);
        Assert.Equal((1, 0), (broker.Counts("quorum").Ready, broker.Counts("classic").Ready));
    }
}
