using System.Text.Json;
using Warren.Core.Policies;
using Warren.Core.Security;
using Warren.Management.Routing;

namespace Warren.Management.Definitions;

/// <summary>Users and permissions out of JSON, with RabbitMQ's refusals.</summary>
/// <remarks>Pure: nothing is stored here.</remarks>
internal static class UserChange
{
    private const string Md5 = "rabbit_password_hashing_md5"; // kept for export; nobody logs in with one
    private const int LongestName = 255;

    /// <summary>A user as a body describes it.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="body">Password or hash, tags, limits.</param>
    /// <param name="existing">The user there is; its limits stay when none are given.</param>
    /// <param name="usualAlgorithm">The algorithm of a hash that does not name its own.</param>
    /// <exception cref="ApiError">400.</exception>
    public static User Read(string name, RequestBody body, User? existing, string usualAlgorithm = PasswordHash.Sha256)
    {
        if (name.Length is 0 or > LongestName)
        {
            throw ApiError.BadRequest($"a user name has 1 to {LongestName} characters");
        }

        string? password = body.Text("password");
        string? hash = body.Text("password_hash");
        IReadOnlyList<string> tags = TagsOf(body.Find("tags") ?? throw ApiError.BadRequest("tags_not_present"));
        UserLimits limits = body.Find("limits") is { ValueKind: JsonValueKind.Object } given ? LimitsOf(given) : existing?.Limits ?? UserLimits.None;
        if (password is not null && hash is not null)
        {
            throw ApiError.BadRequest("both_password_and_password_hash_are_provided");
        }

        if (password is { Length: 0 })
        {
            throw ApiError.BadRequest("an empty password is not a password; leave it away for a user without one");
        }

        string algorithm = password is null ? body.Text("hashing_algorithm") ?? usualAlgorithm : PasswordHash.Sha256;
        if (!PasswordHash.IsKnown(algorithm) && algorithm != Md5)
        {
            throw ApiError.BadRequest($"unknown hashing algorithm {algorithm}");
        }

        if (hash is { Length: > 0 } && algorithm != Md5 && !PasswordHash.IsWellFormed(hash, algorithm))
        {
            throw ApiError.BadRequest($"password_hash is not a hash of {algorithm}");
        }

        bool isSame = hash is { Length: > 0 } && hash == existing?.PasswordHash && algorithm == existing.HashingAlgorithm;
        return new User(name, password is null ? hash ?? "" : PasswordHash.Create(password), algorithm, tags)
        {
            Limits = limits,
            Scram = password is not null ? ScramVerifier.CreateAll(password) : isSame ? existing!.Scram : [],
        };
    }

    /// <summary>Tags or the like: an array of texts, or one text with commas.</summary>
    /// <exception cref="ApiError">400.</exception>
    public static IReadOnlyList<string> TagsOf(JsonElement tags)
    {
        IEnumerable<string?> words = tags.ValueKind switch
        {
            JsonValueKind.String => tags.GetString()!.Split(','),
            JsonValueKind.Array => tags.EnumerateArray().Select(static t => t.ValueKind == JsonValueKind.String ? t.GetString() : null),
            _ => throw ApiError.BadRequest("tags are a list of texts"),
        };
        return [.. words.Select(static w => w?.Trim() ?? throw ApiError.BadRequest("tags are a list of texts"))
            .Where(static w => w.Length > 0).Distinct(StringComparer.Ordinal)];
    }

    /// <summary>What a user may do in a virtual host.</summary>
    /// <exception cref="ApiError">400: one is missing, or no expression.</exception>
    public static UserPermissions Permissions(RequestBody body)
    {
        body.RequireAll("configure", "write", "read");
        return new UserPermissions(Expression(body, "configure"), Expression(body, "write"), Expression(body, "read"));
    }

    /// <summary>Which routing keys a user may use.</summary>
    /// <exception cref="ApiError">400: one is missing, or no expression.</exception>
    public static TopicPermissions TopicPermissions(RequestBody body)
    {
        body.RequireAll("exchange", "write", "read");
        return new TopicPermissions(Expression(body, "write"), Expression(body, "read"));
    }

    private static string Expression(RequestBody body, string name)
    {
        string expression = body.RequireText(name);
        return PolicyRules.CheckPattern(expression) is { } wrong ? throw ApiError.BadRequest("invalid_regexp", wrong) : expression;
    }

    private static UserLimits LimitsOf(JsonElement given)
    {
        var values = new Dictionary<string, long>(StringComparer.Ordinal);
        foreach (JsonProperty limit in given.EnumerateObject())
        {
            if (!UserLimits.IsName(limit.Name) || limit.Value.ValueKind != JsonValueKind.Number || !limit.Value.TryGetInt64(out long value))
            {
                throw ApiError.BadRequest($"{limit.Name} is not a limit of users, or no whole number");
            }

            values[limit.Name] = value;
        }

        return UserLimits.From(values);
    }
}
