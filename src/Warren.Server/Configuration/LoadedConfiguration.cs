namespace Warren.Server.Configuration;

/// <summary>What <see cref="ConfigurationLoader"/> found.</summary>
/// <param name="Options">Ready to start a server with.</param>
/// <param name="File">The file that was read; null when there was none.</param>
/// <param name="Warnings">Settings without effect, one line each.</param>
public sealed record LoadedConfiguration(WarrenServerOptions Options, string? File, IReadOnlyList<string> Warnings);
