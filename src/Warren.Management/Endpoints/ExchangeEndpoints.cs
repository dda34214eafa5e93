using System.Text.Json.Nodes;
using Warren.Buffers.Commits;
using Warren.Core;
using Warren.Core.Exchanges;
using Warren.Core.Metrics;
using Warren.Management.Listing;
using Warren.Management.Routing;
using Warren.Management.Views;

namespace Warren.Management.Endpoints;

/// <summary><c>/exchanges</c> but for publishing.</summary>
internal static class ExchangeEndpoints
{
    private static readonly Dictionary<string, Func<(VirtualHost VirtualHost, Exchange Exchange), SortKey>> SortKeys =
        new(StringComparer.Ordinal)
        {
            ["type"] = static e => SortKey.Of(e.Exchange.Type),
            ["message_stats.publish_in_details.rate"] = static e => SortKey.Of(e.Exchange.History.RateOf((int)MessageCounter.PublishIn)),
            ["message_stats.publish_out_details.rate"] = static e => SortKey.Of(e.Exchange.History.RateOf((int)MessageCounter.PublishOut)),
        };

    public static void Map(ApiRoutes routes)
    {
        routes.At("/exchanges").Get(
            Guard.Any, static r => List(r, r.VisibleVirtualHosts().SelectMany(static v => v.Exchanges.Select(e => (v, e)))));
        routes.At("/exchanges/{vhost}").Get(
            Guard.VirtualHostVisible, static r => List(r, r.VirtualHost.Exchanges.Select(e => (r.VirtualHost, e))));
        routes.At("/exchanges/{vhost}/{name}")
            .Get(Guard.VirtualHostVisible, Show)
            .Put(Guard.VirtualHost, DeclareAsync)
            .Delete(Guard.VirtualHost, DeleteAsync);
        routes.At("/exchanges/{vhost}/{name}/bindings/source").Get(Guard.VirtualHostVisible, ListOutgoing);
        routes.At("/exchanges/{vhost}/{name}/bindings/destination").Get(Guard.VirtualHostVisible, ListIncoming);
    }

    private static ApiReply List(ApiRequest request, IEnumerable<(VirtualHost VirtualHost, Exchange Exchange)> exchanges)
    {
        SampleQuery samples = request.Samples();
        bool isPlain = request.QueryFlag("disable_stats");
        return ApiReply.List(
            request,
            exchanges,
            new ItemListing<(VirtualHost VirtualHost, Exchange Exchange)>
            {
                Name = static e => e.Exchange.Name,
                VirtualHost = static e => e.VirtualHost.Name,
                View = e => isPlain
                    ? ExchangeView.Declared(e.Exchange, e.VirtualHost.Name)
                    : ExchangeView.Of(e.Exchange, e.VirtualHost.Name, samples),
                SortKeys = SortKeys,
            });
    }

    private static ApiReply Show(ApiRequest request)
    {
        Exchange exchange = request.Exchange();
        SampleQuery samples = request.Samples();
        JsonObject json = ExchangeView.Of(exchange, request.VirtualHost.Name, samples);
        json["incoming"] = NeighbourView.IncomingOf(exchange, request.VirtualHost, request.Broker, request.Context.NodeName, samples);
        json["outgoing"] = NeighbourView.OutgoingOf(exchange, request.VirtualHost, samples);
        return ApiReply.Json(json);
    }

    private static async ValueTask<ApiReply> DeclareAsync(ApiRequest request)
    {
        RequestBody body = await request.ReadBodyAsync();
        VirtualHost virtualHost = request.VirtualHostToChange();
        var declaration = new ExchangeDeclaration(
            request.ExchangeName(),
            body.Text("type") ?? "direct",
            body.Flag("durable"),
            body.Flag("auto_delete"),
            body.Flag("internal"),
            body.Table("arguments"));
        bool isNew = virtualHost.FindExchange(declaration.Name) is null;
        virtualHost.DeclareExchange(request.User, declaration);
        return ApiReply.Put(isNew);
    }

    private static async ValueTask<ApiReply> DeleteAsync(ApiRequest request)
    {
        Exchange exchange = request.Exchange();
        CommitTicket ticket = request.VirtualHost.DeleteExchange(request.User, exchange.Name, request.QueryFlag("if-unused"));
        await CommitWait.ForAsync(request.Broker.Commits, ticket, request.Aborted);
        return ApiReply.NoContent;
    }

    private static ApiReply ListOutgoing(ApiRequest request)
    {
        VirtualHost virtualHost = request.VirtualHost;
        Exchange exchange = request.Exchange();
        IEnumerable<Binding> bindings = exchange is DefaultExchange named
            ? virtualHost.Queues.Select(named.ImplicitBinding)
            : virtualHost.BindingsFrom(exchange);
        return BindingEndpoints.List(request, bindings.Select(b => new PlacedBinding(virtualHost, b)));
    }

    private static ApiReply ListIncoming(ApiRequest request)
    {
        VirtualHost virtualHost = request.VirtualHost;
        return BindingEndpoints.List(
            request, virtualHost.BindingsTo(request.Exchange()).Select(b => new PlacedBinding(virtualHost, b)));
    }
}
