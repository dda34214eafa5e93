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
}
