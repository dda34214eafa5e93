using Warren.Buffers.Commits;
using Xunit;

namespace Warren.Buffers.Tests;

public sealed class CommitTicketTests
{
    private readonly Source _one = new();
    private readonly Source _other = new();

    [Fact]
    public void Nothing_to_wait_for_is_committed()
    {
        Assert.True(CommitTicket.None.IsNone);
        Assert.Equal(CommitState.Committed, CommitTicket.None.State);
    }

    [Fact]
    public void The_later_of_two_positions_stands_for_both()
    {
        CommitTicket joined = new CommitTicket(_one, 5).And(new CommitTicket(_one, 3));

        Assert.Equal(new CommitTicket(_one, 5), joined);
        Assert.Equal(joined, CommitTicket.None.And(joined));
        Assert.Equal(joined, joined.And(CommitTicket.None));
    }

    [Fact]
    public void A_ticket_of_several_logs_waits_for_each_of_them()
    {
        CommitTicket joined = new CommitTicket(_one, 5).And(new CommitTicket(_other, 2)).And(new CommitTicket(_one, 9));

        Assert.Equal(CommitState.Pending, joined.State);
        _one.Committed = 8;
        _other.Committed = 2;
        Assert.Equal(CommitState.Pending, joined.State);
        _one.Committed = 9;
        Assert.Equal(CommitState.Committed, joined.State);
    }

    [Fact]
    public void A_ticket_of_several_logs_fails_with_one_of_them()
    {
        CommitTicket joined = new CommitTicket(_one, 5).And(new CommitTicket(_other, 2));
        _other.HasFailed = true;

        Assert.Equal(CommitState.Failed, joined.State);
    }

    private sealed class Source : CommitSource
    {
        public ulong Committed { get; set; }

        public bool HasFailed { get; set; }

        public override CommitState StateOf(ulong position) =>
            position <= Committed ? CommitState.Committed : HasFailed ? CommitState.Failed : CommitState.Pending;
    }
}
