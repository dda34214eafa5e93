using Warren.Management.Listing;
using Xunit;

namespace Warren.Management.Tests;

public sealed class LeadingTests
{
    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(7)]
    [InlineData(499)]
    [InlineData(1000)]
    public void First_items_are_those_a_full_sort_puts_first(int count)
    {
        var random = new Random(5);
        int[] items = [.. Enumerable.Range(0, 1000)];
        random.Shuffle(items);

        int[] leading = Leading.Of(items, count, static (a, b) => b.CompareTo(a));

        Assert.Equal(Enumerable.Range(0, 1000).Reverse().Take(count), leading.Take(count));
    }
}
