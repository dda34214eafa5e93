using System.Text.Json;
using System.Text.Json.Serialization;

namespace Warren.Core.VirtualHosts;

/// <summary>What is known of a virtual host besides its name.</summary>
public sealed record VirtualHostSettings
{
    /// <summary>A new virtual host's.</summary>
    public static VirtualHostSettings Default { get; } = new();

    /// <summary>For people.</summary>
    public string Description { get; init; } = "";

    /// <summary>For tools.</summary>
    public IReadOnlyList<string> Tags { get; init; } = [];

    /// <summary>The type of queues declared without <c>x-queue-type</c>; null: the broker's.</summary>
    public string? DefaultQueueType { get; init; }

    /// <summary>Whether deleting it is refused.</summary>
    public bool ProtectedFromDeletion { get; init; }

    /// <summary>Whether what goes through it is copied to <c>amq.rabbitmq.trace</c>.</summary>
    public bool Tracing { get; init; }

    /// <summary>Whether its deletion has begun, to be finished at the next start if need be.</summary>
    public bool IsBeingDeleted { get; init; }

    internal byte[] ToBytes() => JsonSerializer.SerializeToUtf8Bytes(this, VirtualHostJson.Default.VirtualHostSettings);

    internal static VirtualHostSettings Read(string name, ReadOnlyMemory<byte> bytes)
    {
        try
        {
            return bytes.IsEmpty
                ? Default
                : JsonSerializer.Deserialize(bytes.Span, VirtualHostJson.Default.VirtualHostSettings) ?? Default;
        }
        catch (JsonException e)
        {
            throw new InvalidDataException($"the stored virtual host '{name}' cannot be read", e);
        }
    }
}

/// <summary>Readers and writers of the stored form, made at compile time.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower)]
[JsonSerializable(typeof(VirtualHostSettings))]
internal sealed partial class VirtualHostJson : JsonSerializerContext;
