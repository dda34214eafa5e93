using System.Collections;

namespace Warren.Server.Configuration;

/// <summary>Where a configuration is looked for.</summary>
public sealed record ConfigurationSources
{
    /// <summary>The file the command line names. Null: the one the environment names, else the system's if it exists.</summary>
    public string? File { get; init; }

    /// <summary>Environment variables, as <see cref="Environment.GetEnvironmentVariables()"/> returns them.</summary>
    public IDictionary Variables { get; init; } = new Hashtable();

    /// <summary>The <c>key=value</c> of each <c>--set</c>.</summary>
    public IReadOnlyList<string> Assignments { get; init; } = [];

    /// <summary>The data directory the command line names; it beats every other setting of it.</summary>
    public string? DataDirectory { get; init; }
}
