using System.Collections.Frozen;
using Warren.Core.Arguments;

namespace Warren.Core.Exchanges;

/// <summary>The types an exchange can be declared with; a further type is one more line here.</summary>
public static class ExchangeTypes
{
    private static readonly FrozenDictionary<string, Func<ExchangeDeclaration, Exchange>> Constructors =
        new Dictionary<string, Func<ExchangeDeclaration, Exchange>>(StringComparer.Ordinal)
        {
            [DirectExchange.TypeName] = static declaration => new DirectExchange(declaration),
            [FanoutExchange.TypeName] = static declaration => new FanoutExchange(declaration),
            [TopicExchange.TypeName] = static declaration => new TopicExchange(declaration),
            [HeadersExchange.TypeName] = static declaration => new HeadersExchange(declaration),
            [RandomExchange.TypeName] = static declaration => new RandomExchange(declaration),
            [LocalRandomExchange.TypeName] = static declaration => new LocalRandomExchange(declaration),
            [ModulusHashExchange.TypeName] = static declaration => new ModulusHashExchange(declaration),
            [ConsistentHashExchange.TypeName] = static declaration => new ConsistentHashExchange(declaration),
            [RecentHistoryExchange.TypeName] = static declaration => new RecentHistoryExchange(declaration),
        }.ToFrozenDictionary(StringComparer.Ordinal);

    /// <summary>The types known, for listings.</summary>
    public static IReadOnlyCollection<string> Names => Constructors.Keys;

    /// <summary>Makes an exchange as declared; it has no bindings and is in no virtual host yet.</summary>
    /// <exception cref="BrokerError">503: the type is not known.</exception>
    public static Exchange Create(ExchangeDeclaration declaration)
    {
        ArgumentNullException.ThrowIfNull(declaration);
        return Constructors.TryGetValue(declaration.Type, out Func<ExchangeDeclaration, Exchange>? create)
            ? create(declaration)
            : throw new BrokerError(BrokerErrorKind.CommandInvalid, $"unknown exchange type '{declaration.Type}'");
    }
}
