using Warren.Protocols.Amqp091;
using Xunit;

namespace Warren.Protocols.Tests.Amqp091;

public sealed class ConfirmSequenceTests
{
    [Fact]
    public void A_batch_without_stored_messages_is_confirmed_at_once_and_together()
    {
        var confirms = new ConfirmSequence();
        confirms.Accepted(0);
        confirms.Accepted(0);
        confirms.EndBatch();

        Assert.Equal(["ack 1-2"], Release(confirms, 0));
        Assert.False(confirms.IsWaiting);
    }

    [Fact]
    public void A_stored_message_waits_until_its_record_is_committed()
    {
        var confirms = new ConfirmSequence();
        confirms.Accepted(10);
        confirms.Accepted(11);
        confirms.EndBatch();

        Assert.Empty(Release(confirms, 10));
        Assert.True(confirms.IsWaiting);
        Assert.Equal(["ack 1-2"], Release(confirms, 11));
    }

    [Fact]
    public void A_refused_message_is_nacked_alone_and_in_order()
    {
        var confirms = new ConfirmSequence();
        confirms.Accepted(5);
        confirms.Refused();
        confirms.Accepted(6);
        confirms.EndBatch();

        Assert.Equal(["ack 1-1", "nack 2", "ack 3-3"], Release(confirms, 6));
    }

    [Fact]
    public void Batches_that_were_committed_together_are_confirmed_in_one_frame()
    {
        var confirms = new ConfirmSequence();
        for (ulong lsn = 1; lsn <= 4; lsn++)
        {
            confirms.Accepted(lsn);
            confirms.EndBatch();
        }

        Assert.Equal(["ack 1-3"], Release(confirms, 3));
        Assert.Equal(["ack 4-4"], Release(confirms, 4));
    }

    private static List<string> Release(ConfirmSequence confirms, ulong committed)
    {
        var frames = new List<string>();
        while (confirms.Release(committed, out ulong first, out ulong upTo, out bool isNack))
        {
            frames.Add(isNack ? $"nack {upTo}" : $"ack {first}-{upTo}");
        }

        return frames;
    }
}
