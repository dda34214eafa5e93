using Warren.Buffers.Fields;

namespace Warren.Core.Arguments;

/// <summary>The arguments of exchange.declare every type understands.</summary>
public static class ExchangeArguments
{
    /// <summary>Names the exchange for messages that lead nowhere.</summary>
    public const string AlternateExchange = "alternate-exchange";

    /// <summary>Another spelling some brokers take.</summary>
    public const string AlternateExchangeWithX = "x-alternate-exchange";

    /// <summary>The alternate exchange named in the arguments, or null.</summary>
    public static string? AlternateExchangeOf(FieldTable arguments)
    {
        ArgumentNullException.ThrowIfNull(arguments);
        bool found = arguments.TryGet(AlternateExchange, out FieldValue value)
            || arguments.TryGet(AlternateExchangeWithX, out value);
        return found && value.Type == FieldType.LongString ? value.AsText() : null;
    }

    /// <summary>Refuses arguments of the wrong type.</summary>
    /// <exception cref="BrokerError">406: the alternate exchange is not a string.</exception>
    public static void Check(FieldTable arguments, string exchange, string virtualHost)
    {
        ArgumentNullException.ThrowIfNull(arguments);
        CheckText(arguments, AlternateExchange, exchange, virtualHost);
        CheckText(arguments, AlternateExchangeWithX, exchange, virtualHost);
    }

    private static void CheckText(FieldTable arguments, string name, string exchange, string virtualHost)
    {
        if (arguments.TryGet(name, out FieldValue value) && value.Type != FieldType.LongString)
        {
            throw new BrokerError(
                BrokerErrorKind.PreconditionFailed,
                $"invalid type '{ErlangText.TypeName(value.Type)}' for arg '{name}' in exchange '{exchange}' in vhost '{virtualHost}'");
        }
    }
}
