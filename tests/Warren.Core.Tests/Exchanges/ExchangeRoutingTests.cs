using Warren.Core.Arguments;
using Warren.Core.Exchanges;
using Xunit;
using static Warren.Core.Tests.Exchanges.TestTopology;

namespace Warren.Core.Tests.Exchanges;

public sealed class ExchangeRoutingTests
{
    private readonly TestTopology _host = new();

    [Theory]
    [InlineData("order.created", "order_notification order_processing")]
    [InlineData("payment.completed", "payment_processing")]
    [InlineData("order.updated", "")]
    [InlineData("", "no_key")]
    public void Direct_takes_exactly_the_key(string key, string queues)
    {
        _host.Bind("amq.direct", "order_processing", "order.created");
        _host.Bind("amq.direct", "payment_processing", "payment.completed");
        _host.Bind("amq.direct", "order_notification", "order.created");
        _host.Bind("amq.direct", "no_key", "");

        Assert.Equal(queues, _host.Route("amq.direct", key));
    }

    [Fact]
    public void Fanout_takes_every_key()
    {
        _host.Bind("amq.fanout", "audit_log", "");
        _host.Bind("amq.fanout", "analytics_db", "ignored");
        _host.Bind("amq.fanout", "audit_log", "again");

        Assert.Equal("analytics_db audit_log", _host.Route("amq.fanout", "shutdown"));
        _host.Unbind("amq.fanout", "audit_log", "");
        Assert.Equal("analytics_db audit_log", _host.Route("amq.fanout", "shutdown"));
        _host.Unbind("amq.fanout", "audit_log", "again");
        Assert.Equal("analytics_db", _host.Route("amq.fanout", "shutdown"));
    }

    [Fact]
    public void The_default_exchange_finds_every_queue_by_its_name_and_takes_no_bindings()
    {
        _host.Queue("tasks");

        Assert.Equal("tasks", _host.Route("", "tasks"));
        Assert.Equal("", _host.Route("", "other"));
        BrokerError error = Assert.Throws<BrokerError>(() => _host.Bind("", "tasks", "k"));
        Assert.Equal(BrokerErrorKind.AccessRefused, error.Kind);
        Assert.Equal("operation not permitted on the default exchange", error.Text);
    }

    [Fact]
    public void A_queue_reached_on_several_ways_is_there_once()
    {
        for (int i = 0; i < 40; i++)
        {
            _host.Bind("amq.topic", $"q{i:00}", "a.*");
            _host.Bind("amq.topic", $"q{i:00}", "#.b");
            _host.Bind("amq.fanout", $"q{i:00}", "");
        }

        _host.BindExchange("amq.topic", "amq.fanout", "#");

        Assert.Equal(40, _host.Route("amq.topic", "a.b", headers: null, "x.b", "a.b").Split(' ').Length);
    }

    [Fact]
    public void Circles_of_exchanges_end()
    {
        _host.Declare("topic", "a");
        _host.Declare("fanout", "b");
        _host.Declare("direct", "c");
        _host.BindExchange("a", "b", "#");
        _host.BindExchange("b", "c", "");
        _host.BindExchange("c", "a", "k");
        _host.BindExchange("a", "a", "k");
        _host.Bind("c", "q", "k");

        Assert.Equal("q", _host.Route("a", "k"));
        Assert.Equal("q", _host.Route("c", "k"));
    }

    [Fact]
    public void A_long_chain_of_exchanges_is_followed_to_its_end_once()
    {
        const int Length = 200;
        for (int i = 0; i < Length; i++)
        {
            _host.Declare("fanout", $"x{i}");
        }

        for (int i = 0; i < Length; i++)
        {
            _host.BindExchange($"x{i}", $"x{(i + 1) % Length}", "");
            _host.BindExchange($"x{i}", $"x{(i * 7) % Length}", "");
            _host.Bind($"x{i}", $"q{i}", "");
        }

        Assert.Equal(Length, _host.Route("x5", "k").Split(' ').Length);
    }

    [Theory]
    [InlineData("alternate-exchange")]
    [InlineData("x-alternate-exchange")]
    public void What_leads_nowhere_goes_to_the_alternate_exchange(string argument)
    {
        _host.Declare("direct", "orders", Table((argument, "unrouted")));
        _host.Declare("fanout", "unrouted");
        _host.Bind("orders", "known", "k");
        _host.Bind("unrouted", "rest", "");

        Assert.Equal("known", _host.Route("orders", "k"));
        Assert.Equal("rest", _host.Route("orders", "other"));
    }

