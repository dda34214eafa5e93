using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Warren.Management.Routing;

/// <summary>How JSON is written: compact, with text as it is.</summary>
internal static class JsonText
{
    /// <summary>The API's media type is never read as a page, so nothing but JSON's own characters needs escaping.</summary>
    public static JsonWriterOptions WriterOptions { get; } = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>The body of a refusal.</summary>
    public static byte[] ErrorOf(ApiError error)
    {
        using var bytes = new MemoryStream();
        using (var writer = new Utf8JsonWriter(bytes, WriterOptions))
        {
            writer.WriteStartObject();
            writer.WriteString("error", error.Error);
            writer.WritePropertyName("reason");
            error.Reason.WriteTo(writer);
            writer.WriteEndObject();
        }

        return bytes.ToArray();
    }

    /// <summary>Writes a node, null as well.</summary>
    public static void Write(Utf8JsonWriter writer, JsonNode? node)
    {
        if (node is null)
        {
            writer.WriteNullValue();
        }
        else
        {
            node.WriteTo(writer);
        }
    }
}
