using System.Text.Json;

namespace Warren.Core.VirtualHosts;

/// <summary>What a virtual host may hold; null: as much as the broker can.</summary>
/// <param name="MaxConnections">Client connections; 0 lets nobody in.</param>
/// <param name="MaxQueues">Queues and streams.</param>
public sealed record VirtualHostLimits(long? MaxConnections, long? MaxQueues)
{
    /// <summary>No limits.</summary>
    public static VirtualHostLimits None { get; } = new(null, null);

    /// <summary>Reads the value of the parameter; below zero means no limit.</summary>
    public static VirtualHostLimits From(JsonElement value) => new(Read(value, "max-connections"), Read(value, "max-queues"));

    private static long? Read(JsonElement value, string name) =>
        value.ValueKind == JsonValueKind.Object && value.TryGetProperty(name, out JsonElement limit)
            && limit.ValueKind == JsonValueKind.Number && limit.TryGetInt64(out long number) && number >= 0
            ? number
            : null;
}
