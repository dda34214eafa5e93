using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Warren.Cli.Ctl.Output;

/// <summary>Values as RabbitMQ's tables show them: text plain, argument tables as Erlang property lists.</summary>
internal static class ErlangTerm
{
    /// <summary>A cell of a table: <c>orders</c>, <c>true</c>, <c>[a, b]</c>, <c>[{"x-max-length",1000}]</c>, nothing for null.</summary>
    /// <remarks>Control characters are escaped: a queue's name must not move the terminal's cursor.</remarks>
    public static string Cell(JsonNode? value) => value switch
    {
        null => "",
        JsonArray items when items.All(IsScalar) => $"[{string.Join(", ", items.Select(Cell))}]",
        JsonValue when value.GetValueKind() == JsonValueKind.String => EscapeControls(value.GetValue<string>()),
        _ => Term(value),
    };

    /// <summary>The term with strings in double quotes.</summary>
    public static string Term(JsonNode? value)
    {
        var text = new StringBuilder();
        Write(text, value);
        return text.ToString();
    }

    private static bool IsScalar(JsonNode? value) => value is null or JsonValue;

    private static void Write(StringBuilder text, JsonNode? value)
    {
        switch (value)
        {
            case null:
                text.Append("undefined");
                break;
            case JsonObject members:
                text.Append('[');
                WriteMembers(text, members);
                text.Append(']');
                break;
            case JsonArray items:
                text.Append('[');
                for (int i = 0; i < items.Count; i++)
                {
                    text.Append(i == 0 ? "" : ",");
                    Write(text, items[i]);
                }

                text.Append(']');
                break;
            default:
                text.Append(value.GetValueKind() == JsonValueKind.String ? Quote(value.GetValue<string>()) : value.ToJsonString());
                break;
        }
    }

    private static void WriteMembers(StringBuilder text, JsonObject members)
    {
        bool first = true;
        foreach ((string name, JsonNode? member) in members)
        {
            text.Append(first ? "{" : ",{").Append(Quote(name)).Append(',');
            Write(text, member);
            text.Append('}');
            first = false;
        }
    }

    private static string Quote(string text) =>
        $"\"{EscapeControls(text.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\"", "\\\"", StringComparison.Ordinal))}\"";

    private static string EscapeControls(string text)
    {
        if (!text.Any(char.IsControl))
        {
            return text;
        }

        var escaped = new StringBuilder(text.Length + 8);
        foreach (char c in text)
        {
            escaped.Append(c switch
            {
                '\t' => "\\t",
                '\n' => "\\n",
                '\r' => "\\r",
                _ when char.IsControl(c) => $"\\x{(int)c:x2}",
                _ => c.ToString(),
            });
        }

        return escaped.ToString();
    }
}
