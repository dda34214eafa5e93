using System.Text.Json;
using System.Text.Json.Nodes;
using Warren.Buffers.Fields;

namespace Warren.Management.Views;

/// <summary>Field tables as JSON and back: arguments of declarations and headers of messages.</summary>
internal static class FieldJson
{
    private const int MaxDepth = 32; // beyond what JSON readers take by default

    /// <summary>A table as an object; of a doubled name the first one counts.</summary>
    public static JsonObject Of(FieldTable table)
    {
        var json = new JsonObject();
        foreach (KeyValuePair<string, FieldValue> field in table.Fields)
        {
            json.TryAdd(field.Key, Of(field.Value, depth: 0));
        }

        return json;
    }

    /// <summary>An object as a table: integers are 64 bit, fractions double, null is void.</summary>
    /// <exception cref="FormatException">A number is too large, or it is nested too deeply.</exception>
    public static FieldTable ToTable(JsonObject json) => ToTable(json, depth: 0);

    private static FieldTable ToTable(JsonObject json, int depth)
    {
        var table = new FieldTable(json.Count);
        foreach (KeyValuePair<string, JsonNode?> field in json)
        {
            table.Add(field.Key, ToValue(field.Value, depth + 1));
        }

        return table;
    }

    private static JsonNode? Of(FieldValue value, int depth) => value.Type switch
    {
        FieldType.Boolean => JsonValue.Create(value.AsBoolean()),
        FieldType.Float or FieldType.Double => OfNumber(value.AsDouble()),
        FieldType.Decimal => JsonValue.Create(value.DecimalUnscaled / Math.Pow(10, value.DecimalScale)),
        FieldType.LongString or FieldType.Bytes => JsonValue.Create(value.AsText()),
        FieldType.Array => OfArray(value, depth),
        FieldType.Table => depth < MaxDepth ? OfTable(value.AsTable(), depth) : null,
        FieldType.Void => null,
        _ => JsonValue.Create(value.AsInteger()),
    };

    private static JsonObject OfTable(FieldTable table, int depth)
    {
        var json = new JsonObject();
        foreach (KeyValuePair<string, FieldValue> field in table.Fields)
        {
            json.TryAdd(field.Key, Of(field.Value, depth + 1));
        }

        return json;
    }

    private static JsonArray? OfArray(FieldValue value, int depth)
    {
        if (depth >= MaxDepth)
        {
            return null;
        }

        var array = new JsonArray();
        foreach (FieldValue item in value.AsArray())
        {
            array.Add(Of(item, depth + 1));
        }

        return array;
    }

    // JSON has no words for the others.
    private static JsonValue? OfNumber(double number) => double.IsFinite(number) ? JsonValue.Create(number) : null;

    private static FieldValue ToValue(JsonNode? node, int depth)
    {
        if (depth > MaxDepth)
        {
            throw new FormatException("nested too deeply");
        }

        return node switch
        {
            null => FieldValue.Void,
            JsonObject table => FieldValue.Of(ToTable(table, depth)),
            JsonArray array => FieldValue.Of(array.Select(item => ToValue(item, depth + 1)).ToArray()),
            JsonValue value => OfScalar(value),
            _ => FieldValue.Void,
        };
    }

    private static FieldValue OfScalar(JsonValue value)
    {
        switch (value.GetValueKind())
        {
            case JsonValueKind.True:
                return FieldValue.Of(true);
            case JsonValueKind.False:
                return FieldValue.Of(false);
            case JsonValueKind.String:
                return FieldValue.Of(value.GetValue<string>());
            default:
                return value.TryGetValue(out long integer)
                    ? FieldValue.Of(integer)
                    : FieldValue.Of(value.GetValue<double>());
        }
    }
}
