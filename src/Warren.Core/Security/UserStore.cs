using System.Collections.Concurrent;
using System.Security.Cryptography;
using System.Text;
using Warren.Core.Events;
using Warren.Storage.Metadata;

namespace Warren.Core.Security;

/// <summary>Users and their permissions, kept in the metadata store and read from memory.</summary>
/// <remarks>Thread-safe: reading takes no lock, changes come one at a time and are durable when they return.</remarks>
public sealed class UserStore
{
    private const string UserPrefix = "users/";
    private const string PermissionPrefix = "permissions/";
    private const string TopicPermissionPrefix = "topic-permissions/";
    private const string StandInSecretKey = "security/stand-in-secret";

    private readonly IMetadataStore _store;
    private readonly Lock _writer = new();
    private readonly ConcurrentDictionary<string, User> _users = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<(string User, string VirtualHost), UserPermissions> _permissions = new();
    private readonly ConcurrentDictionary<(string User, string VirtualHost, string Exchange), TopicPermissions>
        _topicPermissions = new();

    private byte[]? _standInSecret;
    private long _version;

    /// <summary>Loads what is stored.</summary>
    /// <exception cref="InvalidDataException">A stored user or permission is damaged.</exception>
    public UserStore(IMetadataStore store)
    {
        ArgumentNullException.ThrowIfNull(store);
        _store = store;
        foreach (MetadataEntry entry in store.List(UserPrefix))
        {
            string name = NamesIn(entry.Key, UserPrefix)[0];
            _users[name] = SecurityRecords.ReadUser(name, entry.Value);
        }

        foreach (MetadataEntry entry in store.List(PermissionPrefix))
        {
            string[] names = NamesIn(entry.Key, PermissionPrefix);
            _permissions[(names[0], names[1])] = SecurityRecords.ReadPermissions(names[0], entry.Value);
        }

        foreach (MetadataEntry entry in store.List(TopicPermissionPrefix))
        {
            string[] names = NamesIn(entry.Key, TopicPermissionPrefix);
            _topicPermissions[(names[0], names[1], names[2])] =
                SecurityRecords.ReadTopicPermissions(names[0], entry.Value);
        }
    }

    /// <summary>A user is gone; called by the writer.</summary>
    public event Action<string>? Removed;

    /// <summary>Told of every change; null: nobody.</summary>
    internal BrokerEvents? Events { get; set; }

    /// <summary>Grows with every change of a user or permission.</summary>
    public long Version => Volatile.Read(ref _version);

    /// <summary>The users at this moment.</summary>
    public ICollection<User> Users => _users.Values;

    /// <summary>The permissions at this moment, by user and virtual host.</summary>
    public IEnumerable<KeyValuePair<(string User, string VirtualHost), UserPermissions>> Permissions => _permissions;

    /// <summary>The topic permissions at this moment, by user, virtual host and exchange.</summary>
    public IEnumerable<KeyValuePair<(string User, string VirtualHost, string Exchange), TopicPermissions>>
        TopicPermissions => _topicPermissions;

    /// <summary>The user of that name, if there is one.</summary>
    public User? Find(string name) => _users.GetValueOrDefault(name);

    /// <summary>What a user may do in a virtual host; null: not even enter it.</summary>
    public UserPermissions? FindPermissions(string user, string vhost) => _permissions.GetValueOrDefault((user, vhost));

    /// <summary>The routing keys a user may use with an exchange; null: any.</summary>
    public TopicPermissions? FindTopicPermissions(string user, string vhost, string exchange) =>
        _topicPermissions.GetValueOrDefault((user, vhost, exchange));

    /// <summary>Adds or replaces a user with a password in the clear.</summary>
    public void Add(string name, string password, IReadOnlyList<string> tags) => Put(WithPassword(name, password, tags));

    /// <summary>Adds or replaces a user with a hash, as definitions bring it.</summary>
    /// <exception cref="ArgumentException">The name is empty.</exception>
    public void Put(User user)
    {
        ArgumentNullException.ThrowIfNull(user);
        if (user.Name.Length == 0)
        {
            throw new ArgumentException("a user has a name", nameof(user));
        }

        lock (_writer)
        {
            _store.Put(KeyOf(UserPrefix, user.Name), SecurityRecords.Write(user));
            User? old = Find(user.Name);
            _users[user.Name] = user;
            Changed();
            Events?.UserPut(old, user);
        }
    }

    /// <summary>Removes a user with everything it may do.</summary>
    /// <returns>False when there was none.</returns>
    public bool Remove(string name)
    {
        lock (_writer)
        {
            if (!_users.ContainsKey(name))
            {
                return false;
            }

            // The account first: whatever happens after that, nobody logs in with what is left.
            _store.Delete(KeyOf(UserPrefix, name));
            _users.TryRemove(name, out _);
            RemovePermissionsWhere((user, _) => string.Equals(user, name, StringComparison.Ordinal));
            Changed();
            Events?.UserDeleted(name);
        }

        Removed?.Invoke(name);
        return true;
    }

    /// <summary>Removes every permission in a virtual host that is going away.</summary>
    public void RemoveVirtualHost(string vhost)
    {
        lock (_writer)
        {
            RemovePermissionsWhere((_, host) => string.Equals(host, vhost, StringComparison.Ordinal));
            Changed();
        }
    }

