using System.Text;
using Warren.Buffers.Scheduling;
using Warren.Core.Sessions;
using Xunit;

namespace Warren.Core.Tests.Sessions;

/// <summary>Which topics a walk meets, also while the tree changes under it.</summary>
public sealed class RetainedWalkTests
{
    private static readonly string[] Words = ["a", "b", "", "$x", "c"];
    private static readonly string[] PatternWords = ["a", "b", "", "$x", "c", "*", "#", "#"];

    private readonly RetainedTree _tree = new();

    [Theory]
    [InlineData("#", "a a.a a.b b.a.c")]
    [InlineData("*", "a")]
    [InlineData("a.#", "a a.a a.b")]
    [InlineData("#.a", "a a.a")]
    [InlineData("#.a.#", "a a.a a.b b.a.c")]
    [InlineData("#.*.*", "a.a a.b b.a.c")]
    [InlineData("*.*", "a.a a.b")]
    [InlineData("$x.#", "$x.a $x.b")]
    [InlineData("#.$x.a", "$x.a")]
    [InlineData("*.a", "a.a")]
    [InlineData("b", "")]
    [InlineData("", "")]
    public void Pattern_takes_in_what_it_stands_for(string pattern, string expected)
    {
        Put("a", "a.a", "a.b", "b.a.c", "$x.a", "$x.b");

        Assert.Equal(expected, string.Join(' ', Topics(pattern).Order(StringComparer.Ordinal)));
    }

    [Fact]
    public void Walk_meets_each_topic_once_and_those_a_plain_matcher_takes_in()
    {
        for (int seed = 0; seed < 300; seed++)
        {
            var random = new Random(seed);
            var tree = new RetainedTree();
            string[] topics = [.. Enumerable.Range(0, 60).Select(_ => Some(random, Words, 1, 5)).Distinct()];
            foreach (string topic in topics)
            {
                Put(tree, topic);
            }

            // up to 80 steps: more than one word of places
            string pattern = Some(random, PatternWords, 1, seed % 10 == 0 ? 80 : 6);
            string[] expected = [.. topics.Where(t => Matches(pattern, t)).Order(StringComparer.Ordinal)];
            Assert.Equal(expected, Topics(tree, pattern).Order(StringComparer.Ordinal));
        }
    }

    [Fact]
    public void Topic_that_stays_is_met_once_whatever_comes_and_goes_meanwhile()
    {
        for (int seed = 0; seed < 200; seed++)
        {
            var random = new Random(seed);
            var tree = new RetainedTree();
            HashSet<string> staying = [.. Enumerable.Range(0, 40).Select(_ => Some(random, Words, 1, 4))];
            foreach (string topic in staying)
            {
                Put(tree, topic);
            }

            string pattern = (seed % 3) switch
            {
                0 => "#",
                1 => "#.a.#",
                _ => Some(random, PatternWords, 1, 5),
            };
            var met = new List<string>();
            var walk = new RetainedWalk(tree.Root, Encoding.UTF8.GetBytes(pattern));
            while (walk.TryNext(out RetainedNode? node))
            {
                if (node.Entry is not null)
                {
                    met.Add(TopicOf(node));
                }

                for (int i = 0; i < 5; i++)
                {
                    Change(tree, staying, random);
                }
            }

            Assert.Equal(met.Distinct(), met);
            Assert.Subset(met.ToHashSet(), staying.Where(t => Matches(pattern, t)).ToHashSet());
        }
    }

    [Fact]
    public async Task Walks_of_other_threads_miss_nothing_that_stays()
    {
        string[] staying = [.. Enumerable.Range(0, 500).Select(i => $"{i % 7}.{i % 50}.{i}")];
        Put(staying);
        using var stop = new CancellationTokenSource();
        Task changing = Task.Run(
            () =>
            {
                var random = new Random(1);
                while (!stop.IsCancellationRequested)
                {
                    Change(_tree, [.. staying], random);
                }
            },
            TestContext.Current.CancellationToken);
        for (int i = 0; i < 300; i++)
        {
            List<string> met = Topics(i % 2 == 0 ? "#" : "#.*");
            Assert.Equal(met.Count, met.Distinct().Count());
            Assert.Subset(met.ToHashSet(), staying.ToHashSet());
        }

        await stop.CancelAsync();
        await changing;
    }

    private static void Change(RetainedTree tree, HashSet<string> staying, Random random)
    {
        string topic = Some(random, random.Next(2) == 0 ? Words : [$"{random.Next(40)}", "a"], 1, 4);
        if (random.Next(3) > 0)
        {
            Put(tree, topic);
        }
        else if (!staying.Contains(topic) && tree.Find(Encoding.UTF8.GetBytes(topic)) is { Entry: not null } node)
        {
            tree.Remove(node);
        }
    }

    private static string Some(Random random, string[] words, int least, int most) =>
        string.Join('.', Enumerable.Range(0, random.Next(least, most + 1)).Select(_ => words[random.Next(words.Length)]));

    // Word by word, with all ways to understand a #; at the front no wildcard stands for a word with a dollar sign.
    private static bool Matches(string pattern, string topic)
    {
        return pattern.Length > 0 && From(pattern.Split('.'), topic.Split('.'), isFront: true);

        static bool From(ReadOnlySpan<string> pattern, ReadOnlySpan<string> words, bool isFront)
        {
            if (pattern.IsEmpty)
            {
                return words.IsEmpty;
            }

            bool mayBeAny = !words.IsEmpty && !(isFront && words[0].StartsWith('$'));
            return pattern[0] == "#"
                ? From(pattern[1..], words, isFront) || (mayBeAny && From(pattern, words[1..], isFront: false))
                : !words.IsEmpty && (pattern[0] == "*" ? mayBeAny : pattern[0] == words[0])
                    && From(pattern[1..], words[1..], isFront: false);
        }
    }

    private static string TopicOf(RetainedNode node) => node.Parent is { Parent: not null } parent
        ? $"{TopicOf(parent)}.{Encoding.UTF8.GetString(node.Word)}"
        : Encoding.UTF8.GetString(node.Word);

    private static void Put(RetainedTree tree, string topic) =>
        tree.Put(Encoding.UTF8.GetBytes(topic), new RetainedEntry([1], null, 0, Uptime.Never));

    private static List<string> Topics(RetainedTree tree, string pattern)
    {
        var topics = new List<string>();
        var walk = new RetainedWalk(tree.Root, Encoding.UTF8.GetBytes(pattern));
        while (walk.TryNext(out RetainedNode? node))
        {
            if (node.Entry is not null)
            {
                topics.Add(TopicOf(node));
            }
        }

        return topics;
    }

    private void Put(params string[] topics)
    {
        foreach (string topic in topics)
        {
            Put(_tree, topic);
        }
    }

    private List<string> Topics(string pattern) => Topics(_tree, pattern);
}
