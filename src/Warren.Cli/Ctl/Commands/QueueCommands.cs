using System.Globalization;
using System.Text.Json.Nodes;
using Warren.Cli.Ctl.Api;
using Warren.Cli.Ctl.Line;

namespace Warren.Cli.Ctl.Commands;

/// <summary>Queues emptied and removed.</summary>
internal static class QueueCommands
{
    private static readonly CtlOption IfEmpty = new("if-empty", 'e');
    private static readonly CtlOption IfUnused = new("if-unused", 'u');

    /// <summary>The commands.</summary>
    public static IReadOnlyList<CtlCommand> All { get; } =
    [
        new("purge_queue", "<queue>", 1, 1, "Purges a queue (removes all messages in it)", PurgeAsync),
        new("delete_queue", "<queue>", 1, 1, "Deletes a queue", DeleteAsync) { Options = [IfEmpty, IfUnused, new CtlOption("force")] },
    ];

    private static async Task PurgeAsync(CtlSession session, CancellationToken cancellationToken)
    {
        string queue = session.Arguments[0];
        session.Banner($"Purging queue '{queue}' in vhost '{session.VirtualHost}' ...");
        try
        {
            await session.Api.DeleteAsync($"{ManagementApi.Path("queues", session.VirtualHost, queue)}/contents", cancellationToken);
        }
        catch (ApiError e) when (e.IsNotFound)
        {
            throw new CtlError(CtlExit.Unavailable, "not_found");
        }

        session.Done();
    }

    private static async Task DeleteAsync(CtlSession session, CancellationToken cancellationToken)
    {
        string queue = session.Arguments[0];
        string path = ManagementApi.Path("queues", session.VirtualHost, queue);
        string condition = (session.Line.Has(IfEmpty), session.Line.Has(IfUnused)) switch
        {
            (true, true) => " if queue is empty and if queue is unused",
            (true, false) => " if queue is empty",
            (false, true) => " if queue is unused",
            _ => "",
        };
        session.Banner($"Deleting queue '{queue}' on vhost '{session.VirtualHost}'{condition} ...");
        JsonObject found = await session.Api.FindAsync(path, cancellationToken) ?? throw new CtlError(CtlExit.Usage, "Queue not found");
        string flags = string.Join('&', [.. Flag(IfEmpty), .. Flag(IfUnused)]);
        try
        {
            await session.Api.DeleteAsync(flags.Length == 0 ? path : $"{path}?{flags}", cancellationToken);
        }
        catch (ApiError e) when (e.Message.Contains("in use", StringComparison.Ordinal))
        {
            throw new CtlError(CtlExit.Usage, "Queue is in use");
        }
        catch (ApiError e) when (e.Message.Contains("not empty", StringComparison.Ordinal))
        {
            throw new CtlError(CtlExit.Usage, "Queue is not empty");
        }

        long ready = found["messages_ready"]?.GetValue<long>() ?? 0;
        session.Done(string.Create(CultureInfo.InvariantCulture, $"Queue was successfully deleted with {ready} ready messages"));

        IEnumerable<string> Flag(CtlOption option) => session.Line.Has(option) ? [$"{option.Name}=true"] : [];
    }
}
