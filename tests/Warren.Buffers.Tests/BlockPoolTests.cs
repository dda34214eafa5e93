using Xunit;

namespace Warren.Buffers.Tests;

/// <summary>Blocks fit, come home, and are never lent twice.</summary>
public sealed class BlockPoolTests
{
    [Theory]
    [InlineData(1, BlockPool.SmallSize)]
    [InlineData(BlockPool.SmallSize + 1, BlockPool.MediumSize)]
    [InlineData(BlockPool.MediumSize + 1, BlockPool.LargeSize)]
    [InlineData(BlockPool.LargeSize + 1, BlockPool.LargeSize + 1)]
    public void A_block_is_of_the_next_size(int size, int expected)
    {
        var pool = new BlockPool();

        Block block = pool.Rent(size);

        Assert.Equal(expected, block.Bytes.Length);
        Assert.Equal(expected, pool.RentedBytes);
        pool.Return(block);
        Assert.Equal(0, pool.RentedBytes);
    }

    [Fact]
    public void What_nobody_needs_is_let_go_by_half_and_all_of_it_when_told_so()
    {
        var pool = new BlockPool();
        List<Block> blocks = [.. Enumerable.Range(0, 8).Select(_ => pool.Rent(BlockPool.MediumSize))];
        blocks.ForEach(pool.Return);

        Assert.Equal(0, pool.Trim()); // all were in use since the last call
        Assert.Equal(4 * BlockPool.MediumSize, pool.Trim());
        Assert.Equal(4 * BlockPool.MediumSize, pool.Trim(everything: true));
        Assert.Equal(0, pool.Trim());
    }

    [Fact]
    public void A_returned_block_is_lent_again()
    {
        var pool = new BlockPool();
        Block block = pool.Rent(1);
        pool.Return(block);

        Assert.Same(block, pool.Rent(1));
        Assert.NotSame(block, pool.Rent(1));
    }

    [Fact]
    public void Returning_twice_is_refused()
    {
        var pool = new BlockPool();
        Block block = pool.Rent(1);
        pool.Return(block);

        Assert.Throws<InvalidOperationException>(() => pool.Return(block));
    }

    [Fact]
    public void No_more_is_kept_than_allowed()
    {
        var pool = new BlockPool(keepBytes: 0);
        Block block = pool.Rent(1);
        pool.Return(block);

        Assert.NotSame(block, pool.Rent(1));
    }
}
