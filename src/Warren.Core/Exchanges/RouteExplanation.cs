using Warren.Core.Arguments;
using Warren.Core.Queues;

namespace Warren.Core.Exchanges;

/// <summary>A binding of an exchange a message came to.</summary>
/// <param name="Binding">The binding.</param>
/// <param name="Matches">Whether the message follows it.</param>
public readonly record struct ExplainedBinding(Binding Binding, bool Matches);

/// <summary>What one exchange does with a message.</summary>
/// <param name="Exchange">The exchange.</param>
/// <param name="Bindings">Its bindings: those that match first, then others, up to the number asked for.</param>
/// <param name="BindingCount">How many it has.</param>
/// <param name="Alternate">The exchange it hands on to because nothing matched; null: none.</param>
public sealed record ExplainedExchange(
    Exchange Exchange, IReadOnlyList<ExplainedBinding> Bindings, int BindingCount, Exchange? Alternate);

/// <summary>Tells which way a message would go, and why, without sending one.</summary>
/// <remarks>Thread-safe. Exchanges that choose at random choose anew each time.</remarks>
public static class RouteExplanation
{
    /// <summary>Follows a message from an exchange on.</summary>
    /// <param name="virtualHost">The virtual host.</param>
    /// <param name="start">The exchange published to.</param>
    /// <param name="input">The message.</param>
    /// <param name="queues">Receives the queues, each once.</param>
    /// <param name="mostBindings">Bindings told of each exchange.</param>
    public static IReadOnlyList<ExplainedExchange> Explain(
        VirtualHost virtualHost, Exchange start, in RoutingInput input, RouteSet queues, int mostBindings)
    {
        ArgumentNullException.ThrowIfNull(virtualHost);
        ArgumentNullException.ThrowIfNull(start);
        ArgumentNullException.ThrowIfNull(queues);
        var explained = new List<ExplainedExchange>();
        var waiting = new Queue<Exchange>();
        var seen = new HashSet<Exchange>(ReferenceEqualityComparer.Instance) { start };
        waiting.Enqueue(start);
        while (waiting.TryDequeue(out Exchange? exchange))
        {
            var found = new RouteSet();
            Route(exchange, input, found);
            Exchange? alternate = !found.Matched && exchange.AlternateExchange is { } name ? virtualHost.FindExchange(name) : null;
            var targets = new HashSet<RoutingTarget>(ReferenceEqualityComparer.Instance);
            foreach (MessageQueue queue in found.Queues)
            {
                queues.Add(queue);
                targets.Add(queue);
            }

            while (found.NextExchange() is { } next)
            {
                targets.Add(next);
                if (seen.Add(next))
                {
                    waiting.Enqueue(next);
                }
            }

            if (alternate is not null && seen.Add(alternate))
            {
                waiting.Enqueue(alternate);
            }

            IReadOnlyList<Binding> bindings = virtualHost.BindingsFrom(exchange);
            explained.Add(new ExplainedExchange(
                exchange, Judge(exchange, bindings, targets, input, mostBindings), bindings.Count, alternate));
        }

        return explained;
    }

    private static void Route(Exchange exchange, in RoutingInput input, RouteSet found)
    {
        exchange.Route(input, found);
        if (exchange.UsesRoutingKey)
        {
            foreach (byte[] key in input.MoreKeys)
            {
                exchange.Route(input.WithKey(key), found);
            }
        }
    }

    private static List<ExplainedBinding> Judge(
        Exchange exchange, IReadOnlyList<Binding> bindings, HashSet<RoutingTarget> targets, in RoutingInput input, int most)
    {
        var matching = new List<ExplainedBinding>();
        var others = new List<ExplainedBinding>();
        foreach (Binding binding in bindings)
        {
            // only a binding to where the message goes can be the reason for it
            bool matches = targets.Contains(binding.Destination) && MatchesAlone(exchange, binding, input);
            List<ExplainedBinding> list = matches ? matching : others;
            if (list.Count < most)
            {
                list.Add(new ExplainedBinding(binding, matches));
            }
        }

        matching.AddRange(others.Take(most - matching.Count));
        return matching;
    }

    // Another exchange of the same kind that has this binding only.
    private static bool MatchesAlone(Exchange exchange, Binding binding, in RoutingInput input)
    {
        Exchange alone = ExchangeTypes.Create(exchange.Declaration);
        try
        {
            new BindingTable().Bind(alone, new NameOnlyQueue(""), binding.Key, binding.Arguments);
            var found = new RouteSet();
            Route(alone, input, found);
            return found.Count > 0;
        }
        catch (BrokerError)
        {
            return false;
        }
        finally
        {
            alone.OnDeleted();
        }
    }
}
