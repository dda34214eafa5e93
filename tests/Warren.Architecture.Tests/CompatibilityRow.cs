namespace Warren.Architecture.Tests;

/// <summary>
/// One line of a table <c>| feature | spec | test | status |</c>, <c>| path | methods | test | status |</c> or
/// <c>| statement | what it says | test | status |</c>, in docs/compatibility.
/// </summary>
internal sealed record CompatibilityRow(int Line, string Feature, IReadOnlyList<string> Tests, string Status)
{
    /// <summary>The rows of every table with exactly those columns; other tables are left alone.</summary>
    public static IEnumerable<CompatibilityRow> Read(string path)
    {
        bool inTable = false;
        int number = 0;
        foreach (string line in File.ReadLines(path))
        {
            number++;
            string[] cells = line.StartsWith('|') ? [.. line.Trim('|', ' ').Split('|').Select(c => c.Trim())] : [];
            if (cells.Length != 4)
            {
                inTable = false;
            }
            else if (cells is ["feature", "spec", "test", "status"] or ["path", "methods", "test", "status"]
                or ["statement", "what it says", "test", "status"])
            {
                inTable = true;
            }
            else if (inTable && !cells[0].StartsWith('-') && !cells[0].StartsWith(':'))
            {
                yield return new CompatibilityRow(number, cells[0], SplitTests(cells[2]), cells[3]);
            }
        }
    }

    // Several tests are separated by commas or line breaks; a dash stands for none.
    private static string[] SplitTests(string cell) =>
    [
        .. cell.Replace("<br>", ",", StringComparison.Ordinal).Split(',')
            .Select(t => t.Trim(' ', '`'))
            .Where(t => t is not ("" or "-" or "–" or "—")),
    ];
}
