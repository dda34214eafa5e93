using System.Text.Json;
using System.Text.Json.Nodes;
using Warren.Cli.Ctl.Api;

namespace Warren.Cli.Ctl.Commands;

/// <summary>Overview, node and memory read together: what status and the checks look at.</summary>
internal sealed record NodeView(string Name, JsonObject Overview, JsonObject Node)
{
    /// <summary>The listeners.</summary>
    public IReadOnlyList<ListenerView> Listeners => ListenerView.Of(Overview);

    /// <summary>The resources that are short here: <c>memory</c>, <c>disk</c>, <c>file_descriptor_limit</c>.</summary>
    public IReadOnlyList<string> Alarms => [.. Of("mem_alarm", "memory"), .. Of("disk_free_alarm", "disk"), .. Of("fd_alarm", "file_descriptor_limit")];

    /// <summary>Whether a node serves clients; one that does not say does.</summary>
    public static bool IsRunning(JsonObject node) => Text(node, "running") is not "false";

    /// <summary>Reads them from the node that answers.</summary>
    public static async Task<NodeView> ReadAsync(CtlSession session, CancellationToken cancellationToken)
    {
        JsonObject overview = await session.OverviewAsync(cancellationToken);
        string name = await session.NodeAsync(cancellationToken);
        JsonObject node = await session.Api.FindAsync(ManagementApi.Path("nodes", name), cancellationToken) ?? [];
        return new NodeView(name, overview, node);
    }

    /// <summary>A member as a whole number, 0 when it is not there.</summary>
    public static long Number(JsonObject from, string key) =>
        from[key] is JsonValue value && value.GetValueKind() == JsonValueKind.Number ? (long)value.GetValue<double>() : 0;

    /// <summary>A member as text, empty when it is not there.</summary>
    public static string Text(JsonObject from, string key) => from[key]?.ToString() ?? "";

    /// <summary>A member as a list of texts.</summary>
    public static IReadOnlyList<string> Texts(JsonObject from, string key) =>
        from[key] is JsonArray items ? [.. items.Select(i => i?.ToString() ?? "")] : [];

    /// <summary>An alarm in the words of people.</summary>
    public static string AlarmName(string resource) => resource switch
    {
        "memory" => "Memory",
        "disk" => "Free disk space",
        _ => "File descriptor limit",
    };

    private IEnumerable<string> Of(string key, string resource) => Text(Node, key) == "true" ? [resource] : [];
}
