using Warren.Buffers.Fields;
using Warren.Core.Exchanges;
using Warren.Core.Security;
using Warren.Core.Tests.Queues;
using Xunit;

namespace Warren.Core.Tests.Exchanges;

public sealed class RouteExplanationTests : IDisposable
{
    private readonly LocalBroker _broker = new();

    public void Dispose() => _broker.Dispose();

    [Fact]
    public void Each_binding_is_told_whether_it_is_a_reason()
    {
        _broker.Queue("red");
        _broker.Queue("blue");
        _broker.Bind("amq.topic", "red", "colour.red");
        _broker.Bind("amq.topic", "red", "shape.#");
        _broker.Bind("amq.topic", "blue", "colour.blue");

        Assert.Equal("amq.topic[colour.red:yes colour.blue:no shape.#:no] -> red", Explain("amq.topic", "colour.red"));
    }

    [Fact]
    public void Way_through_other_exchanges_is_followed_once_even_in_a_circle()
    {
        _broker.Exchange("fanout", "a");
        _broker.Exchange("fanout", "b");
        _broker.Queue("end");
        BindExchange("a", "b");
        BindExchange("b", "a");
        _broker.Bind("b", "end", "k");

        Assert.Equal("a[:yes], b[:yes k:yes] -> end", Explain("a", "any"));
    }

    [Fact]
    public void Alternate_exchange_is_told_only_when_it_is_used()
    {
        _broker.Exchange("fanout", "rest");
        _broker.Exchange("direct", "main", ("alternate-exchange", "rest"));
        _broker.Queue("hit");
        _broker.Queue("missed");
        _broker.Bind("main", "hit", "k");
        _broker.Bind("rest", "missed", "");

        Assert.Equal("main[k:yes] -> hit", Explain("main", "k"));
        Assert.Equal("main(rest)[k:no], rest[:yes] -> missed", Explain("main", "other"));
    }

    [Fact]
    public void Matching_bindings_come_first_when_there_are_more_than_are_told()
    {
        _broker.Queue("q");
        foreach (string key in new[] { "a", "b", "c", "d" })
        {
            _broker.Bind("amq.direct", "q", key);
        }

        Assert.StartsWith("amq.direct[d:yes ", Explain("amq.direct", "d", mostBindings: 2), StringComparison.Ordinal);
        Assert.Equal(4, Explained("amq.direct", "d", 2)[0].BindingCount);
        Assert.Equal(2, Explained("amq.direct", "d", 2)[0].Bindings.Count);
    }

    [Fact]
    public void Default_exchange_leads_to_the_queue_of_the_key()
    {
        _broker.Queue("q");

        Assert.Equal("[] -> q", Explain("", "q"));
        Assert.Equal("[] -> ", Explain("", "nobody"));
    }

    private IReadOnlyList<ExplainedExchange> Explained(string exchange, string key, int mostBindings) =>
        RouteExplanation.Explain(_broker.Host, _broker.Host.FindExchange(exchange)!, _broker.Input(key), new RouteSet(), mostBindings);

    private string Explain(string exchange, string key, int mostBindings = 100)
    {
        var queues = new RouteSet();
        IReadOnlyList<ExplainedExchange> steps = RouteExplanation.Explain(
            _broker.Host, _broker.Host.FindExchange(exchange)!, _broker.Input(key), queues, mostBindings);
        IEnumerable<string> told = steps.Select(s =>
        {
            IEnumerable<string> bindings = s.Bindings.OrderBy(b => !b.Matches).ThenBy(b => b.Binding.Key, StringComparer.Ordinal)
                .Select(b => $"{b.Binding.Key}:{(b.Matches ? "yes" : "no")}");
            string alternate = s.Alternate is { } other ? $"({other.Name})" : "";
            return $"{s.Exchange.Name}{alternate}[{string.Join(' ', bindings)}]";
        });
        return $"{string.Join(", ", told)} -> {string.Join(' ', queues.Queues.ToArray().Select(q => q.Name).Order(StringComparer.Ordinal))}";
    }

    private void BindExchange(string source, string destination) =>
        _broker.Host.BindExchange(User.Operator, source, destination, "", FieldTable.Empty);
}
