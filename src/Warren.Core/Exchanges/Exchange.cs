using Warren.Buffers.Fields;

namespace Warren.Core.Exchanges;

/// <summary>Takes messages and hands them on along its bindings (AMQP 0-9-1, 3.1.3).</summary>
/// <remarks>Routing is thread-safe; bindings change under the virtual host's definitions lock only.</remarks>
public abstract class Exchange : RoutingTarget
{
    private readonly HashSet<Binding> _bindings = [];

    /// <summary>An exchange without bindings.</summary>
    protected Exchange(ExchangeDeclaration declaration)
        : base(declaration.Name)
    {
        Declaration = declaration;
        AlternateExchange = TextArgument("alternate-exchange") ?? TextArgument("x-alternate-exchange");
    }

    /// <summary>How it was declared.</summary>
    public ExchangeDeclaration Declaration { get; }

    /// <summary>direct, fanout, topic, headers.</summary>
    public string Type => Declaration.Type;

    /// <summary>Survives a restart.</summary>
    public bool Durable => Declaration.Durable;

    /// <summary>Goes with the last binding from it.</summary>
    public bool AutoDelete => Declaration.AutoDelete;

    /// <summary>Clients may not publish to it.</summary>
    public bool Internal => Declaration.Internal;

    /// <summary>The arguments as given.</summary>
    public FieldTable Arguments => Declaration.Arguments;

    /// <summary>Where messages go that match no binding; null: nowhere.</summary>
    public string? AlternateExchange { get; }

    /// <summary>Whether anything is bound to it.</summary>
    public bool HasBindings => _bindings.Count > 0;

    /// <summary>The bindings. Under the definitions lock.</summary>
    public IReadOnlyCollection<Binding> Bindings => _bindings;

    /// <summary>Adds what the message matches.</summary>
    public abstract void Route(in RoutingInput input, RouteSet routes);

    /// <summary>Adds a binding; false when it was there. Under the definitions lock.</summary>
    internal bool Bind(Binding binding)
    {
        if (_bindings.Contains(binding))
        {
            return false;
        }

        OnBind(binding);
        return _bindings.Add(binding);
    }

    /// <summary>Removes a binding; false when it was not there. Under the definitions lock.</summary>
    internal bool Unbind(Binding binding)
    {
        if (!_bindings.TryGetValue(binding, out Binding? known))
        {
            return false;
        }

        _bindings.Remove(known);
        OnUnbind(known);
        return true;
    }

    /// <summary>A new binding: make it routable.</summary>
    /// <exception cref="Arguments.BrokerError">406: the arguments make no sense to this type.</exception>
    protected abstract void OnBind(Binding binding);

    /// <summary>A binding is gone; it is no longer in <see cref="Bindings"/>.</summary>
    protected abstract void OnUnbind(Binding binding);

    private string? TextArgument(string name) =>
        Arguments.TryGet(name, out FieldValue value) && value.Type == FieldType.LongString ? value.AsText() : null;
}
