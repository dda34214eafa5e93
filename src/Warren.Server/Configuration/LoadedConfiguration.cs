namespace Warren.Server.Configuration;

/// <summary>What <see cref="ConfigurationLoader"/> found.</summary>
/// <param name="Options">Ready to start a server with.</param>
/// <param name="Files">The files that were read, in that order.</param>
/// <param name="Warnings">Settings without effect, one line each.</param>
public sealed record LoadedConfiguration(WarrenServerOptions Options, IReadOnlyList<string> Files, IReadOnlyList<string> Warnings);
