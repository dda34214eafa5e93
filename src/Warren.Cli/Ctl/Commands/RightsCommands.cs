using System.Text.Json.Nodes;
using Warren.Cli.Ctl.Api;
using Warren.Cli.Ctl.Line;

namespace Warren.Cli.Ctl.Commands;

/// <summary>What users may do: permissions and topic permissions.</summary>
internal static class RightsCommands
{
    /// <summary>The commands.</summary>
    public static IReadOnlyList<CtlCommand> All { get; } =
    [
        new("set_permissions", "<username> <conf> <write> <read>", 4, 4, "Sets user permissions for a vhost", SetAsync),
        new("set_permissions_globally", "<username> <conf> <write> <read>", 4, 4, "Sets user permissions for all vhosts", SetEverywhereAsync),
        new("clear_permissions", "<username>", 1, 1, "Revokes user permissions for a vhost", ClearAsync),
        new("set_topic_permissions", "<username> <exchange> <write> <read>", 4, 4, "Sets user topic permissions for an exchange", SetTopicAsync),
        new("clear_topic_permissions", "<username> [<exchange>]", 1, 2, "Clears user topic permissions", ClearTopicAsync),
    ];

    private static async Task SetAsync(CtlSession session, CancellationToken cancellationToken)
    {
        string user = session.Arguments[0];
        session.Banner($"Setting permissions for user \"{user}\" in vhost \"{session.VirtualHost}\" ...");
        await PutAsync(session, ManagementApi.Path("permissions", session.VirtualHost, user), Body(session), cancellationToken);
        session.Done();
    }

    private static async Task SetEverywhereAsync(CtlSession session, CancellationToken cancellationToken)
    {
        string user = session.Arguments[0];
        session.Banner($"Setting permissions for user \"{user}\" in all virtual hosts ...");

        // Who sees no virtual host would be told that all went well.
        if (await session.Api.FindAsync(ManagementApi.Path("users", user), cancellationToken) is null)
        {
            throw new CtlError(CtlExit.NoUser, $"User {user} does not exist");
        }

        foreach (JsonObject host in await session.Api.ListAsync("api/vhosts", cancellationToken))
        {
            await PutAsync(session, ManagementApi.Path("permissions", host["name"]!.ToString(), user), Body(session), cancellationToken);
        }

        session.Done();
    }

    private static async Task ClearAsync(CtlSession session, CancellationToken cancellationToken)
    {
        string user = session.Arguments[0];
        session.Banner($"Clearing permissions for user \"{user}\" in vhost \"{session.VirtualHost}\" ...");
        await DeleteAsync(session, ManagementApi.Path("permissions", session.VirtualHost, user), cancellationToken);
    }

    private static async Task SetTopicAsync(CtlSession session, CancellationToken cancellationToken)
    {
        string user = session.Arguments[0];
        string exchange = session.Arguments[1];
        session.Banner($"Setting topic permissions on \"{exchange}\" for user \"{user}\" in vhost \"{session.VirtualHost}\" ...");
        var body = new JsonObject { ["exchange"] = exchange, ["write"] = session.Arguments[2], ["read"] = session.Arguments[3] };
        await PutAsync(session, ManagementApi.Path("topic-permissions", session.VirtualHost, user), body, cancellationToken);
        session.Done();
    }

    private static async Task ClearTopicAsync(CtlSession session, CancellationToken cancellationToken)
    {
        string user = session.Arguments[0];
        string path = ManagementApi.Path("topic-permissions", session.VirtualHost, user);
        if (session.Arguments.Count > 1)
        {
            session.Banner($"Clearing topic permissions on \"{session.Arguments[1]}\" for user \"{user}\" in vhost \"{session.VirtualHost}\" ...");
            path += $"/{Uri.EscapeDataString(session.Arguments[1])}";
        }
        else
        {
            session.Banner($"Clearing topic permissions for user \"{user}\" in vhost \"{session.VirtualHost}\" ...");
        }

        await DeleteAsync(session, path, cancellationToken);
    }

    private static JsonObject Body(CtlSession session) =>
        new() { ["configure"] = session.Arguments[1], ["write"] = session.Arguments[2], ["read"] = session.Arguments[3] };

    private static async Task PutAsync(CtlSession session, string path, JsonObject body, CancellationToken cancellationToken)
    {
        try
        {
            await session.Api.PutAsync(path, body, cancellationToken);
        }
        catch (ApiError e)
        {
            await ThrowMissingAsync(session, cancellationToken);
            throw e.ToCtlError();
        }
    }

    // Rights that are not there are cleared already.
    private static async Task DeleteAsync(CtlSession session, string path, CancellationToken cancellationToken)
    {
        try
        {
            await session.Api.DeleteAsync(path, cancellationToken);
        }
        catch (ApiError e) when (e.IsNotFound)
        {
            await ThrowMissingAsync(session, cancellationToken);
        }

        session.Done();
    }

    // The API's answer does not always tell which of the two is missing.
    private static async Task ThrowMissingAsync(CtlSession session, CancellationToken cancellationToken)
    {
        string user = session.Arguments[0];
        if (await session.Api.FindAsync(ManagementApi.Path("users", user), cancellationToken) is null)
        {
            throw new CtlError(CtlExit.NoUser, $"User {user} does not exist");
        }

        if (await session.Api.FindAsync(ManagementApi.Path("vhosts", session.VirtualHost), cancellationToken) is null)
        {
            throw new CtlError(CtlExit.Unavailable, $"Virtual host {session.VirtualHost} does not exist");
        }
    }
}
