using Warren.Core.Exchanges;
using Xunit;

namespace Warren.Core.Tests.Exchanges;

public sealed class ModulusHashExchangeTests
{
    private const int Messages = 12_000;

    private readonly TestTopology _host = new();

    public ModulusHashExchangeTests() => _host.Declare(ModulusHashExchange.TypeName, "x");

    [Fact]
    public void Keys_spread_evenly_over_the_bindings_and_each_stays_where_it_is()
    {
        Bind(_host, "a", "b", "c");

        Dictionary<string, int> counts = _host.Distribute("x", Messages);

        Assert.Equal(["a", "b", "c"], counts.Keys.Order());
        Assert.All(counts.Values, count => Assert.InRange(count, 3_800, 4_200));
        Assert.Equal(counts, _host.Distribute("x", Messages));
        Assert.False(_host.LastRoutes.DependsOnHeaders);
    }

    [Fact]
    public void The_order_of_binding_makes_no_difference()
    {
        var other = new TestTopology();
        other.Declare(ModulusHashExchange.TypeName, "x");
        Bind(_host, "a", "b", "c", "d");
        Bind(other, "d", "b", "a", "c");

        Assert.All(Enumerable.Range(0, 1000), i => Assert.Equal(_host.Route("x", $"{i}"), other.Route("x", $"{i}")));
    }

    [Fact]
    public void Keys_are_back_after_a_queue_came_and_went()
    {
        Bind(_host, "a", "b", "c");
        Dictionary<string, int> before = _host.Distribute("x", Messages);

        Bind(_host, "bb");
        Assert.Equal(4, _host.Distribute("x", Messages).Count);
        _host.Unbind("x", "bb", "");

        Assert.Equal(before, _host.Distribute("x", Messages));
    }

    [Fact]
    public void Two_bindings_of_a_queue_are_two_places()
    {
        _host.Bind("x", "a", "1");
        _host.Bind("x", "a", "2");
        _host.Bind("x", "b", "");

        Assert.InRange(_host.Distribute("x", Messages)["a"], 7_700, 8_300);

        _host.Unbind("x", "a", "2");
        Assert.InRange(_host.Distribute("x", Messages)["a"], 5_800, 6_200);
    }

    [Fact]
    public void Only_the_first_key_counts()
    {
        Bind(_host, "a", "b", "c");

        Assert.Equal(_host.Route("x", "k"), _host.Route("x", "k", null, "k2", "k3"));
    }

    [Fact]
    public void Exchanges_are_places_too()
    {
        Bind(_host, "amq.fanout");
        _host.BindExchange("x", "amq.fanout", "");
        _host.Bind("amq.fanout", "fanned", "");

        var reached = Enumerable.Range(0, 100).Select(i => _host.Route("x", $"{i}")).ToHashSet();

        Assert.Equal(["amq.fanout", "fanned"], reached.Order());
    }

    [Fact]
    public void Without_bindings_nothing_is_reached() => Assert.Equal("", _host.Route("x", "k"));

    private static void Bind(TestTopology host, params string[] queues)
    {
        foreach (string queue in queues)
        {
            host.Bind("x", queue, "");
        }
    }
}
