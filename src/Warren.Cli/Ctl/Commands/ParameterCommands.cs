using System.Text.Json.Nodes;
using Warren.Cli.Ctl.Api;
using Warren.Cli.Ctl.Line;
using Warren.Cli.Ctl.Lists;
using Warren.Cli.Ctl.Output;

namespace Warren.Cli.Ctl.Commands;

/// <summary>Runtime parameters of virtual hosts and of the whole broker.</summary>
internal static class ParameterCommands
{
    private static readonly Column Value = Column.Made("value", "value", i => JsonText.Of(i["value"]));

    /// <summary>The commands.</summary>
    public static IReadOnlyList<CtlCommand> All { get; } =
    [
        new("list_parameters", "", 0, 0, "Lists runtime parameters for a virtual host", ListAsync),
        new("list_global_parameters", "", 0, 0, "Lists global runtime parameters", ListGlobalAsync),
        new("set_parameter", "<component> <name> <value>", 3, 3, "Sets a runtime parameter", SetAsync),
        new("clear_parameter", "<component> <name>", 2, 2, "Clears a runtime parameter", ClearAsync),
        new("set_global_parameter", "<name> <value>", 2, 2, "Sets a runtime parameter without a virtual host", SetGlobalAsync),
        new("clear_global_parameter", "<name>", 1, 1, "Clears a global runtime parameter", ClearGlobalAsync),
    ];

    private static async Task ListAsync(CtlSession session, CancellationToken cancellationToken)
    {
        session.Banner($"Listing runtime parameters for vhost \"{session.VirtualHost}\" ...");
        IReadOnlyList<JsonObject> all = await session.Api.ListAsync("api/parameters", cancellationToken);

        // Policies have a list of their own.
        IEnumerable<JsonObject> shown = all.Where(p =>
            p["vhost"]?.ToString() == session.VirtualHost && p["component"]?.ToString() is not ("policy" or "operator_policy"));
        session.Show(ColumnSet.Read([Column.Key("component"), Column.Key("name"), Value], shown));
    }

    private static async Task ListGlobalAsync(CtlSession session, CancellationToken cancellationToken)
    {
        session.Banner("Listing global runtime parameters ...");
        session.Show(ColumnSet.Read([Column.Key("name"), Value], await session.Api.ListAsync("api/global-parameters", cancellationToken)));
    }

    private static async Task SetAsync(CtlSession session, CancellationToken cancellationToken)
    {
        (string component, string name, string value) = (session.Arguments[0], session.Arguments[1], session.Arguments[2]);
        session.Banner($"Setting runtime parameter \"{name}\" for component \"{component}\" to \"{value}\" in vhost \"{session.VirtualHost}\" ...");
        var body = new JsonObject { ["value"] = Refusals.Json(value) };
        try
        {
            await session.Api.PutAsync(ManagementApi.Path("parameters", component, session.VirtualHost, name), body, cancellationToken);
        }
        catch (ApiError e)
        {
            throw Refusals.Of(e, virtualHost: session.VirtualHost);
        }

        session.Done();
    }

    private static async Task ClearAsync(CtlSession session, CancellationToken cancellationToken)
    {
        (string component, string name) = (session.Arguments[0], session.Arguments[1]);
        session.Banner($"Clearing runtime parameter \"{name}\" for component \"{component}\" on vhost \"{session.VirtualHost}\" ...");
        await DeleteAsync(session, ManagementApi.Path("parameters", component, session.VirtualHost, name), cancellationToken);
    }

    private static async Task SetGlobalAsync(CtlSession session, CancellationToken cancellationToken)
    {
        (string name, string value) = (session.Arguments[0], session.Arguments[1]);
        session.Banner($"Setting global runtime parameter \"{name}\" to \"{value}\" ...");
        var body = new JsonObject { ["value"] = Refusals.Json(value) };
        await session.Api.PutAsync(ManagementApi.Path("global-parameters", name), body, cancellationToken);
        session.Done();
    }

    private static async Task ClearGlobalAsync(CtlSession session, CancellationToken cancellationToken)
    {
        session.Banner($"Clearing global runtime parameter \"{session.Arguments[0]}\" ...");
        await DeleteAsync(session, ManagementApi.Path("global-parameters", session.Arguments[0]), cancellationToken);
    }

    private static async Task DeleteAsync(CtlSession session, string path, CancellationToken cancellationToken)
    {
        try
        {
            await session.Api.DeleteAsync(path, cancellationToken);
        }
        catch (ApiError e) when (e.IsNotFound)
        {
            throw new CtlError(CtlExit.Unavailable, "Parameter does not exist");
        }

        session.Done();
    }
}
