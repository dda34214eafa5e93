using System.Collections.Concurrent;
using Warren.Core.Arguments;

namespace Warren.Core.Security;

/// <summary>Decides who may do what; called by every operation of every protocol.</summary>
/// <remarks>
/// Thread-safe. Compiled expressions and answers are kept until any user or permission changes, so that a repeated
/// question costs two look-ups.
/// </remarks>
public sealed class Authorizer
{
    private const int CompiledKept = 10_000;

    private readonly UserStore _users;
    private Compiled _compiled;

    /// <summary>Decides by what is stored of the users.</summary>
    public Authorizer(UserStore users)
    {
        ArgumentNullException.ThrowIfNull(users);
        _users = users;
        _compiled = new Compiled(users.Version);
    }

    /// <summary>Grows whenever a decision might change.</summary>
    public long Version => _users.Version;

    /// <summary>Whether a user may enter a virtual host: any permission at all lets it in.</summary>
    public bool MayAccess(User user, string vhost)
    {
        ArgumentNullException.ThrowIfNull(user);
        return user.IsBuiltIn || _users.FindPermissions(user.Name, vhost) is not null;
    }

    /// <summary>Whether a user has a right on a name. The default exchange is called <c>amq.default</c> here.</summary>
    public bool Check(User user, string vhost, string name, PermissionKind permission)
    {
        ArgumentNullException.ThrowIfNull(user);
        return user.IsBuiltIn
            || (CompiledFor(user.Name, vhost) is { } rights && rights.Of(permission).IsMatch(name));
    }

    /// <summary>Whether a user has any right on a name, which is what a passive declaration needs.</summary>
    public bool CheckAny(User user, string vhost, string name)
    {
        ArgumentNullException.ThrowIfNull(user);
        return user.IsBuiltIn
            || (CompiledFor(user.Name, vhost) is { } rights
                && (rights.Configure.IsMatch(name) || rights.Write.IsMatch(name) || rights.Read.IsMatch(name)));
    }

    /// <summary>Whether a user may publish to (write) or bind to (read) a topic exchange with this key.</summary>
    /// <remarks>Without topic permissions every key is allowed, as is configuring.</remarks>
    /// <param name="user">Who asks.</param>
    /// <param name="vhost">Virtual host of the exchange.</param>
    /// <param name="exchange">Its name.</param>
    /// <param name="routingKey">The routing or binding key.</param>
    /// <param name="permission">Write or read.</param>
    /// <param name="clientId">What <c>{client_id}</c> stands for; null leaves it as it is.</param>
    public bool CheckTopic(
        User user,
        string vhost,
        string exchange,
        string routingKey,
        PermissionKind permission,
        string? clientId = null)
    {
        ArgumentNullException.ThrowIfNull(user);
        if (permission == PermissionKind.Configure
            || _users.FindTopicPermissions(user.Name, vhost, exchange) is not { } permissions)
        {
            return true;
        }

        string pattern = permission == PermissionKind.Write ? permissions.Write : permissions.Read;
        string expanded = PermissionPattern.Substitute(pattern, user.Name, vhost, clientId);
        return Current().Topic(expanded).IsMatch(routingKey);
    }

    /// <summary>403 for a queue or exchange, in the words of RabbitMQ 4.</summary>
    public static BrokerError Refused(PermissionKind permission, ResourceKind kind, string name, string vhost, string user) =>
        new(
            BrokerErrorKind.AccessRefused,
            $"{WordOf(permission)} access to {WordOf(kind)} '{name}' in vhost '{vhost}' refused for user '{user}'");

    /// <summary>403 for a routing key.</summary>
    public static BrokerError RefusedTopic(
        PermissionKind permission,
        string routingKey,
        string exchange,
        string vhost,
        string user) =>
        new(
            BrokerErrorKind.AccessRefused,
            $"{WordOf(permission)} access to topic '{routingKey}' in exchange '{exchange}' in vhost '{vhost}' refused for user '{user}'");

    /// <summary>530 for a virtual host the user may not enter.</summary>
    public static BrokerError RefusedVirtualHost(string vhost, string user) =>
        new(BrokerErrorKind.NotAllowed, $"access to vhost '{vhost}' refused for user '{user}'");

    /// <summary>530 for a virtual host that does not exist.</summary>
    public static BrokerError NoVirtualHost(string vhost) => new(BrokerErrorKind.NotAllowed, $"vhost {vhost} not found");

    private static string WordOf(PermissionKind permission) => permission switch
    {
        PermissionKind.Configure => "configure",
        PermissionKind.Write => "write",
        _ => "read",
    };

    private static string WordOf(ResourceKind kind) => kind == ResourceKind.Queue ? "queue" : "exchange";

    private CompiledPermissions? CompiledFor(string user, string vhost)
    {
        Compiled compiled = Current();
        if (compiled.Permissions.TryGetValue((user, vhost), out CompiledPermissions? known))
        {
            return known;
        }

        if (_users.FindPermissions(user, vhost) is not { } permissions)
        {
            return null;
        }

        if (compiled.Permissions.Count >= CompiledKept)
        {
            compiled.Permissions.Clear();
        }

        var added = new CompiledPermissions(permissions);
        compiled.Permissions[(user, vhost)] = added;
        return added;
    }

    // The version is read before the permissions: what is compiled is never older than the version it is kept under.
    private Compiled Current()
    {
        Compiled compiled = Volatile.Read(ref _compiled);
        long version = _users.Version;
        if (compiled.Version != version)
        {
            compiled = new Compiled(version);
            Volatile.Write(ref _compiled, compiled);
        }

        return compiled;
    }

    /// <summary>What was compiled of one version of the permissions.</summary>
    private sealed class Compiled(long version)
    {
        private readonly ConcurrentDictionary<string, PermissionPattern> _topics = new(StringComparer.Ordinal);

        public long Version { get; } = version;

        public ConcurrentDictionary<(string User, string VirtualHost), CompiledPermissions> Permissions { get; } = new();

        public PermissionPattern Topic(string expanded)
        {
            if (_topics.Count >= CompiledKept)
            {
                _topics.Clear();
            }

            return _topics.GetOrAdd(expanded, static pattern => new PermissionPattern(pattern));
        }
    }

    private sealed class CompiledPermissions(UserPermissions permissions)
    {
        public PermissionPattern Configure { get; } = new(permissions.Configure);

        public PermissionPattern Write { get; } = new(permissions.Write);

        public PermissionPattern Read { get; } = new(permissions.Read);

        public PermissionPattern Of(PermissionKind kind) => kind switch
        {
            PermissionKind.Configure => Configure,
            PermissionKind.Write => Write,
            _ => Read,
        };
    }
}
