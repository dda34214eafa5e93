using System.Text.Json.Nodes;
using Warren.Cli.Ctl.Output;

namespace Warren.Cli.Ctl.Lists;

/// <summary>The columns of a list command and those it shows when nobody names any.</summary>
internal sealed class ColumnSet
{
    private readonly Dictionary<string, Column> _columns;
    private readonly string[] _defaults;

    public ColumnSet(IReadOnlyList<string> defaults, IEnumerable<Column> columns)
    {
        _defaults = [.. defaults];
        _columns = columns.ToDictionary(c => c.Name, StringComparer.Ordinal);
    }

    /// <summary>All names, sorted.</summary>
    public IEnumerable<string> Names => _columns.Keys.Order(StringComparer.Ordinal);

    /// <summary>The columns of these names, or the usual ones.</summary>
    /// <exception cref="CtlError">There is no such column.</exception>
    public IReadOnlyList<Column> Choose(IReadOnlyList<string> arguments)
    {
        // "name,messages" means the same as two arguments.
        string[] names = [.. arguments.SelectMany(a => a.Split(',', StringSplitOptions.RemoveEmptyEntries))];
        string[] unknown = [.. names.Where(n => !_columns.ContainsKey(n))];
        if (unknown.Length > 0)
        {
            string guess = Server.Configuration.Suggestions.Nearest(unknown[0], _columns.Keys) is { } near ? $"\nDid you mean '{near}'?" : "";
            throw CtlError.Usage($"Info key(s) {string.Join(", ", unknown)} are not supported{guess}");
        }

        return [.. (names.Length == 0 ? _defaults : names).Select(n => _columns[n])];
    }

    /// <summary>A table of items.</summary>
    public static ResultTable Read(IReadOnlyList<Column> columns, IEnumerable<JsonObject> items) =>
        new([.. columns.Select(c => c.Name)], [.. items.Select(i => (IReadOnlyList<JsonNode?>)[.. columns.Select(c => c.Read(i))])]);
}
