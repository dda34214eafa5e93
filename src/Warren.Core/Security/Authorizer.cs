using System.Collections.Concurrent;
using System.Text.RegularExpressions;
using Warren.Core.Arguments;

namespace Warren.Core.Security;

/// <summary>Decides who may do what; called by every operation of every protocol.</summary>
/// <remarks>Thread-safe. Expressions are compiled once and matched without backtracking.</remarks>
public sealed class Authorizer
{
    private const int CompiledMax = 10_000;

    private static readonly TimeSpan MatchTimeout = TimeSpan.FromMilliseconds(100);

    private readonly UserStore _users;
    private readonly ConcurrentDictionary<string, Regex> _compiled = new(StringComparer.Ordinal);

    /// <summary>Decides by what is stored of the users.</summary>
    public Authorizer(UserStore users) => _users = users;

    /// <summary>Changes whenever a decision might.</summary>
    public long Version => _users.Version;

    /// <summary>Whether a user may enter a virtual host: any permission at all lets it in.</summary>
    public bool MayAccess(User user, string vhost)
    {
        ArgumentNullException.ThrowIfNull(user);
        return _users.FindPermissions(user.Name, vhost) is not null;
    }

    /// <summary>Whether a user has a right on a name.</summary>
    public bool Check(User user, string vhost, string name, PermissionKind permission)
    {
        ArgumentNullException.ThrowIfNull(user);
        if (_users.FindPermissions(user.Name, vhost) is not { } permissions)
        {
            return false;
        }

        string pattern = permission switch
        {
            PermissionKind.Configure => permissions.Configure,
            PermissionKind.Write => permissions.Write,
            _ => permissions.Read,
        };
        return pattern switch
        {
            ".*" => true,
            "" => name.Length == 0, // RabbitMQ reads an empty expression as ^$
            _ => Matches(pattern, name),
        };
    }

    /// <summary>The refusal, in the newest RabbitMQ's words.</summary>
    public static BrokerError Refused(PermissionKind permission, ResourceKind kind, string name, string vhost, string user)
    {
        string right = permission switch
        {
            PermissionKind.Configure => "configure",
            PermissionKind.Write => "write",
            _ => "read",
        };
        string what = kind == ResourceKind.Queue ? "queue" : "exchange";
        return new BrokerError(
            BrokerErrorKind.AccessRefused, $"{right} access to {what} '{name}' in vhost '{vhost}' refused for user '{user}'");
    }

    private bool Matches(string pattern, string name)
    {
        if (_compiled.Count >= CompiledMax)
        {
            _compiled.Clear();
        }

        try
        {
            return _compiled.GetOrAdd(pattern, Compile).IsMatch(name);
        }
        catch (RegexMatchTimeoutException)
        {
            return false;
        }
        catch (ArgumentException)
        {
            return false; // an expression that cannot be read grants nothing
        }
    }

    private static Regex Compile(string pattern)
    {
        try
        {
            return new Regex(pattern, RegexOptions.NonBacktracking | RegexOptions.CultureInvariant, MatchTimeout);
        }
        catch (NotSupportedException)
        {
            return new Regex(pattern, RegexOptions.CultureInvariant, MatchTimeout);
        }
    }
}
