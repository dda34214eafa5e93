using Microsoft.Extensions.Logging;

namespace Warren.Server.Logging;

/// <summary>One thing that is logged, before anyone lays it out.</summary>
/// <param name="Time">When.</param>
/// <param name="Level">How serious.</param>
/// <param name="Category">Of what: connection, broker, server …</param>
/// <param name="Text">What; it may hold what a client sent.</param>
/// <param name="Exception">Why, where there is one.</param>
public readonly record struct LogEntry(DateTimeOffset Time, LogLevel Level, string Category, string Text, Exception? Exception);
