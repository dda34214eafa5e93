namespace Warren.Server.Configuration;

/// <summary>One key whose value differs between what a server runs with and what is configured now.</summary>
/// <param name="Key">The key.</param>
/// <param name="Before">What may be shown of the value the server runs with; null: none.</param>
/// <param name="After">What may be shown of the new value; null: none.</param>
/// <param name="Reloads">Whether a running server takes it.</param>
public sealed record SettingChange(string Key, string? Before, string? After, bool Reloads)
{
    /// <summary>What differs between two configurations, sorted by key.</summary>
    public static IReadOnlyList<SettingChange> Between(WarrenServerOptions before, WarrenServerOptions after)
    {
        Dictionary<string, EffectiveSetting> old = ByKey(before);
        Dictionary<string, EffectiveSetting> now = ByKey(after);
        return
        [
            .. old.Keys.Union(now.Keys, StringComparer.Ordinal)
                .Where(key => old.GetValueOrDefault(key)?.Value != now.GetValueOrDefault(key)?.Value)
                .Order(StringComparer.Ordinal)
                .Select(key => new SettingChange(
                    key,
                    old.GetValueOrDefault(key)?.Shown,
                    now.GetValueOrDefault(key)?.Shown,
                    (now.GetValueOrDefault(key) ?? old[key]).Reloads)),
        ];
    }

    private static Dictionary<string, EffectiveSetting> ByKey(WarrenServerOptions options) =>
        new OptionTable(options).Describe().ToDictionary(s => s.Key, StringComparer.Ordinal);
}
