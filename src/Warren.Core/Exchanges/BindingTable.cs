using Warren.Buffers.Fields;
using Warren.Core.Arguments;

namespace Warren.Core.Exchanges;

/// <summary>What came of an unbind.</summary>
/// <param name="Removed">The binding that is gone; null when there was none.</param>
/// <param name="SourceIsEmpty">It was the last one of its exchange, which goes away now if it is auto-delete.</param>
public readonly record struct UnbindOutcome(Binding? Removed, bool SourceIsEmpty);

/// <summary>What went away together with a queue or an exchange.</summary>
/// <param name="Bindings">The bindings from it and to it.</param>
/// <param name="EmptiedSources">Other exchanges that lost their last binding; those with auto-delete go away now.</param>
public sealed record RemovedBindings(List<Binding> Bindings, List<Exchange> EmptiedSources);

/// <summary>The bindings of one virtual host, by source and by destination.</summary>
/// <remarks>
/// Everything here, listings too, is called under the virtual host's definition lock. Binding and unbinding take
/// constant time; removing a queue or exchange takes time in its own bindings, not in those of the virtual host.
/// </remarks>
public sealed class BindingTable
{
    /// <summary>Number of bindings, the implicit ones of the default exchange not counted.</summary>
    public int Count { get; private set; }

    /// <summary>Binds, unless the same key and arguments are bound already (AMQP 0-9-1, queue.bind, rule "duplicates").</summary>
    /// <returns>The new binding; null when it was there.</returns>
    /// <exception cref="BrokerError">403 or 406: the exchange takes no such binding.</exception>
    public Binding? Bind(Exchange source, RoutingTarget destination, string key, FieldTable arguments)
    {
        ArgumentNullException.ThrowIfNull(source);
        ArgumentNullException.ThrowIfNull(destination);
        source.ValidateBinding(key, arguments);
        source.ValidateDestination(destination);
        var binding = new Binding(source, destination, key, arguments);
        source.Outgoing ??= [];
        if (!source.Outgoing.TryAdd(new BindingIdentity(binding), binding))
        {
            return null;
        }

        LinkIncoming(binding);
        Count++;
        source.AddRoute(binding);
        return binding;
    }

    /// <summary>The binding with exactly that key and those arguments, or null.</summary>
    public static Binding? Find(Exchange source, RoutingTarget destination, string key, FieldTable arguments)
    {
        ArgumentNullException.ThrowIfNull(source);
        Binding? found = null;
        source.Outgoing?.TryGetValue(new BindingIdentity(destination, key, arguments), out found);
        return found;
    }

    /// <summary>Removes the binding with exactly that key and those arguments, if there is one.</summary>
    public UnbindOutcome Unbind(Exchange source, RoutingTarget destination, string key, FieldTable arguments)
    {
        if (Find(source, destination, key, arguments) is not { } binding)
        {
            return new UnbindOutcome(Removed: null, SourceIsEmpty: false);
        }

        Remove(binding);
        return new UnbindOutcome(binding, !source.HasBindings);
    }

    /// <summary>Removes every binding to and, for an exchange, from a target that is about to go away.</summary>
    public RemovedBindings RemoveAll(RoutingTarget target)
    {
        ArgumentNullException.ThrowIfNull(target);
        var removed = new List<Binding>();
        var emptied = new List<Exchange>();
        while (target.FirstIncoming is { } incoming)
        {
            Remove(incoming);
            removed.Add(incoming);
            if (!incoming.Source.HasBindings && !ReferenceEquals(incoming.Source, target))
            {
                emptied.Add(incoming.Source);
            }
        }

        if (target is Exchange exchange)
        {
            foreach (Binding outgoing in From(exchange))
            {
                Remove(outgoing);
                removed.Add(outgoing);
            }
        }

        return new RemovedBindings(removed, emptied);
    }

    /// <summary>The bindings of an exchange.</summary>
    public static IReadOnlyList<Binding> From(Exchange source)
    {
        ArgumentNullException.ThrowIfNull(source);
        return source.Outgoing is null ? [] : [.. source.Outgoing.Values];
    }

    /// <summary>The bindings that lead to a queue or exchange.</summary>
    public static IReadOnlyList<Binding> To(RoutingTarget destination)
    {
        ArgumentNullException.ThrowIfNull(destination);
        var found = new List<Binding>(destination.IncomingCount);
        for (Binding? binding = destination.FirstIncoming; binding is not null; binding = binding.NextIncoming)
        {
            found.Add(binding);
        }

        return found;
    }

    /// <summary>The bindings from an exchange to one queue or exchange.</summary>
    public static IReadOnlyList<Binding> Between(Exchange source, RoutingTarget destination) =>
        [.. To(destination).Where(binding => ReferenceEquals(binding.Source, source))];

    private void Remove(Binding binding)
    {
        binding.Source.RemoveRoute(binding);
        binding.Source.Outgoing!.Remove(new BindingIdentity(binding));
        UnlinkIncoming(binding);
        Count--;
    }

    private static void LinkIncoming(Binding binding)
    {
        RoutingTarget destination = binding.Destination;
        binding.NextIncoming = destination.FirstIncoming;
        destination.FirstIncoming?.PreviousIncoming = binding;
        destination.FirstIncoming = binding;
        destination.IncomingCount++;
    }

    private static void UnlinkIncoming(Binding binding)
    {
        RoutingTarget destination = binding.Destination;
        if (binding.PreviousIncoming is { } previous)
        {
            previous.NextIncoming = binding.NextIncoming;
        }
        else
        {
            destination.FirstIncoming = binding.NextIncoming;
        }

        binding.NextIncoming?.PreviousIncoming = binding.PreviousIncoming;
        destination.IncomingCount--;
    }
}
