using System.Text.Json.Nodes;
using Warren.Buffers;
using Warren.Buffers.Commits;
using Warren.Core;
using Warren.Core.Arguments;
using Warren.Core.Connections;
using Warren.Core.Exchanges;
using Warren.Core.Metrics;
using Warren.Core.Queues;
using Warren.Management.Listing;
using Warren.Management.Routing;
using Warren.Management.Views;

namespace Warren.Management.Endpoints;

/// <summary><c>/queues</c>: lists, declaring, deleting, purging, pausing.</summary>
internal static class QueueEndpoints
{
    private static readonly Dictionary<string, Func<MessageQueue, SortKey>> SortKeys = new(StringComparer.Ordinal)
    {
        ["messages"] = static q => SortKey.Of(q.Counts.Ready + q.Counts.Unacked),
        ["messages_ready"] = static q => SortKey.Of(q.Counts.Ready),
        ["messages_unacknowledged"] = static q => SortKey.Of(q.Counts.Unacked),
        ["message_bytes"] = static q => SortKey.Of(q.Counts.Bytes),
        ["consumers"] = static q => SortKey.Of(q.Counts.Consumers),
        ["type"] = static q => SortKey.Of(QueueArguments.NameOf(q.Definition.Parsed.Kind)),
        ["durable"] = static q => SortKey.Of(q.Definition.Durable),
        ["policy"] = static q => SortKey.Of(q.Policies.User?.Name),
        ["state"] = static q => SortKey.Of(q.IsPaused ? "paused" : "running"),
        ["message_stats.publish_details.rate"] = static q => SortKey.Of(q.History.RateOf((int)MessageCounter.Publish)),
        ["message_stats.ack_details.rate"] = static q => SortKey.Of(q.History.RateOf((int)MessageCounter.Ack)),
        ["message_stats.deliver_get_details.rate"] = static q => SortKey.Of(
            q.History.RateOf((int)MessageCounter.Deliver) + q.History.RateOf((int)MessageCounter.DeliverNoAck)
            + q.History.RateOf((int)MessageCounter.Get) + q.History.RateOf((int)MessageCounter.GetNoAck)),
    };

    public static void Map(ApiRoutes routes)
    {
        routes.At("/queues").Get(Guard.Any, ListAll);
        routes.At("/queues/detailed").Get(Guard.Any, ListAll);
        routes.At("/queues/{vhost}").Get(Guard.VirtualHostVisible, ListOfVirtualHost);
        routes.At("/queues/{vhost}/{name}")
            .Get(Guard.VirtualHostVisible, Show)
            .Put(Guard.VirtualHost, DeclareAsync)
            .Delete(Guard.VirtualHost, DeleteAsync);
        routes.At("/queues/{vhost}/{name}/contents").Delete(Guard.VirtualHost, PurgeAsync);
        routes.At("/queues/{vhost}/{name}/actions").Post(Guard.Admin, ActAsync);
        routes.At("/queues/{vhost}/{name}/pause").Put(Guard.VirtualHost, static r => SetPausedAsync(r, paused: true));
        routes.At("/queues/{vhost}/{name}/resume").Put(Guard.VirtualHost, static r => SetPausedAsync(r, paused: false));
        routes.At("/queues/{vhost}/{name}/bindings").Get(Guard.VirtualHostVisible, ListBindings);
    }

    private static ApiReply ListAll(ApiRequest request) =>
        ApiReply.List(request, request.VisibleVirtualHosts().SelectMany(static v => v.Queues), Listing(request));

    private static ApiReply ListOfVirtualHost(ApiRequest request) =>
        ApiReply.List(request, request.VirtualHost.Queues, Listing(request));

    private static ItemListing<MessageQueue> Listing(ApiRequest request)
    {
        SampleQuery samples = request.Samples();
        string node = request.Context.NodeName;
        bool hasTotals = request.QueryFlag("enable_queue_totals");
        Func<MessageQueue, JsonObject> view = !request.QueryFlag("disable_stats") ? q => QueueView.Of(q, node, samples)
            : hasTotals ? q => QueueView.Totals(q, node)
            : q => QueueView.Declared(q, node);
        return new ItemListing<MessageQueue>
        {
            Name = static q => q.Name,
            VirtualHost = static q => q.VirtualHostName,
            View = view,
            SortKeys = SortKeys,
        };
    }

