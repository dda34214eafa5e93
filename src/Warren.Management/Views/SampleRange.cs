using System.Globalization;

namespace Warren.Management.Views;

/// <summary>How far back and how finely samples are asked for.</summary>
/// <param name="AgeSeconds">How far back.</param>
/// <param name="StepSeconds">How far apart.</param>
internal readonly record struct SampleRange(int AgeSeconds, int StepSeconds)
{
    private const int MostPoints = 500;

    /// <summary>Reads the two parameters of one kind, such as <c>lengths_age</c> and <c>lengths_incr</c>.</summary>
    /// <param name="query">Finds a parameter; null: it is not given.</param>
    /// <param name="kind">The kind.</param>
    /// <param name="range">The range; null when one of the two is missing.</param>
    /// <returns>Null, or the reason why they are refused, in RabbitMQ's words.</returns>
    public static string? Read(Func<string, string?> query, string kind, out SampleRange? range)
    {
        range = null;
        if (query($"{kind}_age") is not { } ageText || query($"{kind}_incr") is not { } stepText)
        {
            return null;
        }

        if (!TryParse(ageText, out int age) || !TryParse(stepText, out int step) || age / step > MostPoints)
        {
            return $"Invalid range parameters: age {ageText}, incr {stepText}";
        }

        range = new SampleRange(age, step);
        return null;
    }

    private static bool TryParse(string text, out int seconds) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out seconds) && seconds > 0;
}
