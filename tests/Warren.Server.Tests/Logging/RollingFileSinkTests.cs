using Microsoft.Extensions.Logging;
using Warren.Server.Logging;
using Xunit;

namespace Warren.Server.Tests.Logging;

public sealed class RollingFileSinkTests : IDisposable
{
    private readonly string _directory = Path.Combine(Path.GetTempPath(), $"warren-log-{Guid.NewGuid():n}");

    public void Dispose() => Directory.Delete(_directory, recursive: true);

    [Fact]
    public void Full_file_is_kept_under_a_number_and_the_oldest_goes()
    {
        string path = Path.Combine(_directory, "warren.log");
        using (var sink = new RollingFileSink(path, LogLevel.Information, rotationBytes: 10, rotationCount: 2))
        {
            sink.Write("aaaaaaaa\n"u8);
            sink.Write("bbbbbbbb\n"u8);
            sink.Write("cccccccc\n"u8);
            sink.Write("dddddddd\n"u8);
        }

        Assert.Equal("dddddddd\n", File.ReadAllText(path));
        Assert.Equal("cccccccc\n", File.ReadAllText(path + ".1"));
        Assert.Equal("bbbbbbbb\n", File.ReadAllText(path + ".2"));
        Assert.False(File.Exists(path + ".3"));
    }

    [Fact]
    public void New_start_goes_on_where_the_last_one_ended()
    {
        string path = Path.Combine(_directory, "warren.log");
        foreach (string line in new[] { "one\n", "two\n" })
        {
            using var sink = new RollingFileSink(path, LogLevel.Information, rotationBytes: 100, rotationCount: 1);
            sink.Write(System.Text.Encoding.UTF8.GetBytes(line));
        }

        Assert.Equal("one\ntwo\n", File.ReadAllText(path));
    }
}
