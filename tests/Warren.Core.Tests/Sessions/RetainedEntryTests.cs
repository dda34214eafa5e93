using Warren.Buffers.Scheduling;
using Warren.Core.Sessions;
using Xunit;

namespace Warren.Core.Tests.Sessions;

/// <summary>The record of a retained message.</summary>
public sealed class RetainedEntryTests
{
    private static readonly byte[] Image = [1, 2, 3];

    [Theory]
    [InlineData("eve", "sensor/1")]
    [InlineData("eve", "")]
    [InlineData(null, "")]
    public void Record_is_read_as_it_was_written(string? user, string client)
    {
        RetainedSource? source = user is null ? null : new RetainedSource(user, client);
        byte[] stored = [.. RetainedEntry.WriteHead("v\u00f6"u8, source), .. Image];

        (string virtualHost, RetainedEntry entry) = RetainedEntry.Read(stored, RetainedEntry.Layout, 7, new Uptime(8));

        Assert.Equal("v\u00f6", virtualHost);
        Assert.Equal(source, entry.Source);
        Assert.Equal(Image, entry.Image);
        Assert.Equal((7UL, new Uptime(8)), (entry.Lsn, entry.ExpiresAt));
    }

    [Fact]
    public void Record_of_before_the_source_was_kept_is_read()
    {
        byte[] stored = [1, 0, (byte)'/', .. Image];

        (string virtualHost, RetainedEntry entry) = RetainedEntry.Read(stored, layout: 0, 7, new Uptime(8));

        Assert.Equal("/", virtualHost);
        Assert.Null(entry.Source);
        Assert.Equal(Image, entry.Image);
    }

    [Fact]
    public void Record_of_a_newer_broker_is_not_guessed_at()
    {
        Assert.Throws<InvalidDataException>(() => RetainedEntry.Read([1, 0, (byte)'/'], RetainedEntry.Layout + 1, 7, new Uptime(8)));
    }
}
