using System.Text;
using System.Text.Json.Nodes;
using Warren.Buffers;
using Warren.Buffers.Commits;
using Warren.Core;
using Warren.Core.Exchanges;
using Warren.Core.Metrics;
using Warren.Core.Queues;
using Warren.Core.Routing;
using Warren.Core.Security;
using Warren.Management.Messages;
using Warren.Management.Prometheus;
using Warren.Management.Routing;

namespace Warren.Management.Endpoints;

/// <summary><c>POST /exchanges/{vhost}/{name}/publish</c>.</summary>
internal static class PublishEndpoints
{
    public static void Map(ApiRoutes routes) =>
        routes.At("/exchanges/{vhost}/{name}/publish").Post(Guard.VirtualHost, PublishAsync);

    private static async ValueTask<ApiReply> PublishAsync(ApiRequest request)
    {
        RequestBody body = await request.ReadBodyAsync();
        body.RequireAll("routing_key", "properties", "payload", "payload_encoding");
        request.RefuseWhenShort();
        VirtualHost virtualHost = request.VirtualHostToChange();
        Exchange exchange = virtualHost.ExchangeToPublishTo(request.User, request.ExchangeName());
        string payload = body.RequireText("payload");
        byte[] bytes = body.RequireText("payload_encoding") switch
        {
            "string" => Encoding.UTF8.GetBytes(payload),
            "base64" => Decode(payload),
            var unknown => throw ApiError.BadRequest("unsupported_encoding", unknown),
        };
        using NewMessage message = NewMessage.Of(
            request.Broker,
            request.User,
            exchange.Name,
            body.RequireText("routing_key"),
            PropertiesJson.Read(body.Require("properties")),
            bytes);
        foreach (byte[] key in (IEnumerable<byte[]>)[message.Message.RoutingKey.ToArray(), .. message.Copies])
        {
            virtualHost.CheckTopic(request.User, exchange, Encoding.UTF8.GetString(key), PermissionKind.Write);
        }

        var routes = new RouteSet();
        virtualHost.Publishing.Route(exchange, message.Message, message.Copies, message.Format, routes);
        Route route = Route.Of(routes, exchange);
        Count(request.Broker, virtualHost, route, bytes.Length);
        if (route.Queues.Length == 0)
        {
            if (!virtualHost.Publishing.TryRemember(message.Message, route, out CommitTicket kept))
            {
                throw NotStored();
            }

            await CommitWait.ForAsync(request.Broker.Commits, kept, request.Aborted);
            return ApiReply.Json(new JsonObject { ["routed"] = false });
        }

        var flush = new FlushSet();
        PublishOutcome outcome = virtualHost.Publishing.Publish(message.Message, route, flush, out CommitTicket ticket);
        flush.FlushAll();
        await CommitWait.ForAsync(request.Broker.Commits, ticket, request.Aborted);
        return outcome == PublishOutcome.Refused
            ? throw NotStored()
            : ApiReply.Json(new JsonObject { ["routed"] = outcome == PublishOutcome.Accepted });
    }

    private static ApiError NotStored() => new(503, "service_unavailable", "the message could not be stored");

    private static byte[] Decode(string payload)
    {
        byte[] bytes = new byte[(payload.Length * 3 / 4) + 3];
        return Convert.TryFromBase64String(payload, bytes, out int length)
            ? bytes[..length]
            : throw ApiError.BadRequest("not_base64", payload.Length <= 100 ? payload : payload[..100]);
    }

    // As a channel that is opened for this one message.
    private static void Count(Broker broker, VirtualHost virtualHost, Route route, int bodyBytes)
    {
        route.Source?.Count(1, route.Queues.Length);
        MessageCounts counts = default;
        counts.Of(MessageCounter.Publish) = 1;
        counts.Of(MessageCounter.Confirm) = 1;
        counts.Of(MessageCounter.ReturnUnroutable) = route.Queues.Length == 0 ? 1 : 0;
        MessageSizes sizes = default;
        sizes.Count(bodyBytes);
        broker.Statistics.Retire(virtualHost, counts, sizes, static () => { }, ProtocolSample.DefaultProtocol);
    }
}
