using Microsoft.Extensions.Logging;

namespace Warren.Server.Logging;

/// <summary>Writes the entries of one category.</summary>
internal sealed class CategoryLogger : ILogger
{
    private readonly string _category;
    private volatile LogLevel _level;
    private readonly LogPump _pump;
    private readonly TimeProvider _time;

    public CategoryLogger(string category, LogLevel level, LogPump pump, TimeProvider time)
    {
        _category = category;
        _level = level;
        _pump = pump;
        _time = time;
    }

    public string Category => _category;

    /// <summary>The least serious level taken; it may change at any time.</summary>
    public LogLevel Level
    {
        get => _level;
        set => _level = value;
    }

    public IDisposable? BeginScope<TState>(TState state)
        where TState : notnull => null;

    public bool IsEnabled(LogLevel logLevel) => logLevel >= _level && logLevel != LogLevel.None;

    public void Log<TState>(
        LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
    {
        if (IsEnabled(logLevel))
        {
            string text = formatter(state, exception);
            _pump.Post(new LogEntry(_time.GetUtcNow(), logLevel, _category, text, exception));
        }
    }
}
