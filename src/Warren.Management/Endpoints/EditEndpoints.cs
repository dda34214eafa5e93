using System.Diagnostics;
using System.Text.Json;
using System.Text.Json.Nodes;
using Warren.Buffers;
using Warren.Core;
using Warren.Core.Queues;
using Warren.Management.Messages;
using Warren.Management.Routing;

namespace Warren.Management.Endpoints;

/// <summary><c>POST /queues/{vhost}/{name}/messages/move</c>, <c>/copy</c> and <c>/delete</c>.</summary>
internal static class EditEndpoints
{
    private static readonly TimeSpan Longest = TimeSpan.FromSeconds(60);

    private enum Verb
    {
        Move,
        Copy,
        Delete,
    }

    public static void Map(ApiRoutes routes)
    {
        routes.At("/queues/{vhost}/{name}/messages/move").Post(Guard.VirtualHost, static r => EditAsync(r, Verb.Move));
        routes.At("/queues/{vhost}/{name}/messages/copy").Post(Guard.VirtualHost, static r => EditAsync(r, Verb.Copy));
        routes.At("/queues/{vhost}/{name}/messages/delete").Post(Guard.VirtualHost, static r => EditAsync(r, Verb.Delete));
    }

    private static async ValueTask<ApiReply> EditAsync(ApiRequest request, Verb verb)
    {
        RequestBody body = await request.ReadBodyAsync();
        VirtualHost virtualHost = request.VirtualHost;
        MessageQueue queue = request.Queue();
        virtualHost.RequireQueue(queue.Name, HttpCaller.Instance);
        MessageFilter filter = MessageFilter.OfBody(body, request.Broker.Time.GetUtcNow().ToUnixTimeMilliseconds());
        long limit = body.Number("limit") ?? long.MaxValue;
        bool isDryRun = body.Flag("dry_run");
        if (verb == Verb.Copy)
        {
            request.RefuseWhenShort();
        }

        TransferTarget? target = verb == Verb.Delete ? null : TargetOf(body, virtualHost);
        var edit = new QueueEdit(request.Broker, virtualHost, queue, request.User);
        var tally = new Tally();
        Walk(request, queue, filter, limit, tally, (id, flush) => isDryRun ? EditOutcome.Done : verb switch
        {
            Verb.Move => edit.Move(id, target!, flush),
            Verb.Copy => edit.Copy(id, target!, flush),
            _ => edit.Delete(id, flush),
        }, mayBeUnacked: verb == Verb.Copy);
        request.Broker.Commits.Request();
        await CommitWait.ForAsync(request.Broker.Commits, edit.Ticket, request.Aborted);
        return ApiReply.Json(new JsonObject
        {
            ["dry_run"] = isDryRun,
            ["done"] = tally.Done,
            ["gone"] = tally.Gone,
            ["unroutable"] = tally.Unroutable,
            ["refused"] = tally.Refused,
            ["looked_at"] = tally.LookedAt,
            ["complete"] = tally.IsComplete,
        });
    }

    private static void Walk(
        ApiRequest request,
        MessageQueue queue,
        MessageFilter filter,
        long limit,
        Tally tally,
        Func<long, FlushSet, EditOutcome> act,
        bool mayBeUnacked)
    {
        // What comes while this goes on, perhaps because of it, is not meant.
        QueueCounts counts = queue.Counts;
        QueueBrowser browser = queue.Browse();
        var flush = new FlushSet();
        long started = Stopwatch.GetTimestamp();
        bool isCut = false;
        browser.Read(counts.Ready + counts.Unacked, (in BrowsedMessage message) =>
        {
            isCut = tally.Done >= limit || request.Aborted.IsCancellationRequested || Stopwatch.GetElapsedTime(started) > Longest;
            if (isCut)
            {
                return false;
            }

            tally.LookedAt++;
            bool isMeant = (mayBeUnacked || !message.IsUnacked)
                && filter.Matches(message, request.Broker.FindFormat(message.Message.Format));
            if (isMeant)
            {
                tally.Add(act(message.EntryId, flush));
                flush.FlushAll();
                isCut = tally.Refused > 0; // the target is full: the rest would be refused too
            }

            return !isCut;
        });
        tally.IsComplete = !isCut;
    }

    private static TransferTarget TargetOf(RequestBody body, VirtualHost virtualHost)
    {
        JsonElement destination = body.Require("destination");
        if (destination is { ValueKind: JsonValueKind.String } && destination.GetString() is "origin" or "origin_exchange")
        {
            return new TransferTarget(
                virtualHost,
                destination.GetString() == "origin" ? TransferKind.OriginQueue : TransferKind.OriginExchange);
        }

        if (destination.ValueKind != JsonValueKind.Object)
        {
            throw ApiError.BadRequest("destination is an object with queue or exchange, or \"origin\" or \"origin_exchange\"");
        }

        if (Text(destination, "queue") is { } queue)
        {
            return virtualHost.FindQueue(queue) is null
                ? throw ApiError.NotFound($"no queue '{queue}' in vhost '{virtualHost.Name}'")
                : new TransferTarget(virtualHost, TransferKind.Queue, queue);
        }

        string exchange = Text(destination, "exchange") ?? throw ApiError.KeyMissing("queue");
        string name = exchange == "amq.default" ? "" : exchange;
        virtualHost.RequireExchange(name);
        return new TransferTarget(virtualHost, TransferKind.Exchange, name, Text(destination, "routing_key"));
    }

    private static string? Text(JsonElement json, string name) =>
        json.TryGetProperty(name, out JsonElement value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;

    private sealed class Tally
    {
        public long Done { get; private set; }

        public long Gone { get; private set; }

        public long Unroutable { get; private set; }

        public long Refused { get; private set; }

        public long LookedAt { get; set; }

        public bool IsComplete { get; set; }

        public void Add(EditOutcome outcome)
        {
            switch (outcome)
            {
                case EditOutcome.Done:
                    Done++;
                    break;
                case EditOutcome.Gone:
                    Gone++;
                    break;
                case EditOutcome.Unroutable:
                    Unroutable++;
                    break;
                default:
                    Refused++;
                    break;
            }
        }
    }
}
