using Microsoft.Extensions.Logging;
using Warren.Core.Events;

namespace Warren.Server.Logging;

/// <summary>Log lines as messages of the exchange <c>amq.rabbitmq.log</c>, once the broker is there.</summary>
public sealed class ExchangeSink : ILogSink
{
    private volatile LogLines? _lines;
    private volatile int _level;

    /// <summary>Takes lines from this level on.</summary>
    public ExchangeSink(LogLevel level, LogFormat format)
    {
        Level = level;
        Format = format;
    }

    /// <inheritdoc/>
    public LogLevel Level
    {
        get => (LogLevel)_level;
        set => _level = (int)value;
    }

    /// <inheritdoc/>
    public LogFormat Format { get; }

    /// <inheritdoc/>
    public bool TakesEntries => true;

    /// <summary>Lines go there from now on; what came before is not kept.</summary>
    public void Attach(LogLines lines) => _lines = lines;

    /// <inheritdoc/>
    public void Write(in LogEntry entry, ReadOnlySpan<byte> line)
    {
        if (_lines is { IsHeard: true } lines)
        {
            string contentType = Format == LogFormat.Json ? "application/json" : "text/plain";
            lines.Publish(LogLine.NameOf(entry.Level), entry.Time, contentType, line.ToArray());
        }
    }

    /// <summary>Not used: each line has a level of its own.</summary>
    /// <exception cref="NotSupportedException">Always.</exception>
    public void Write(ReadOnlySpan<byte> lines) => throw new NotSupportedException("log lines are messages of their own");

    /// <inheritdoc/>
    public void Dispose() => _lines = null;
}
