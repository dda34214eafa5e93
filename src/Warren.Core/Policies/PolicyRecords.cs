using System.Text.Json;
using System.Text.Json.Nodes;

namespace Warren.Core.Policies;

/// <summary>How a policy is written into the metadata store: JSON with RabbitMQ's member names.</summary>
internal static class PolicyRecords
{
    public static byte[] Write(Policy policy) => JsonSerializer.SerializeToUtf8Bytes(
        new JsonObject
        {
            ["pattern"] = policy.Pattern,
            ["apply-to"] = PolicyTargets.NameOf(policy.ApplyTo),
            ["definition"] = policy.Definition.ToJson(),
            ["priority"] = policy.Priority,
        },
        JsonRecords.Default.JsonObject);

    /// <exception cref="InvalidDataException">The bytes are damaged.</exception>
    public static Policy Read(string virtualHost, string name, ReadOnlyMemory<byte> bytes)
    {
        try
        {
            using JsonDocument stored = JsonDocument.Parse(bytes);
            JsonElement root = stored.RootElement;
            return PolicyTargets.TryParse(root.GetProperty("apply-to").GetString(), out PolicyTarget target)
                ? new Policy(
                    virtualHost,
                    name,
                    root.GetProperty("pattern").GetString()!,
                    target,
                    PolicyDefinition.From(root.GetProperty("definition")),
                    root.GetProperty("priority").GetInt32())
                : throw new InvalidDataException($"the stored policy '{name}' applies to something unknown");
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException or KeyNotFoundException or FormatException)
        {
            throw new InvalidDataException($"the stored policy '{name}' in vhost '{virtualHost}' cannot be read", e);
        }
    }
}
