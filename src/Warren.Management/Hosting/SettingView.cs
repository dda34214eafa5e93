namespace Warren.Management.Hosting;

/// <summary>One key of the configuration the server runs with.</summary>
/// <param name="Key">As written in a file.</param>
/// <param name="Value">What may be shown of its value: stars for a secret; null: there is none.</param>
/// <param name="Source">Where it was set: file and line, a variable, the command line, or <c>default</c>.</param>
/// <param name="Reloads">Whether a running server takes a change.</param>
public sealed record SettingView(string Key, string? Value, string Source, bool Reloads);
