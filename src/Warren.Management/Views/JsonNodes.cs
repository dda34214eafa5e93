using System.Text.Json;
using System.Text.Json.Nodes;

namespace Warren.Management.Views;

/// <summary>Stored JSON as part of other JSON.</summary>
internal static class JsonNodes
{
    /// <summary>A value as a node that can be put anywhere.</summary>
    public static JsonNode? Of(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.Object => JsonObject.Create(value),
        JsonValueKind.Array => JsonArray.Create(value),
        JsonValueKind.Null or JsonValueKind.Undefined => null,
        _ => JsonValue.Create(value),
    };
}
