using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;
using Warren.Core.Arguments;

namespace Warren.Core.Policies;

/// <summary>What may stand in a policy, checked with RabbitMQ's texts.</summary>
/// <remarks>Pure.</remarks>
public static class PolicyRules
{
    // key → (what a value must be, "~ts is not a valid …", whether an operator may set it, whether the smaller one wins)
    private static readonly Dictionary<string, Rule> Rules = new(StringComparer.Ordinal)
    {
        ["alternate-exchange"] = new(IsText, "alternate exchange name"),
        ["consumer-timeout"] = new(IsCount, "consumer timeout"),
        ["consumer-disconnected-timeout"] = new(IsCount, "consumer disconnected timeout"),
        ["dead-letter-exchange"] = new(IsText, "dead letter exchange name"),
        ["dead-letter-routing-key"] = new(IsRoutingKey, "dead letter routing key"),
        ["dead-letter-strategy"] = new(v => IsOneOf(v, "at-most-once", "at-least-once"), "dead letter strategy"),
        ["message-ttl"] = new(IsCount, "message TTL", Operator: true, Limit: true),
        ["expires"] = new(IsPositive, "queue expiry", Operator: true, Limit: true),
        ["max-length"] = new(IsCount, "maximum length", Operator: true, Limit: true),
        ["max-length-bytes"] = new(IsCount, "maximum length in bytes", Operator: true, Limit: true),
        ["max-in-memory-length"] = new(IsCount, "maximum memory in messages", Operator: true, Limit: true),
        ["max-in-memory-bytes"] = new(IsCount, "maximum memory in bytes", Operator: true, Limit: true),
        ["delivery-limit"] = new(IsInteger, "delivery limit", Operator: true, Limit: true),
        ["queue-mode"] = new(v => IsOneOf(v, "default", "lazy"), "queue-mode value"),
        ["queue-version"] = new(v => IsInteger(v) && v.GetDouble() is 1 or 2, "queue-version value", Operator: true),
        ["overflow"] = new(v => IsOneOf(v, "drop-head", "reject-publish", "reject-publish-dlx"), "overflow value", Operator: true),
        ["max-age"] = new(v => IsText(v) && AgeText.TryParse(v.GetString()!, out _), "max age"),
        ["stream-max-segment-size-bytes"] = new(IsCount, "segment size"),
        ["stream-filter-size-bytes"] = new(v => IsInteger(v) && v.GetDouble() is >= 16 and <= 255, "filter size"),
        ["queue-leader-locator"] = new(v => IsOneOf(v, "client-local", "balanced"), "queue leader locator value"),
        ["queue-master-locator"] = new(IsText, "queue master locator"),
        ["initial-cluster-size"] = new(IsPositive, "cluster size"),
        ["target-group-size"] = new(IsPositive, "target group size", Operator: true, Limit: true),
        ["member-placement-tag"] = new(IsText, "member placement tag", Operator: true),
        ["delayed-retry-type"] = new(v => IsOneOf(v, "disabled", "all", "failed", "returned"), "delayed retry type", Operator: true),
        ["delayed-retry-min"] = new(IsCount, "delayed retry min", Operator: true),
        ["delayed-retry-max"] = new(IsCount, "delayed retry max", Operator: true),
        ["shards-per-node"] = new(IsCount, "number of shards per node"),
        ["routing-key"] = new(IsText, "routing key"),
        ["federation-upstream"] = new(IsText, "federation upstream name"),
        ["federation-upstream-set"] = new(IsText, "federation upstream set name"),
        ["federation-upstream-pattern"] = new(IsText, "federation upstream pattern"),
        ["ha-mode"] = new(v => IsOneOf(v, "all", "exactly", "nodes"), "ha-mode value", Operator: true),
        ["ha-params"] = new(static _ => true, "ha-params value", Operator: true),
        ["ha-sync-mode"] = new(v => IsOneOf(v, "manual", "automatic"), "ha-sync-mode value", Operator: true),
        ["ha-sync-batch-size"] = new(IsPositive, "ha-sync-batch-size value", Operator: true),
        ["ha-promote-on-shutdown"] = new(v => IsOneOf(v, "always", "when-synced"), "ha-promote-on-shutdown value", Operator: true),
        ["ha-promote-on-failure"] = new(v => IsOneOf(v, "always", "when-synced"), "ha-promote-on-failure value", Operator: true),
    };

    /// <summary>Whether of a user's and an operator's value the smaller one counts.</summary>
    public static bool IsLimit(string key) => Rules.TryGetValue(key, out Rule rule) && rule.Limit;

    /// <summary>Whether a policy asks for the mirroring that RabbitMQ 4 has removed: accepted, and without effect.</summary>
    public static bool IsMirroring(PolicyDefinition definition)
    {
        ArgumentNullException.ThrowIfNull(definition);
        return definition.Values.Keys.Any(static key => key.StartsWith("ha-", StringComparison.Ordinal));
    }

    /// <summary>Checks a definition.</summary>
    /// <param name="definition">The JSON as given.</param>
    /// <param name="isOperators">An operator policy may set fewer keys.</param>
    /// <returns>What is wrong, in RabbitMQ's words; null: nothing.</returns>
    public static string? Check(JsonElement definition, bool isOperators)
    {
        if (definition.ValueKind != JsonValueKind.Object)
        {
            return $"{ErlangText.Json(definition)} is not a valid policy definition";
        }

        List<string> unknown = [];
        string? wrong = null;
        int count = 0;
        foreach (JsonProperty property in definition.EnumerateObject())
        {
            count++;
            if (!Rules.TryGetValue(property.Name, out Rule rule) || (isOperators && !rule.Operator))
            {
                unknown.Add($"{{<<\"{property.Name}\">>,{ErlangText.Json(property.Value)}}}");
            }
            else if (!rule.Accepts(property.Value))
            {
                wrong ??= $"{ErlangText.Json(property.Value)} is not a valid {rule.What}";
            }
        }

        if (count == 0)
        {
            return "no policy provided";
        }

        return unknown.Count > 0
            ? $"[{string.Join(',', unknown)}] are not recognised policy settings"
            : wrong;
    }

    /// <summary>Checks a pattern.</summary>
    /// <returns>What is wrong; null: nothing.</returns>
    public static string? CheckPattern(string pattern)
    {
        try
        {
            _ = new Regex(pattern, RegexOptions.CultureInvariant, TimeSpan.FromMilliseconds(100));
            return null;
        }
        catch (ArgumentException e)
        {
            return $"pattern '{pattern}' is not a valid regular expression: {e.Message}";
        }
    }

    private static bool IsText(JsonElement value) => value.ValueKind == JsonValueKind.String;

    private static bool IsRoutingKey(JsonElement value) =>
        IsText(value) && Encoding.UTF8.GetByteCount(value.GetString()!) <= QueueArguments.RoutingKeyMax;

    private static bool IsInteger(JsonElement value) => value.ValueKind == JsonValueKind.Number && value.TryGetInt64(out _);

    private static bool IsCount(JsonElement value) => IsInteger(value) && value.GetInt64() >= 0;

    private static bool IsPositive(JsonElement value) => IsInteger(value) && value.GetInt64() >= 1;

    private static bool IsOneOf(JsonElement value, params ReadOnlySpan<string> words) =>
        value.ValueKind == JsonValueKind.String && value.GetString() is { } text && words.Contains(text);

    private readonly record struct Rule(
        Func<JsonElement, bool> Accepts, string What, bool Operator = false, bool Limit = false);
}
