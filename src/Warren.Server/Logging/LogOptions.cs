using Microsoft.Extensions.Logging;
using Warren.Buffers.Options;

namespace Warren.Server.Logging;

/// <summary>What is logged and where to.</summary>
public sealed record LogOptions
{
    /// <summary>The least serious line that is logged anywhere, unless a more specific level says otherwise.</summary>
    [ConfigKey("log.level", "log.default.level", Reloads = true)]
    public LogLevel Level { get; init; } = LogLevel.Information;

    /// <summary>Whether lines go to standard output.</summary>
    [ConfigKey("log.console")]
    public bool Console { get; init; } = true;

    /// <summary>The level of standard output. Null: <see cref="Level"/>.</summary>
    [ConfigKey("log.console.level", Reloads = true)]
    public LogLevel? ConsoleLevel { get; init; }

    /// <summary>How lines on standard output look.</summary>
    [ConfigKey("log.console.formatter")]
    public LogFormat ConsoleFormat { get; init; }

    /// <summary>How lines in the file look.</summary>
    [ConfigKey("log.file.formatter")]
    public LogFormat FileFormat { get; init; }

    /// <summary>The log file, relative to <see cref="Directory"/>. "false" or null: none.</summary>
    [ConfigKey("log.file")]
    public string? File { get; init; }

    /// <summary>The level of the file. Null: <see cref="Level"/>.</summary>
    [ConfigKey("log.file.level", Reloads = true)]
    public LogLevel? FileLevel { get; init; }

    /// <summary>The level of the exchange <c>amq.rabbitmq.log</c>. Null: <see cref="Level"/>.</summary>
    [ConfigKey("log.exchange.level", Reloads = true)]
    public LogLevel? ExchangeLevel { get; init; }

    /// <summary>How lines in messages of the exchange look.</summary>
    [ConfigKey("log.exchange.formatter")]
    public LogFormat ExchangeFormat { get; init; }

    /// <summary>Where log files are. Null: <c>log</c> in the data directory.</summary>
    [ConfigKey("log.dir")]
    public string? Directory { get; init; }

    /// <summary>When a new file is begun whatever its size. Null: never.</summary>
    [ConfigKey("log.file.rotation.date")]
    public RotationSchedule? RotationDate { get; init; }

    /// <summary>Bytes at which a new file is begun.</summary>
    [ConfigKey("log.file.rotation.size", Unit = ConfigUnit.Bytes, Min = 1024)]
    public long RotationBytes { get; init; } = 100_000_000;

    /// <summary>Old files kept beside the current one.</summary>
    [ConfigKey("log.file.rotation.count", Max = 1000)]
    public int RotationCount { get; init; } = 5;

    /// <summary>Levels of single categories, such as connection, channel or queue.</summary>
    [ConfigKey("log.$category.level", Reloads = true)]
    public IReadOnlyDictionary<string, LogLevel> CategoryLevels { get; init; } = new Dictionary<string, LogLevel>(StringComparer.Ordinal);
}
