using System.Text.Json;
using Warren.Core.VirtualHosts;
using Warren.Management.Routing;

namespace Warren.Management.Definitions;

/// <summary>Virtual hosts out of JSON.</summary>
/// <remarks>Pure: nothing is stored here.</remarks>
internal static class VirtualHostChange
{
    /// <summary>The settings a body describes; what it does not name stays as it is.</summary>
    /// <exception cref="ApiError">400.</exception>
    public static VirtualHostSettings Read(RequestBody body, VirtualHostSettings existing)
    {
        // RabbitMQ's own documents name these twice: at the top and among the metadata.
        RequestBody metadata = body.Find("metadata") is { ValueKind: JsonValueKind.Object } given ? new RequestBody(given) : body;
        string? type = body.Text("default_queue_type") ?? metadata.Text("default_queue_type");
        JsonElement? tags = body.Find("tags") ?? metadata.Find("tags");
        return existing with
        {
            Description = body.Text("description") ?? metadata.Text("description") ?? existing.Description,
            Tags = tags is { } words ? UserChange.TagsOf(words) : existing.Tags,
            DefaultQueueType = type is null or "" or "undefined" ? existing.DefaultQueueType : type,
            Tracing = body.Flag("tracing", existing.Tracing),
            ProtectedFromDeletion = body.Flag(
                "protected_from_deletion", metadata.Flag("protected_from_deletion", existing.ProtectedFromDeletion)),
        };
    }
}
