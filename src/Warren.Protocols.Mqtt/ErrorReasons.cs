using Warren.Core.Arguments;
using Warren.Wire.Mqtt;

namespace Warren.Protocols.Mqtt;

/// <summary>What the broker refuses, in the words of MQTT 5.0.</summary>
internal static class ErrorReasons
{
    /// <summary>The reason code of an error on an open connection.</summary>
    public static ReasonCode Of(BrokerError error) => error.Kind switch
    {
        BrokerErrorKind.AccessRefused => ReasonCode.NotAuthorized,
        BrokerErrorKind.NotAllowed or BrokerErrorKind.PreconditionFailed or BrokerErrorKind.ResourceError => ReasonCode.QuotaExceeded,
        BrokerErrorKind.InternalError => ReasonCode.UnspecifiedError,
        _ => ReasonCode.ImplementationSpecificError,
    };
}
