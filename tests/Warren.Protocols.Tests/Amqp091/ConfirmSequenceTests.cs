using Warren.Protocols.Amqp091;
using Xunit;

namespace Warren.Protocols.Tests.Amqp091;

public sealed class ConfirmSequenceTests
{
    private readonly CommitLog _log = new();

    [Fact]
    public void A_batch_without_stored_messages_is_confirmed_at_once_and_together()
    {
        var confirms = new ConfirmSequence();
        confirms.Accepted(default);
        confirms.Accepted(default);
        confirms.EndBatch();

        Assert.Equal(["ack 1-2"], Release(confirms, 0));
        Assert.False(confirms.IsWaiting);
    }

    [Fact]
    public void A_stored_message_waits_until_its_record_is_committed()
    {
        var confirms = new ConfirmSequence();
        confirms.Accepted(_log.At(10));
        confirms.Accepted(_log.At(11));
        confirms.EndBatch();

        Assert.Empty(Release(confirms, 10));
        Assert.True(confirms.IsWaiting);
        Assert.Equal(["ack 1-2"], Release(confirms, 11));
    }

    [Fact]
    public void A_refused_message_is_nacked_alone_and_in_order()
    {
        var confirms = new ConfirmSequence();
        confirms.Accepted(_log.At(5));
        confirms.Refused();
        confirms.Accepted(_log.At(6));
        confirms.EndBatch();

        Assert.Equal(["ack 1-1", "nack 2-2", "ack 3-3"], Release(confirms, 6));
    }

    [Fact]
    public void Batches_that_were_committed_together_are_confirmed_in_one_frame()
    {
        var confirms = new ConfirmSequence();
        for (ulong lsn = 1; lsn <= 4; lsn++)
        {
            confirms.Accepted(_log.At(lsn));
            confirms.EndBatch();
        }

        Assert.Equal(["ack 1-3"], Release(confirms, 3));
        Assert.Equal(["ack 4-4"], Release(confirms, 4));
    }

    [Fact]
    public void What_can_no_longer_be_committed_is_refused_and_what_was_committed_is_not()
    {
        var confirms = new ConfirmSequence();
        confirms.Accepted(_log.At(1));
        confirms.EndBatch();
        confirms.Accepted(_log.At(2));
        confirms.EndBatch();
        confirms.Accepted(_log.At(3));
        confirms.Refused();
        confirms.EndBatch();
        _log.HasFailed = true;

        Assert.Equal(["ack 1-1", "nack 2-4"], Release(confirms, 1));
        Assert.False(confirms.IsWaiting);
    }

    [Fact]
    public void A_message_of_two_logs_waits_for_both()
    {
        var other = new CommitLog();
        var confirms = new ConfirmSequence();
        confirms.Accepted(_log.At(1).And(other.At(7)));
        confirms.EndBatch();

        Assert.Empty(Release(confirms, 1));
        other.Committed = 7;
        Assert.Equal(["ack 1-1"], Release(confirms, 1));
    }

    private List<string> Release(ConfirmSequence confirms, ulong committed)
    {
        _log.Committed = committed;
        var frames = new List<string>();
        while (confirms.Release(out ulong first, out ulong upTo, out bool isNack))
        {
            frames.Add($"{(isNack ? "nack" : "ack")} {first}-{upTo}");
        }

        return frames;
    }
}
