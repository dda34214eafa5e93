using Warren.Buffers.Scheduling;
using Warren.Core.Commits;
using Xunit;

namespace Warren.Storage.FaultTests;

/// <summary>Who is told of a commit, and how often.</summary>
public sealed class CommitNotifierTests
{
    private readonly LogWorkload _work = new(1);
    private readonly CommitNotifier _commits;

    public CommitNotifierTests()
    {
        _work.Open();
        _commits = new CommitNotifier(_work.Log, new Scheduler(TimeProvider.System));
    }

    [Fact]
    public void A_waiter_for_what_nobody_has_appended_yet_is_told_once_a_commit()
    {
        var waiter = new Waiter(_work.Log, _ => true);

        _commits.Register(waiter); // all is committed: it is told at once
        Assert.Equal(1, waiter.Told);

        _work.Publish();
        Assert.True(_work.Log.CommitOnce());
        Assert.Equal(2, waiter.Told);
    }

    [Fact]
    public void A_commit_while_a_waiter_is_told_is_told_as_well()
    {
        ulong wanted = 0;
        var waiter = new Waiter(_work.Log, lsn =>
        {
            if (wanted == 0)
            {
                wanted = _work.Publish();
                Assert.True(_work.Log.CommitOnce());
                Assert.True(lsn < wanted);
            }

            return lsn < wanted;
        });

        _commits.Register(waiter);

        Assert.Equal(2, waiter.Told);
        Assert.Equal(wanted, waiter.Last);
    }

    [Fact]
    public void Who_has_enough_is_not_told_again()
    {
        var waiter = new Waiter(_work.Log, _ => false);
        _commits.Register(waiter);

        _work.Publish();
        Assert.True(_work.Log.CommitOnce());

        Assert.Equal(1, waiter.Told);
    }

    private sealed class Waiter(ShardLog log, Func<ulong, bool> wantsMore) : ICommitWaiter
    {
        public int Told { get; private set; }

        public ulong Last { get; private set; }

        public bool OnProgress()
        {
            Told++;
            Last = log.CommittedLsn;
            return wantsMore(Last);
        }
    }
}
