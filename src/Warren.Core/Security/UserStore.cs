using System.Collections.Concurrent;
using System.Text;
using Warren.Storage.Metadata;

namespace Warren.Core.Security;

/// <summary>Users and their permissions, kept in the metadata store.</summary>
/// <remarks>Thread-safe.</remarks>
public sealed class UserStore
{
    private const string UserPrefix = "users/";
    private const string PermissionPrefix = "permissions/";

    private readonly IMetadataStore _store;
    private readonly ConcurrentDictionary<string, User> _users = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<(string User, string VirtualHost), UserPermissions> _permissions = new();
    private long _version;

    /// <summary>Loads what is stored.</summary>
    public UserStore(IMetadataStore store)
    {
        ArgumentNullException.ThrowIfNull(store);
        _store = store;
        foreach (MetadataEntry entry in store.List(UserPrefix))
        {
            User user = ReadUser(Uri.UnescapeDataString(entry.Key[UserPrefix.Length..]), entry.Value.ToArray());
            _users[user.Name] = user;
        }

        foreach (MetadataEntry entry in store.List(PermissionPrefix))
        {
            string[] parts = entry.Key[PermissionPrefix.Length..].Split('/');
            _permissions[(Uri.UnescapeDataString(parts[0]), Uri.UnescapeDataString(parts[1]))] =
                ReadPermissions(entry.Value.ToArray());
        }
    }

    /// <summary>Changes with every user and permission.</summary>
    public long Version => Volatile.Read(ref _version);

    /// <summary>The user of that name, if there is one.</summary>
    public User? Find(string name) => _users.GetValueOrDefault(name);

    /// <summary>What a user may do in a virtual host; null: not even enter it.</summary>
    public UserPermissions? FindPermissions(string user, string vhost) => _permissions.GetValueOrDefault((user, vhost));

    /// <summary>Adds or replaces a user.</summary>
    public void Add(string name, string password, IReadOnlyList<string> tags)
    {
        var user = new User(name, PasswordHash.Create(password), PasswordHash.Sha256, tags);
        _store.Put(UserPrefix + Uri.EscapeDataString(name), WriteUser(user));
        _users[name] = user;
        Interlocked.Increment(ref _version);
    }

    /// <summary>Sets what a user may do in a virtual host.</summary>
    public void SetPermissions(string user, string vhost, string configure, string write, string read)
    {
        var permissions = new UserPermissions(configure, write, read);
        _store.Put(
            PermissionPrefix + Uri.EscapeDataString(user) + "/" + Uri.EscapeDataString(vhost), WritePermissions(permissions));
        _permissions[(user, vhost)] = permissions;
        Interlocked.Increment(ref _version);
    }

    private static byte[] WriteUser(User user) => Build(w =>
    {
        w.Write(user.PasswordHash);
        w.Write(user.HashingAlgorithm);
        w.Write(user.Tags.Count);
        foreach (string tag in user.Tags)
        {
            w.Write(tag);
        }
    });

    private static User ReadUser(string name, byte[] bytes)
    {
        using var reader = new BinaryReader(new MemoryStream(bytes), Encoding.UTF8);
        string hash = reader.ReadString();
        string algorithm = reader.ReadString();
        string[] tags = new string[reader.ReadInt32()];
        for (int i = 0; i < tags.Length; i++)
        {
            tags[i] = reader.ReadString();
        }

        return new User(name, hash, algorithm, tags);
    }

    private static byte[] WritePermissions(UserPermissions permissions) => Build(w =>
    {
        w.Write(permissions.Configure);
        w.Write(permissions.Write);
        w.Write(permissions.Read);
    });

    private static UserPermissions ReadPermissions(byte[] bytes)
    {
        using var reader = new BinaryReader(new MemoryStream(bytes), Encoding.UTF8);
        return new UserPermissions(reader.ReadString(), reader.ReadString(), reader.ReadString());
    }

    private static byte[] Build(Action<BinaryWriter> write)
    {
        using var stream = new MemoryStream();
        using var writer = new BinaryWriter(stream, Encoding.UTF8);
        write(writer);
        writer.Flush();
        return stream.ToArray();
    }
}
