using Warren.Management.Hosting;

namespace Warren.Server.Configuration;

/// <summary>What a server runs with: what it was started with, and of what was read again the settings that need no restart.</summary>
/// <remarks>Thread-safe.</remarks>
internal sealed class RunningConfiguration
{
    private readonly WarrenServerOptions _started;
    private volatile WarrenServerOptions _current;

    public RunningConfiguration(WarrenServerOptions started)
    {
        _started = started;
        _current = started;
    }

    /// <summary>What was read last.</summary>
    public WarrenServerOptions Current
    {
        get => _current;
        set => _current = value;
    }

    /// <summary>Every key, sorted; secrets are hidden.</summary>
    public IReadOnlyList<SettingView> View() =>
    [
        .. Describe(_started).Where(static s => !s.Reloads)
            .Concat(Describe(_current).Where(static s => s.Reloads))
            .OrderBy(static s => s.Key, StringComparer.Ordinal)
            .Select(static s => new SettingView(s.Key, s.Shown, s.Origin, s.Reloads)),
    ];

    private static IReadOnlyList<EffectiveSetting> Describe(WarrenServerOptions options) =>
        options.Describe is { } describe ? describe() : new OptionTable(options).Describe();
}
