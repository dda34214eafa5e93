using System.Buffers;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Warren.Cli.Ctl.Output;

/// <summary>JSON as it is printed: nothing escaped that need not be.</summary>
internal static class JsonText
{
    /// <summary>Writes a value; null gives <c>null</c>.</summary>
    public static string Of(JsonNode? value, bool indented = false)
    {
        var buffer = new ArrayBufferWriter<byte>();
        var options = new JsonWriterOptions { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping, Indented = indented, NewLine = "\n" };
        using (var writer = new Utf8JsonWriter(buffer, options))
        {
            if (value is null)
            {
                writer.WriteNullValue();
            }
            else
            {
                value.WriteTo(writer);
            }
        }

        return Encoding.UTF8.GetString(buffer.WrittenSpan);
    }

    /// <summary>An object of a row.</summary>
    public static JsonObject Row(IReadOnlyList<string> columns, IReadOnlyList<JsonNode?> values)
    {
        var row = new JsonObject();
        for (int i = 0; i < columns.Count; i++)
        {
            row[columns[i]] = values[i]?.DeepClone();
        }

        return row;
    }
}