    private static ApiReply Show(ApiRequest request)
    {
        MessageQueue queue = request.Queue();
        JsonObject json = Listing(request).View(queue);
        if (!request.QueryFlag("disable_stats"))
        {
            json["consumer_details"] = ConsumersOf(request, queue);
            SampleQuery samples = request.Samples();
            json["incoming"] = NeighbourView.IncomingOf(queue, request.VirtualHost, samples);
            json["deliveries"] = NeighbourView.DeliveriesOf(queue, request.Broker, request.Context.NodeName, samples);
        }

        return ApiReply.Json(json);
    }

    private static JsonArray ConsumersOf(ApiRequest request, MessageQueue queue)
    {
        var consumers = new JsonArray();
        if (queue.Counts.Consumers == 0)
        {
            return consumers;
        }

        foreach (IClientConnection connection in request.Broker.Connections.All)
        {
            if (connection.VirtualHost?.Name != queue.VirtualHostName)
            {
                continue;
            }

            foreach (IClientChannel channel in connection.ListChannels())
            {
                foreach (ConsumerView consumer in channel.ListConsumers().Where(c => c.Queue == queue.Name))
                {
                    consumers.Add((JsonNode)ConsumerJson.Of(consumer, channel, request.Context.NodeName));
                }
            }
        }

        return consumers;
    }

    private static async ValueTask<ApiReply> DeclareAsync(ApiRequest request)
    {
        RequestBody body = await request.ReadBodyAsync();
        VirtualHost virtualHost = request.VirtualHostToChange();
        string name = request.Name("name");
        if (body.Text("node") is { } node && node != request.Context.NodeName)
        {
            throw ApiError.BadRequest($"Node {node} could not be contacted");
        }

        if (body.Flag("exclusive"))
        {
            throw ApiError.BadRequest("an exclusive queue belongs to a connection, and a request has none");
        }

        var declaration = new QueueDeclaration(
            name, ServerNamed: false, body.Flag("durable"), body.Flag("auto_delete"), body.Table("arguments"), Owner: null);
        bool isNew = virtualHost.FindQueue(name) is null;
        virtualHost.DeclareQueue(request.User, declaration, HttpCaller.Instance, out CommitTicket ticket);
        await CommitWait.ForAsync(request.Broker.Commits, ticket, request.Aborted);
        return ApiReply.Put(isNew);
    }

    private static async ValueTask<ApiReply> DeleteAsync(ApiRequest request)
    {
        MessageQueue queue = request.Queue();
        var flush = new FlushSet();
        CommitTicket ticket = request.VirtualHost.DeleteQueue(
            request.User,
            queue.Name,
            HttpCaller.Instance,
            request.QueryFlag("if-unused"),
            request.QueryFlag("if-empty"),
            flush,
            out _);
        flush.FlushAll();
        await CommitWait.ForAsync(request.Broker.Commits, ticket, request.Aborted);
        return ApiReply.NoContent;
    }

    private static async ValueTask<ApiReply> PurgeAsync(ApiRequest request)
    {
        MessageQueue queue = request.Queue();
        request.VirtualHost.CheckRead(request.User, queue);
        request.VirtualHost.RequireQueue(queue.Name, HttpCaller.Instance).Purge(out CommitTicket ticket);
        await CommitWait.ForAsync(request.Broker.Commits, ticket, request.Aborted);
        return ApiReply.NoContent;
    }

    private static async ValueTask<ApiReply> ActAsync(ApiRequest request)
    {
        RequestBody body = await request.ReadBodyAsync();
        MessageQueue queue = request.Queue();
        switch (body.RequireText("action"))
        {
            case "pause":
                queue.SetPaused(request.Broker, paused: true);
                return ApiReply.NoContent;
            case "resume":
                queue.SetPaused(request.Broker, paused: false);
                return ApiReply.NoContent;
            case "sync" or "cancel_sync": // mirrors of RabbitMQ 3; there are none
                return ApiReply.NoContent;
            case var unknown:
                throw ApiError.BadRequest("unknown", unknown);
        }
    }

    private static ValueTask<ApiReply> SetPausedAsync(ApiRequest request, bool paused)
    {
        MessageQueue queue = request.Queue();
        request.VirtualHost.CheckConfigure(request.User, queue);
        queue.SetPaused(request.Broker, paused);
        return ValueTask.FromResult(ApiReply.NoContent);
    }

    private static ApiReply ListBindings(ApiRequest request)
    {
        MessageQueue queue = request.Queue();
        VirtualHost virtualHost = request.VirtualHost;
        IEnumerable<Binding> bindings = virtualHost.BindingsTo(queue);
        if (virtualHost.FindExchange("") is DefaultExchange exchange)
        {
            bindings = bindings.Prepend(exchange.ImplicitBinding(queue));
        }

        return BindingEndpoints.List(request, bindings.Select(b => new PlacedBinding(virtualHost, b)));
    }
}
