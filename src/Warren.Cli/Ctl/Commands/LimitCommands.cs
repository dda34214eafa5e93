using System.Text.Json.Nodes;
using Warren.Cli.Ctl.Api;
using Warren.Cli.Ctl.Line;
using Warren.Cli.Ctl.Lists;
using Warren.Cli.Ctl.Output;

namespace Warren.Cli.Ctl.Commands;

/// <summary>Limits of virtual hosts and of users.</summary>
internal static class LimitCommands
{
    private static readonly CtlOption Global = new("global");
    private static readonly CtlOption User = new("user", null, "username");

    /// <summary>The commands.</summary>
    public static IReadOnlyList<CtlCommand> All { get; } =
    [
        new("list_vhost_limits", "", 0, 0, "Displays configured virtual host limits", ListOfHostsAsync) { Options = [Global] },
        new("list_user_limits", "", 0, 0, "Displays configured user limits", ListOfUsersAsync) { Options = [Global, User] },
        new("set_vhost_limits", "<definition>", 1, 1, "Sets virtual host limits", SetOfHostAsync),
        new("clear_vhost_limits", "", 0, 0, "Clears virtual host limits", ClearOfHostAsync),
        new("set_user_limits", "<username> <definition>", 2, 2, "Sets user limits", SetOfUserAsync),
        new("clear_user_limits", "<username> <limit>|all", 2, 2, "Clears user connection/channel limits", ClearOfUserAsync),
    ];

    private static async Task ListOfHostsAsync(CtlSession session, CancellationToken cancellationToken)
    {
        if (session.Line.Has(Global))
        {
            session.Banner("Listing limits for all vhosts ...");
            await ListAllAsync(session, "vhost-limits", "vhost", cancellationToken);
            return;
        }

        session.Banner($"Listing limits for vhost \"{session.VirtualHost}\" ...");
        JsonObject? limits = await FindAsync(session, ManagementApi.Path("vhost-limits", session.VirtualHost), cancellationToken)
            ?? throw Refusals.NoVirtualHost(session.VirtualHost);
        session.Show(limits.Count == 0 ? "\n" : JsonText.Of(limits), limits);
    }

    private static async Task ListOfUsersAsync(CtlSession session, CancellationToken cancellationToken)
    {
        if (session.Line.Has(Global))
        {
            session.Banner("Listing limits for all users ...");
            await ListAllAsync(session, "user-limits", "user", cancellationToken);
            return;
        }

        string user = session.Line.Value(User) ?? "guest";
        session.Banner($"Listing limits for user \"{user}\" ...");
        JsonObject limits = await FindAsync(session, ManagementApi.Path("user-limits", user), cancellationToken) ?? throw Refusals.NoUser(user);
        session.Show(JsonText.Of(limits), limits);
    }

    private static async Task SetOfHostAsync(CtlSession session, CancellationToken cancellationToken)
    {
        session.Banner($"Setting vhost limits to \"{session.Arguments[0]}\" for vhost \"{session.VirtualHost}\" ...");
        try
        {
            await SetAsync(session, "vhost-limits", session.VirtualHost, session.Arguments[0], cancellationToken);
        }
        catch (ApiError e)
        {
            throw Refusals.Of(e, virtualHost: session.VirtualHost);
        }
    }

    private static async Task ClearOfHostAsync(CtlSession session, CancellationToken cancellationToken)
    {
        session.Banner($"Clearing vhost \"{session.VirtualHost}\" limits ...");
        await ClearAsync(session, "vhost-limits", session.VirtualHost, "all", cancellationToken);
    }

    private static async Task SetOfUserAsync(CtlSession session, CancellationToken cancellationToken)
    {
        (string user, string definition) = (session.Arguments[0], session.Arguments[1]);
        session.Banner($"Setting user limits to \"{definition}\" for user \"{user}\" ...");
        try
        {
            await SetAsync(session, "user-limits", user, definition, cancellationToken);
        }
        catch (ApiError e) when (e.IsNotFound || e.Message.Contains("no_such_user", StringComparison.Ordinal))
        {
            throw Refusals.NoUser(user);
        }
    }

    private static async Task ClearOfUserAsync(CtlSession session, CancellationToken cancellationToken)
    {
        (string user, string limit) = (session.Arguments[0], session.Arguments[1]);
        session.Banner(limit == "all" ? $"Clearing all limits for user \"{user}\" ..." : $"Clearing \"{limit}\" limit for user \"{user}\" ...");
        await ClearAsync(session, "user-limits", user, limit, cancellationToken);
    }

    private static async Task SetAsync(
        CtlSession session, string resource, string owner, string definition, CancellationToken cancellationToken)
    {
        if (Refusals.Json(definition) is not JsonObject limits)
        {
            throw new CtlError(CtlExit.Unavailable, "Validation failed\n\nlimits are a JSON object such as {\"max-connections\":100}\n");
        }

        foreach ((string limit, JsonNode? value) in limits)
        {
            await session.Api.PutAsync(ManagementApi.Path(resource, owner, limit), new JsonObject { ["value"] = value?.DeepClone() }, cancellationToken);
        }

        session.Done();
    }

    private static async Task ClearAsync(CtlSession session, string resource, string owner, string limit, CancellationToken cancellationToken)
    {
        JsonObject? limits = await FindAsync(session, ManagementApi.Path(resource, owner), cancellationToken);
        foreach ((string name, _) in limits ?? [])
        {
            if (limit == "all" || limit == name)
            {
                await session.Api.DeleteAsync(ManagementApi.Path(resource, owner, name), cancellationToken);
            }
        }

        session.Done();
    }

    // Null when the owner is not there, empty when it has no limits.
    private static async Task<JsonObject?> FindAsync(CtlSession session, string path, CancellationToken cancellationToken)
    {
        try
        {
            IReadOnlyList<JsonObject> items = await session.Api.ListAsync(path, cancellationToken);
            return items is [{ } only, ..] ? only["value"] as JsonObject ?? [] : [];
        }
        catch (ApiError e) when (e.IsNotFound)
        {
            return null;
        }
    }

    private static async Task ListAllAsync(CtlSession session, string resource, string owner, CancellationToken cancellationToken) =>
        session.Show(ColumnSet.Read(
            [Column.Key(owner), Column.Made("limits", "value", i => JsonText.Of(i["value"]))],
            await session.Api.ListAsync(ManagementApi.Path(resource), cancellationToken)));
}
