using System.Net;

namespace Warren.Core.Security;

/// <summary>Why a login was refused; for the log only, clients are never told.</summary>
public enum LoginRefusal
{
    /// <summary>It was not.</summary>
    None,

    /// <summary>Unknown user or wrong password.</summary>
    BadCredentials,

    /// <summary>The user may log in from this machine only.</summary>
    NotFromLoopback,
}

/// <summary>The outcome of a login.</summary>
/// <param name="User">The user; null when refused.</param>
/// <param name="Refusal">Why.</param>
public readonly record struct AuthenticationResult(User? User, LoginRefusal Refusal);

/// <summary>Checks user names and passwords.</summary>
/// <remarks>Thread-safe. An unknown user takes as long as a wrong password.</remarks>
public sealed class Authenticator
{
    private static readonly User Nobody = new("", PasswordHash.Create("nobody"), PasswordHash.Sha256, []);

    private readonly UserStore _users;
    private readonly IReadOnlyCollection<string> _loopbackUsers;

    /// <summary>Checks against these users; some of them may come from this machine only.</summary>
    public Authenticator(UserStore users, IReadOnlyCollection<string> loopbackUsers)
    {
        _users = users;
        _loopbackUsers = loopbackUsers;
    }

    /// <summary>Checks a login from an address.</summary>
    public AuthenticationResult Authenticate(string name, string password, IPAddress remote)
    {
        ArgumentNullException.ThrowIfNull(remote);
        User? user = _users.Find(name);
        User checkedUser = user ?? Nobody;
        bool matches = PasswordHash.Verify(checkedUser.PasswordHash, checkedUser.HashingAlgorithm, password);
        if (user is null || !matches || password.Length == 0)
        {
            return new AuthenticationResult(null, LoginRefusal.BadCredentials);
        }

        IPAddress from = remote.IsIPv4MappedToIPv6 ? remote.MapToIPv4() : remote;
        return _loopbackUsers.Contains(name) && !IPAddress.IsLoopback(from)
            ? new AuthenticationResult(null, LoginRefusal.NotFromLoopback)
            : new AuthenticationResult(user, LoginRefusal.None);
    }
}
