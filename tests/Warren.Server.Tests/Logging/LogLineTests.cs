using Microsoft.Extensions.Logging;
using Warren.Server.Logging;
using Xunit;

namespace Warren.Server.Tests.Logging;

public sealed class LogLineTests
{
    private static readonly DateTimeOffset Time = new DateTimeOffset(2026, 11, 21, 2, 43, 41, TimeSpan.Zero).AddTicks(1_167_260);

    [Fact]
    public void Line_looks_as_RabbitMQ_s()
    {
        string line = LogLine.Format(new LogEntry(Time, LogLevel.Information, "connection", "started TCP listener on 127.0.0.1:5672", null));

        Assert.Equal("2026-11-21 02:43:41.116726+00:00 [info] <connection> started TCP listener on 127.0.0.1:5672\n", line);
    }

    [Theory]
    [InlineData("a\nb", "a\\u000ab")]
    [InlineData("\u001b[2J", "\\u001b[2J")]
    [InlineData("a\u2028b", "a\\u2028b")]
    [InlineData("a\u202Eb", "a\\u202eb")]
    public void Text_from_outside_can_neither_forge_a_line_nor_drive_a_terminal(string text, string shown)
    {
        string line = LogLine.Format(new LogEntry(Time, LogLevel.Warning, "connection", text, null));

        Assert.EndsWith($"<connection> {shown}\n", line, StringComparison.Ordinal);
    }

    [Fact]
    public void Long_text_is_cut()
    {
        string line = LogLine.Format(new LogEntry(Time, LogLevel.Warning, "connection", new string('x', 1_000_000), null));

        Assert.InRange(line.Length, 8_000, 9_000);
    }

    [Fact]
    public void Exception_follows_indented()
    {
        string line = LogLine.Format(new LogEntry(Time, LogLevel.Error, "Warren.Core.Broker", "failed", new InvalidOperationException("why\nso")));

        string[] lines = line.TrimEnd('\n').Split('\n');
        Assert.EndsWith("[error] <Broker> failed", lines[0], StringComparison.Ordinal);
        Assert.Equal(["  System.InvalidOperationException: why", "  so"], lines[1..]);
    }
}
