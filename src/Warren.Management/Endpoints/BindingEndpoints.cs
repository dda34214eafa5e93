using Warren.Buffers.Commits;
using Warren.Buffers.Fields;
using Warren.Core;
using Warren.Core.Exchanges;
using Warren.Core.Queues;
using Warren.Management.Listing;
using Warren.Management.Routing;
using Warren.Management.Views;

namespace Warren.Management.Endpoints;

/// <summary><c>/bindings</c>.</summary>
internal static class BindingEndpoints
{
    public static void Map(ApiRoutes routes)
    {
        routes.At("/bindings").Get(Guard.Any, static r => List(r, r.VisibleVirtualHosts().SelectMany(AllOf)));
        routes.At("/bindings/{vhost}").Get(Guard.VirtualHostVisible, static r => List(r, AllOf(r.VirtualHost)));
        foreach (string kind in new[] { "q", "e" })
        {
            bool isQueue = kind == "q";
            string path = $"/bindings/{{vhost}}/e/{{source}}/{kind}/{{destination}}";
            routes.At(path)
                .Get(Guard.VirtualHostVisible, r => List(r, Between(r, isQueue).Select(b => new PlacedBinding(r.VirtualHost, b))))
                .Post(Guard.VirtualHost, r => BindAsync(r, isQueue));
            routes.At(path + "/{props}")
                .Get(Guard.VirtualHostVisible, r => ApiReply.Json(BindingView.Of(Find(r, isQueue), r.VirtualHost.Name)))
                .Delete(Guard.VirtualHost, r => UnbindAsync(r, isQueue));
        }
    }

    /// <summary>A list of bindings.</summary>
    public static ApiReply List(ApiRequest request, IEnumerable<PlacedBinding> bindings) =>
        ApiReply.List(
            request,
            bindings,
            new ItemListing<PlacedBinding>
            {
                Name = static p => $"{p.Binding.Source.Name}\n{p.Binding.Destination.Name}\n{p.Binding.Key}",
                VirtualHost = static p => p.VirtualHost.Name,
                View = static p => BindingView.Of(p.Binding, p.VirtualHost.Name),
            });

    /// <summary>The bindings of a virtual host, those of the default exchange among them.</summary>
    private static IEnumerable<PlacedBinding> AllOf(VirtualHost virtualHost)
    {
        foreach (Binding binding in virtualHost.ListBindings())
        {
            yield return new PlacedBinding(virtualHost, binding);
        }

        if (virtualHost.FindExchange("") is DefaultExchange exchange)
        {
            foreach (MessageQueue queue in virtualHost.Queues)
            {
                yield return new PlacedBinding(virtualHost, exchange.ImplicitBinding(queue));
            }
        }
    }

    private static IEnumerable<Binding> Between(ApiRequest request, bool isQueue)
    {
        Exchange source = request.Exchange("source");
        RoutingTarget destination = isQueue ? request.Queue("destination") : request.Exchange("destination");
        if (source is DefaultExchange exchange)
        {
            return destination is MessageQueue queue ? [exchange.ImplicitBinding(queue)] : [];
        }

        return request.VirtualHost.BindingsTo(destination).Where(b => ReferenceEquals(b.Source, source));
    }

    // The key in the path was encoded once more than other names; some clients leave that out.
    private static Binding Find(ApiRequest request, bool isQueue)
    {
        string key = request.Name("props");
        return Between(request, isQueue).FirstOrDefault(b => b.PropertiesKey == key)
            ?? Between(request, isQueue).FirstOrDefault(b => Uri.UnescapeDataString(b.PropertiesKey) == key)
            ?? throw ApiError.NotFound();
    }

    private static async ValueTask<ApiReply> BindAsync(ApiRequest request, bool isQueue)
    {
        RequestBody body = await request.ReadBodyAsync();
        VirtualHost virtualHost = request.VirtualHostToChange();
        string source = request.ExchangeName("source");
        string key = body.Text("routing_key") ?? "";
        FieldTable arguments = body.Table("arguments");
        CommitTicket ticket;
        RoutingTarget destination;
        if (isQueue)
        {
            MessageQueue queue = virtualHost.RequireQueue(request.Name("destination"), HttpCaller.Instance);
            destination = queue;
            ticket = virtualHost.BindQueue(request.User, source, queue, key, arguments);
        }
        else
        {
            string name = request.ExchangeName("destination");
            ticket = virtualHost.BindExchange(request.User, source, name, key, arguments);
            destination = virtualHost.RequireExchange(name);
        }

        await CommitWait.ForAsync(request.Broker.Commits, ticket, request.Aborted);
        string properties = virtualHost.BindingsTo(destination)
            .FirstOrDefault(b => b.Source.Name == source && b.Key == key && b.Arguments.Equals(arguments))?.PropertiesKey ?? "~";
        return ApiReply.Created.With(
            "Location", $"{Uri.EscapeDataString(destination.Name)}/{Uri.EscapeDataString(properties)}");
    }

    private static async ValueTask<ApiReply> UnbindAsync(ApiRequest request, bool isQueue)
    {
        Binding binding = Find(request, isQueue);
        VirtualHost virtualHost = request.VirtualHost;
        CommitTicket ticket = default;
        if (binding.Destination is MessageQueue queue)
        {
            virtualHost.RequireQueue(queue.Name, HttpCaller.Instance);
            ticket = virtualHost.UnbindQueue(request.User, binding.Source.Name, queue, binding.Key, binding.Arguments);
        }
        else
        {
            virtualHost.UnbindExchange(
                request.User, binding.Source.Name, binding.Destination.Name, binding.Key, binding.Arguments);
        }

        await CommitWait.ForAsync(request.Broker.Commits, ticket, request.Aborted);
        return ApiReply.NoContent;
    }
}
