using System.Text.RegularExpressions;
using System.Xml.Linq;
using Xunit;

namespace Warren.Architecture.Tests;

public sealed partial class ReferenceTests
{
    // Who may reference whom; docs/architecture.md says why. An edge that is not here does not compile either.
    private static readonly Dictionary<string, string[]> Allowed = new(StringComparer.Ordinal)
    {
        ["Warren.Buffers"] = [],
        ["Warren.Wire"] = ["Warren.Buffers"],
        ["Warren.Storage"] = ["Warren.Buffers"],
        ["Warren.Transport"] = ["Warren.Buffers"],
        ["Warren.Core"] = ["Warren.Buffers", "Warren.Storage"],
        ["Warren.Protocols"] = ["Warren.Core", "Warren.Transport", "Warren.Buffers"],
        ["Warren.Protocols.Amqp091"] = ["Warren.Protocols", "Warren.Core", "Warren.Wire", "Warren.Transport", "Warren.Buffers"],
        ["Warren.Protocols.Mqtt"] = ["Warren.Protocols", "Warren.Core", "Warren.Wire", "Warren.Transport", "Warren.Buffers"],
        ["Warren.Management"] = ["Warren.Core", "Warren.Buffers"],
        ["Warren.Server"] =
        [
            "Warren.Buffers", "Warren.Wire", "Warren.Storage", "Warren.Transport", "Warren.Core", "Warren.Protocols.Amqp091",
            "Warren.Protocols.Mqtt", "Warren.Management",
        ],
        ["Warren.Cli"] = ["Warren.Buffers", "Warren.Server", "Warren.Management", "Warren.Wire", "Warren.Transport"],
    };

    public static TheoryData<string> Projects => [.. Repository.Files("src", "*.csproj").Select(p => Path.GetFileNameWithoutExtension(p))];

    [Theory]
    [MemberData(nameof(Projects))]
    public void Project_references_only_what_the_table_allows(string project)
    {
        string path = Path.Combine(Repository.Root, "src", project, $"{project}.csproj");
        IEnumerable<string> references = XDocument.Load(path).Descendants("ProjectReference")
            .Select(r => Path.GetFileNameWithoutExtension(r.Attribute("Include")!.Value.Replace('\\', '/')));

        Assert.True(Allowed.ContainsKey(project), $"{project} is missing from the table");
        Assert.Empty(references.Except(Allowed[project], StringComparer.Ordinal));
    }

    [Theory]
    [MemberData(nameof(Projects))]
    public void Project_is_in_the_solution_and_in_the_architecture_page(string project)
    {
        string solution = File.ReadAllText(Path.Combine(Repository.Root, "Warren.slnx"));
        string page = File.ReadAllText(Path.Combine(Repository.Root, "docs", "architecture.md"));

        Assert.Contains($"src/{project}/{project}.csproj", solution, StringComparison.Ordinal);
        Assert.Contains(project, page, StringComparison.Ordinal);
    }

    [Fact]
    public void Protocol_words_stay_out_of_the_core()
    {
        string[] mentions =
        [
            .. Repository.Files("src/Warren.Core", "*.cs")
                .Where(f => File.ReadAllText(f).Contains("using Warren.Protocols", StringComparison.Ordinal)
                    || File.ReadAllText(f).Contains("using Warren.Wire", StringComparison.Ordinal)
                    || File.ReadAllText(f).Contains("System.Net.Sockets", StringComparison.Ordinal))
                .Select(Repository.Relative),
        ];

        Assert.Empty(mentions);
    }

    // In comments a section of a specification may be named.
    [Fact]
    public void Code_of_the_core_names_no_protocol()
    {
        string[] named =
        [
            .. from file in Repository.Files("src/Warren.Core", "*.cs")
               from line in File.ReadAllLines(file)
               let code = line.Split("//", 2)[0]
               where ProtocolWord().IsMatch(code)
               select $"{Repository.Relative(file)}: {code.Trim()}",
        ];

        Assert.Empty(named);
    }

    [GeneratedRegex("amqp|mqtt|stomp", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant)]
    private static partial Regex ProtocolWord();
}
