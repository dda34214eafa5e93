using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Security;
using System.Reflection;
using Microsoft.Extensions.Logging;
using Warren.Buffers.Options;
using Warren.Server.Logging;
using Warren.Transport.Tls;

namespace Warren.Server.Configuration;

/// <summary>Turns the text of one value into the type of its property.</summary>
/// <remarks>A failure is returned as a description of the form that was expected; the caller knows key and place.</remarks>
internal static class OptionText
{
    private static readonly (string Suffix, double Factor)[] Sizes =
    [
        ("k", 1e3), ("K", 1e3), ("kB", 1e3), ("KB", 1e3), ("kb", 1e3), ("m", 1e6), ("M", 1e6), ("MB", 1e6), ("mb", 1e6),
        ("g", 1e9), ("G", 1e9), ("GB", 1e9), ("gb", 1e9), ("T", 1e12), ("TB", 1e12), ("tb", 1e12), ("P", 1e15), ("PB", 1e15),
        ("Ki", 1L << 10), ("KiB", 1L << 10), ("kiB", 1L << 10), ("Mi", 1L << 20), ("MiB", 1L << 20), ("Gi", 1L << 30),
        ("GiB", 1L << 30), ("Ti", 1L << 40), ("TiB", 1L << 40), ("Pi", 1L << 50), ("PiB", 1L << 50), ("B", 1),
    ];

    private static readonly (string Suffix, double Factor)[] Durations =
    [
        ("ms", 1), ("s", 1e3), ("m", 60e3), ("h", 3600e3), ("d", 86400e3),
    ];

    /// <summary>Reads a size in bytes such as 1048576, 64MB or 64MiB; null: it is none.</summary>
    public static long? Size(string text) =>
        TryParse(text, typeof(long), new ConfigKeyAttribute("size") { Unit = ConfigUnit.Bytes }, out object? value, out _) ? (long)value! : null;

    /// <summary>Reads the name of a log level; null: it is none.</summary>
    public static LogLevel? Level(string text) => TryParseLevel(text, out object? value, out _) ? (LogLevel)value! : null;

    /// <summary>Reads a value. On failure <paramref name="expected"/> says what would have been right.</summary>
    public static bool TryParse(string text, Type type, ConfigKeyAttribute attribute, out object? value, out string expected)
    {
        Type? bare = Nullable.GetUnderlyingType(type);
        if (bare is not null && bare != typeof(LogLevel) && text is "infinity" or "unlimited")
        {
            value = null;
            expected = "";
            return true;
        }

        if (bare == typeof(ushort) && text is "none")
        {
            value = null;
            expected = "";
            return true;
        }

        type = bare ?? type;
        if (type == typeof(string))
        {
            value = text;
            expected = "";
            return true;
        }

        if (type == typeof(bool))
        {
            return TryParseSwitch(text, out value, out expected);
        }

        if (type == typeof(LogLevel))
        {
            return TryParseLevel(text, out value, out expected);
        }

        if (type == typeof(TlsCipherSuite))
        {
            expected = "the name of a safe cipher suite, such as ECDHE-RSA-AES256-GCM-SHA384 or TLS_AES_256_GCM_SHA384";
            value = CipherSuiteName.TryParse(text, out TlsCipherSuite suite) ? suite : null;
            return value is not null;
        }

        if (type == typeof(RotationSchedule))
        {
            expected = "$D0 for midnight, $W0D23 for Sundays at 23:00, $M1D0 for the first of the month, or $H30 for every hour";
            bool isSchedule = RotationSchedule.TryParse(text, out RotationSchedule? schedule);
            value = schedule;
            return isSchedule || text.Length == 0;
        }

        if (type.IsEnum)
        {
            return TryParseWord(text, type, out value, out expected);
        }

        if (type == typeof(IPEndPoint))
        {
            return TryParseEndPoint(text, out value, out expected);
        }

        return TryParseNumber(text, type, attribute, bare is not null, out value, out expected);
    }

    /// <summary>A value as it would be written in a file, numbers in the unit of their key; null for none.</summary>
    public static string? Format(object? value) => value switch
    {
        null => null,
        bool on => on ? "true" : "false",
        LogLevel level => FormatLevel(level),
        Enum word => FormatWord(word),
        IPEndPoint { Address: var address, Port: int port } when address.Equals(IPAddress.IPv6Any) =>
            port.ToString(CultureInfo.InvariantCulture),
        IFormattable number => number.ToString(null, CultureInfo.InvariantCulture),
        _ => value.ToString(),
    };

    private static string FormatLevel(LogLevel level) => level switch
    {
        LogLevel.Trace or LogLevel.Debug => "debug",
        LogLevel.Information => "info",
        LogLevel.Warning => "warning",
        LogLevel.Error => "error",
        LogLevel.Critical => "critical",
        _ => "none",
    };

    private static string FormatWord(Enum word)
    {
        string name = word.ToString();
        return word.GetType().GetField(name)?.GetCustomAttribute<ConfigValueAttribute>()?.Text ?? name;
    }

    private static bool TryParseSwitch(string text, out object? value, out string expected)
    {
        expected = "true or false";
        value = text switch
        {
            "true" or "on" => true,
            "false" or "off" => false,
            _ => null,
        };
        return value is not null;
    }

