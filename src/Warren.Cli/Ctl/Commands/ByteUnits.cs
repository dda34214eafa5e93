using System.Globalization;

namespace Warren.Cli.Ctl.Commands;

/// <summary>RabbitMQ's units of memory: powers of ten.</summary>
internal static class ByteUnits
{
    /// <summary>The unit as the options name it.</summary>
    /// <exception cref="CtlError">There is no such unit.</exception>
    public static string Parse(string? unit) => unit?.ToLowerInvariant() switch
    {
        null => "gb",
        "bytes" => "bytes",
        "mb" => "mb",
        "gb" => "gb",
        "tb" => "tb",
        _ => throw CtlError.Usage($"unit {unit} is not supported, please use one of: bytes, mb, gb, tb"),
    };

    /// <summary>A number of bytes in a unit, four digits behind the point.</summary>
    public static string Text(double bytes, string unit) => unit switch
    {
        "bytes" => ((long)bytes).ToString(CultureInfo.InvariantCulture),
        "mb" => Scaled(bytes / 1e6),
        "gb" => Scaled(bytes / 1e9),
        _ => Scaled(bytes / 1e12),
    };

    private static string Scaled(double value) => Math.Round(value, 4).ToString("0.0###", CultureInfo.InvariantCulture);
}
