using System.Text.Json.Nodes;
using Warren.Cli.Ctl.Api;
using Warren.Cli.Ctl.Line;
using Warren.Cli.Ctl.Output;

namespace Warren.Cli.Ctl.Commands;

/// <summary>rabbitmq-streams: what can be said of streams on one node, without RabbitMQ's stream protocol.</summary>
internal static class StreamCommands
{
    private static readonly CtlOption Tracking = new("tracking");

    /// <summary>The commands.</summary>
    public static IReadOnlyList<CtlCommand> All { get; } =
    [
        new("stream_status", "<stream>", 1, 1, "Displays the status of a stream", StatusAsync) { Tools = CtlTools.Streams, Options = [Tracking] },
        new("add_replica", "<stream> <node>", 2, 2, "Adds a stream replica on a node", ReplicaAsync) { Tools = CtlTools.Streams },
        new("delete_replica", "<stream> <node>", 2, 2, "Removes a stream replica on a node", ReplicaAsync) { Tools = CtlTools.Streams },
        Empty("list_stream_connections", "Lists connections of the stream protocol", "conn_name"),
        Empty("list_stream_publishers", "Lists publishers of the stream protocol", "stream", "publisher_id", "reference"),
        Empty("list_stream_consumers", "Lists consumers of the stream protocol", "stream", "subscription_id"),
    ];

    private static async Task StatusAsync(CtlSession session, CancellationToken cancellationToken)
    {
        string stream = session.Arguments[0];
        session.Banner($"Status of stream {stream} on node {await session.NodeAsync(cancellationToken)} ...");
        JsonObject found = await StreamAsync(session, stream, cancellationToken);
        session.Show(new ResultTable(
            ["role", "node", "messages"],
            session.Line.Has(Tracking) ? [] : [["writer", NodeView.Text(found, "node"), NodeView.Number(found, "messages")]]));
    }

    private static async Task ReplicaAsync(CtlSession session, CancellationToken cancellationToken)
    {
        await StreamAsync(session, session.Arguments[0], cancellationToken);
        throw new CtlError(CtlExit.Unavailable, "this broker has one node, which holds the only replica of each stream");
    }

    private static async Task<JsonObject> StreamAsync(CtlSession session, string name, CancellationToken cancellationToken)
    {
        JsonObject found = await session.Api.FindAsync(ManagementApi.Path("queues", session.VirtualHost, name), cancellationToken)
            ?? throw new CtlError(CtlExit.Unavailable, $"stream '{name}' in vhost '{session.VirtualHost}' not found");
        return NodeView.Text(found, "type") == "stream"
            ? found
            : throw new CtlError(CtlExit.Unavailable, $"queue '{name}' is not a stream");
    }

    private static CtlCommand Empty(string name, string summary, params string[] columns) =>
        new(name, "[<column> ...]", 0, int.MaxValue, summary, (session, _) =>
        {
            session.Show(new ResultTable(session.Arguments.Count == 0 ? columns : session.Arguments, []));
            return Task.CompletedTask;
        })
        {
            Tools = CtlTools.Streams,
        };
}
