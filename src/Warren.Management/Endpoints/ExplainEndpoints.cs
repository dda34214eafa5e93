using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Warren.Core;
using Warren.Core.Exchanges;
using Warren.Core.Messages;
using Warren.Core.Queues;
using Warren.Core.Security;
using Warren.Management.Messages;
using Warren.Management.Routing;
using Warren.Management.Security;
using Warren.Management.Views;

namespace Warren.Management.Endpoints;

/// <summary><c>POST /explain</c>: where a message would go, and which bindings, policies and permissions decide it.</summary>
internal static class ExplainEndpoints
{
    private const int MostBindings = 100; // shown of each exchange

    public static void Map(ApiRoutes routes) => routes.At("/explain").Post(Guard.Any, ExplainAsync);

    private static async ValueTask<ApiReply> ExplainAsync(ApiRequest request)
    {
        RequestBody body = await request.ReadBodyAsync();
        string name = body.Text("vhost") ?? "/";
        VirtualHost virtualHost = request.Broker.FindVirtualHost(name) is { } found && request.MaySee(name)
            ? found
            : throw ApiError.NotFound("vhost_not_found");
        string exchangeName = body.Text("exchange") is var given && given is null or "amq.default" ? "" : given;
        Exchange exchange = virtualHost.FindExchange(exchangeName)
            ?? throw ApiError.NotFound($"no exchange '{exchangeName}' in vhost '{name}'");
        User user = UserOf(request, body);
        using NewMessage message = NewMessage.Of(
            request.Broker, user, exchangeName, body.Text("routing_key") ?? "", PropertiesOf(body), []);
        var queues = new RouteSet();
        var input = new RoutingInput(message.Message.RoutingKey, message.Format, message.Message.Properties)
        {
            MoreKeys = message.Copies,
        };
        IReadOnlyList<ExplainedExchange> steps = RouteExplanation.Explain(virtualHost, exchange, input, queues, MostBindings);
        return ApiReply.Json(new JsonObject
        {
            ["vhost"] = name,
            ["exchange"] = exchangeName,
            ["routing_key"] = Encoding.UTF8.GetString(message.Message.RoutingKey),
            ["routed"] = queues.Count > 0,
            ["permission"] = PermissionOf(request.Broker, user, virtualHost, exchange, body.Text("routing_key") ?? ""),
            ["exchanges"] = JsonArrays.Of(steps.Select(s => StepOf(s, virtualHost))),
            ["queues"] = QueuesOf(queues),
        });
    }

    private static User UserOf(ApiRequest request, RequestBody body)
    {
        if (body.Text("user") is not { } name || name == request.User.Name)
        {
            return request.User;
        }

        return Guards.IsAdministrator(request.User)
            ? request.Broker.Users.Find(name) ?? throw ApiError.NotFound($"no user '{name}'")
            : throw ApiError.NotAuthorised("Not administrator user");
    }

    private static MessageProperties PropertiesOf(RequestBody body)
    {
        MessageProperties properties = body.Find("properties") is { } given ? PropertiesJson.Read(given) : new MessageProperties();
        return body.Find("headers") is { ValueKind: JsonValueKind.Object }
            ? properties with { Headers = body.Table("headers") }
            : properties;
    }

    private static JsonObject PermissionOf(Broker broker, User user, VirtualHost virtualHost, Exchange exchange, string key)
    {
        string resource = exchange.Name.Length == 0 ? "amq.default" : exchange.Name;
        UserPermissions? permissions = broker.Users.FindPermissions(user.Name, virtualHost.Name);
        bool may = broker.Authorizer.Check(user, virtualHost.Name, resource, PermissionKind.Write) && !exchange.Internal;
        bool mayTopic = exchange.Type != "topic"
            || broker.Authorizer.CheckTopic(user, virtualHost.Name, exchange.Name, key, PermissionKind.Write);
        return new JsonObject
        {
            ["user"] = user.Name,
            ["allowed"] = may && mayTopic,
            ["resource"] = resource,
            ["write"] = permissions?.Write,
            ["topic_write"] = broker.Users.FindTopicPermissions(user.Name, virtualHost.Name, exchange.Name)?.Write,
            ["internal"] = exchange.Internal,
        };
    }

    private static JsonObject StepOf(ExplainedExchange step, VirtualHost virtualHost)
    {
        JsonObject json = ExchangeView.Declared(step.Exchange, virtualHost.Name);
        json["policy"] = step.Exchange.Policies.User?.Name;
        json["alternate_exchange"] = step.Exchange.AlternateExchange;
        json["used_alternate_exchange"] = step.Alternate is not null;
        json["binding_count"] = step.BindingCount;
        json["bindings"] = JsonArrays.Of(step.Bindings.Select(b =>
        {
            JsonObject binding = BindingView.Of(b.Binding, virtualHost.Name);
            binding["matches"] = b.Matches;
            return binding;
        }));
        return json;
    }

    private static JsonArray QueuesOf(RouteSet routes)
    {
        var queues = new JsonArray();
        foreach (MessageQueue queue in routes.Queues)
        {
            var json = new JsonObject
            {
                ["name"] = queue.Name,
                ["vhost"] = queue.VirtualHostName,
                ["messages"] = queue.Counts.Ready + queue.Counts.Unacked,
                ["would_reject"] = queue.RejectsPublish && queue.WouldReject(1, 0),
                ["dead_letter_exchange"] = queue.Limits.DeadLetterExchange,
                ["message_ttl"] = queue.Limits.MessageTtlMs,
                ["max_length"] = queue.Limits.MaxLength,
            };
            QueueView.AddPolicies(json, queue.Policies);
            queues.Add((JsonNode)json);
        }

        return queues;
    }
}
