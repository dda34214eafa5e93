using System.Text.Json;
using System.Text.Json.Nodes;

namespace Warren.Core.Policies;

/// <summary>What a policy sets: keys and values, immutable.</summary>
/// <remarks>Thread-safe. Values have been checked by <see cref="PolicyRules"/>; what is not set answers null.</remarks>
public sealed class PolicyDefinition
{
    private readonly Dictionary<string, JsonElement> _values;

    private PolicyDefinition(Dictionary<string, JsonElement> values) => _values = values;

    /// <summary>Sets nothing.</summary>
    public static PolicyDefinition Empty { get; } = new([]);

    /// <summary>The settings in the order they were given.</summary>
    public IReadOnlyDictionary<string, JsonElement> Values => _values;

    /// <summary>Reads a JSON object.</summary>
    /// <exception cref="ArgumentException">It is no object.</exception>
    public static PolicyDefinition From(JsonElement definition)
    {
        if (definition.ValueKind != JsonValueKind.Object)
        {
            throw new ArgumentException("a policy is defined by an object", nameof(definition));
        }

        var values = new Dictionary<string, JsonElement>(StringComparer.Ordinal);
        foreach (JsonProperty property in definition.EnumerateObject())
        {
            values[property.Name] = property.Value.Clone();
        }

        return new PolicyDefinition(values);
    }

    /// <summary>A user's policy under an operator's: the smaller of two limits, else the operator's value.</summary>
    public static PolicyDefinition Merge(PolicyDefinition? user, PolicyDefinition? operators)
    {
        if (operators is null || operators._values.Count == 0)
        {
            return user ?? Empty;
        }

        if (user is null || user._values.Count == 0)
        {
            return operators;
        }

        var merged = new Dictionary<string, JsonElement>(user._values, StringComparer.Ordinal);
        foreach ((string key, JsonElement value) in operators._values)
        {
            bool keepsUsers = merged.TryGetValue(key, out JsonElement users)
                && users.ValueKind == JsonValueKind.Number
                && value.ValueKind == JsonValueKind.Number
                && PolicyRules.IsLimit(key)
                && users.GetDouble() < value.GetDouble();
            if (!keepsUsers)
            {
                merged[key] = value;
            }
        }

        return new PolicyDefinition(merged);
    }

    /// <summary>A whole number, when the key is set to one.</summary>
    public long? Number(string key) =>
        _values.TryGetValue(key, out JsonElement value) && value.ValueKind == JsonValueKind.Number
            && value.TryGetInt64(out long number)
            ? number
            : null;

    /// <summary>A text, when the key is set to one.</summary>
    public string? Text(string key) =>
        _values.TryGetValue(key, out JsonElement value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;

    /// <summary>The definition as a JSON object.</summary>
    public JsonObject ToJson()
    {
        var json = new JsonObject();
        foreach ((string key, JsonElement value) in _values)
        {
            json[key] = JsonNode.Parse(value.GetRawText());
        }

        return json;
    }

    /// <summary>The definition as JSON text without white space.</summary>
    public override string ToString() => ToJson().ToJsonString();
}
