using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;

namespace Warren.Core.Security;

/// <summary>How users and permissions are written into the metadata store: JSON with RabbitMQ's member names.</summary>
internal static class SecurityRecords
{
    public static byte[] Write(User user) => JsonSerializer.SerializeToUtf8Bytes(
        new StoredUser(
            user.PasswordHash, user.HashingAlgorithm, [.. user.Tags], new Dictionary<string, long>(user.Limits.Values), [.. user.Scram]),
        SecurityJson.Default.StoredUser);

    public static byte[] Write(UserPermissions permissions) =>
        JsonSerializer.SerializeToUtf8Bytes(permissions, SecurityJson.Default.UserPermissions);

    public static byte[] Write(TopicPermissions permissions) =>
        JsonSerializer.SerializeToUtf8Bytes(permissions, SecurityJson.Default.TopicPermissions);

    /// <exception cref="InvalidDataException">The bytes are damaged.</exception>
    public static User ReadUser(string name, ReadOnlyMemory<byte> bytes)
    {
        StoredUser stored = Read($"user '{name}'", bytes, SecurityJson.Default.StoredUser);
        return new User(name, stored.PasswordHash, stored.HashingAlgorithm, stored.Tags)
        {
            Limits = stored.Limits is null ? UserLimits.None : UserLimits.From(stored.Limits),
            Scram = stored.Scram ?? [],
        };
    }

    /// <exception cref="InvalidDataException">The bytes are damaged.</exception>
    public static UserPermissions ReadPermissions(string user, ReadOnlyMemory<byte> bytes) =>
        Read($"permissions of user '{user}'", bytes, SecurityJson.Default.UserPermissions);

    /// <exception cref="InvalidDataException">The bytes are damaged.</exception>
    public static TopicPermissions ReadTopicPermissions(string user, ReadOnlyMemory<byte> bytes) =>
        Read($"topic permissions of user '{user}'", bytes, SecurityJson.Default.TopicPermissions);

    private static T Read<T>(
        string what,
        ReadOnlyMemory<byte> bytes,
        JsonTypeInfo<T> type)
        where T : class
    {
        try
        {
            return JsonSerializer.Deserialize(bytes.Span, type)
                ?? throw new InvalidDataException($"the stored {what} cannot be read: null");
        }
        catch (JsonException e)
        {
            throw new InvalidDataException($"the stored {what} cannot be read", e);
        }
    }
}

/// <summary>A user without its name, which is the key it is stored under.</summary>
internal sealed record StoredUser(
    string PasswordHash, string HashingAlgorithm, string[] Tags, Dictionary<string, long>? Limits = null, ScramVerifier[]? Scram = null);

/// <summary>Readers and writers of the stored forms, made at compile time.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower,
    RespectNullableAnnotations = true,
    RespectRequiredConstructorParameters = true)]
[JsonSerializable(typeof(StoredUser))]
[JsonSerializable(typeof(UserPermissions))]
[JsonSerializable(typeof(TopicPermissions))]
internal sealed partial class SecurityJson : JsonSerializerContext;
