using Microsoft.Extensions.Logging;

namespace Warren.Server.Logging;

/// <summary>Log lines on a stream, such as standard output.</summary>
public sealed class StreamSink : ILogSink
{
    private readonly Stream _stream;

    /// <param name="stream">Closed with the sink.</param>
    /// <param name="level">The least serious level taken.</param>
    public StreamSink(Stream stream, LogLevel level)
    {
        _stream = stream;
        Level = level;
    }

    /// <inheritdoc/>
    public LogLevel Level { get; }

    /// <inheritdoc/>
    public void Write(ReadOnlySpan<byte> lines)
    {
        _stream.Write(lines);
        _stream.Flush();
    }

    /// <inheritdoc/>
    public void Dispose() => _stream.Dispose();
}
