using Warren.Buffers.Options;

namespace Warren.Server.Logging;

/// <summary>How log lines look.</summary>
public enum LogFormat
{
    /// <summary>For people: <see cref="LogLine"/>.</summary>
    [ConfigValue("plaintext")]
    PlainText,

    /// <summary>For programs, one JSON object a line: <see cref="LogJson"/>.</summary>
    [ConfigValue("json")]
    Json,
}
