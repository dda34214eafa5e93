using System.Text.Json;
using Warren.Core.Arguments;

namespace Warren.Core.Parameters;

/// <summary>The components that read parameters, and what they accept, with RabbitMQ's texts.</summary>
/// <remarks>Pure.</remarks>
public static class ParameterComponents
{
    /// <summary>Limits of a virtual host, under the name <see cref="LimitsName"/>.</summary>
    public const string VirtualHostLimits = "vhost-limits";

    /// <summary>The one name under <see cref="VirtualHostLimits"/>.</summary>
    public const string LimitsName = "limits";

    private static readonly string[] Limits = ["max-connections", "max-queues"];

    /// <summary>Names a virtual host's limits may have.</summary>
    public static IReadOnlyList<string> LimitNames => Limits;

    /// <summary>Checks a parameter.</summary>
    /// <returns>What is wrong; null: nothing.</returns>
    public static string? Check(string component, JsonElement value) => component switch
    {
        VirtualHostLimits => CheckLimits(value),
        _ => $"component {component} not found",
    };

    /// <summary>Checks the limits of a virtual host.</summary>
    /// <returns>What is wrong; null: nothing.</returns>
    public static string? CheckLimits(JsonElement value)
    {
        if (value.ValueKind != JsonValueKind.Object)
        {
            return $"{ErlangText.Json(value)} should be a list of limits";
        }

        foreach (JsonProperty limit in value.EnumerateObject())
        {
            if (!Limits.Contains(limit.Name, StringComparer.Ordinal))
            {
                return $"Unrecognised terms [{{<<\"{limit.Name}\">>,{ErlangText.Json(limit.Value)}}}] in limits";
            }

            if (limit.Value.ValueKind != JsonValueKind.Number || !limit.Value.TryGetInt64(out _))
            {
                return $"{limit.Name} should be integer, actually was {ErlangText.Json(limit.Value)}";
            }
        }

        return null;
    }
}
