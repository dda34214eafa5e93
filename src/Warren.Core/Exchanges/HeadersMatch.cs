using Warren.Buffers.Fields;
using Warren.Core.Arguments;

namespace Warren.Core.Exchanges;

/// <summary>What the argument <c>x-match</c> of a headers binding says.</summary>
/// <param name="Any">One condition is enough; else all must hold.</param>
/// <param name="WithX">Arguments whose name begins with <c>x-</c> are conditions too.</param>
internal readonly record struct HeadersMatch(bool Any, bool WithX)
{
    public const string Argument = "x-match";

    /// <summary>Reads the argument; all without x is the default.</summary>
    /// <exception cref="BrokerError">406: not one of the four values.</exception>
    public static HeadersMatch Parse(FieldTable arguments)
    {
        if (!arguments.TryGet(Argument, out FieldValue value))
        {
            return default;
        }

        if (value.Type != FieldType.LongString)
        {
            throw new BrokerError(
                BrokerErrorKind.PreconditionFailed,
                $"Invalid x-match field type {ErlangText.TypeName(value.Type)} (value {ErlangText.Term(value)}); expected longstr");
        }

        return value.AsText() switch
        {
            "all" => new HeadersMatch(Any: false, WithX: false),
            "any" => new HeadersMatch(Any: true, WithX: false),
            "all-with-x" => new HeadersMatch(Any: false, WithX: true),
            "any-with-x" => new HeadersMatch(Any: true, WithX: true),
            _ => throw new BrokerError(
                BrokerErrorKind.PreconditionFailed,
                $"Invalid x-match field value {ErlangText.Term(value)}; expected all, any, all-with-x, or any-with-x"),
        };
    }

    /// <summary>True when an argument of that name is a condition.</summary>
    public bool Counts(string name) =>
        !string.Equals(name, Argument, StringComparison.Ordinal)
        && (WithX || !name.StartsWith("x-", StringComparison.Ordinal));
}
