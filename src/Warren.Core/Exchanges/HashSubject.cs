using System.Text;
using Warren.Buffers.Fields;
using Warren.Core.Arguments;
using Warren.Core.Messages;

namespace Warren.Core.Exchanges;

/// <summary>What of a message a consistent-hash exchange hashes: the routing key, a header or a property.</summary>
internal sealed class HashSubject
{
    private const string HeaderArgument = "hash-header";
    private const string PropertyArgument = "hash-property";

    private readonly byte[]? _header;
    private readonly MessageProperty? _property;

    private HashSubject(byte[]? header, MessageProperty? property)
    {
        _header = header;
        _property = property;
    }

    /// <summary>True when only the routing key is hashed.</summary>
    public bool IsRoutingKey => _header is null && _property is null;

    /// <summary>Reads the arguments of a declaration.</summary>
    /// <exception cref="BrokerError">406: both, not a string, or a property that cannot be hashed.</exception>
    public static HashSubject Parse(FieldTable arguments)
    {
        string? header = Text(arguments, HeaderArgument);
        string? property = Text(arguments, PropertyArgument);
        if (header is not null && property is not null)
        {
            throw new BrokerError(
                BrokerErrorKind.PreconditionFailed, "hash-header and hash-property are mutually exclusive");
        }

        return new HashSubject(
            header is null ? null : Encoding.UTF8.GetBytes(header),
            property is null ? null : PropertyOf(property));
    }

    /// <summary>The hash of a message; one without the header or property hashes like all others without.</summary>
    public ulong HashOf(in RoutingInput input)
    {
        if (_header is not null)
        {
            return input.TryFindHeader(_header, out FieldValue value) ? StableHash.Of(value) : StableHash.OfAbsent();
        }

        return StableHash.Of(_property is { } property ? input.FindProperty(property) : input.RoutingKey);
    }

    private static MessageProperty PropertyOf(string name) => name switch
    {
        "correlation_id" => MessageProperty.CorrelationId,
        "message_id" => MessageProperty.MessageId,
        "timestamp" => MessageProperty.Timestamp,
        _ => throw new BrokerError(BrokerErrorKind.PreconditionFailed, $"Unsupported property: {name}"),
    };

    private static string? Text(FieldTable arguments, string name)
    {
        if (!arguments.TryGet(name, out FieldValue value))
        {
            return null;
        }

        return value.Type == FieldType.LongString
            ? value.AsText()
            : throw new BrokerError(
                BrokerErrorKind.PreconditionFailed,
                $"invalid type '{ErlangText.TypeName(value.Type)}' for argument '{name}', expected longstr");
    }
}
