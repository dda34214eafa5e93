using System.Text.RegularExpressions;
using Xunit;

namespace Warren.Architecture.Tests;

public sealed partial class SourceTests
{
    private const int LongestFile = 600;

    // Words that say nothing about a type's place in a broker.
    private static readonly string[] EmptySuffixes =
    [
        "Manager", "Helper", "Helpers", "Util", "Utils", "Impl", "Processor", "Info", "Data", "Handler", "Service", "Provider",
        "Factory", "Base", "Common",
    ];

    // Files that were longer when the limit came; they may shrink, never grow.
    private static readonly Dictionary<string, int> Longer = new(StringComparer.Ordinal)
    {
        ["src/Warren.Core/Queues/ClassicQueue.cs"] = 980,
        ["src/Warren.Protocols.Amqp091/Channel.cs"] = 605,
        ["src/Warren.Protocols.Mqtt/MqttConnection.cs"] = 606,
    };

    [Fact]
    public void Type_names_say_what_a_type_is()
    {
        string[] vague =
        [
            .. from file in Repository.Files("src", "*.cs")
               from Match declaration in TypeDeclaration().Matches(File.ReadAllText(file))
               let name = declaration.Groups["name"].Value
               where EmptySuffixes.Any(s => name.EndsWith(s, StringComparison.Ordinal))
               select $"{Repository.Relative(file)}: {name}",
        ];

        Assert.Empty(vague);
    }

    [Fact]
    public void Files_stay_short_enough_to_say_one_thing()
    {
        string[] tooLong =
        [
            .. from file in Repository.Files("src", "*.cs")
               let lines = File.ReadLines(file).Count()
               where lines > Longer.GetValueOrDefault(Repository.Relative(file), LongestFile)
               select $"{Repository.Relative(file)}: {lines} lines",
        ];

        Assert.Empty(tooLong);
    }

    [Fact]
    public void Nothing_is_left_for_later()
    {
        string[] leftOvers =
        [
            .. from file in Repository.Files("src", "*.cs")
               from Match left in LeftOver().Matches(File.ReadAllText(file))
               select $"{Repository.Relative(file)}: {left.Value}",
        ];

        Assert.Empty(leftOvers);
    }

    [Fact]
    public void Timers_and_pool_work_go_through_the_scheduler()
    {
        string[] raw =
        [
            .. from file in Repository.Files("src", "*.cs")
               let name = Repository.Relative(file)
               where !name.StartsWith("src/Warren.Buffers/Scheduling/", StringComparison.Ordinal)
               from Match found in RawScheduling().Matches(File.ReadAllText(file))
               select $"{name}: {found.Value}",
        ];

        Assert.Empty(raw);
    }

    [GeneratedRegex(@"\.CreateTimer\(|new\s+(System\.Threading\.)?Timer\(|new\s+PeriodicTimer|ThreadPool\.\w*(QueueUserWorkItem|RegisterWaitForSingleObject)|\bTask\.Run\(|\bITimer\b", RegexOptions.ExplicitCapture)]
    private static partial Regex RawScheduling();

    [GeneratedRegex(@"^\s*(?:(?:public|internal|private|protected|sealed|static|abstract|readonly|ref|partial|file|unsafe)\s+)+(?:class|struct|record|interface|enum|record\s+struct|record\s+class)\s+(?<name>\w+)", RegexOptions.Multiline | RegexOptions.ExplicitCapture)]
    private static partial Regex TypeDeclaration();

    [GeneratedRegex(@"NotImplementedException|\bTODO\b|\bFIXME\b|\bHACK\b|catch\s*(\([^)]*\))?\s*\{\s*\}", RegexOptions.ExplicitCapture)]
    private static partial Regex LeftOver();
}
