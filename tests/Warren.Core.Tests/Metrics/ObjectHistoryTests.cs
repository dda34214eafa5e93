using Warren.Core.Metrics;
using Xunit;

namespace Warren.Core.Tests.Metrics;

public sealed class ObjectHistoryTests
{
    private static readonly SampleSpan Span = new(600, 5);

    [Fact]
    public void Nothing_is_kept_of_what_is_not_worth_it()
    {
        var history = new ObjectHistory(1, least: 100);

        Assert.False(history.IsDue(60));
        Assert.False(history.IsDue(99));
        Assert.True(history.IsDue(100)); // little by little is enough in the end
    }

    [Fact]
    public void Every_change_counts_once_samples_are_kept()
    {
        var history = new ObjectHistory(1, least: 100);
        Assert.True(history.IsDue(1000));
        history.Add(5000, [1000], Span);

        Assert.True(history.IsDue(1001));
        history.Add(10_000, [1005], Span);
        Assert.Equal(1, history.RateOf(0));
    }

    [Fact]
    public void Number_that_shrinks_is_a_change()
    {
        var history = new ObjectHistory(1);
        Assert.True(history.IsDue(10));
        Assert.True(history.IsDue(5));
        Assert.False(new ObjectHistory(1).IsDue(0));
    }
}
