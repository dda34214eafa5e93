using System.Text;
using System.Text.Json.Nodes;

namespace Warren.Cli.Ctl.Output;

/// <summary>Writes a result in one of RabbitMQ's forms. Pure: text in, text out.</summary>
internal static class TableFormatter
{
    /// <summary>The result as text that ends with a line break, or nothing.</summary>
    /// <param name="table">What was found.</param>
    /// <param name="format">The form.</param>
    /// <param name="headers">Whether the names of the columns stand first; JSON has them in every row.</param>
    public static string Format(ResultTable table, OutputFormat format, bool headers) => format switch
    {
        OutputFormat.Json => Json(table),
        OutputFormat.JsonStream => string.Concat(table.Rows.Select(r => $"{JsonText.Of(JsonText.Row(table.Columns, r))}\n")),
        OutputFormat.Csv => Csv(table, headers),
        OutputFormat.Erlang => Erlang(table),
        OutputFormat.PrettyTable => PrettyTable.Draw(table, headers),
        _ => Tabs(table, headers),
    };

    // No rows, no header: as RabbitMQ has it, so that an empty list is an empty list for wc(1).
    private static string Tabs(ResultTable table, bool headers)
    {
        if (table.Rows.Count == 0)
        {
            return "";
        }

        var text = new StringBuilder();
        if (headers)
        {
            text.AppendJoin('\t', table.Columns).Append('\n');
        }

        foreach (IReadOnlyList<JsonNode?> row in table.Rows)
        {
            text.AppendJoin('\t', row.Select(ErlangTerm.Cell)).Append('\n');
        }

        return text.ToString();
    }

    // One object a line within one document: both jq and grep can read it.
    private static string Json(ResultTable table)
    {
        var text = new StringBuilder("[\n");
        for (int i = 0; i < table.Rows.Count; i++)
        {
            text.Append(i == 0 ? "" : ",").Append(JsonText.Of(JsonText.Row(table.Columns, table.Rows[i]))).Append('\n');
        }

        return text.Append("]\n").ToString();
    }

    private static string Csv(ResultTable table, bool headers)
    {
        var text = new StringBuilder();
        if (headers)
        {
            text.AppendJoin(',', table.Columns.Select(Quote)).Append('\n');
        }

        foreach (IReadOnlyList<JsonNode?> row in table.Rows)
        {
            text.AppendJoin(',', row.Select(v => Quote(ErlangTerm.Cell(v)))).Append('\n');
        }

        return text.ToString();
    }

    private static string Quote(string field) => $"\"{field.Replace("\"", "\"\"", StringComparison.Ordinal)}\"";

    private static string Erlang(ResultTable table)
    {
        IEnumerable<string> rows = table.Rows.Select(r =>
            $"[{string.Join(",", table.Columns.Select((c, i) => $"{{{c},{ErlangTerm.Term(r[i])}}}"))}]");
        return $"[{string.Join(",\n ", rows)}]\n";
    }
}