    [Fact]
    public void A_policy_names_the_alternate_exchange_when_the_declaration_does_not()
    {
        Exchange orders = _host.Declare("direct", "orders");
        Exchange fixedOne = _host.Declare("direct", "fixed", Table(("alternate-exchange", "nowhere")));
        _host.Bind("amq.fanout", "rest", "");

        orders.PolicyAlternateExchange = "amq.fanout";
        fixedOne.PolicyAlternateExchange = "amq.fanout";

        Assert.Equal("rest", _host.Route("orders", "k"));
        Assert.Equal("", _host.Route("fixed", "k"));
    }

    [Fact]
    public void Alternate_exchanges_in_a_circle_end_and_one_that_is_missing_is_none()
    {
        _host.Declare("direct", "a", Table(("alternate-exchange", "b")));
        _host.Declare("direct", "b", Table(("alternate-exchange", "c")));
        _host.Declare("direct", "c", Table(("alternate-exchange", "a")));
        _host.Declare("direct", "d", Table(("alternate-exchange", "missing")));
        _host.Bind("c", "q", "k");

        Assert.Equal("q", _host.Route("a", "k"));
        Assert.Equal("", _host.Route("a", "other"));
        Assert.Equal("", _host.Route("d", "k"));
    }

    [Fact]
    public void One_of_several_keys_is_enough_to_spare_the_alternate_exchange()
    {
        _host.Declare("direct", "orders", Table(("alternate-exchange", "amq.fanout")));
        _host.Bind("orders", "copy", "cc");
        _host.Bind("amq.fanout", "rest", "");

        Assert.Equal("copy", _host.Route("orders", "nobody", headers: null, "cc"));
        Assert.Equal("rest", _host.Route("orders", "nobody", headers: null, "neither"));
    }

    [Fact]
    public void A_queue_already_found_counts_as_a_match()
    {
        _host.Declare("direct", "second", Table(("alternate-exchange", "amq.fanout")));
        _host.Bind("amq.topic", "q", "#");
        _host.BindExchange("amq.topic", "second", "#");
        _host.Bind("second", "q", "k");
        _host.Bind("amq.fanout", "rest", "");

        Assert.Equal("q", _host.Route("amq.topic", "k"));
    }

    [Fact]
    public void An_unknown_type_is_an_error_of_the_connection()
    {
        BrokerError error = Assert.Throws<BrokerError>(() => _host.Declare("x-bogus", "x"));

        Assert.Equal(BrokerErrorKind.CommandInvalid, error.Kind);
        Assert.Equal("unknown exchange type 'x-bogus'", error.Text);
    }

    [Fact]
    public void A_set_can_lose_queues_and_still_keeps_each_once()
    {
        var routes = new RouteSet();
        NameOnlyQueue[] queues = [.. Enumerable.Range(0, 30).Select(i => new NameOnlyQueue($"q{i}"))];
        foreach (NameOnlyQueue queue in queues.Concat(queues))
        {
            routes.Add(queue);
        }

        routes.RemoveWhere(queue => queue.Name.EndsWith('5'));
        routes.Add(queues[5]);
        routes.Add(queues[6]);

        Assert.Equal(28, routes.Count);
        routes.Clear();
        Assert.True(routes.Queues.IsEmpty);
    }

    [Fact]
    public void A_bound_queue_is_found_exactly_once_while_others_come_and_go()
    {
        const int Changes = 3000;
        foreach (string exchange in new[] { "amq.direct", "amq.fanout", "amq.topic", "amq.headers" })
        {
            _host.Bind(exchange, "always", "k");
            Exchange start = _host.Exchanges.Find(exchange)!;
            bool done = false;
            int wrong = 0;
            var reader = new Thread(() =>
            {
                var routes = new RouteSet();
                while (!Volatile.Read(ref done))
                {
                    routes.Clear();
                    _host.Exchanges.Route(start, new RoutingInput("k"u8), routes);
                    int found = routes.Queues.ToArray().Count(q => q.Name is "always");
                    int distinct = routes.Queues.ToArray().Distinct().Count();
                    wrong += found == 1 && distinct == routes.Count ? 0 : 1;
                }
            });
            reader.Start();
            for (int i = 0; i < Changes; i++)
            {
                _host.Bind(exchange, $"q{i % 40}", i % 3 == 0 ? "#" : "k", Table(("h", i)));
                _host.Bind(exchange, $"q{i % 7}", "k");
                _host.Unbind(exchange, $"q{(i + 3) % 7}", "k");
                _host.Exchanges.RemoveDestination(_host.Queue($"q{(i + 11) % 40}"));
            }

            Volatile.Write(ref done, true);
            reader.Join();
            Assert.Equal(0, wrong);
        }
    }
}
