using Warren.Core.Arguments;
using Warren.Core.Exchanges;
using Xunit;
using static Warren.Core.Tests.Exchanges.TestTopology;

namespace Warren.Core.Tests.Exchanges;

public sealed class RandomExchangeTests
{
    private const int Messages = 12_000;
    private const int Seed = 4711;

    private readonly TestTopology _host = new();

    public static TheoryData<string> Types => [RandomExchange.TypeName, LocalRandomExchange.TypeName];

    [Theory]
    [MemberData(nameof(Types))]
    public void Each_message_reaches_one_queue_and_each_queue_its_share(string type)
    {
        Add(type);
        BindQueues("a", "b", "c", "d");

        Dictionary<string, int> counts = _host.Distribute("x", Messages);

        Assert.Equal(4, counts.Count);
        Assert.All(counts.Values, count => Assert.InRange(count, 2_800, 3_200));
    }

    [Theory]
    [MemberData(nameof(Types))]
    public void One_key_goes_to_all_queues_in_turn_so_that_nothing_may_be_cached(string type)
    {
        Add(type);
        BindQueues("a", "b");

        var reached = Enumerable.Range(0, 100).Select(_ => _host.Route("x", "same")).ToHashSet();

        Assert.Equal(["a", "b"], reached.Order());
        Assert.True(_host.LastRoutes.DependsOnHeaders);
    }

    [Theory]
    [MemberData(nameof(Types))]
    public void Further_keys_of_a_message_do_not_draw_again(string type)
    {
        Add(type);
        BindQueues("a", "b", "c");

        for (int i = 0; i < 50; i++)
        {
            _host.Route("x", "k", null, "k2", "k3");
            Assert.Equal(1, _host.LastRoutes.Count);
        }
    }

    [Theory]
    [MemberData(nameof(Types))]
    public void Unbound_queues_get_nothing_and_the_others_still_share(string type)
    {
        Add(type);
        string[] names = [.. Enumerable.Range(0, 100).Select(i => $"q{i:D2}")];
        BindQueues(names);
        foreach (string name in names[5..])
        {
            Assert.True(_host.Unbind("x", name, ""));
        }

        Dictionary<string, int> counts = _host.Distribute("x", Messages);

        Assert.Equal(names[..5], counts.Keys.Order());
        Assert.All(counts.Values, count => Assert.InRange(count, 2_200, 2_600));
    }

    [Theory]
    [MemberData(nameof(Types))]
    public void Without_bindings_the_alternate_exchange_takes_the_message(string type)
    {
        _host.Declare(type, "x", Table(("alternate-exchange", "amq.fanout")));
        _host.Bind("amq.fanout", "rest", "");
        _host.Bind("x", "q", "");

        Assert.Equal("q", _host.Route("x", ""));
        _host.Unbind("x", "q", "");
        Assert.Equal("rest", _host.Route("x", ""));
    }

    [Fact]
    public void An_exchange_can_be_drawn_and_routes_on_by_the_key()
    {
        Add(RandomExchange.TypeName);
        _host.BindExchange("x", "amq.direct", "whatever");
        _host.Bind("amq.direct", "q", "k");

        Assert.Equal("q", _host.Route("x", "k"));
        Assert.Equal("", _host.Route("x", "other"));
    }

    [Fact]
    public void Every_binding_is_a_chance_of_its_own()
    {
        Add(RandomExchange.TypeName);
        _host.Bind("x", "a", "1");
        _host.Bind("x", "a", "2");
        _host.Bind("x", "b", "1");

        Assert.InRange(_host.Distribute("x", Messages)["a"], 7_700, 8_300);
    }

    [Fact]
    public void A_local_random_exchange_takes_queues_with_an_empty_key_only()
    {
        Add(LocalRandomExchange.TypeName);

        BrokerError key = Assert.Throws<BrokerError>(() => _host.Bind("x", "q", "k"));
        BrokerError destination = Assert.Throws<BrokerError>(() => _host.BindExchange("x", "amq.fanout", ""));

        Assert.Equal((BrokerErrorKind.PreconditionFailed, "Non empty binding 'k' key not permitted"), (key.Kind, key.Text));
        Assert.Equal((BrokerErrorKind.PreconditionFailed, "Destination not found"), (destination.Kind, destination.Text));
        Assert.Equal("", _host.Route("x", ""));
    }

    [Fact]
    public void Drawing_while_bindings_change_meets_only_what_is_or_was_bound()
    {
        const int Rounds = 20_000;
        Add(RandomExchange.TypeName);
        BindQueues("stays");
        Exchange exchange = _host.Exchanges.Find("x")!;
        bool stopped = false;
        int misses = 0;
        var reader = new Thread(() =>
        {
            var routes = new RouteSet();
            while (!Volatile.Read(ref stopped))
            {
                routes.Clear();
                exchange.Route(new RoutingInput("k"u8), routes);
                misses += routes.Count == 1 ? 0 : 1;
            }
        });

        reader.Start();
        for (int i = 0; i < Rounds; i++)
        {
            _host.Bind("x", $"q{i % 7}", "");
            _host.Unbind("x", $"q{(i + 3) % 7}", "");
        }

        Volatile.Write(ref stopped, true);
        reader.Join();
        Assert.Equal(0, misses);
    }

    private void Add(string type) => _host.Exchanges.Add(type == RandomExchange.TypeName
        ? new RandomExchange(Declaration(type, "x"), new Random(Seed))
        : new LocalRandomExchange(Declaration(type, "x"), new Random(Seed)));

    private void BindQueues(params string[] names)
    {
        foreach (string name in names)
        {
            _host.Bind("x", name, "");
        }
    }
}
