using Warren.Core.Arguments;

namespace Warren.Core;

/// <summary>The refusals clients match on, with RabbitMQ's words.</summary>
public static class BrokerErrors
{
    /// <summary>404: the queue does not exist.</summary>
    public static BrokerError NoQueue(string queue, string vhost) =>
        new(BrokerErrorKind.NotFound, $"no queue '{queue}' in vhost '{vhost}'");

    /// <summary>404: the exchange does not exist.</summary>
    public static BrokerError NoExchange(string exchange, string vhost) =>
        new(BrokerErrorKind.NotFound, $"no exchange '{exchange}' in vhost '{vhost}'");

    /// <summary>404: an empty queue name and nothing declared on the channel.</summary>
    public static BrokerError NoPreviouslyDeclaredQueue() =>
        new(BrokerErrorKind.NotFound, "no previously declared queue");

    /// <summary>403: consume against an exclusive consumer, or the other way round.</summary>
    public static BrokerError QueueInExclusiveUse(string queue, string vhost) =>
        new(BrokerErrorKind.AccessRefused, $"queue '{queue}' in vhost '{vhost}' in exclusive use");

    /// <summary>405: the queue belongs to another connection.</summary>
    public static BrokerError QueueLocked(string queue, string vhost) =>
        new(
            BrokerErrorKind.ResourceLocked,
            $"cannot obtain exclusive access to locked queue '{queue}' in vhost '{vhost}'. It could be originally "
            + "declared on another connection or the exclusive property value does not match that of the original declaration.");

    /// <summary>406: delete if-unused.</summary>
    public static BrokerError QueueInUse(string queue, string vhost) =>
        new(BrokerErrorKind.PreconditionFailed, $"queue '{queue}' in vhost '{vhost}' in use");

    /// <summary>406: delete if-empty.</summary>
    public static BrokerError QueueNotEmpty(string queue, string vhost) =>
        new(BrokerErrorKind.PreconditionFailed, $"queue '{queue}' in vhost '{vhost}' not empty");

    /// <summary>406: delete if-unused of an exchange.</summary>
    public static BrokerError ExchangeInUse(string exchange, string vhost) =>
        new(BrokerErrorKind.PreconditionFailed, $"exchange '{exchange}' in vhost '{vhost}' in use");

    /// <summary>403: amq.* exchanges stay.</summary>
    public static BrokerError SystemExchange(string exchange, string vhost) =>
        new(BrokerErrorKind.AccessRefused, $"deletion of system exchange '{exchange}' in vhost '{vhost}' not allowed");

    /// <summary>403: nobody declares, deletes or binds the default exchange.</summary>
    public static BrokerError DefaultExchange() =>
        new(BrokerErrorKind.AccessRefused, "operation not permitted on the default exchange");

    /// <summary>541: the disk does not give a stored message now.</summary>
    public static BrokerError NotReadable() => new(BrokerErrorKind.InternalError, "INTERNAL_ERROR");

    /// <summary>541: the log does not take the definition; the reason is in the broker's log.</summary>
    public static BrokerError NotStored() => new(BrokerErrorKind.InternalError, "INTERNAL_ERROR");
}
