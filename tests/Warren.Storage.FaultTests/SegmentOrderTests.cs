using Warren.Storage.Log;
using Xunit;

namespace Warren.Storage.FaultTests;

/// <summary>Segments come into use in the order of their numbers: a start judges by the number what is left over.</summary>
public sealed class SegmentOrderTests
{
    private readonly SimulatedDisk _disk = new(1);
    private readonly SegmentSupply _supply;

    public SegmentOrderTests()
    {
        var options = new ShardLogOptions { ClusterUuid = Guid.NewGuid(), ReserveBytes = 64 * 1024, SegmentBytes = 32 * 1024 };
        _supply = new LogFiles(_disk, "d", options, TimeProvider.System, nextNumber: 1).Supply;
        _supply.PrepareReserved();
    }

    [Fact]
    public void No_reserved_segment_overtakes_the_spare_one()
    {
        _supply.PrepareSpare();

        Assert.False(_supply.TryTakeReserved(out _));
        Assert.True(_supply.TryTakeSpare(out ReadySegment first));
        Assert.True(_supply.TryTakeReserved(out ReadySegment second));
        Assert.True(first.Number < second.Number);
    }

    [Fact]
    public void A_spare_one_that_was_overtaken_while_it_was_made_is_made_again()
    {
        ReadySegment taken = default;
        _disk.BeforeCall = () =>
        {
            _disk.BeforeCall = null;
            Assert.True(_supply.TryTakeReserved(out taken));
        };

        _supply.PrepareSpare();

        Assert.True(_supply.TryTakeSpare(out ReadySegment spare));
        Assert.True(spare.Number > taken.Number, $"{spare.Number} after {taken.Number}");
        Assert.Single(_disk.Paths(), static path => path.Contains("seg-", StringComparison.Ordinal));
    }
}
