using Microsoft.Extensions.Logging;

namespace Warren.Server.Logging;

/// <summary>Where log lines go. Called from one thread.</summary>
public interface ILogSink : IDisposable
{
    /// <summary>The least serious level taken.</summary>
    LogLevel Level { get; }

    /// <summary>How its lines look.</summary>
    LogFormat Format => LogFormat.PlainText;

    /// <summary>Whether it takes each entry by itself, not many lines at once.</summary>
    bool TakesEntries => false;

    /// <summary>Writes one entry, laid out as a line in UTF-8.</summary>
    void Write(in LogEntry entry, ReadOnlySpan<byte> line) => Write(line);

    /// <summary>Writes whole lines, UTF-8.</summary>
    /// <exception cref="IOException">They could not be written; the next ones are offered all the same.</exception>
    void Write(ReadOnlySpan<byte> lines);

    /// <summary>Begins a new file where there is one.</summary>
    /// <exception cref="IOException">It cannot be had.</exception>
    void Rotate()
    {
    }
}
