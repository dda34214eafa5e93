namespace Warren.Core.Queues;

/// <summary>How the place is meant to which an operator sends messages.</summary>
public enum TransferKind
{
    /// <summary>A queue by its name; the message keeps exchange and routing key.</summary>
    Queue,

    /// <summary>An exchange, as if it were published there.</summary>
    Exchange,

    /// <summary>The queue in which a dead letter died first.</summary>
    OriginQueue,

    /// <summary>The exchange to which a dead letter was published before it died first.</summary>
    OriginExchange,
}

/// <summary>Where an operator sends messages.</summary>
/// <param name="VirtualHost">The virtual host; that of the source.</param>
/// <param name="Kind">How the place is meant.</param>
/// <param name="Name">Of the queue or exchange; not used with the origin.</param>
/// <param name="RoutingKey">With an exchange: the key; null keeps the message's own.</param>
public sealed record TransferTarget(VirtualHost VirtualHost, TransferKind Kind, string Name = "", string? RoutingKey = null);
