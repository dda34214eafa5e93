using System.Text.Json.Nodes;
using Spectre.Console;

namespace Warren.Cli.Ctl.Output;

/// <summary>A drawn table with lines between all rows, for people.</summary>
internal static class PrettyTable
{
    // Nothing wraps: a terminal can be scrolled, a broken name cannot be copied.
    private const int Width = 1_000_000;

    /// <summary>Draws it without colours, so that it can be piped.</summary>
    public static string Draw(ResultTable result, bool headers)
    {
        if (result.Rows.Count == 0)
        {
            return "";
        }

        var table = new Table { Border = TableBorder.Square, ShowRowSeparators = true, ShowHeaders = headers };
        foreach (string column in result.Columns)
        {
            table.AddColumn(new TableColumn(new Text(column)).NoWrap());
        }

        foreach (IReadOnlyList<JsonNode?> row in result.Rows)
        {
            table.AddRow(row.Select(v => new Text(ErlangTerm.Cell(v))));
        }

        using var text = new StringWriter { NewLine = "\n" };
        IAnsiConsole console = AnsiConsole.Create(new AnsiConsoleSettings
        {
            Ansi = AnsiSupport.No,
            ColorSystem = ColorSystemSupport.NoColors,
            Interactive = InteractionSupport.No,
            Out = new AnsiConsoleOutput(text),
        });
        console.Profile.Width = Width;
        console.Profile.Capabilities.Unicode = true;
        console.Write(table);
        return text.ToString();
    }
}
