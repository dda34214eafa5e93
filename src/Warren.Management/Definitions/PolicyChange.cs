using System.Text.Json;
using Warren.Core.Parameters;
using Warren.Core.Policies;
using Warren.Management.Routing;

namespace Warren.Management.Definitions;

/// <summary>Policies and parameters out of JSON, with RabbitMQ's refusals.</summary>
/// <remarks>Pure: nothing is stored here.</remarks>
internal static class PolicyChange
{
    private const int LongestName = 255;

    // Components of RabbitMQ's plugins: definitions that come from there keep them, though nothing reads them here.
    private static readonly string[] Foreign = ["shovel", "federation-upstream", "federation-upstream-set", "federation", "mqtt"];

    /// <summary>A policy as a body describes it.</summary>
    /// <exception cref="ApiError">400.</exception>
    public static Policy Read(string virtualHost, string name, RequestBody body, bool isOperators)
    {
        body.RequireAll("pattern", "definition");
        if (name.Length is 0 or > LongestName)
        {
            throw ApiError.ValidationFailed($"a policy's name has 1 to {LongestName} characters");
        }

        string pattern = body.RequireText("pattern");
        JsonElement definition = body.Require("definition");
        string applyTo = body.Text("apply-to") ?? "all";
        long priority = body.Number("priority") ?? 0;
        string? wrong = PolicyRules.CheckPattern(pattern) ?? PolicyRules.Check(definition, isOperators);
        if (wrong is not null)
        {
            throw ApiError.ValidationFailed(wrong);
        }

        if (!PolicyTargets.TryParse(applyTo, out PolicyTarget target))
        {
            throw ApiError.ValidationFailed(
                $"apply-to '{applyTo}' unrecognised; should be one of: 'queues', 'exchanges', 'all', 'classic_queues', 'quorum_queues', 'streams'");
        }

        return priority is < int.MinValue or > int.MaxValue
            ? throw ApiError.ValidationFailed($"priority {priority} is out of range")
            : new Policy(virtualHost, name, pattern, target, PolicyDefinition.From(definition), (int)priority);
    }

    /// <summary>A parameter as a body describes it.</summary>
    /// <param name="virtualHost">Its virtual host.</param>
    /// <param name="component">Who reads it.</param>
    /// <param name="name">Its name.</param>
    /// <param name="body">With the member <c>value</c>.</param>
    /// <param name="takesForeign">Whether to take what plugins of RabbitMQ would read.</param>
    /// <exception cref="ApiError">400.</exception>
    public static Parameter ReadParameter(string virtualHost, string component, string name, RequestBody body, bool takesForeign)
    {
        JsonElement value = body.Require("value");
        if (takesForeign && Foreign.Contains(component, StringComparer.Ordinal))
        {
            return new Parameter(virtualHost, component, name, value.Clone());
        }

        if (component is "policy")
        {
            throw ApiError.ValidationFailed("policies may not be set using this method");
        }

        return ParameterComponents.Check(component, value) is { } wrong
            ? throw ApiError.ValidationFailed(wrong)
            : new Parameter(virtualHost, component, name, value.Clone());
    }
}
