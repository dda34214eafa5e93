using System.Buffers;
using System.Text;
using System.Text.Json;
using Microsoft.Extensions.Logging;
using Warren.Server.Logging;
using Xunit;

namespace Warren.Server.Tests.Logging;

public sealed class LogJsonTests
{
    private static readonly DateTimeOffset Time = new DateTimeOffset(2026, 11, 21, 2, 43, 41, TimeSpan.Zero).AddTicks(1_167_260);

    [Fact]
    public void Entry_is_one_object_on_one_line()
    {
        string line = Write(new LogEntry(Time, LogLevel.Warning, "connection", "user '\r\n\u001b[2J\u2028' came", new InvalidOperationException("why")));

        Assert.EndsWith("\n", line, StringComparison.Ordinal);
        Assert.DoesNotContain(line.TrimEnd('\n'), c => char.IsControl(c) || c > '~');
        using var json = JsonDocument.Parse(line);
        Assert.Equal("2026-11-21 02:43:41.116726+00:00", json.RootElement.GetProperty("time").GetString());
        Assert.Equal("warning", json.RootElement.GetProperty("level").GetString());
        Assert.Equal("user '\r\n\u001b[2J\u2028' came", json.RootElement.GetProperty("msg").GetString());
        Assert.Equal("connection", json.RootElement.GetProperty("category").GetString());
        Assert.Contains("why", json.RootElement.GetProperty("exception").GetString()!, StringComparison.Ordinal);
    }

    [Fact]
    public void Secret_is_not_written()
    {
        Assert.DoesNotContain("s3cret", Write(new LogEntry(Time, LogLevel.Error, "link", "amqp://a:s3cret@b", null)), StringComparison.Ordinal);
    }

    private static string Write(in LogEntry entry)
    {
        var output = new ArrayBufferWriter<byte>();
        LogJson.Write(entry, output);
        return Encoding.UTF8.GetString(output.WrittenSpan);
    }
}
