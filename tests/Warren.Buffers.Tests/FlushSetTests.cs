using Xunit;

namespace Warren.Buffers.Tests;

/// <summary>Each target once per batch, however many there are.</summary>
public sealed class FlushSetTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(16)]
    [InlineData(17)]
    [InlineData(3000)]
    public void Each_target_is_flushed_once_in_the_order_of_its_first_touch(int count)
    {
        var set = new FlushSet();
        var flushed = new List<int>();
        Target[] targets = [.. Enumerable.Range(0, count).Select(i => new Target(() => flushed.Add(i)))];
        for (int batch = 0; batch < 2; batch++)
        {
            flushed.Clear();
            for (int message = 0; message < 3; message++)
            {
                foreach (Target target in targets)
                {
                    set.Add(target);
                    set.Add(target);
                }
            }

            set.FlushAll();

            Assert.Equal(Enumerable.Range(0, count), flushed);
        }

        flushed.Clear();
        set.FlushAll();
        Assert.Empty(flushed);
    }

    [Fact]
    public void A_target_that_was_flushed_can_be_touched_again()
    {
        var set = new FlushSet();
        int flushes = 0;
        var target = new Target(() => flushes++);

        set.Add(target);
        set.FlushAll();
        set.Add(target);
        set.FlushAll();

        Assert.Equal(2, flushes);
    }

    private sealed class Target(Action flush) : IFlushable
    {
        public void Flush() => flush();
    }
}
