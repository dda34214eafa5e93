using Warren.Core.Arguments;
using Warren.Wire.Amqp091;

namespace Warren.Protocols.Amqp091;

/// <summary>Turns the broker's refusals into AMQP errors; the one place where their levels are decided.</summary>
internal static class Errors
{
    /// <summary>Whether the refusal ends the whole connection (AMQP 0-9-1 reference, "Constants").</summary>
    public static bool IsHard(BrokerErrorKind kind) => kind is BrokerErrorKind.CommandInvalid
        or BrokerErrorKind.NotAllowed
        or BrokerErrorKind.ResourceError
        or BrokerErrorKind.NotImplemented
        or BrokerErrorKind.InternalError;

    public static string DeliveryTimedOut(ushort channel, long timeoutMs) =>
        $"delivery acknowledgement on channel {channel} timed out. Timeout value used: {timeoutMs} ms. "
        + "This timeout value can be configured, see consumers doc guide to learn more";

    public static ChannelError ToChannelError(BrokerError error, MethodId method) =>
        new((ReplyCode)(ushort)error.Kind, error.Text, method);

    public static ConnectionError ToConnectionError(BrokerError error, MethodId method) =>
        new((ReplyCode)(ushort)error.Kind, error.Text, method);
}
