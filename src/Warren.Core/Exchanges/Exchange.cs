using Warren.Buffers.Fields;
using Warren.Core.Arguments;
using Warren.Core.Metrics;
using Warren.Core.Policies;

namespace Warren.Core.Exchanges;

/// <summary>Decides where a message goes: from its routing key or headers to queues and further exchanges.</summary>
/// <remarks>
/// <see cref="Route"/> takes no lock and may run on any number of threads while bindings change; a message routed
/// during a change sees the bindings before or after it. Changes come only from <see cref="BindingTable"/>, under the
/// virtual host's definition lock.
/// </remarks>
public abstract class Exchange : RoutingTarget
{
    private readonly string? _argumentAlternate;
    private string? _policyAlternate;
    private long _publishIn;
    private long _publishOut;

    /// <summary>An exchange as declared.</summary>
    protected Exchange(ExchangeDeclaration declaration)
        : base(NotNull(declaration).Name)
    {
        Declaration = declaration;
        _argumentAlternate = ExchangeArguments.AlternateExchangeOf(declaration.Arguments);
    }

    /// <summary>How it was declared.</summary>
    public ExchangeDeclaration Declaration { get; }

    /// <summary>The type as clients name it, such as <c>direct</c>.</summary>
    public string Type => Declaration.Type;

    /// <summary>Survives a restart.</summary>
    public bool Durable => Declaration.Durable;

    /// <summary>Goes away when its last binding does.</summary>
    public bool AutoDelete => Declaration.AutoDelete;

    /// <summary>Reached only through other exchanges.</summary>
    public bool Internal => Declaration.Internal;

    /// <summary>The arguments it was declared with.</summary>
    public FieldTable Arguments => Declaration.Arguments;

    /// <summary>Name of the exchange that gets what this one cannot route: its argument, else its policy's, else null.</summary>
    public string? AlternateExchange => _argumentAlternate ?? Volatile.Read(ref _policyAlternate);

    /// <summary>The alternate exchange a policy sets; an argument of the declaration wins over it.</summary>
    public string? PolicyAlternateExchange
    {
        get => Volatile.Read(ref _policyAlternate);
        set => Volatile.Write(ref _policyAlternate, value);
    }

    /// <summary>The policies in force.</summary>
    public AppliedPolicies Policies { get; private set; } = AppliedPolicies.None;

    /// <summary>False when no key or only the first makes a difference, so that further keys need not be tried.</summary>
    public virtual bool UsesRoutingKey => true;

    /// <summary>True when the same routing key may lead elsewhere next time, so that the result must not be cached.</summary>
    public virtual bool LooksBeyondRoutingKey => false;

    /// <summary>The bindings that start here. Under the definition lock.</summary>
    public IReadOnlyCollection<Binding> Bindings => Outgoing is null ? [] : Outgoing.Values;

    /// <summary>Whether any binding starts here. Under the definition lock.</summary>
    public bool HasBindings => Outgoing is { Count: > 0 };

    /// <summary>The bindings that start here.</summary>
    internal Dictionary<BindingIdentity, Binding>? Outgoing { get; set; }

    /// <summary>What came to it and went from it.</summary>
    public MessageCounts Counts
    {
        get
        {
            MessageCounts counts = default;
            counts.Of(MessageCounter.PublishIn) = Interlocked.Read(ref _publishIn);
            counts.Of(MessageCounter.PublishOut) = Interlocked.Read(ref _publishOut);
            return counts;
        }
    }

    /// <summary>The rates of the last minutes.</summary>
    public ObjectHistory History { get; } = new(MessageCounts.Length);

    /// <summary>Counts messages; publishers gather theirs and come once for many.</summary>
    public void Count(long published, long routed)
    {
        Interlocked.Add(ref _publishIn, published);
        Interlocked.Add(ref _publishOut, routed);
    }

    /// <summary>Puts policies in force. Under the definition lock.</summary>
    internal void Apply(AppliedPolicies policies)
    {
        Policies = policies;
        PolicyAlternateExchange = policies.Effective.Text("alternate-exchange");
    }

    /// <summary>Adds every target of the message to <paramref name="routes"/>.</summary>
    public abstract void Route(in RoutingInput input, RouteSet routes);

    /// <summary>Refuses a binding this type cannot follow.</summary>
    /// <exception cref="BrokerError">406 with the reason.</exception>
    public virtual void ValidateBinding(string key, FieldTable arguments)
    {
    }

    /// <summary>Refuses a queue or exchange this type cannot route to.</summary>
    /// <exception cref="BrokerError">406 with the reason.</exception>
    public virtual void ValidateDestination(RoutingTarget destination)
    {
    }

    /// <summary>Makes a new binding count. Called under the definition lock, once per binding.</summary>
    protected internal abstract void AddRoute(Binding binding);

    /// <summary>Undoes <see cref="AddRoute"/>. Called under the definition lock.</summary>
    protected internal abstract void RemoveRoute(Binding binding);

    /// <summary>Gives back what it holds. Called under the definition lock, once, when nothing leads here any more.</summary>
    /// <remarks>Messages routed before may still come by afterwards.</remarks>
    protected internal virtual void OnDeleted()
    {
    }

    private static ExchangeDeclaration NotNull(ExchangeDeclaration declaration)
    {
        ArgumentNullException.ThrowIfNull(declaration);
        return declaration;
    }
}
