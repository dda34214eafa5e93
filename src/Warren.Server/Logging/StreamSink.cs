using Microsoft.Extensions.Logging;

namespace Warren.Server.Logging;

/// <summary>Log lines on a stream, such as standard output.</summary>
public sealed class StreamSink : ILogSink
{
    private readonly Stream _stream;
    private volatile LogLevel _level;

    /// <param name="stream">Closed with the sink.</param>
    /// <param name="level">The least serious level taken.</param>
    /// <param name="format">How its lines look.</param>
    public StreamSink(Stream stream, LogLevel level, LogFormat format = LogFormat.PlainText)
    {
        _stream = stream;
        _level = level;
        Format = format;
    }

    /// <inheritdoc/>
    public LogLevel Level
    {
        get => _level;
        set => _level = value;
    }

    /// <inheritdoc/>
    public LogFormat Format { get; }

    /// <inheritdoc/>
    public void Write(ReadOnlySpan<byte> lines)
    {
        _stream.Write(lines);
        _stream.Flush();
    }

    /// <inheritdoc/>
    public void Dispose() => _stream.Dispose();
}
