using Warren.Buffers.Fields;
using Warren.Core.Exchanges;
using Xunit;
using static Warren.Core.Tests.Exchanges.TestTopology;

namespace Warren.Core.Tests.Exchanges;

public sealed class BindingTableTests
{
    private readonly TestTopology _host = new();
    private readonly BindingTable _bindings = new();
    private readonly NameOnlyQueue _queue = new("q");

    [Fact]
    public void Binding_twice_is_one_binding_whatever_the_order_of_the_arguments()
    {
        Exchange source = _host.Declare("headers", "x");

        Assert.NotNull(_bindings.Bind(source, _queue, "k", Table(("a", 1), ("b", 2))));
        Assert.Null(_bindings.Bind(source, _queue, "k", Table(("b", 2), ("a", 1))));
        Assert.NotNull(_bindings.Bind(source, _queue, "k", Table(("a", 1))));
        Assert.NotNull(_bindings.Bind(source, _queue, "K", Table(("a", 1))));

        Assert.Equal(3, _bindings.Count);
        Assert.Equal(3, BindingTable.From(source).Count);
        Assert.Equal(3, BindingTable.To(_queue).Count);
        Assert.Equal(3, BindingTable.Between(source, _queue).Count);
    }

    [Fact]
    public void Unbinding_wants_the_same_key_and_arguments_and_tells_of_the_last()
    {
        Exchange source = _host.Declare("direct", "x");
        _bindings.Bind(source, _queue, "k", FieldTable.Empty);
        _bindings.Bind(source, _queue, "k", Table(("a", 1)));

        Assert.Null(_bindings.Unbind(source, _queue, "other", FieldTable.Empty).Removed);
        Assert.Null(_bindings.Unbind(source, _queue, "k", Table(("a", 2))).Removed);
        UnbindOutcome first = _bindings.Unbind(source, _queue, "k", Table(("a", 1)));
        UnbindOutcome last = _bindings.Unbind(source, _queue, "k", FieldTable.Empty);

        Assert.Equal("k", first.Removed!.Key);
        Assert.False(first.SourceIsEmpty);
        Assert.True(last.SourceIsEmpty);
        Assert.Equal(0, _bindings.Count);
    }

    [Fact]
    public void A_queue_takes_its_bindings_with_it_and_names_the_exchanges_left_empty()
    {
        Exchange shared = _host.Declare("topic", "shared");
        Exchange own = _host.Declare("fanout", "own");
        var other = new NameOnlyQueue("other");
        _bindings.Bind(shared, _queue, "a", FieldTable.Empty);
        _bindings.Bind(shared, _queue, "b", FieldTable.Empty);
        _bindings.Bind(shared, other, "a", FieldTable.Empty);
        _bindings.Bind(own, _queue, "", FieldTable.Empty);

        RemovedBindings removed = _bindings.RemoveAll(_queue);

        Assert.Equal(3, removed.Bindings.Count);
        Assert.Equal(own, Assert.Single(removed.EmptiedSources));
        Assert.Equal(other, Assert.Single(BindingTable.From(shared)).Destination);
        Assert.Empty(BindingTable.To(_queue));
    }

    [Fact]
    public void An_exchange_takes_the_bindings_to_it_and_from_it()
    {
        Exchange before = _host.Declare("fanout", "before");
        Exchange middle = _host.Declare("fanout", "middle");
        _bindings.Bind(before, middle, "", FieldTable.Empty);
        _bindings.Bind(middle, middle, "", FieldTable.Empty);
        _bindings.Bind(middle, _queue, "", FieldTable.Empty);

        RemovedBindings removed = _bindings.RemoveAll(middle);

        Assert.Equal(3, removed.Bindings.Count);
        Assert.Equal(before, Assert.Single(removed.EmptiedSources));
        Assert.Equal(0, _bindings.Count);
        Assert.Empty(BindingTable.To(_queue));
    }

    [Fact]
    public void Many_queues_on_one_exchange_go_one_by_one()
    {
        const int Count = 50_000;
        Exchange fanout = _host.Declare("fanout", "many");
        NameOnlyQueue[] queues = [.. Enumerable.Range(0, Count).Select(i => new NameOnlyQueue($"q{i}"))];
        foreach (NameOnlyQueue queue in queues)
        {
            _bindings.Bind(fanout, queue, "", FieldTable.Empty);
        }

        var routes = new RouteSet();
        fanout.Route(new RoutingInput("k"u8), routes);
        Assert.Equal(Count, routes.Count);

        foreach (NameOnlyQueue queue in queues.Skip(1))
        {
            _bindings.RemoveAll(queue);
        }

        routes.Clear();
        fanout.Route(new RoutingInput("k"u8), routes);
        Assert.Equal("q0", Assert.Single(routes.Queues.ToArray()).Name);
    }

    [Theory]
    [InlineData("", "~")]
    [InlineData("order.created", "order.created")]
    [InlineData("a b~c#*/ö", "a+b%7Ec%23%2A%2F%C3%B6")]
    public void The_properties_key_is_the_quoted_key(string key, string expected)
    {
        Binding binding = _bindings.Bind(_host.Declare("direct", "x"), _queue, key, FieldTable.Empty)!;

        Assert.Equal(expected, binding.PropertiesKey);
    }

    [Fact]
    public void The_properties_key_tells_arguments_apart_but_not_their_order()
    {
        Exchange source = _host.Declare("headers", "x");
        Exchange again = _host.Declare("headers", "y");
        string first = _bindings.Bind(source, _queue, "k", Table(("a", 1), ("b", "t")))!.PropertiesKey;
        string reordered = _bindings.Bind(again, _queue, "k", Table(("b", "t"), ("a", 1)))!.PropertiesKey;
        string other = _bindings.Bind(source, _queue, "k", Table(("a", 2), ("b", "t")))!.PropertiesKey;

        Assert.StartsWith("k~", first, StringComparison.Ordinal);
        Assert.Equal(first, reordered);
        Assert.NotEqual(first, other, StringComparer.Ordinal);
    }

    [Fact]
    public void Every_queue_has_an_implicit_binding_by_its_name()
    {
        Binding binding = ((DefaultExchange)_host.Exchanges.Find("")!).ImplicitBinding(_queue);

        Assert.Equal("", binding.Source.Name);
        Assert.Equal("q", binding.Key);
        Assert.Equal("q", binding.PropertiesKey);
    }
}
