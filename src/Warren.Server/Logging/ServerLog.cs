using Microsoft.Extensions.Logging;
using Warren.Core.Events;

namespace Warren.Server.Logging;

/// <summary>The loggers of one server, writing to its console and its file.</summary>
/// <remarks>Thread-safe. Disposing writes what is waiting.</remarks>
public sealed class ServerLog : ILoggerFactory
{
    private const int MostCategories = 64;

    private readonly List<CategoryLogger> _loggers = [];
    private readonly Lock _lock = new();
    private readonly StreamSink? _console;
    private readonly RollingFileSink? _file;
    private readonly ExchangeSink? _exchange;
    private LogOptions _options; // guarded by _lock
    private LogLevel _otherwise = LogLevel.Trace; // categories without a level of their own; guarded by _lock
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
        _console = sinks.OfType<StreamSink>().FirstOrDefault();
        _file = sinks.OfType<RollingFileSink>().FirstOrDefault();
        _exchange = sinks.OfType<ExchangeSink>().FirstOrDefault();
        _pump = new LogPump(sinks, time);
    }

    /// <summary>A log as the options describe it.</summary>
    /// <param name="options">What and where to.</param>
    /// <param name="dataDirectory">Holds the log directory when none is named.</param>
    /// <param name="toExchange">Whether lines are messages, too.</param>
    /// <param name="time">The clock of the time stamps.</param>
    public static ServerLog Open(LogOptions options, string dataDirectory, bool toExchange, TimeProvider time)
    {
        ArgumentNullException.ThrowIfNull(options);
        var sinks = new List<ILogSink>();
        if (options.Console)
        {
            sinks.Add(new StreamSink(Console.OpenStandardOutput(), options.ConsoleLevel ?? options.Level, options.ConsoleFormat));
        }

        if (options.File is { Length: > 0 } and not "false")
        {
            string directory = options.Directory ?? Path.Combine(dataDirectory, "log");
            sinks.Add(new RollingFileSink(
                Path.GetFullPath(options.File, Path.GetFullPath(directory)),
                options.FileLevel ?? options.Level,
                options.RotationBytes,
                options.RotationCount,
                options.RotationDate,
                time,
                options.FileFormat));
        }

        if (toExchange)
        {
            sinks.Add(new ExchangeSink(options.ExchangeLevel ?? options.Level, options.ExchangeFormat));
        }

        return new ServerLog(options, time, sinks);
    }

    /// <inheritdoc/>
    public ILogger CreateLogger(string categoryName)
    {
        ArgumentNullException.ThrowIfNull(categoryName);
        lock (_lock)
        {
            var logger = new CategoryLogger(categoryName, LevelOf(categoryName), _pump, _time);
            _loggers.Add(logger);
            return logger;
        }
    }

    /// <summary>The broker is there to publish lines.</summary>
    public void Attach(LogLines lines) => _exchange?.Attach(lines);

    /// <summary>Takes the levels of <paramref name="options"/>; where lines go and how they look stays.</summary>
    public void Reload(LogOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        lock (_lock)
        {
            _options = options;
            _otherwise = LogLevel.Trace;
            if (_console is not null)
            {
                _console.Level = options.ConsoleLevel ?? options.Level;
            }

            if (_file is not null)
            {
                _file.Level = options.FileLevel ?? options.Level;
            }

            if (_exchange is not null)
            {
                _exchange.Level = options.ExchangeLevel ?? options.Level;
            }

            Apply();
        }
    }

    /// <summary>The files written to.</summary>
    public IReadOnlyList<string> Files => _file is null ? [] : [_file.FilePath];

    /// <summary>Changes the level of one category or of everything, until the options are read again.</summary>
    /// <param name="category">Null: all that have no level of their own.</param>
    /// <param name="level">The least serious level logged.</param>
    /// <returns>False: too many categories have a level of their own.</returns>
    public bool SetLevel(string? category, LogLevel level)
    {
        lock (_lock)
        {
            if (category is null)
            {
                _options = _options with { Level = level, ConsoleLevel = null, FileLevel = null, ExchangeLevel = null };
                _otherwise = LogLevel.Trace;
                SetSinks(level);
            }
            else
            {
                var own = new Dictionary<string, LogLevel>(_options.CategoryLevels, StringComparer.Ordinal) { [category] = level };
                if (own.Count > MostCategories)
                {
                    return false;
                }

                // Lines pass if their category and the sink take them: the sink has to open, and the others must not follow.
                if (_pump.Level > level)
                {
                    _otherwise = _otherwise > _pump.Level ? _otherwise : _pump.Level;
                    SetSinks(level);
                }

                _options = _options with { CategoryLevels = own };
            }

            Apply();
            return true;
        }
    }

    /// <summary>Begins a new log file and returns when that is done.</summary>
    public Task RotateAsync() => _pump.RotateAsync();

    private void SetSinks(LogLevel level)
    {
        if (_console is not null)
        {
            _console.Level = level;
        }

        if (_file is not null)
        {
            _file.Level = level;
        }

        if (_exchange is not null)
        {
            _exchange.Level = level;
        }
    }

    private void Apply()
    {
        foreach (CategoryLogger logger in _loggers)
        {
            logger.Level = LevelOf(logger.Category);
        }
    }

    /// <summary>Not supported: the sinks are given at the start.</summary>
    /// <exception cref="NotSupportedException">Always.</exception>
    public void AddProvider(ILoggerProvider provider) =>
        throw new NotSupportedException("a broker's log is configured by its options");

    private LogLevel LevelOf(string category)
    {
        string word = LogLine.ShortCategory(category).ToString().ToLowerInvariant();
        LogLevel level = _options.CategoryLevels.TryGetValue(word, out LogLevel own) ? own : _otherwise;
        LogLevel anywhere = _pump.Level;
        return level > anywhere ? level : anywhere;
    }

    /// <inheritdoc/>
    public void Dispose() => _pump.Dispose();
}
