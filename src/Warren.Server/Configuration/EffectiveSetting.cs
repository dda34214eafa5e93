namespace Warren.Server.Configuration;

/// <summary>One key with the value a server would start with.</summary>
/// <param name="Key">The key as written in a file.</param>
/// <param name="Value">The value as written in a file; null: there is none.</param>
/// <param name="Origin">Where it was set: "warren.conf:12", "WARREN_HEARTBEAT", "--set"; "default" when nowhere.</param>
/// <param name="IsSecret">Whether the value is not for everybody's eyes.</param>
/// <param name="Reloads">Whether a running server takes a change without a restart.</param>
public sealed record EffectiveSetting(string Key, string? Value, string Origin, bool IsSecret, bool Reloads)
{
    /// <summary>The origin of a value that nobody set.</summary>
    public const string Default = "default";

    /// <summary>What may be shown of the value.</summary>
    public string? Shown => IsSecret && !string.IsNullOrEmpty(Value) ? "********" : Value;
}
