using Warren.Buffers.Fields;
using Warren.Core.Arguments;
using Warren.Core.Exchanges;
using Xunit;
using static Warren.Core.Tests.Exchanges.TestTopology;

namespace Warren.Core.Tests.Exchanges;

public sealed class ConsistentHashExchangeTests
{
    private const int Messages = 20_000;

    private readonly TestTopology _host = new();

    [Theory]
    [InlineData(1, 1)]
    [InlineData(1, 2)]
    [InlineData(1, 1, 2, 2)]
    [InlineData(3, 10, 7)]
    [InlineData(10_000, 10_000)]
    [InlineData(1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1)]
    [InlineData(1, 2, 3, 4, 1, 2, 3, 4, 1, 2, 3, 4)]
    public void Each_queue_gets_its_share_by_weight(params int[] weights)
    {
        _host.Declare(ConsistentHashExchange.TypeName, "x");
        for (int i = 0; i < weights.Length; i++)
        {
            _host.Bind("x", $"q{i}", $"{weights[i]}");
        }

        Dictionary<string, int> counts = _host.Distribute("x", Messages);

        double total = weights.Sum();
        for (int i = 0; i < weights.Length; i++)
        {
            double expected = Messages * weights[i] / total;
            Assert.InRange(counts[$"q{i}"], expected * 0.9, expected * 1.1);
        }
    }

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    [InlineData(8)]
    [InlineData(20)]
    public void A_new_queue_takes_only_its_share_and_gives_it_back_when_it_goes(int queues)
    {
        _host.Declare(ConsistentHashExchange.TypeName, "x");
        for (int i = 0; i < queues; i++)
        {
            _host.Bind("x", $"q{i}", "2");
        }

        string[] before = RouteAll();
        _host.Bind("x", "new", "2");
        string[] during = RouteAll();
        _host.Unbind("x", "new", "2");
        string[] after = RouteAll();

        int moved = before.Zip(during).Count(pair => pair.First != pair.Second);
        Assert.All(before.Zip(during), pair => Assert.True(pair.Second == pair.First || pair.Second == "new"));
        Assert.InRange(moved, Messages / (queues + 1) * 0.85, Messages / (queues + 1) * 1.15);
        Assert.Equal(before, after);
    }

    [Theory]
    [InlineData(4)]
    [InlineData(9)]
    [InlineData(15)]
    public void What_a_removed_queue_had_is_shared_and_nothing_else_moves(int queues)
    {
        _host.Declare(ConsistentHashExchange.TypeName, "x");
        for (int i = 0; i < queues; i++)
        {
            _host.Bind("x", $"q{i}", "1");
        }

        string[] before = RouteAll();
        _host.Unbind("x", "q1", "1");
        string[] after = RouteAll();

        var heirs = new HashSet<string>();
        foreach ((string was, string isNow) in before.Zip(after))
        {
            Assert.NotEqual("q1", isNow);
            Assert.True(was == "q1" || was == isNow);
            if (was == "q1")
            {
                heirs.Add(isNow);
            }
        }

        Assert.Equal(queues - 1, heirs.Count);
    }

    [Fact]
    public void The_order_of_binding_makes_no_difference()
    {
        string[] names = [.. Enumerable.Range(0, 12).Select(i => $"q{i}")];
        _host.Declare(ConsistentHashExchange.TypeName, "x");
        _host.Declare(ConsistentHashExchange.TypeName, "y");
        foreach (string name in names)
        {
            _host.Bind("x", name, $"{name.Length}");
        }

        foreach (string name in names.Reverse().Append("gone"))
        {
            _host.Bind("y", name, $"{name.Length}");
        }

        _host.Unbind("y", "gone", "4");

        Assert.All(Enumerable.Range(0, 2000), i => Assert.Equal(_host.Route("x", $"{i}"), _host.Route("y", $"{i}")));
    }

    [Fact]
    public void Of_two_bindings_to_a_queue_the_first_counts_until_it_goes()
    {
        _host.Declare(ConsistentHashExchange.TypeName, "x");
        _host.Bind("x", "a", "1");
        _host.Bind("x", "a", "9");
        _host.Bind("x", "b", "1");

        Assert.InRange(_host.Distribute("x", Messages)["a"], 9_500, 10_500);
        _host.Unbind("x", "a", "1");
        Assert.InRange(_host.Distribute("x", Messages)["a"], 17_500, 18_500);
        _host.Unbind("x", "a", "9");
        Assert.Equal(Messages, _host.Distribute("x", Messages)["b"]);
        _host.Unbind("x", "b", "1");
        Assert.Equal("", _host.Route("x", "k"));
    }

    [Fact]
    public void By_the_routing_key_the_route_may_be_cached_and_only_the_first_key_counts()
    {
        Declare();

        string queue = _host.Route("x", "k", Table(("h", "1")), "k2", "k3");

        Assert.Equal(queue, _host.Route("x", "k"));
        Assert.False(_host.LastRoutes.DependsOnHeaders);
    }

    [Fact]
    public void A_header_decides_instead_of_the_key()
    {
        Declare(("hash-header", "customer"));

        string[] byKey = [.. Enumerable.Range(0, 100).Select(i => _host.Route("x", $"{i}", Table(("customer", "c1"))))];
        string[] byHeader = [.. Enumerable.Range(0, 100).Select(i => _host.Route("x", "k", Table(("customer", $"c{i}"))))];

        Assert.Single(byKey.Distinct());
        Assert.Equal(3, byHeader.Distinct().Count());
        Assert.True(_host.LastRoutes.DependsOnHeaders);
    }

