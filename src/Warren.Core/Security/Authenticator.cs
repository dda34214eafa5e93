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

    /// <summary>Too many logins from this address have failed lately; the password was not looked at.</summary>
    TooManyFailures,
}

/// <summary>The outcome of a login.</summary>
/// <param name="User">The user; null when refused.</param>
/// <param name="Refusal">Why.</param>
public readonly record struct AuthenticationResult(User? User, LoginRefusal Refusal);

/// <summary>Checks user names and passwords.</summary>
/// <remarks>Thread-safe. An unknown user takes as long as a wrong password, an empty password is always wrong.</remarks>
public sealed class Authenticator
{
    private readonly UserStore _users;
    private volatile IReadOnlyCollection<string> _loopbackUsers;
    private readonly LoginThrottle _throttle;

    // Stands in for a user that does not exist, so that there is something to hash against. Its password is not known.
    private readonly string _nobodysHash = PasswordHash.Create(Guid.NewGuid().ToString());

    /// <summary>Checks against these users; some of them may come from this machine only.</summary>
    public Authenticator(UserStore users, IReadOnlyCollection<string> loopbackUsers, TimeProvider time)
    {
        ArgumentNullException.ThrowIfNull(users);
        ArgumentNullException.ThrowIfNull(loopbackUsers);
        _users = users;
        _loopbackUsers = loopbackUsers;
        _throttle = new LoginThrottle(time);
    }

    /// <summary>Users who may log in from this machine only; whoever is in stays.</summary>
    public IReadOnlyCollection<string> LoopbackUsers
    {
        get => _loopbackUsers;
        set => _loopbackUsers = value;
    }

    /// <summary>How many have tried.</summary>
    public LoginAttempts Attempts { get; } = new();

    /// <summary>Checks a login from an address.</summary>
    /// <remarks>Every attempt is counted, also one that comes too soon after others.</remarks>
    /// <param name="name">The user.</param>
    /// <param name="password">Its password.</param>
    /// <param name="remote">Where it comes from.</param>
    /// <param name="protocol">Under which the attempt is counted.</param>
    public AuthenticationResult Authenticate(string name, string password, IPAddress remote, string protocol)
    {
        ArgumentNullException.ThrowIfNull(password);
        ArgumentNullException.ThrowIfNull(remote);
        if (!_throttle.MayTry(remote))
        {
            Count(name, remote, protocol, LoginRefusal.TooManyFailures);
            return new AuthenticationResult(null, LoginRefusal.TooManyFailures);
        }

        User? user = _users.Find(name);
        bool matches = PasswordHash.Verify(
            user?.PasswordHash ?? _nobodysHash, user?.HashingAlgorithm ?? PasswordHash.Sha256, password);
        LoginRefusal refusal = user is null || !matches || password.Length == 0
            ? LoginRefusal.BadCredentials
            : MayComeFrom(name, remote) ? LoginRefusal.None : LoginRefusal.NotFromLoopback;
        if (refusal == LoginRefusal.BadCredentials)
        {
            _throttle.OnFailure(remote);
        }

        Count(name, remote, protocol, refusal);
        return new AuthenticationResult(refusal == LoginRefusal.None ? user : null, refusal);
    }

    /// <summary>Lets a user in whose name was proven otherwise, by a certificate, from an address.</summary>
    /// <param name="name">The user.</param>
    /// <param name="remote">Where it comes from.</param>
    /// <param name="protocol">Under which the attempt is counted.</param>
    public AuthenticationResult Admit(string name, IPAddress remote, string protocol)
    {
        ArgumentNullException.ThrowIfNull(remote);
        User? user = _users.Find(name);
        LoginRefusal refusal = user is null
            ? LoginRefusal.BadCredentials
            : MayComeFrom(name, remote) ? LoginRefusal.None : LoginRefusal.NotFromLoopback;
        Count(name, remote, protocol, refusal);
        return new AuthenticationResult(refusal == LoginRefusal.None ? user : null, refusal);
    }

    /// <summary>Whether an address may try to prove a name at all: too many failures wear its right out for a while.</summary>
    public bool MayTry(IPAddress remote) => _throttle.MayTry(remote);

    /// <summary>Counts a login that failed because the name was not proven.</summary>
    /// <param name="name">The user.</param>
    /// <param name="remote">Where it comes from.</param>
    /// <param name="protocol">Under which the attempt is counted.</param>
    public void Refuse(string name, IPAddress remote, string protocol)
    {
        ArgumentNullException.ThrowIfNull(remote);
        if (_throttle.MayTry(remote))
        {
            _throttle.OnFailure(remote);
        }

        Count(name, remote, protocol, LoginRefusal.BadCredentials);
    }

    private static IPAddress Unmapped(IPAddress remote) => remote.IsIPv4MappedToIPv6 ? remote.MapToIPv4() : remote;

    private void Count(string name, IPAddress remote, string protocol, LoginRefusal refusal) =>
        Attempts.Count(new LoginSource(protocol, Unmapped(remote).ToString(), name), refusal == LoginRefusal.None);

    private bool MayComeFrom(string name, IPAddress remote) =>
        IPAddress.IsLoopback(Unmapped(remote)) || !_loopbackUsers.Contains(name, StringComparer.Ordinal);
}
