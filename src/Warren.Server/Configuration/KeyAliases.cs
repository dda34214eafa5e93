using System.Globalization;

namespace Warren.Server.Configuration;

/// <summary>Short forms of rabbitmq.conf whose meaning depends on their value.</summary>
internal static class KeyAliases
{
    /// <summary>The setting under the key that declares it.</summary>
    public static ConfigSetting Resolve(ConfigSetting setting) => setting.Key switch
    {
        "vm_memory_high_watermark" or "disk_free_limit" =>
            setting with { Key = setting.Key + (IsFraction(setting.Value) ? ".relative" : ".absolute") },
        _ => setting,
    };

    private static bool IsFraction(string value) =>
        double.TryParse(value, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out double number)
        && (number <= 1 || value.Contains('.', StringComparison.Ordinal));
}
