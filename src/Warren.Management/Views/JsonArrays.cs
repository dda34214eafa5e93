using System.Text.Json.Nodes;

namespace Warren.Management.Views;

/// <summary>Lists as JSON arrays.</summary>
internal static class JsonArrays
{
    /// <summary>An array of texts.</summary>
    public static JsonArray Of(IEnumerable<string> texts) => [.. texts.Select(static t => (JsonNode)JsonValue.Create(t))];

    /// <summary>An array of objects.</summary>
    public static JsonArray Of(IEnumerable<JsonObject> objects) => [.. objects];
}
