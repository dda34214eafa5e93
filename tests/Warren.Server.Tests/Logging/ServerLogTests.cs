using System.Text;
using Microsoft.Extensions.Logging;
using Warren.Server.Logging;
using Xunit;

namespace Warren.Server.Tests.Logging;

public sealed class ServerLogTests
{
    [Fact]
    public void Each_sink_takes_its_level_and_all_lines_are_written_before_the_end()
    {
        using var all = new MemorySink(LogLevel.Debug);
        using var errors = new MemorySink(LogLevel.Error);
        using (var log = new ServerLog(new LogOptions(), TimeProvider.System, [all, errors]))
        {
            ILogger logger = log.CreateLogger("broker");
            logger.Log(LogLevel.Debug, "one");
            logger.Log(LogLevel.Error, "two");
        }

        Assert.Equal(2, all.Lines.Length);
        Assert.EndsWith("[error] <broker> two", Assert.Single(errors.Lines), StringComparison.Ordinal);
    }

    [Fact]
    public void A_sink_that_takes_entries_gets_each_line_by_itself_with_its_level()
    {
        using var entries = new EntrySink();
        using (var log = new ServerLog(new LogOptions(), TimeProvider.System, [entries]))
        {
            ILogger logger = log.CreateLogger("broker");
            logger.Log(LogLevel.Debug, "not taken");
            logger.Log(LogLevel.Information, "one");
            logger.Log(LogLevel.Error, "two");
        }

        Assert.Equal([LogLevel.Information, LogLevel.Error], entries.Taken.Select(t => t.Level));
        Assert.EndsWith("[info] <broker> one\n", entries.Taken[0].Line, StringComparison.Ordinal);
        Assert.EndsWith("[error] <broker> two\n", entries.Taken[1].Line, StringComparison.Ordinal);
    }

    [Fact]
    public void Category_has_its_own_level()
    {
        var options = new LogOptions
        {
            CategoryLevels = new Dictionary<string, LogLevel>(StringComparer.Ordinal) { ["connection"] = LogLevel.Warning },
        };
        using var sink = new MemorySink(LogLevel.Information);
        using var log = new ServerLog(options, TimeProvider.System, [sink]);

        Assert.False(log.CreateLogger("connection").IsEnabled(LogLevel.Information));
        Assert.True(log.CreateLogger("connection").IsEnabled(LogLevel.Warning));
        Assert.True(log.CreateLogger("queue").IsEnabled(LogLevel.Information));
    }

    [Fact]
    public void Flood_is_bounded_and_the_loss_is_told()
    {
        using var gate = new ManualResetEventSlim();
        using var sink = new MemorySink(LogLevel.Debug, gate);
        using (var log = new ServerLog(new LogOptions(), TimeProvider.System, [sink]))
        {
            ILogger logger = log.CreateLogger("broker");
            for (int i = 0; i < 3 * LogPump.Capacity; i++)
            {
                logger.Log(LogLevel.Information, "line");
            }

            gate.Set();
        }

        Assert.True(sink.Lines.Length <= (2 * LogPump.Capacity) + 2);
        Assert.Contains(sink.Lines, l => l.Contains("log lines were dropped", StringComparison.Ordinal));
    }

    private sealed class MemorySink : ILogSink
    {
        private readonly StringBuilder _text = new();
        private readonly ManualResetEventSlim? _gate;

        public MemorySink(LogLevel level, ManualResetEventSlim? gate = null)
        {
            Level = level;
            _gate = gate;
        }

        public LogLevel Level { get; }

        public string[] Lines => _text.ToString().Split('\n', StringSplitOptions.RemoveEmptyEntries);

        public void Write(ReadOnlySpan<byte> lines)
        {
            _gate?.Wait();
            _text.Append(Encoding.UTF8.GetString(lines));
        }

        public void Dispose()
        {
        }
    }

    private sealed class EntrySink : ILogSink
    {
        public List<(LogLevel Level, string Line)> Taken { get; } = [];

        public LogLevel Level => LogLevel.Information;

        public bool TakesEntries => true;

        public void Write(in LogEntry entry, ReadOnlySpan<byte> line) => Taken.Add((entry.Level, Encoding.UTF8.GetString(line)));

        public void Write(ReadOnlySpan<byte> lines) => throw new InvalidOperationException("lines are wanted one by one");

        public void Dispose()
        {
        }
    }
}
