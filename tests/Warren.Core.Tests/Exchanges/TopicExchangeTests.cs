using System.Text;
using Warren.Core.Exchanges;
using Xunit;

namespace Warren.Core.Tests.Exchanges;

public sealed class TopicExchangeTests
{
    private readonly TestTopology _host = new();

    [Theory]
    [InlineData("user.*.notification", "user.123.notification", true)]
    [InlineData("user.*.notification", "user.abc.notification", true)]
    [InlineData("user.*.notification", "user.123.email.notification", false)]
    [InlineData("user.*.notification", "user.notification", false)]
    [InlineData("log.#", "log.error", true)]
    [InlineData("log.#", "log.error.database", true)]
    [InlineData("log.#", "log.info.user.login", true)]
    [InlineData("log.#", "log", true)]
    [InlineData("log.#", "error.log", false)]
    [InlineData("#.error", "error", true)]
    [InlineData("#.error", "database.error", true)]
    [InlineData("#.error", "system.database.connection.error", true)]
    [InlineData("#.error", "error.critical", false)]
    [InlineData("*.*.critical", "system.database.critical", true)]
    [InlineData("*.*.critical", "system.critical", false)]
    [InlineData("*.*.critical", "app.system.database.critical", false)]
    [InlineData("user.*.email.*", "user.123.email.sent", true)]
    [InlineData("sensor.*.warehouse.1", "sensor.humidity.warehouse.1", true)]
    [InlineData("sensor.*.warehouse.1", "sensor.humidity.warehouse.2", false)]
    [InlineData("notification.kr.#", "notification.kr.seoul", true)]
    [InlineData("#", "", true)]
    [InlineData("#", "a.b.c", true)]
    [InlineData("*", "", false)]
    [InlineData("*", "a", true)]
    [InlineData("", "", true)]
    [InlineData("", "a", false)]
    [InlineData("a..b", "a..b", true)]
    [InlineData("a.*.b", "a..b", true)]
    [InlineData("a.", "a", false)]
    [InlineData("a.*", "a.", true)]
    [InlineData("#.a.#", "x.a", true)]
    [InlineData("#.a.#.b.#", "x.a.y.b.z", true)]
    [InlineData("#.a.#.b.#", "x.b.y.a.z", false)]
    [InlineData("한국.#", "한국.서울", true)]
    [InlineData("a.#b", "a.#b", true)]
    [InlineData("a.#b", "a.b", false)]
    public void A_pattern_matches_the_keys_of_the_guide(string pattern, string key, bool matches)
    {
        _host.Bind("amq.topic", "q", pattern);

        Assert.Equal(matches ? "q" : "", _host.Route("amq.topic", key));
    }

    [Theory]
    [InlineData("user.123.email", "A D")]
    [InlineData("user.456.created", "B D")]
    [InlineData("system.database.connection.error", "C")]
    [InlineData("user.1.error", "C D")]
    [InlineData("user", "")]
    public void Several_patterns_lead_a_key_to_several_queues(string key, string queues)
    {
        _host.Bind("amq.topic", "A", "user.#.email");
        _host.Bind("amq.topic", "B", "user.*.created");
        _host.Bind("amq.topic", "C", "#.error");
        _host.Bind("amq.topic", "D", "user.*.#");

        Assert.Equal(queues, _host.Route("amq.topic", key));
    }

    [Fact]
    public void Every_random_pattern_agrees_with_a_matcher_that_tries_everything()
    {
        const int Rounds = 400;
        const int Patterns = 25;
        var random = new Random(20261);
        for (int round = 0; round < Rounds; round++)
        {
            var host = new TestTopology();
            string[] patterns = [.. Enumerable.Range(0, Patterns)
                .Select(_ => Words(random, ["a", "b", "c", "*", "#", ""], 6)).Distinct(StringComparer.Ordinal)];
            foreach (string pattern in patterns)
            {
                host.Bind("amq.topic", pattern, pattern);
            }

            // Half of them go again: what is left must not notice.
            string[] gone = [.. patterns.Where(_ => random.Next(2) == 0)];
            foreach (string pattern in gone)
            {
                Assert.True(host.Unbind("amq.topic", pattern, pattern));
            }

            for (int i = 0; i < 20; i++)
            {
                string key = Words(random, ["a", "b", "c", "d", ""], 7);
                string expected = string.Join(' ', patterns.Except(gone, StringComparer.Ordinal)
                    .Where(p => Matches(Split(p), Split(key))).Order(StringComparer.Ordinal));

                Assert.Equal(expected, host.Route("amq.topic", key));
            }
        }
    }

