using Microsoft.Extensions.Logging;

namespace Warren.Server.Logging;

/// <summary>The loggers of one server, writing to its console and its file.</summary>
/// <remarks>Thread-safe. Disposing writes what is waiting.</remarks>
public sealed class ServerLog : ILoggerFactory
{
    private readonly LogOptions _options;
    private readonly TimeProvider _time;
    private readonly LogPump _pump;

    /// <param name="options">Levels of categories.</param>
    /// <param name="time">The clock of the time stamps.</param>
    /// <param name="sinks">Where lines go; closed with the log.</param>
    public ServerLog(LogOptions options, TimeProvider time, IReadOnlyList<ILogSink> sinks)
    {
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(time);
        _options = options;
        _time = time;
        _pump = new LogPump(sinks, time);
    }

    /// <summary>A log as the options describe it.</summary>
    /// <param name="options">What and where to.</param>
    /// <param name="dataDirectory">Holds the log directory when none is named.</param>
    /// <param name="time">The clock of the time stamps.</param>
    public static ServerLog Open(LogOptions options, string dataDirectory, TimeProvider time)
    {
        ArgumentNullException.ThrowIfNull(options);
        var sinks = new List<ILogSink>();
        if (options.Console)
        {
            sinks.Add(new StreamSink(Console.OpenStandardOutput(), options.ConsoleLevel ?? options.Level));
        }

        if (options.File is { Length: > 0 } and not "false")
        {
            string directory = options.Directory ?? Path.Combine(dataDirectory, "log");
            sinks.Add(new RollingFileSink(
                Path.GetFullPath(options.File, Path.GetFullPath(directory)),
                options.FileLevel ?? options.Level,
                options.RotationBytes,
                options.RotationCount));
        }

        return new ServerLog(options, time, sinks);
    }

    /// <inheritdoc/>
    public ILogger CreateLogger(string categoryName)
    {
        ArgumentNullException.ThrowIfNull(categoryName);
        string word = categoryName[(categoryName.LastIndexOf('.') + 1)..];
        LogLevel level = _options.CategoryLevels.TryGetValue(word.ToLowerInvariant(), out LogLevel own) ? own : LogLevel.Trace;
        return new CategoryLogger(categoryName, level > _pump.Level ? level : _pump.Level, _pump, _time);
    }

    /// <summary>Not supported: the sinks are given at the start.</summary>
    /// <exception cref="NotSupportedException">Always.</exception>
    public void AddProvider(ILoggerProvider provider) =>
        throw new NotSupportedException("a broker's log is configured by its options");

    /// <inheritdoc/>
    public void Dispose() => _pump.Dispose();
}
