using System.Diagnostics.CodeAnalysis;
using System.Globalization;

namespace Warren.Fuzz;

/// <summary>What one call of the program is to do.</summary>
internal sealed record FuzzOptions
{
    /// <summary>Name of a target, or "all".</summary>
    public required string Target { get; init; }

    /// <summary>Inputs per target. Null: no limit but <see cref="Seconds"/>.</summary>
    public long? Inputs { get; init; }

    /// <summary>Seconds for all targets together. Null: no limit but <see cref="Inputs"/>.</summary>
    public double? Seconds { get; init; }

    /// <summary>Seed of the first input; the n-th has this plus n, so that any input can be run alone.</summary>
    public ulong Seed { get; init; } = 1;

    public static bool TryParse(string[] args, [NotNullWhen(true)] out FuzzOptions? options)
    {
        options = null;
        if (args.Length % 2 != 1)
        {
            return false;
        }

        var parsed = new FuzzOptions { Target = args[0] };
        for (int i = 1; i < args.Length; i += 2)
        {
            if (!ulong.TryParse(args[i + 1], CultureInfo.InvariantCulture, out ulong value))
            {
                return false;
            }

            switch (args[i])
            {
                case "--inputs":
                    parsed = parsed with { Inputs = (long)value };
                    break;
                case "--seconds":
                    parsed = parsed with { Seconds = value };
                    break;
                case "--seed":
                    parsed = parsed with { Seed = value };
                    break;
                default:
                    return false;
            }
        }

        bool unlimited = parsed.Inputs is null && parsed.Seconds is null;
        options = unlimited ? parsed with { Inputs = 1_000_000 } : parsed;
        return true;
    }

    public bool Chooses(string target) => Target is "all" || string.Equals(Target, target, StringComparison.Ordinal);

    /// <summary>The same for one of several targets: the time is divided, the inputs are not.</summary>
    public FuzzOptions ShareAmong(int targets) => this with { Seconds = Seconds / targets };
}