    [Fact]
    public void Patterns_of_many_wildcards_and_a_long_key_take_no_more_than_words_times_nodes()
    {
        string longKey = string.Join('.', Enumerable.Repeat("a", 127)) + ".b";
        _host.Bind("amq.topic", "wild", string.Join('.', Enumerable.Repeat("#.#.*", 42)));
        _host.Bind("amq.topic", "hit", string.Join('.', Enumerable.Repeat("#.a", 60)) + ".#.b");
        _host.Bind("amq.topic", "miss", string.Join('.', Enumerable.Repeat("#.a", 60)) + ".#.c");
        for (int i = 0; i < 100; i++)
        {
            _host.Bind("amq.topic", "many", $"#.#.*.{i}.#.#.*");
        }

        Assert.Equal("hit wild", _host.Route("amq.topic", longKey));
    }

    [Fact]
    public void Patterns_that_mean_the_same_are_still_unbound_one_by_one()
    {
        _host.Bind("amq.topic", "q", "#.*");
        _host.Bind("amq.topic", "q", "*.#");
        _host.Bind("amq.topic", "q", "#.#.*");

        Assert.True(_host.Unbind("amq.topic", "q", "#.*"));
        Assert.False(_host.Unbind("amq.topic", "q", "#.*"));
        Assert.Equal("q", _host.Route("amq.topic", "x"));
        Assert.True(_host.Unbind("amq.topic", "q", "*.#"));
        Assert.True(_host.Unbind("amq.topic", "q", "#.#.*"));
        Assert.Equal("", _host.Route("amq.topic", "x"));
    }

    [Theory]
    [InlineData("amq.topic", "user.7.created")]
    [InlineData("amq.topic", "nobody.wants.this")]
    [InlineData("amq.direct", "user.7.created")]
    [InlineData("amq.direct", "nobody.wants.this")]
    public void Routing_allocates_nothing_once_it_is_warm(string exchange, string key)
    {
        _host.Bind(exchange, "A", "user.#.email");
        _host.Bind(exchange, "B", "user.*.created");
        _host.Bind(exchange, "C", "#.error.#");
        _host.Bind(exchange, "D", "user.7.created");
        byte[] bytes = Encoding.UTF8.GetBytes(key);
        var routes = new RouteSet();
        Exchange start = _host.Exchanges.Find(exchange)!;
        _host.Exchanges.Route(start, new RoutingInput(bytes), routes);

        long before = GC.GetAllocatedBytesForCurrentThread();
        for (int i = 0; i < 100; i++)
        {
            routes.Clear();
            _host.Exchanges.Route(start, new RoutingInput(bytes), routes);
        }

        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
    }

    private static string Words(Random random, string[] vocabulary, int most) => string.Join(
        '.', Enumerable.Range(0, random.Next(most + 1)).Select(_ => vocabulary[random.Next(vocabulary.Length)]));

    private static string[] Split(string key) => key.Length == 0 ? [] : key.Split('.');

    private static bool Matches(ReadOnlySpan<string> pattern, ReadOnlySpan<string> words)
    {
        if (pattern.IsEmpty)
        {
            return words.IsEmpty;
        }

        if (pattern[0] is "#")
        {
            return Matches(pattern[1..], words) || (!words.IsEmpty && Matches(pattern, words[1..]));
        }

        return !words.IsEmpty
            && (pattern[0] is "*" || string.Equals(pattern[0], words[0], StringComparison.Ordinal))
            && Matches(pattern[1..], words[1..]);
    }
}
