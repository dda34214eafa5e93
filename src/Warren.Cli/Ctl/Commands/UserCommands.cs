using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using Warren.Cli.Ctl.Api;
using Warren.Cli.Ctl.Line;

namespace Warren.Cli.Ctl.Commands;

/// <summary>Users, their passwords and tags.</summary>
internal static class UserCommands
{
    private const int SaltBytes = 4;
    private const string DefaultHashing = "rabbit_password_hashing_sha256";
    private static readonly CtlOption Hashed = new("pre-hashed-password");

    /// <summary>The commands.</summary>
    public static IReadOnlyList<CtlCommand> All { get; } =
    [
        new("add_user", "<username> [<password>]", 1, 2, "Creates a new user in the internal database", AddAsync) { Options = [Hashed] },
        new("delete_user", "<username>", 1, 1, "Removes a user from the internal database", DeleteAsync),
        new("change_password", "<username> [<password>]", 1, 2, "Changes the user password", ChangePasswordAsync) { Options = [Hashed] },
        new("clear_password", "<username>", 1, 1, "Clears (resets) password and disables password login for a user", ClearPasswordAsync),
        new("authenticate_user", "<username> [<password>]", 1, 2, "Attempts to authenticate a user", AuthenticateAsync),
        new("set_user_tags", "<username> [<tag> ...]", 1, int.MaxValue, "Sets user tags", SetTagsAsync),
        new("hash_password", "[<password>]", 0, 1, "Hashes a plaintext password", HashAsync),
    ];

    private static async Task AddAsync(CtlSession session, CancellationToken cancellationToken)
    {
        string user = session.Arguments[0];
        session.Banner($"Adding user \"{user}\" ...");
        if (await session.Api.FindAsync(ManagementApi.Path("users", user), cancellationToken) is not null)
        {
            throw new CtlError(CtlExit.Unexpected, $"User \"{user}\" already exists");
        }

        JsonObject body = WithPassword(session, new JsonObject { ["tags"] = "" });
        await session.Api.PutAsync(ManagementApi.Path("users", user), body, cancellationToken);
        session.Done(session.IsQuiet
            ? ""
            : "Done. Don't forget to grant the user permissions to some virtual hosts! See 'rabbitmqctl help set_permissions' to learn more.");
    }

    private static async Task DeleteAsync(CtlSession session, CancellationToken cancellationToken)
    {
        string user = session.Arguments[0];
        session.Banner($"Deleting user \"{user}\" ...");
        try
        {
            await session.Api.DeleteAsync(ManagementApi.Path("users", user), cancellationToken);
        }
        catch (ApiError e) when (e.IsNotFound)
        {
            throw Refusals.NoUser(user);
        }

        session.Done();
    }

    private static async Task ChangePasswordAsync(CtlSession session, CancellationToken cancellationToken)
    {
        string user = session.Arguments[0];
        session.Banner($"Changing password for user \"{user}\" ...");
        JsonObject found = await FindAsync(session, user, cancellationToken);
        JsonObject body = WithPassword(session, new JsonObject { ["tags"] = RightsLists.TagsOf(found) });
        await session.Api.PutAsync(ManagementApi.Path("users", user), body, cancellationToken);
        session.Done();
    }

    private static async Task ClearPasswordAsync(CtlSession session, CancellationToken cancellationToken)
    {
        string user = session.Arguments[0];
        session.Banner($"Clearing password for user \"{user}\" ...");
        JsonObject found = await FindAsync(session, user, cancellationToken);
        var body = new JsonObject { ["password_hash"] = "", ["tags"] = RightsLists.TagsOf(found) };
        await session.Api.PutAsync(ManagementApi.Path("users", user), body, cancellationToken);
        session.Done();
    }

    // A right password of a user without a tag is refused too, but for another reason.
    private static async Task AuthenticateAsync(CtlSession session, CancellationToken cancellationToken)
    {
        string user = session.Arguments[0];
        session.Banner($"Authenticating user \"{user}\" ...");
        ApiError? refusal = await session.Api.TryAsAsync(user, Password(session), "api/whoami", cancellationToken);
        if (refusal is not null && !refusal.Message.Contains("Not management user", StringComparison.Ordinal))
        {
            string reason = refusal.Message == "Login failed" ? $"user '{user}' - invalid credentials" : refusal.Message;
            throw new CtlError(CtlExit.BadArgument, $"Error: failed to authenticate user \"{user}\"\n{reason}");
        }

        session.Done("Success");
    }

    private static async Task SetTagsAsync(CtlSession session, CancellationToken cancellationToken)
    {
        string user = session.Arguments[0];
        string[] tags = [.. session.Arguments.Skip(1).SelectMany(t => t.Split(',', StringSplitOptions.RemoveEmptyEntries)).Select(t => t.Trim())];
        session.Banner($"Setting tags for user \"{user}\" to [{string.Join(", ", tags)}] ...");
        JsonObject found = await FindAsync(session, user, cancellationToken);
        var body = new JsonObject
        {
            ["password_hash"] = found["password_hash"]?.ToString() ?? "",
            ["hashing_algorithm"] = found["hashing_algorithm"]?.ToString() ?? DefaultHashing,
            ["tags"] = string.Join(',', tags),
        };
        await session.Api.PutAsync(ManagementApi.Path("users", user), body, cancellationToken);
        session.Done();
    }

    private static Task HashAsync(CtlSession session, CancellationToken cancellationToken)
    {
        string password = session.Arguments.Count > 0 ? session.Arguments[0] : ReadPassword(session);
        session.Banner("Will hash password");
        Span<byte> hash = stackalloc byte[SaltBytes + SHA256.HashSizeInBytes];
        RandomNumberGenerator.Fill(hash[..SaltBytes]);
        SHA256.HashData([.. hash[..SaltBytes], .. Encoding.UTF8.GetBytes(password)], hash[SaltBytes..]);
        session.Done(Convert.ToBase64String(hash));
        return Task.CompletedTask;
    }

    private static async Task<JsonObject> FindAsync(CtlSession session, string user, CancellationToken cancellationToken) =>
        await session.Api.FindAsync(ManagementApi.Path("users", user), cancellationToken) ?? throw Refusals.NoUser(user);

    private static JsonObject WithPassword(CtlSession session, JsonObject body)
    {
        string password = Password(session);
        if (password.Length == 0)
        {
            throw new CtlError(CtlExit.Usage, "user cannot have empty/blank password");
        }

        body[session.Line.Has(Hashed) ? "password_hash" : "password"] = password;
        return body;
    }

    private static string Password(CtlSession session) => session.Arguments.Count > 1 ? session.Arguments[1] : ReadPassword(session);

    // From a pipe or typed in: not in the list of processes.
    private static string ReadPassword(CtlSession session)
    {
        session.Streams.Error.WriteLine("Password:");
        return session.Streams.Input.ReadLine() ?? "";
    }
}
