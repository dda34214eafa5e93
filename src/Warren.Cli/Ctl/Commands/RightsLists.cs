using System.Text.Json.Nodes;
using Warren.Cli.Ctl.Api;
using Warren.Cli.Ctl.Line;
using Warren.Cli.Ctl.Lists;
using Warren.Cli.Ctl.Output;

namespace Warren.Cli.Ctl.Commands;

/// <summary>list_users and the lists of permissions.</summary>
internal static class RightsLists
{
    private static readonly Column[] Rights = [Column.Key("configure"), Column.Key("write"), Column.Key("read")];
    private static readonly Column[] TopicRights = [Column.Key("exchange"), Column.Key("write"), Column.Key("read")];

    /// <summary>The commands.</summary>
    public static IReadOnlyList<CtlCommand> All { get; } =
    [
        new("list_users", "", 0, 0, "List user names and tags", ListUsersAsync),
        new("list_permissions", "", 0, 0, "Lists user permissions in a virtual host", (s, c) => OfVirtualHostAsync(s, "permissions", Rights, c)),
        new("list_topic_permissions", "", 0, 0, "Lists topic permissions in a virtual host",
            (s, c) => OfVirtualHostAsync(s, "topic-permissions", TopicRights, c)),
        new("list_user_permissions", "<username>", 1, 1, "Lists permissions of a user across all virtual hosts",
            (s, c) => OfUserAsync(s, "permissions", Rights, c)),
        new("list_user_topic_permissions", "<username>", 1, 1, "Lists user topic permissions",
            (s, c) => OfUserAsync(s, "topic-permissions", TopicRights, c)),
    ];

    /// <summary>A user's tags as a list: RabbitMQ before 3.9 has them as one text with commas.</summary>
    public static JsonArray TagsOf(JsonObject user) => user["tags"] switch
    {
        JsonArray tags => (JsonArray)tags.DeepClone(),
        JsonValue text => [.. text.ToString().Split(',', StringSplitOptions.RemoveEmptyEntries).Select(t => (JsonNode)t)],
        _ => [],
    };

    private static async Task ListUsersAsync(CtlSession session, CancellationToken cancellationToken)
    {
        session.Banner("Listing users ...");
        IReadOnlyList<JsonObject> users = await session.Api.ListAsync("api/users", cancellationToken);
        session.Show(ColumnSet.Read([Column.Key("user", "name"), Column.Made("tags", "tags", TagsOf)], users));
    }

    private static async Task OfVirtualHostAsync(
        CtlSession session, string resource, Column[] rights, CancellationToken cancellationToken)
    {
        string kind = resource.Replace('-', ' ');
        session.Banner($"Listing {kind} for vhost \"{session.VirtualHost}\" ...");
        try
        {
            IReadOnlyList<JsonObject> items =
                await session.Api.ListAsync(ManagementApi.Path("vhosts", session.VirtualHost, resource), cancellationToken);
            Show(session, [Column.Key("user"), .. rights], items);
        }
        catch (ApiError e) when (e.IsNotFound)
        {
            throw Refusals.NoVirtualHost(session.VirtualHost);
        }
    }

    private static async Task OfUserAsync(CtlSession session, string resource, Column[] rights, CancellationToken cancellationToken)
    {
        string user = session.Arguments[0];
        session.Banner($"Listing {resource.Replace('-', ' ')} for user \"{user}\" ...");
        try
        {
            Show(session, [Column.Key("vhost"), .. rights], await session.Api.ListAsync(ManagementApi.Path("users", user, resource), cancellationToken));
        }
        catch (ApiError e) when (e.IsNotFound)
        {
            throw Refusals.NoUser(user);
        }
    }

    // People get an empty line for an empty list, as RabbitMQ has it here.
    private static void Show(CtlSession session, IReadOnlyList<Column> columns, IReadOnlyList<JsonObject> items)
    {
        ResultTable table = ColumnSet.Read(columns, items);
        if (table.Rows.Count == 0 && session.Format == OutputFormat.Table)
        {
            session.Write("\n");
            return;
        }

        session.Show(table);
    }
}
