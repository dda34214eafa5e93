using System.Globalization;
using Xunit;

namespace Warren.Management.Tests;

/// <summary>One series of a page of metrics.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Labels">Its labels.</param>
/// <param name="Value">Its value.</param>
internal sealed record ReadSeries(string Name, IReadOnlyDictionary<string, string> Labels, double Value);

/// <summary>Reads Prometheus' text format 0.0.4 and fails on everything the format does not allow.</summary>
internal static class MetricsReader
{
    private static readonly string[] Types = ["counter", "gauge", "histogram", "summary", "untyped"];

    public static IReadOnlyList<ReadSeries> Read(string page)
    {
        Assert.EndsWith("\n", page, StringComparison.Ordinal);
        Assert.DoesNotContain('\r', page);
        var types = new Dictionary<string, string>(StringComparer.Ordinal);
        var helped = new HashSet<string>(StringComparer.Ordinal);
        var ended = new HashSet<string>(StringComparer.Ordinal);
        var seen = new HashSet<string>(StringComparer.Ordinal);
        var series = new List<ReadSeries>();
        string current = "";
        foreach (string line in page.TrimEnd('\n').Split('\n'))
        {
            Assert.NotEmpty(line);
            if (line.StartsWith("# TYPE ", StringComparison.Ordinal))
            {
                string[] words = line.Split(' ');
                Assert.Equal(4, words.Length);
                AssertName(words[2]);
                Assert.Contains(words[3], Types);
                Assert.True(types.TryAdd(words[2], words[3]), $"TYPE of {words[2]} twice");
                ended.Add(current);
                current = words[2];
                continue;
            }

            if (line.StartsWith("# HELP ", StringComparison.Ordinal))
            {
                string[] words = line.Split(' ', 4);
                Assert.Equal(4, words.Length);
                Assert.True(helped.Add(words[2]), $"HELP of {words[2]} twice");
                continue;
            }

            Assert.False(line.StartsWith('#'), line);
            ReadSeries one = ReadLine(line);
            string family = FamilyOf(one.Name, types);
            Assert.True(family == current && !ended.Contains(family), $"{one.Name} is not with its family");
            Assert.Contains(family, helped);
            AssertFits(one, types[family]);
            string key = one.Name + string.Concat(one.Labels.OrderBy(static l => l.Key, StringComparer.Ordinal).Select(static l => $"|{l.Key}={l.Value}"));
            Assert.True(seen.Add(key), $"{key} twice");
            series.Add(one);
        }

        AssertHistograms(series, types);
        return series;
    }

    private static string FamilyOf(string name, Dictionary<string, string> types)
    {
        foreach (string part in (ReadOnlySpan<string>)["_bucket", "_count", "_sum"])
        {
            if (name.EndsWith(part, StringComparison.Ordinal) && types.GetValueOrDefault(name[..^part.Length]) == "histogram")
            {
                return name[..^part.Length];
            }
        }

        Assert.True(types.ContainsKey(name), $"{name} has no TYPE");
        return name;
    }

    private static ReadSeries ReadLine(string line)
    {
        int at = line.IndexOfAny(['{', ' ']);
        Assert.True(at > 0, line);
        string name = line[..at];
        AssertName(name);
        var labels = new Dictionary<string, string>(StringComparer.Ordinal);
        if (line[at] == '{')
        {
            at++;
            while (line[at] != '}')
            {
                int equals = line.IndexOf("=\"", at, StringComparison.Ordinal);
                string label = line[at..equals];
                Assert.Matches("^[a-zA-Z_][a-zA-Z0-9_]*$", label);
                Assert.False(label.StartsWith("__", StringComparison.Ordinal), line);
                (string value, at) = ReadValue(line, equals + 2);
                Assert.True(labels.TryAdd(label, value), line);
                Assert.True(line[at] is ',' or '}', line);
                at += line[at] == ',' ? 1 : 0;
            }

            at++;
        }

        Assert.Equal(' ', line[at]);
        string number = line[(at + 1)..];
        Assert.True(
            number is "+Inf" or "-Inf" or "NaN" | double.TryParse(number, NumberStyles.Float, CultureInfo.InvariantCulture, out double parsed), line);
        return new ReadSeries(name, labels, parsed);
    }

    private static (string Value, int End) ReadValue(string line, int at)
    {
        var value = new System.Text.StringBuilder();
        for (; line[at] != '"'; at++)
        {
            if (line[at] != '\\')
            {
                value.Append(line[at]);
                continue;
            }

            at++;
            Assert.True(line[at] is '\\' or '"' or 'n', line);
            value.Append(line[at] == 'n' ? '\n' : line[at]);
        }

        return (value.ToString(), at + 1);
    }

    private static void AssertName(string name) => Assert.Matches("^[a-zA-Z_:][a-zA-Z0-9_:]*$", name);

    private static void AssertFits(ReadSeries series, string type)
    {
        if (type == "counter")
        {
            Assert.EndsWith("_total", series.Name, StringComparison.Ordinal);
            Assert.True(series.Value >= 0, series.Name);
        }
        else if (type != "histogram")
        {
            Assert.False(series.Name.EndsWith("_total", StringComparison.Ordinal), series.Name);
        }
    }

    private static void AssertHistograms(List<ReadSeries> series, Dictionary<string, string> types)
    {
        foreach (string family in types.Where(static t => t.Value == "histogram").Select(static t => t.Key))
        {
            ReadSeries[] buckets = [.. series.Where(s => s.Name == family + "_bucket")];
            Assert.Equal("+Inf", buckets[^1].Labels["le"]);
            Assert.Equal(buckets.OrderBy(static b => b.Value), buckets);
            Assert.Equal(buckets[^1].Value, series.Single(s => s.Name == family + "_count").Value);
            Assert.Single(series, s => s.Name == family + "_sum");
        }
    }
}
