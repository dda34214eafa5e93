using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Warren.Cli.Ctl.Output;

namespace Warren.Cli.Ctl.Admin;

/// <summary>Items of the API laid flat, and drawn in one of rabbitmqadmin's formats. Pure: text in, text out.</summary>
internal sealed class AdminTable
{
    // These stand first, in this order.
    private static readonly string[] Promoted = ["vhost", "name", "type", "source", "destination", "destination_type", "routing_key"];

    // Their objects are one value, not a group of columns.
    private static readonly string[] Whole = ["definition", "value"];

    private readonly string[] _columns;
    private readonly List<string[]> _rows = [];

    /// <param name="items">The items.</param>
    /// <param name="columns">The columns wanted; none for all that there are.</param>
    /// <param name="depth">How deep objects are opened when all columns are shown; 1 for not at all.</param>
    public AdminTable(IEnumerable<JsonObject> items, IReadOnlyList<string> columns, int depth)
    {
        List<Dictionary<string, string>> flat = [.. items.Select(i => Flatten(i, columns.Count > 0 ? int.MaxValue : depth))];
        _columns = columns.Count > 0
            ? [.. columns]
            : [.. flat.SelectMany(f => f.Keys).Distinct(StringComparer.Ordinal).OrderBy(Rank).ThenBy(c => c, StringComparer.Ordinal)];
        _rows.AddRange(flat.Select(f => _columns.Select(c => f.GetValueOrDefault(c, "")).ToArray()));
    }

    /// <summary>The table in a format.</summary>
    /// <exception cref="AdminError">There is no such format.</exception>
    public string Format(string format, bool verbose)
    {
        if (_rows.Count == 0)
        {
            return verbose ? "No items\n" : "";
        }

        return format switch
        {
            "table" => Table(),
            "tsv" => (verbose ? Line('\t', _columns) : "") + string.Concat(_rows.Select(r => Line('\t', r))),
            "kvp" => string.Concat(_rows.Select(r => $"{string.Join(' ', _columns.Select((c, i) => $"{c}=\"{r[i]}\""))}\n")),
            "long" => Long(),
            "bash" => Array.IndexOf(_columns, "name") is >= 0 and var name ? $"{string.Join(' ', _rows.Select(r => r[name]))}\n" : "",
            _ => throw new AdminError($"Format {format} not recognised", isUsage: true),
        };
    }

    private static int Rank(string column)
    {
        int index = Array.IndexOf(Promoted, column);
        return index < 0 ? Promoted.Length : index;
    }

    private static Dictionary<string, string> Flatten(JsonObject item, int depth)
    {
        var flat = new Dictionary<string, string>(StringComparer.Ordinal);
        Add("", item, 1);
        return flat;

        void Add(string prefix, JsonObject members, int level)
        {
            foreach ((string key, JsonNode? value) in members)
            {
                string column = prefix + key;
                if (value is JsonObject inner && !Whole.Contains(key, StringComparer.Ordinal))
                {
                    if (level < depth)
                    {
                        Add($"{column}.", inner, level + 1);
                    }
                }
                else
                {
                    flat[column] = Text(value);
                }
            }
        }
    }

    // True and False as the original, which is written in Python, shows them.
    private static string Text(JsonNode? value) => value switch
    {
        null => "",
        JsonArray items when items.All(i => i is JsonValue v && v.GetValueKind() == JsonValueKind.String) =>
            string.Join(' ', items.Select(ErlangTerm.Cell)),
        JsonArray or JsonObject => JsonText.Of(value),
        _ => value.GetValueKind() switch
        {
            JsonValueKind.True => "True",
            JsonValueKind.False => "False",
            JsonValueKind.String => ErlangTerm.Cell(value),
            _ => value.ToJsonString(),
        },
    };

    private static string Line(char separator, IEnumerable<string> cells) => $"{string.Join(separator, cells)}\n";

    private string Table()
    {
        int[] widths = [.. _columns.Select((c, i) => _rows.Max(r => Math.Max(r[i].Length, c.Length)))];
        string bar = $"+{string.Concat(widths.Select(w => new string('-', w + 2) + "+"))}\n";
        var text = new StringBuilder(bar);
        text.Append('|').AppendJoin("", _columns.Select((c, i) => $" {Centre(c, widths[i])} |")).Append('\n').Append(bar);
        foreach (string[] row in _rows)
        {
            text.Append('|').AppendJoin("", row.Select((c, i) => $" {c.PadRight(widths[i])} |")).Append('\n');
        }

        return text.Append(bar).ToString();
    }

    private static string Centre(string text, int width) => text.PadLeft(((width - text.Length) / 2) + text.Length).PadRight(width);

    private string Long()
    {
        string separator = $"\n{new string('-', 80)}\n\n";
        int width = _columns.Max(c => c.Length);
        var text = new StringBuilder(separator);
        foreach (string[] row in _rows)
        {
            for (int i = 0; i < _columns.Length; i++)
            {
                text.Append(_columns[i].PadLeft(width)).Append(": ").Append(row[i]).Append('\n');
            }

            text.Append(separator);
        }

        return text.ToString();
    }
}
