using System.Globalization;
using System.Text.Json.Nodes;
using Warren.Cli.Ctl.Api;
using Warren.Cli.Ctl.Line;
using Warren.Cli.Ctl.Lists;

namespace Warren.Cli.Ctl.Commands;

/// <summary>Connections closed by the operator; their clients are told the reason.</summary>
internal static class ConnectionCommands
{
    private static readonly CtlOption Global = new("global");
    private static readonly CtlOption Delay = new("per-connection-delay", null, "milliseconds");
    private static readonly CtlOption Limit = new("limit", null, "number");

    /// <summary>The commands.</summary>
    public static IReadOnlyList<CtlCommand> All { get; } =
    [
        new("close_connection", "<connectionpid> <explanation>", 2, 2, "Instructs the broker to close the connection", CloseAsync),
        new("close_all_connections", "<explanation>", 1, 1, "Closes all connections of a vhost or of the broker", CloseAllAsync)
        {
            Options = [Global, Delay, Limit],
        },
        new("close_all_user_connections", "<username> <explanation>", 2, 2, "Closes all connections of a user", CloseOfUserAsync),
    ];

    // By the name list_connections gives as pid, or by the connection's own.
    private static async Task CloseAsync(CtlSession session, CancellationToken cancellationToken)
    {
        (string pid, string reason) = (session.Arguments[0], session.Arguments[1]);
        session.Banner($"Closing connection {pid}, reason: {reason}...");
        foreach (JsonObject connection in await session.Api.ListAsync("api/connections", cancellationToken))
        {
            if (connection["name"]?.ToString() == pid || ProcessName.Of(connection)?.ToString() == pid)
            {
                await DeleteAsync(session, connection, reason, cancellationToken);
                session.Done();
                return;
            }
        }

        throw new CtlError(CtlExit.Unavailable, $"there is no connection {pid}");
    }

    private static async Task CloseAllAsync(CtlSession session, CancellationToken cancellationToken)
    {
        string reason = session.Arguments[0];
        int limit = session.Line.Number(Limit) ?? 0;
        var pause = TimeSpan.FromMilliseconds(session.Line.Number(Delay) ?? 0);
        bool isGlobal = session.Line.Has(Global);
        session.Banner($"Closing {(limit > 0 ? $"{limit}" : "all")} connections{(isGlobal ? "" : $" in vhost {session.VirtualHost}")}, reason: {reason}...");
        IEnumerable<JsonObject> connections = await session.Api.ListAsync("api/connections", cancellationToken);
        if (!isGlobal)
        {
            connections = connections.Where(c => c["vhost"]?.ToString() == session.VirtualHost);
        }

        int closed = 0;
        foreach (JsonObject connection in limit > 0 ? connections.Take(limit) : connections)
        {
            closed += await DeleteAsync(session, connection, reason, cancellationToken) ? 1 : 0;
            if (pause > TimeSpan.Zero)
            {
                await Task.Delay(pause, cancellationToken);
            }
        }

        session.Done(string.Create(CultureInfo.InvariantCulture, $"Closed {closed} connections"));
    }

    private static async Task CloseOfUserAsync(CtlSession session, CancellationToken cancellationToken)
    {
        (string user, string reason) = (session.Arguments[0], session.Arguments[1]);
        session.Banner($"Closing connections of user {user}, reason: {reason}...");
        foreach (JsonObject connection in await session.Api.ListAsync("api/connections", cancellationToken))
        {
            if (connection["user"]?.ToString() == user)
            {
                await DeleteAsync(session, connection, reason, cancellationToken);
            }
        }

        session.Done();
    }

    // One that has gone by itself in the meantime is closed as well.
    private static async Task<bool> DeleteAsync(CtlSession session, JsonObject connection, string reason, CancellationToken cancellationToken)
    {
        try
        {
            await session.Api.DeleteAsync(ManagementApi.Path("connections", connection["name"]!.ToString()), cancellationToken, reason);
            return true;
        }
        catch (ApiError e) when (e.IsNotFound)
        {
            return false;
        }
    }
}
