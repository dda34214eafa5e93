using Warren.Core.Queues;
using Xunit;

namespace Warren.Core.Tests.Queues;

public sealed class MessageTagsTests
{
    [Theory]
    [InlineData(0, 0, 0, -1)]
    [InlineData(1_800_000_000_000, 255, 16_777_216, 0)]
    [InlineData(1_800_000_000_000, 9, 1, 315_360_000_000)]
    [InlineData(17_000_000_000_000, 3, (1 << 30) - 1, 1)]
    public void What_is_packed_is_unpacked(long publishedAt, byte priority, int body, long ttl)
    {
        var tags = new MessageTags(publishedAt, priority, body, ttl);

        Assert.Equal(tags, MessageTags.Unpack(tags.TagA, tags.TagB));
    }
}
