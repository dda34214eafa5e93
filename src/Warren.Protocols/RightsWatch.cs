using System.Diagnostics.CodeAnalysis;
using Warren.Core;
using Warren.Core.Security;

namespace Warren.Protocols;

/// <summary>Notices that the rights of a user have changed whose connection is open.</summary>
/// <remarks>
/// What a client asks for is checked when it asks; this is for what goes on without being asked. Asked on ticks, under
/// the session's lock.
/// </remarks>
public sealed class RightsWatch(Broker broker)
{
    private long _version = broker.Authorizer.Version;

    /// <summary>Whether anything has changed since the last look. Any thread.</summary>
    public bool IsStale => Volatile.Read(ref _version) != broker.Authorizer.Version;

    /// <summary>What is known now counts as seen.</summary>
    public void Begin() => Volatile.Write(ref _version, broker.Authorizer.Version);

    /// <summary>Looks again.</summary>
    /// <param name="user">Who has logged in.</param>
    /// <param name="virtualHost">Where.</param>
    /// <param name="current">The user as they are now; null: they may not be there any more.</param>
    /// <param name="refusal">Why not.</param>
    /// <returns>False when they may not be there any more, or do not exist.</returns>
    public bool TryLook(
        User user, VirtualHost virtualHost, [NotNullWhen(true)] out User? current, [NotNullWhen(false)] out string? refusal)
    {
        ArgumentNullException.ThrowIfNull(user);
        ArgumentNullException.ThrowIfNull(virtualHost);
        Begin();
        current = broker.Users.Find(user.Name);
        if (current is not null && broker.Authorizer.MayAccess(current, virtualHost.Name))
        {
            refusal = null;
            return true;
        }

        current = null;
        refusal = $"access to vhost '{virtualHost.Name}' refused for user '{user.Name}'";
        return false;
    }
}
