using System.Text.Json.Nodes;
using Warren.Buffers.Commits;
using Warren.Core;
using Warren.Core.Queues;
using Warren.Core.Sessions;
using Warren.Management.Listing;
using Warren.Management.Routing;
using Warren.Management.Views;

namespace Warren.Management.Endpoints;

/// <summary><c>/mqtt/sessions</c> and <c>/mqtt/retained</c>: what is kept of clients and for them.</summary>
internal static class MqttEndpoints
{
    public static void Map(ApiRoutes routes)
    {
        routes.At("/mqtt/sessions").Get(Guard.Any, static r => Sessions(r, r.VisibleVirtualHosts()));
        routes.At("/mqtt/sessions/{vhost}").Get(Guard.VirtualHostVisible, static r => Sessions(r, [r.VirtualHost]));
        routes.At("/mqtt/sessions/{vhost}/{client}").Get(Guard.VirtualHostVisible, Show).Delete(Guard.Admin, DeleteAsync);
        routes.At("/mqtt/retained/{vhost}").Get(Guard.VirtualHostVisible, Retained).Delete(Guard.Admin, ClearAsync);
    }

    private static ApiReply Sessions(ApiRequest request, IEnumerable<VirtualHost> virtualHosts) => ApiReply.List(
        request,
        virtualHosts.SelectMany(static v => v.Sessions.List().Select(s => (v, s))),
        new ItemListing<(VirtualHost VirtualHost, ClientSession Session)>
        {
            Name = static s => s.Session.ClientId,
            VirtualHost = static s => s.VirtualHost.Name,
            View = s => View(request, s.VirtualHost, s.Session),
        });

    private static ApiReply Show(ApiRequest request)
    {
        ClientSession session = request.VirtualHost.Sessions.Find(request.Name("client")) ?? throw ApiError.NotFound();
        JsonObject json = View(request, request.VirtualHost, session);
        json["subscription_details"] = JsonArrays.Of(session.ListSubscriptions().Select(static s => new JsonObject
        {
            ["filter"] = s.Filter,
            ["share_name"] = s.Group,
            ["qos"] = s.MaxQoS,
            ["no_local"] = s.NoLocal,
            ["retain_as_published"] = s.RetainAsPublished,
            ["retain_handling"] = s.RetainHandling,
            ["subscription_identifier"] = s.Identifier == 0 ? null : s.Identifier,
            ["queue"] = s.Queue?.Name,
        }));
        return ApiReply.Json(json);
    }

    private static async ValueTask<ApiReply> DeleteAsync(ApiRequest request)
    {
        CommitTicket ticket = request.VirtualHost.Sessions.Delete(request.Name("client"), out bool was);
        await CommitWait.ForAsync(request.Broker.Commits, ticket, request.Aborted);
        return ApiReply.Deleted(was);
    }

    private static JsonObject View(ApiRequest request, VirtualHost virtualHost, ClientSession session)
    {
        QueueCounts counts = session.Queue?.Counts ?? default;
        return new JsonObject
        {
            ["client_id"] = session.ClientId,
            ["vhost"] = virtualHost.Name,
            ["user"] = session.UserName,
            ["node"] = request.Context.NodeName,
            ["state"] = session.IsConnected ? "connected" : "disconnected",
            ["durable"] = session.IsStored,
            ["expiry_interval"] = session.ExpirySeconds == ClientSession.Never ? null : session.ExpirySeconds,
            ["disconnected_at"] = session.AwaySinceMs == 0 ? null : session.AwaySinceMs,
            ["subscriptions"] = session.ListSubscriptions().Count,
            ["queue"] = session.Queue?.Name,
            ["messages"] = counts.Ready + counts.Unacked,
            ["messages_ready"] = counts.Ready,
            ["messages_unacknowledged"] = counts.Unacked,
            ["message_bytes"] = counts.Bytes,
            ["exactly_once_received"] = session.ReceivedCount,
        };
    }

    private static ApiReply Retained(ApiRequest request) => ApiReply.List(
        request,
        request.VirtualHost.Retained.List(request.Query("topic") ?? "#"),
        new ItemListing<RetainedMessage>
        {
            Name = static m => m.Topic,
            View = m => new JsonObject
            {
                ["topic"] = m.Topic,
                ["vhost"] = request.VirtualHost.Name,
                ["exchange"] = m.Exchange,
                ["payload_bytes"] = m.Bytes,
                ["published_at"] = m.PublishedAtMs,
                ["expires_at"] = m.ExpiresAtMs,
            },
        });

    // Which ones must be said: everything is "#".
    private static async ValueTask<ApiReply> ClearAsync(ApiRequest request)
    {
        if (request.Query("topic") is not { Length: > 0 } filter)
        {
            throw ApiError.BadRequest("topic is missing: a topic, or a filter with + and #");
        }

        CommitTicket ticket = request.VirtualHost.Retained.ClearAll(filter, out int cleared);
        await CommitWait.ForAsync(request.Broker.Commits, ticket, request.Aborted);
        return ApiReply.Deleted(cleared > 0);
    }
}
