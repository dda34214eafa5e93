using System.Text.Json.Nodes;
using Warren.Cli.Ctl.Api;
using Warren.Cli.Ctl.Line;
using Warren.Cli.Ctl.Lists;
using Warren.Cli.Ctl.Output;

namespace Warren.Cli.Ctl.Commands;

/// <summary>Policies and operator policies.</summary>
internal static class PolicyCommands
{
    private static readonly CtlOption Priority = new("priority", null, "priority");
    private static readonly CtlOption ApplyTo = new("apply-to", null, "queues|classic_queues|quorum_queues|streams|exchanges|all");

    // The definition is JSON in a string, as RabbitMQ has it.
    private static readonly Column[] Columns =
    [
        Column.Key("vhost"), Column.Key("name"), Column.Key("pattern"), Column.Key("apply-to"),
        Column.Made("definition", "definition", i => JsonText.Of(i["definition"])), Column.Key("priority"),
    ];

    /// <summary>The commands.</summary>
    public static IReadOnlyList<CtlCommand> All { get; } =
    [
        new("list_policies", "", 0, 0, "Lists all policies in a virtual host", (s, c) => ListAsync(s, "policies", "policies", c)),
        new("list_operator_policies", "", 0, 0, "Lists operator policy overrides for a virtual host",
            (s, c) => ListAsync(s, "operator-policies", "operator policy overrides", c)),
        new("set_policy", "<name> <pattern> <definition>", 3, 3, "Sets or updates a policy", (s, c) => SetAsync(s, "policies", "policy", c))
        {
            Options = [Priority, ApplyTo],
        },
        new("set_operator_policy", "<name> <pattern> <definition>", 3, 3, "Sets a policy that overrides a subset of arguments in user policies",
            (s, c) => SetAsync(s, "operator-policies", "operator policy override", c))
        {
            Options = [Priority, ApplyTo],
        },
        new("clear_policy", "<name>", 1, 1, "Clears (removes) a policy", (s, c) => ClearAsync(s, "policies", "policy", c)),
        new("clear_operator_policy", "<name>", 1, 1, "Clears an operator policy", (s, c) => ClearAsync(s, "operator-policies", "operator policy", c)),
    ];

    private static async Task ListAsync(CtlSession session, string resource, string kind, CancellationToken cancellationToken)
    {
        session.Banner($"Listing {kind} for vhost \"{session.VirtualHost}\" ...");
        try
        {
            IReadOnlyList<JsonObject> items = await session.Api.ListAsync(ManagementApi.Path(resource, session.VirtualHost), cancellationToken);
            session.Show(ColumnSet.Read(Columns, items));
        }
        catch (ApiError e) when (e.IsNotFound)
        {
            throw Refusals.NoVirtualHost(session.VirtualHost);
        }
    }

    private static async Task SetAsync(CtlSession session, string resource, string kind, CancellationToken cancellationToken)
    {
        (string name, string pattern, string definition) = (session.Arguments[0], session.Arguments[1], session.Arguments[2]);
        int priority = session.Line.Number(Priority) ?? 0;
        session.Banner(
            $"Setting {kind} \"{name}\" for pattern \"{pattern}\" to \"{definition}\" with priority \"{priority}\" for vhost \"{session.VirtualHost}\" ...");
        var body = new JsonObject
        {
            ["pattern"] = pattern,
            ["definition"] = Refusals.Json(definition),
            ["priority"] = priority,
            ["apply-to"] = session.Line.Value(ApplyTo) ?? "all",
        };
        try
        {
            await session.Api.PutAsync(ManagementApi.Path(resource, session.VirtualHost, name), body, cancellationToken);
        }
        catch (ApiError e)
        {
            throw Refusals.Of(e, virtualHost: session.VirtualHost);
        }

        session.Done();
    }

    private static async Task ClearAsync(CtlSession session, string resource, string kind, CancellationToken cancellationToken)
    {
        session.Banner($"Clearing {kind} \"{session.Arguments[0]}\" on vhost \"{session.VirtualHost}\" ...");
        try
        {
            await session.Api.DeleteAsync(ManagementApi.Path(resource, session.VirtualHost, session.Arguments[0]), cancellationToken);
        }
        catch (ApiError e) when (e.IsNotFound)
        {
            throw new CtlError(CtlExit.Unavailable, "Parameter does not exist");
        }

        session.Done();
    }
}