    [Fact]
    public void Headers_of_any_type_decide_and_integers_by_their_value()
    {
        Declare(("hash-header", "h"));
        Func<int, FieldValue>[] makers =
        [
            i => FieldValue.Of(i),
            i => FieldValue.Of(i * 0.5),
            i => FieldValue.OfTimestamp(i),
            i => FieldValue.OfBytes([(byte)i]),
            i => FieldValue.Of([FieldValue.Of("same"), FieldValue.Of(i)]),
            i => FieldValue.Of(Table(("a", i), ("b", "same"))),
            i => FieldValue.OfDecimal(2, i),
        ];

        foreach (Func<int, FieldValue> make in makers)
        {
            var reached = Enumerable.Range(0, 60).Select(i => _host.Route("x", "", Table(("h", make(i))))).ToHashSet();
            Assert.Equal(["a", "b", "c"], reached.Order());
        }

        Assert.All(Enumerable.Range(0, 50), i => Assert.Equal(
            _host.Route("x", "", Table(("h", i))), _host.Route("x", "", Table(("h", (long)i)))));
        Assert.All(Enumerable.Range(0, 50), i => Assert.Equal(
            _host.Route("x", "", Table(("h", FieldValue.Of(Table(("a", i), ("b", 1)))))),
            _host.Route("x", "", Table(("h", FieldValue.Of(Table(("b", 1), ("a", i))))))));
    }

    [Theory]
    [InlineData("correlation_id")]
    [InlineData("message_id")]
    [InlineData("timestamp")]
    public void A_property_decides_instead_of_the_key(string property)
    {
        Declare(("hash-property", property));

        string[] byKey = [.. Enumerable.Range(0, 100).Select(i => _host.Route("x", $"{i}", Table((property, "p1"))))];
        string[] byProperty = [.. Enumerable.Range(0, 100).Select(i => _host.Route("x", "k", Table((property, $"p{i}"))))];

        Assert.Single(byKey.Distinct());
        Assert.Equal(3, byProperty.Distinct().Count());
        Assert.True(_host.LastRoutes.DependsOnHeaders);
    }

    [Theory]
    [InlineData("hash-header", "h")]
    [InlineData("hash-property", "message_id")]
    public void Messages_without_what_is_hashed_go_to_one_queue(string argument, string value)
    {
        Declare((argument, value));

        string queue = _host.Route("x", "1");

        Assert.Equal(1, _host.LastRoutes.Count);
        Assert.All(Enumerable.Range(0, 20), i => Assert.Equal(queue, _host.Route("x", $"{i}", Table(("other", i)))));
    }

    [Theory]
    [InlineData("abc", "The binding key must be an integer: <<\"abc\">>")]
    [InlineData("", "The binding key must be an integer: <<>>")]
    [InlineData("1.5", "The binding key must be an integer: <<\"1.5\">>")]
    [InlineData(" 1", "The binding key must be an integer: <<\" 1\">>")]
    [InlineData("-", "The binding key must be an integer: <<\"-\">>")]
    [InlineData("0", "The binding key must be greater than 0")]
    [InlineData("-1", "The binding key must be greater than 0")]
    [InlineData("-99999999999999999999", "The binding key must be greater than 0")]
    [InlineData("10001", "The binding key must not exceed 10000")]
    [InlineData("99999999999999999999", "The binding key must not exceed 10000")]
    public void A_key_that_is_no_weight_is_refused(string key, string text)
    {
        _host.Declare(ConsistentHashExchange.TypeName, "x");

        BrokerError error = Assert.Throws<BrokerError>(() => _host.Bind("x", "q", key));

        Assert.Equal((BrokerErrorKind.PreconditionFailed, text), (error.Kind, error.Text));
        Assert.Equal("", _host.Route("x", "k"));
    }

    [Theory]
    [InlineData("1")]
    [InlineData("+2")]
    [InlineData("007")]
    [InlineData("10000")]
    public void A_key_that_is_a_weight_is_taken(string key)
    {
        _host.Declare(ConsistentHashExchange.TypeName, "x");

        Assert.True(_host.Bind("x", "q", key));
        Assert.Equal("q", _host.Route("x", "k"));
    }

    [Fact]
    public void Header_and_property_together_or_an_unknown_property_are_refused()
    {
        AssertRefused("hash-header and hash-property are mutually exclusive", ("hash-header", "h"), ("hash-property", "message_id"));
        AssertRefused("Unsupported property: app_id", ("hash-property", "app_id"));
        AssertRefused("invalid type 'signedint' for argument 'hash-header', expected longstr", ("hash-header", 1));
    }

    [Fact]
    public void Exchanges_have_shares_too()
    {
        _host.Declare(ConsistentHashExchange.TypeName, "x");
        _host.Bind("x", "direct", "1");
        _host.BindExchange("x", "amq.fanout", "3");
        _host.Bind("amq.fanout", "fanned", "");

        Dictionary<string, int> counts = _host.Distribute("x", Messages);

        Assert.InRange(counts["fanned"], 14_500, 15_500);
    }

    private void Declare(params (string Name, object Value)[] arguments)
    {
        _host.Declare(ConsistentHashExchange.TypeName, "x", Table(arguments));
        _host.Bind("x", "a", "1");
        _host.Bind("x", "b", "1");
        _host.Bind("x", "c", "1");
    }

    private void AssertRefused(string text, params (string Name, object Value)[] arguments)
    {
        BrokerError error = Assert.Throws<BrokerError>(
            () => _host.Declare(ConsistentHashExchange.TypeName, "y", Table(arguments)));
        Assert.Equal((BrokerErrorKind.PreconditionFailed, text), (error.Kind, error.Text));
    }

    private string[] RouteAll() => [.. Enumerable.Range(0, Messages).Select(i => _host.Route("x", $"{i}"))];
}
