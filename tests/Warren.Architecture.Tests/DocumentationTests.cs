using System.Text.RegularExpressions;
using Xunit;

namespace Warren.Architecture.Tests;

public sealed partial class DocumentationTests
{
    [Fact]
    public void Every_row_of_a_compatibility_table_names_tests_that_exist()
    {
        var tests = TestNames.Collect();

        string[] missing =
        [
            .. from file in Repository.Files("docs/compatibility", "*.md")
               from row in CompatibilityRow.Read(file)
               from test in row.Tests
               where !tests.Contains(test)
               select $"{Repository.Relative(file)}:{row.Line}: {test}",
        ];

        Assert.Empty(missing);
    }

    [Fact]
    public void Every_row_that_says_yes_names_a_test()
    {
        string[] unproven =
        [
            .. from file in Repository.Files("docs/compatibility", "*.md")
               from row in CompatibilityRow.Read(file)
               where row.Status is "yes" && row.Tests.Count == 0
               select $"{Repository.Relative(file)}:{row.Line}: {row.Feature}",
        ];

        Assert.Empty(unproven);
    }

    [Fact]
    public void Every_attack_names_tests_that_exist()
    {
        var tests = TestNames.Collect();
        string page = File.ReadAllText(Path.Combine(Repository.Root, "docs", "testing.md"));
        string table = page[page.IndexOf("| item | what is tried |", StringComparison.Ordinal)..page.IndexOf("\n## Rules", StringComparison.Ordinal)];

        string[] missing = [.. Name().Matches(table).Select(m => m.Groups["name"].Value).Where(n => !tests.Contains(n))];

        Assert.Empty(missing);
    }

    [Fact]
    public void Links_between_pages_lead_somewhere()
    {
        string[] pages =
        [
            .. Repository.Files("docs", "*.md"),
            .. Directory.GetFiles(Repository.Root, "*.md"),
        ];

        string[] broken =
        [
            .. from page in pages
               from Match link in Link().Matches(File.ReadAllText(page))
               let target = link.Groups["target"].Value
               where !target.Contains("://", StringComparison.Ordinal) && !target.StartsWith('#')
               let path = Path.Combine(Path.GetDirectoryName(page)!, target.Split('#')[0])
               where !Path.Exists(path)
               select $"{Repository.Relative(page)}: {target}",
        ];

        Assert.Empty(broken);
    }

    [Fact]
    public void Decision_records_have_numbers_of_their_own()
    {
        string[] names = [.. Repository.Files("docs/decisions", "*.md").Select(f => Path.GetFileName(f))];

        Assert.All(names, name => Assert.Matches(@"^\d{4}-[a-z0-9-]+\.md$", name));
        Assert.Equal(names.Length, names.Select(n => n[..4]).Distinct(StringComparer.Ordinal).Count());
    }

    [GeneratedRegex(@"`(?<name>[^`]+)`", RegexOptions.ExplicitCapture)]
    private static partial Regex Name();

    [GeneratedRegex(@"\]\((?<target>[^)\s]+)\)", RegexOptions.ExplicitCapture)]
    private static partial Regex Link();
}
