namespace Warren.Core.Security;

/// <summary>An account.</summary>
/// <param name="Name">The name it logs in with.</param>
/// <param name="PasswordHash">The hash as RabbitMQ exports it; empty: no password works.</param>
/// <param name="HashingAlgorithm">rabbit_password_hashing_sha256 or rabbit_password_hashing_sha512.</param>
/// <param name="Tags">administrator, monitoring, policymaker, management, impersonator or others.</param>
public sealed record User(string Name, string PasswordHash, string HashingAlgorithm, IReadOnlyList<string> Tags)
{
    /// <summary>The broker itself, which may do everything: it brings definitions in. Nobody logs in as it.</summary>
    public static User Internal { get; } = new("rmq-internal", "", Security.PasswordHash.Sha256, []);

    /// <summary>Whoever runs the broker, on its own machine; may do everything an administrator may. Nobody logs in as it.</summary>
    public static User Operator { get; } = new("rmq-operator", "", Security.PasswordHash.Sha256, ["administrator"]);

    /// <summary>Whether it may do everything because it is no account of anybody.</summary>
    public bool IsBuiltIn => ReferenceEquals(this, Internal) || ReferenceEquals(this, Operator);

    /// <summary>What SCRAM proofs of its password are checked with, one for each hash function; none when the password was
    /// never known in the clear.</summary>
    public IReadOnlyList<ScramVerifier> Scram { get; init; } = [];

    /// <summary>What it may have open at once.</summary>
    public UserLimits Limits { get; init; } = UserLimits.None;

    /// <summary>May put another user's name into the user-id property of a message.</summary>
    public bool IsImpersonator => HasTag("impersonator");

    /// <summary>Whether it has a tag.</summary>
    public bool HasTag(string tag) => Tags.Contains(tag, StringComparer.Ordinal);
}

/// <summary>What a user may do in one virtual host: a regular expression for each right.</summary>
/// <remarks>Searched anywhere in the name, as in RabbitMQ: to mean a whole name it needs ^ and $. Empty means ^$.</remarks>
/// <param name="Configure">Names it may declare and delete.</param>
/// <param name="Write">Names it may publish or bind to.</param>
/// <param name="Read">Names it may consume or bind from.</param>
public sealed record UserPermissions(string Configure, string Write, string Read);

/// <summary>Which routing keys a user may use with one topic exchange, beside <see cref="UserPermissions"/>.</summary>
/// <remarks><c>{username}</c>, <c>{vhost}</c> and <c>{client_id}</c> stand for the values themselves, never for expressions.</remarks>
/// <param name="Write">Keys it may publish with.</param>
/// <param name="Read">Keys it may bind with.</param>
public sealed record TopicPermissions(string Write, string Read);

/// <summary>The rights.</summary>
public enum PermissionKind
{
    /// <summary>Declare and delete.</summary>
    Configure,

    /// <summary>Publish, be bound.</summary>
    Write,

    /// <summary>Consume, be bound from.</summary>
    Read,
}

/// <summary>What a right is about.</summary>
public enum ResourceKind
{
    /// <summary>A queue.</summary>
    Queue,

    /// <summary>An exchange.</summary>
    Exchange,
}
