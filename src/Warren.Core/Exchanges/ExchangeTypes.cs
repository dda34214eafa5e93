namespace Warren.Core.Exchanges;

/// <summary>The types an exchange can be declared with. Filled at start, then only read.</summary>
public sealed class ExchangeTypes
{
    private readonly Dictionary<string, Func<ExchangeDeclaration, Exchange>> _types = new(StringComparer.Ordinal);

    /// <summary>The four types of AMQP 0-9-1; others are added with <see cref="Register"/>.</summary>
    public ExchangeTypes()
    {
        Register(DirectExchange.TypeName, static declaration => new DirectExchange(declaration));
        Register(FanoutExchange.TypeName, static declaration => new FanoutExchange(declaration));
        Register(TopicExchange.TypeName, static declaration => new TopicExchange(declaration));
        Register(HeadersExchange.TypeName, static declaration => new HeadersExchange(declaration));
    }

    /// <summary>The types known, for listings.</summary>
    public IReadOnlyCollection<string> Names => _types.Keys;

    /// <summary>Makes a type known.</summary>
    public void Register(string type, Func<ExchangeDeclaration, Exchange> create)
    {
        ArgumentException.ThrowIfNullOrEmpty(type);
        ArgumentNullException.ThrowIfNull(create);
        _types.Add(type, create);
    }

    /// <summary>True when exchanges of this type can be made.</summary>
    public bool IsKnown(string type) => _types.ContainsKey(type);

    /// <summary>Makes an exchange of the type.</summary>
    /// <exception cref="BrokerError">503: the type is not known.</exception>
    public Exchange Create(string type, ExchangeDeclaration declaration)
    {
        Check(type);
        return _types[type](declaration);
    }

    /// <summary>Refuses a type that is not known.</summary>
    /// <exception cref="BrokerError">503: the type is not known.</exception>
    public void Check(string type)
    {
        if (!IsKnown(type))
        {
            throw new BrokerError(BrokerErrorKind.CommandInvalid, $"unknown exchange type '{type}'");
        }
    }
}