    private static bool TryParseLevel(string text, out object? value, out string expected)
    {
        expected = "debug, info, notice, warning, error, critical or none";
        value = text switch
        {
            "debug" => LogLevel.Debug,
            "info" or "notice" => LogLevel.Information,
            "warning" => LogLevel.Warning,
            "error" => LogLevel.Error,
            "critical" or "alert" or "emergency" => LogLevel.Critical,
            "none" => LogLevel.None,
            _ => null,
        };
        return value is not null;
    }

    private static bool TryParseWord(string text, Type type, out object? value, out string expected)
    {
        var words = new List<string>();
        value = null;
        foreach (FieldInfo field in type.GetFields(BindingFlags.Public | BindingFlags.Static))
        {
            if (field.GetCustomAttribute<ConfigValueAttribute>() is { } word)
            {
                words.Add(word.Text);
                value = word.Text.Equals(text, StringComparison.Ordinal) || word.Aliases.Contains(text, StringComparer.Ordinal)
                    ? field.GetValue(null)
                    : value;
            }
        }

        expected = words.Count == 1 ? words[0] : $"{string.Join(", ", words.SkipLast(1))} or {words[^1]}";
        return value is not null;
    }

    // 5672 | 127.0.0.1:5672 | ::1:5672 | [::1]:5672. A bare port means all addresses of both families.
    private static bool TryParseEndPoint(string text, out object? value, out string expected)
    {
        expected = "a port or an address with a port: 5672, 127.0.0.1:5672, [::1]:5672";
        value = null;
        int colon = text.LastIndexOf(':');
        if (!ushort.TryParse(text.AsSpan(colon + 1), NumberStyles.None, CultureInfo.InvariantCulture, out ushort port))
        {
            return false;
        }

        if (colon < 0)
        {
            value = new IPEndPoint(IPAddress.IPv6Any, port);
            return true;
        }

        ReadOnlySpan<char> host = text.AsSpan(0, colon);
        if (host.StartsWith("[") && host.EndsWith("]"))
        {
            host = host[1..^1];
        }

        if (!IPAddress.TryParse(host, out IPAddress? address))
        {
            return false;
        }

        value = new IPEndPoint(address, port);
        return true;
    }

    private static bool TryParseNumber(
        string text, Type type, ConfigKeyAttribute attribute, bool optional, out object? value, out string expected)
    {
        (double smallest, double largest) = RangeOf(type, attribute);
        expected = FormOf(type, attribute, smallest, largest) + (optional ? type == typeof(ushort) ? ", or none" : ", or infinity" : "");
        value = null;
        if (!TryParseQuantity(text, attribute.Unit, type == typeof(double), out double number)
            || number < smallest
            || number > largest)
        {
            return false;
        }

        value = Convert.ChangeType(number, type, CultureInfo.InvariantCulture);
        return true;
    }

    private static bool TryParseQuantity(string text, ConfigUnit unit, bool fraction, out double number)
    {
        number = 0;
        int end = text.AsSpan().LastIndexOfAnyInRange('0', '9') + 1;
        ReadOnlySpan<char> digits = text.AsSpan(0, end);
        ReadOnlySpan<char> suffix = text.AsSpan(end);
        NumberStyles styles = fraction ? NumberStyles.AllowDecimalPoint : NumberStyles.None;
        double factor = 1;
        return double.TryParse(digits, styles, CultureInfo.InvariantCulture, out number)
            && (suffix.IsEmpty || TryFindFactor(suffix, unit, out factor))
            && (number *= factor) == (fraction ? number : Math.Floor(number));
    }

    private static bool TryFindFactor(ReadOnlySpan<char> suffix, ConfigUnit unit, out double factor)
    {
        factor = 1;
        if (unit == ConfigUnit.None)
        {
            return false;
        }

        foreach ((string known, double times) in unit == ConfigUnit.Bytes ? Sizes : Durations)
        {
            if (suffix.SequenceEqual(known))
            {
                factor = unit == ConfigUnit.Seconds ? times / 1000 : times;
                return true;
            }
        }

        return false;
    }

    private static (double Smallest, double Largest) RangeOf(Type type, ConfigKeyAttribute attribute)
    {
        (double smallest, double largest) = type switch
        {
            _ when type == typeof(ushort) => (0, ushort.MaxValue),
            _ when type == typeof(int) => (0, int.MaxValue),
            _ when type == typeof(long) => (0, 1L << 53), // what a double counts exactly
            _ when type == typeof(double) => (0, double.MaxValue),
            _ => throw new UnreachableException($"no text form for options of type {type}"),
        };
        return (Math.Max(smallest, attribute.Min), Math.Min(largest, attribute.Max));
    }

    private static string FormOf(Type type, ConfigKeyAttribute attribute, double smallest, double largest)
    {
        string number = type == typeof(double) ? "a number" : "a whole number";
        string what = attribute.Unit switch
        {
            ConfigUnit.Bytes => "a size in bytes such as 1048576, 64MB or 64MiB",
            ConfigUnit.Milliseconds => "a time in milliseconds such as 10000 or 10s",
            ConfigUnit.Seconds => "a time in seconds such as 60 or 5m",
            _ => number,
        };
        bool bounded = !double.IsNegativeInfinity(attribute.Min) || !double.IsPositiveInfinity(attribute.Max)
            || type == typeof(ushort);
        return bounded ? string.Create(CultureInfo.InvariantCulture, $"{what}, from {smallest} to {largest}") : what;
    }
}
