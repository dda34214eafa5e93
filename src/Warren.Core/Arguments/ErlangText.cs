using System.Globalization;
using System.Text;
using System.Text.Json;
using Warren.Buffers.Fields;

namespace Warren.Core.Arguments;

/// <summary>Field values as RabbitMQ prints them into its error texts.</summary>
public static class ErlangText
{
    /// <summary>The name RabbitMQ gives a field type.</summary>
    public static string TypeName(FieldType type) => type switch
    {
        FieldType.Void => "void",
        FieldType.Boolean => "bool",
        FieldType.Int8 => "byte",
        FieldType.UInt8 => "unsignedbyte",
        FieldType.Int16 => "short",
        FieldType.UInt16 => "unsignedshort",
        FieldType.Int32 => "signedint",
        FieldType.UInt32 => "unsignedint",
        FieldType.Int64 => "long",
        FieldType.Float => "float",
        FieldType.Double => "double",
        FieldType.Decimal => "decimal",
        FieldType.LongString => "longstr",
        FieldType.Array => "array",
        FieldType.Timestamp => "timestamp",
        FieldType.Table => "table",
        FieldType.Bytes => "binary",
        _ => "unknown",
    };

    /// <summary>The value as an Erlang term: <c>&lt;&lt;"text"&gt;&gt;</c>, <c>5</c>, <c>true</c>, …</summary>
    public static string Term(FieldValue value)
    {
        var text = new StringBuilder();
        AppendTerm(text, value);
        return text.ToString();
    }

    /// <summary>The value for a place that has its own quotation marks: strings as they are, everything else as a term.</summary>
    public static string Bare(FieldValue value) =>
        value.Type is FieldType.LongString or FieldType.Bytes ? value.AsText() : Term(value);

    /// <summary>A field of a table as the triple RabbitMQ keeps it as: <c>{&lt;&lt;"x-max-length"&gt;&gt;,signedint,5}</c>.</summary>
    public static string Field(string name, FieldValue value)
    {
        var text = new StringBuilder();
        AppendField(text, name, value);
        return text.ToString();
    }

    /// <summary>A JSON value as the Erlang term RabbitMQ reads it into.</summary>
    public static string Json(JsonElement value)
    {
        var text = new StringBuilder();
        AppendJson(text, value);
        return text.ToString();
    }

    /// <summary>A table as one text that is the same for equal tables, whatever the order of their fields.</summary>
    public static string Canonical(FieldTable table)
    {
        ArgumentNullException.ThrowIfNull(table);
        var text = new StringBuilder();
        AppendTable(text, table.Fields.OrderBy(field => field.Key, StringComparer.Ordinal));
        return text.ToString();
    }

    private static void AppendTerm(StringBuilder text, FieldValue value)
    {
        switch (value.Type)
        {
            case FieldType.Void:
                text.Append("undefined");
                break;
            case FieldType.Boolean:
                text.Append(value.AsBoolean() ? "true" : "false");
                break;
            case FieldType.Float or FieldType.Double:
                text.Append(FloatText(value.AsDouble()));
                break;
            case FieldType.Decimal:
                text.Append(CultureInfo.InvariantCulture, $"{{{value.DecimalScale},{value.DecimalUnscaled}}}");
                break;
            case FieldType.LongString or FieldType.Bytes:
                AppendBinary(text, value.AsBytes());
                break;
            case FieldType.Array:
                AppendArray(text, value.AsArray());
                break;
            case FieldType.Table:
                AppendTable(text, value.AsTable().Fields);
                break;
            default:
                text.Append(value.AsInteger());
                break;
        }
    }

    private static void AppendJson(StringBuilder text, JsonElement value)
    {
        switch (value.ValueKind)
        {
            case JsonValueKind.String:
                AppendBinary(text, Encoding.UTF8.GetBytes(value.GetString()!));
                break;
            case JsonValueKind.Array:
                text.Append('[');
                int item = 0;
                foreach (JsonElement element in value.EnumerateArray())
                {
                    text.Append(item++ == 0 ? "" : ",");
                    AppendJson(text, element);
                }

                text.Append(']');
                break;
            case JsonValueKind.Object:
                text.Append("#{");
                int field = 0;
                foreach (JsonProperty property in value.EnumerateObject())
                {
                    text.Append(field++ == 0 ? "" : ",");
                    AppendBinary(text, Encoding.UTF8.GetBytes(property.Name));
                    text.Append(" => ");
                    AppendJson(text, property.Value);
                }

                text.Append('}');
                break;
            default:
                text.Append(value.GetRawText());
                break;
        }
    }

    private static string FloatText(double value)
    {
        string text = value.ToString("R", CultureInfo.InvariantCulture);
        return double.IsFinite(value) && text.AsSpan().IndexOfAny('.', 'E') < 0 ? text + ".0" : text;
    }

    // Printable text in quotation marks, anything else as a list of octets.
    private static void AppendBinary(StringBuilder text, ReadOnlySpan<byte> bytes)
    {
        if (bytes.IsEmpty)
        {
            text.Append("<<>>");
            return;
        }

        string decoded = Encoding.UTF8.GetString(bytes);
        if (decoded.Any(c => char.IsControl(c) || c == '\uFFFD'))
        {
            text.Append("<<").AppendJoin(',', bytes.ToArray()).Append(">>");
            return;
        }

        text.Append("<<\"")
            .Append(decoded.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\"", "\\\"", StringComparison.Ordinal))
            .Append('"')
            .Append(bytes.ContainsAnyExceptInRange((byte)0, (byte)127) ? "/utf8>>" : ">>");
    }

    private static void AppendArray(StringBuilder text, ReadOnlySpan<FieldValue> values)
    {
        text.Append('[');
        for (int i = 0; i < values.Length; i++)
        {
            text.Append(i == 0 ? "{" : ",{").Append(TypeName(values[i].Type)).Append(',');
            AppendTerm(text, values[i]);
            text.Append('}');
        }

        text.Append(']');
    }

    private static void AppendTable(StringBuilder text, IEnumerable<KeyValuePair<string, FieldValue>> fields)
    {
        text.Append('[');
        bool first = true;
        foreach (KeyValuePair<string, FieldValue> field in fields)
        {
            text.Append(first ? "" : ",");
            AppendField(text, field.Key, field.Value);
            first = false;
        }

        text.Append(']');
    }

    private static void AppendField(StringBuilder text, string name, FieldValue value)
    {
        text.Append('{');
        AppendBinary(text, Encoding.UTF8.GetBytes(name));
        text.Append(',').Append(TypeName(value.Type)).Append(',');
        AppendTerm(text, value);
        text.Append('}');
    }
}