    /// <summary>Sets what a user may do in a virtual host.</summary>
    public void SetPermissions(string user, string vhost, string configure, string write, string read)
    {
        var permissions = new UserPermissions(configure, write, read);
        lock (_writer)
        {
            _store.Put(KeyOf(PermissionPrefix, user, vhost), SecurityRecords.Write(permissions));
            _permissions[(user, vhost)] = permissions;
            Changed();
            Events?.PermissionCreated(user, vhost, permissions);
        }
    }

    /// <summary>Shuts a user out of a virtual host.</summary>
    /// <returns>False when it was not in.</returns>
    public bool ClearPermissions(string user, string vhost)
    {
        lock (_writer)
        {
            if (!_permissions.ContainsKey((user, vhost)))
            {
                return false;
            }

            _store.Delete(KeyOf(PermissionPrefix, user, vhost));
            _permissions.TryRemove((user, vhost), out _);
            Changed();
            Events?.PermissionDeleted(user, vhost);
            return true;
        }
    }

    /// <summary>Limits the routing keys a user may use with an exchange.</summary>
    public void SetTopicPermissions(string user, string vhost, string exchange, string write, string read)
    {
        var permissions = new TopicPermissions(write, read);
        lock (_writer)
        {
            _store.Put(KeyOf(TopicPermissionPrefix, user, vhost, exchange), SecurityRecords.Write(permissions));
            _topicPermissions[(user, vhost, exchange)] = permissions;
            Changed();
            Events?.TopicPermissionCreated(user, vhost, exchange, permissions);
        }
    }

    /// <summary>Lifts such a limit.</summary>
    /// <returns>False when there was none.</returns>
    public bool ClearTopicPermissions(string user, string vhost, string exchange)
    {
        lock (_writer)
        {
            if (!_topicPermissions.ContainsKey((user, vhost, exchange)))
            {
                return false;
            }

            _store.Delete(KeyOf(TopicPermissionPrefix, user, vhost, exchange));
            _topicPermissions.TryRemove((user, vhost, exchange), out _);
            Changed();
            Events?.TopicPermissionDeleted(user, vhost);
            return true;
        }
    }

    /// <summary>A user with a password in the clear.</summary>
    internal static User WithPassword(string name, string password, IReadOnlyList<string> tags) =>
        new(name, PasswordHash.Create(password), PasswordHash.Sha256, tags) { Scram = ScramVerifier.CreateAll(password) };

    /// <summary>The first user, with permissions in a virtual host, which is marked as being there: all or nothing.</summary>
    internal void PutFirst(User user, string vhost, UserPermissions permissions, string hostKey)
    {
        lock (_writer)
        {
            _store.PutAll(
            [
                KeyValuePair.Create<string, ReadOnlyMemory<byte>>(KeyOf(UserPrefix, user.Name), SecurityRecords.Write(user)),
                KeyValuePair.Create<string, ReadOnlyMemory<byte>>(
                    KeyOf(PermissionPrefix, user.Name, vhost), SecurityRecords.Write(permissions)),
                KeyValuePair.Create(hostKey, ReadOnlyMemory<byte>.Empty),
            ]);
            _users[user.Name] = user;
            _permissions[(user.Name, vhost)] = permissions;
            Changed();
        }
    }

    /// <summary>A verifier nothing matches, for a name that has none: the same each time, so that the salt tells nothing.</summary>
    internal ScramVerifier StandInFor(string name, ScramHash hash)
    {
        byte[] salt = HMACSHA256.HashData(StandInSecret(), Encoding.UTF8.GetBytes($"{hash}:{name}"))[..ScramVerifier.SaltSize];
        int size = hash == ScramHash.Sha512 ? SHA512.HashSizeInBytes : SHA256.HashSizeInBytes;
        return new ScramVerifier(hash, salt, ScramVerifier.DefaultIterations, new byte[size], new byte[size]);
    }

    // Made when it is first needed, and kept: over a restart as well.
    private byte[] StandInSecret()
    {
        if (_standInSecret is { } known)
        {
            return known;
        }

        lock (_writer)
        {
            if (_store.TryGet(StandInSecretKey, out MetadataEntry? stored))
            {
                return _standInSecret = stored.Value.ToArray();
            }

            byte[] secret = RandomNumberGenerator.GetBytes(SHA256.HashSizeInBytes);
            _store.Put(StandInSecretKey, secret);
            return _standInSecret = secret;
        }
    }

    private void RemovePermissionsWhere(Func<string, string, bool> matches)
    {
        foreach ((string user, string vhost) in _permissions.Keys)
        {
            if (matches(user, vhost))
            {
                _store.Delete(KeyOf(PermissionPrefix, user, vhost));
                _permissions.TryRemove((user, vhost), out _);
                Events?.PermissionDeleted(user, vhost);
            }
        }

        foreach ((string user, string vhost, string exchange) in _topicPermissions.Keys)
        {
            if (matches(user, vhost))
            {
                _store.Delete(KeyOf(TopicPermissionPrefix, user, vhost, exchange));
                _topicPermissions.TryRemove((user, vhost, exchange), out _);
                Events?.TopicPermissionDeleted(user, vhost);
            }
        }
    }

    private void Changed() => Interlocked.Increment(ref _version);

    private static string KeyOf(string prefix, params string[] names) =>
        prefix + string.Join('/', names.Select(Uri.EscapeDataString));

    private static string[] NamesIn(string key, string prefix) =>
        [.. key[prefix.Length..].Split('/').Select(Uri.UnescapeDataString)];
}
