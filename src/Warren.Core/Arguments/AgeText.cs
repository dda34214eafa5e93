using System.Globalization;

namespace Warren.Core.Arguments;

/// <summary>An age as <c>x-max-age</c> writes it: a number and one of Y, M, D, h, m, s, for example <c>7D</c>.</summary>
public static class AgeText
{
    private const long SecondMs = 1000;
    private const long DayMs = 24 * 3600 * SecondMs;
    private const int MostDigits = 9;

    /// <summary>Reads an age in milliseconds; a month has 30 days, a year 365.</summary>
    /// <returns>False when it is none, zero, or longer than the clock can count.</returns>
    public static bool TryParse(string text, out long milliseconds)
    {
        ArgumentNullException.ThrowIfNull(text);
        milliseconds = 0;
        if (text.Length is < 2 or > MostDigits + 1
            || !int.TryParse(text.AsSpan(0, text.Length - 1), NumberStyles.None, CultureInfo.InvariantCulture, out int count))
        {
            return false;
        }

        long unit = text[^1] switch
        {
            'Y' => 365 * DayMs,
            'M' => 30 * DayMs,
            'D' => DayMs,
            'h' => 3600 * SecondMs,
            'm' => 60 * SecondMs,
            's' => SecondMs,
            _ => 0,
        };
        if (count == 0 || unit == 0 || count > long.MaxValue / unit)
        {
            return false;
        }

        milliseconds = count * unit;
        return true;
    }
}
