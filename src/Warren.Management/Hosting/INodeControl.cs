using System.Diagnostics.CodeAnalysis;
using Microsoft.Extensions.Logging;

namespace Warren.Management.Hosting;

/// <summary>What an operator can do to the process around a broker: its listeners, its log, its data.</summary>
/// <remarks>Thread-safe; one change at a time, the others wait.</remarks>
public interface INodeControl
{
    /// <summary>Whether clients are served.</summary>
    NodeState State { get; }

    /// <summary>The log files in use.</summary>
    IReadOnlyList<string> LogFiles { get; }

    /// <summary>Lets no new clients in.</summary>
    Task SuspendListenersAsync();

    /// <summary>Lets clients in again.</summary>
    /// <exception cref="IOException">An address is taken by now.</exception>
    Task ResumeListenersAsync();

    /// <summary>Begins maintenance: lets no clients in and closes those there are.</summary>
    Task DrainAsync();

    /// <summary>Ends maintenance.</summary>
    /// <exception cref="IOException">An address is taken by now.</exception>
    Task ReviveAsync();

    /// <summary>Stops the broker: clients go, management stays.</summary>
    Task StopAsync();

    /// <summary>Starts a stopped broker again; nothing happens to one that runs.</summary>
    /// <exception cref="IOException">An address is taken by now.</exception>
    Task StartAsync();

    /// <summary>Forgets everything stored.</summary>
    /// <returns>False: the broker is not stopped, nothing was done.</returns>
    /// <exception cref="IOException">It could not be stored.</exception>
    Task<bool> ResetAsync();

    /// <summary>Begins new log files.</summary>
    Task RotateLogsAsync();

    /// <summary>Changes a log level until the configuration is read again.</summary>
    /// <param name="category">Null: everything without a level of its own.</param>
    /// <param name="level">The least serious level logged.</param>
    /// <returns>False: this process has no log of its own to change, or too many levels.</returns>
    bool SetLogLevel(string? category, LogLevel level);

    /// <summary>Reads a size such as <c>1GB</c> or <c>512MiB</c> the way configuration files have it.</summary>
    bool TryReadSize(string text, out long bytes);

    /// <summary>Reads the name of a log level.</summary>
    bool TryReadLevel(string text, [NotNullWhen(true)] out LogLevel? level);
}
