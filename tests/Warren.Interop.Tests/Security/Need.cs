using Warren.Core.Security;

namespace Warren.Interop.Tests.Security;

/// <summary>A right an operation needs on a resource, in the order in which the broker asks for them.</summary>
/// <param name="Right">Configure, write or read.</param>
/// <param name="Kind">Queue or exchange.</param>
/// <param name="Name">The resource; the default exchange is <c>amq.default</c>; <c>*</c> is a name the broker makes up.</param>
public sealed record Need(PermissionKind Right, ResourceKind Kind, string Name)
{
    /// <summary>The routing key, when it is a right on a topic of the exchange; null: on the exchange or queue itself.</summary>
    public string? Topic { get; init; }

    public static Need ConfigureQueue(string name) => new(PermissionKind.Configure, ResourceKind.Queue, name);

    public static Need WriteQueue(string name) => new(PermissionKind.Write, ResourceKind.Queue, name);

    public static Need ReadQueue(string name) => new(PermissionKind.Read, ResourceKind.Queue, name);

    public static Need ConfigureExchange(string name) => new(PermissionKind.Configure, ResourceKind.Exchange, name);

    public static Need WriteExchange(string name) => new(PermissionKind.Write, ResourceKind.Exchange, name);

    public static Need ReadExchange(string name) => new(PermissionKind.Read, ResourceKind.Exchange, name);

    public static Need WriteTopic(string exchange, string key) => WriteExchange(exchange) with { Topic = key };

    public static Need ReadTopic(string exchange, string key) => ReadExchange(exchange) with { Topic = key };

    /// <summary>What AMQP says when it is missing.</summary>
    public string RefusalOf(string user)
    {
        string right = Right.ToString().ToLowerInvariant();
        string resource = $"{Kind.ToString().ToLowerInvariant()} '{Name}' in vhost '{MatrixBroker.VirtualHost}'";
        return Topic is null
            ? $"ACCESS_REFUSED - {right} access to {resource} refused for user '{user}'"
            : $"ACCESS_REFUSED - {right} access to topic '{Topic}' in {resource} refused for user '{user}'";
    }
}
