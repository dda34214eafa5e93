using System.Text.Json;
using System.Text.Json.Nodes;
using Warren.Core;
using Warren.Core.Arguments;
using Warren.Core.Exchanges;
using Warren.Core.Parameters;
using Warren.Core.Queues;
using Warren.Core.VirtualHosts;
using Warren.Management.Hosting;
using Warren.Management.Routing;
using Warren.Management.Views;

namespace Warren.Management.Definitions;

/// <summary>Writes definitions in RabbitMQ's form: of the whole broker, or of one virtual host.</summary>
/// <remarks>
/// Item by item, so that a hundred thousand queues are never in memory as JSON. Left out, as in RabbitMQ: exclusive queues,
/// what is called <c>amq.…</c>, the default exchange and its bindings.
/// </remarks>
internal sealed class DefinitionsExport
{
    private const int FlushAt = 32 * 1024; // bytes

    private readonly Broker _broker;
    private readonly string _clusterName;
    private readonly Utf8JsonWriter _writer;

    private DefinitionsExport(ManagementContext context, Utf8JsonWriter writer)
    {
        _broker = context.Broker;
        _clusterName = context.ClusterName;
        _writer = writer;
    }

    /// <summary>Writes everything.</summary>
    public static async Task WriteAsync(ManagementContext context, Stream stream)
    {
        var writer = new Utf8JsonWriter(stream, JsonText.WriterOptions);
        await using (writer)
        {
            await new DefinitionsExport(context, writer).WriteBrokerAsync();
        }
    }

    /// <summary>Writes one virtual host.</summary>
    public static async Task WriteAsync(ManagementContext context, VirtualHost virtualHost, Stream stream)
    {
        var writer = new Utf8JsonWriter(stream, JsonText.WriterOptions);
        await using (writer)
        {
            await new DefinitionsExport(context, writer).WriteVirtualHostAsync(virtualHost);
        }
    }

    private async Task WriteBrokerAsync()
    {
        VirtualHost[] virtualHosts = [.. _broker.VirtualHosts.OrderBy(static v => v.Name, StringComparer.Ordinal)];
        WriteHead("cluster");
        _writer.WriteString("original_cluster_name", _clusterName);
        _writer.WriteString("explanation", "Definitions of a Warren node, in RabbitMQ's format");
        await WriteAsync("users", _broker.Users.Users.OrderBy(static u => u.Name, StringComparer.Ordinal).Select(UserView.Of));
        await WriteAsync("vhosts", virtualHosts.Select(v => OfVirtualHost(v)));
        await WriteAsync("permissions", _broker.Users.Permissions.Select(static p => UserView.Of(p.Key.User, p.Key.VirtualHost, p.Value)));
        await WriteAsync(
            "topic_permissions",
            _broker.Users.TopicPermissions.Select(static p => UserView.Of(p.Key.User, p.Key.VirtualHost, p.Key.Exchange, p.Value)));
        await WriteAsync("parameters", PolicyView.AllParameters(_broker));
        await WriteAsync("global_parameters", _broker.Parameters.Globals.Select(PolicyView.Of));
        await WriteAsync("policies", _broker.Policies.All(isOperators: false).Select(PolicyView.Of));
        await WriteTopologyAsync(virtualHosts, withNames: true);
        _writer.WriteEndObject();
    }

    private async Task WriteVirtualHostAsync(VirtualHost virtualHost)
    {
        VirtualHostSettings settings = virtualHost.Settings;
        WriteHead("single_virtual_host");
        _writer.WriteString("original_vhost_name", virtualHost.Name);
        _writer.WriteString("description", settings.Description);
        _writer.WritePropertyName("metadata");
        VirtualHostView.Described(virtualHost)["metadata"]!.WriteTo(_writer);
        await WriteAsync("limits", LimitsOf(virtualHost.Name));
        await WriteAsync("parameters", PolicyView.AllParameters(_broker).Where(p => (string?)p["vhost"] == virtualHost.Name).Select(WithoutVirtualHost));
        await WriteAsync("policies", _broker.Policies.Of(virtualHost.Name, isOperators: false).Select(PolicyView.Of).Select(WithoutVirtualHost));
        await WriteTopologyAsync([virtualHost], withNames: false);
        _writer.WriteEndObject();
    }

    private void WriteHead(string format)
    {
        _writer.WriteStartObject();
        _writer.WriteString("rabbit_version", ManagementContext.RabbitVersion);
        _writer.WriteString("rabbitmq_version", ManagementContext.RabbitVersion);
        _writer.WriteString("product_name", "Warren");
        _writer.WriteString("product_version", ManagementContext.ProductVersion);
        _writer.WriteString("rabbitmq_definition_format", format);
    }

    private async Task WriteTopologyAsync(IReadOnlyList<VirtualHost> virtualHosts, bool withNames)
    {
        JsonObject Named(JsonObject item) => withNames ? item : WithoutVirtualHost(item);
        await WriteAsync("queues", virtualHosts.SelectMany(v => QueuesOf(v).Select(q => Named(OfQueue(q, v.Name)))));
        await WriteAsync("exchanges", virtualHosts.SelectMany(v => ExchangesOf(v).Select(e => Named(ExchangeView.Declared(e, v.Name)))));
        await WriteAsync("bindings", virtualHosts.SelectMany(v => v.ListBindings().Where(IsExported).Select(b => Named(OfBinding(b, v.Name)))));
    }

    private async Task WriteAsync(string name, IEnumerable<JsonObject> items)
    {
        _writer.WriteStartArray(name);
        foreach (JsonObject item in items)
        {
            item.WriteTo(_writer);
            if (_writer.BytesPending >= FlushAt)
            {
                await _writer.FlushAsync();
            }
        }

        _writer.WriteEndArray();
    }

    private JsonObject OfVirtualHost(VirtualHost virtualHost)
    {
        JsonObject item = VirtualHostView.Described(virtualHost);
        item["limits"] = JsonArrays.Of(LimitsOf(virtualHost.Name));
        return item;
    }

    private IEnumerable<JsonObject> LimitsOf(string virtualHost)
    {
        Parameter? limits = _broker.Parameters.Find(virtualHost, ParameterComponents.VirtualHostLimits, ParameterComponents.LimitsName);
        return limits?.Value is { ValueKind: JsonValueKind.Object } values
            ? values.EnumerateObject().Select(static l => new JsonObject { ["name"] = l.Name, ["value"] = JsonNodes.Of(l.Value) })
            : [];
    }

    private static IEnumerable<MessageQueue> QueuesOf(VirtualHost virtualHost) =>
        virtualHost.Queues.Where(static q => !q.Definition.Exclusive).OrderBy(static q => q.Name, StringComparer.Ordinal);

    private static IEnumerable<Exchange> ExchangesOf(VirtualHost virtualHost) =>
        virtualHost.Exchanges.Where(static e => !IsBuiltIn(e)).OrderBy(static e => e.Name, StringComparer.Ordinal);

    private static bool IsBuiltIn(Exchange exchange) => exchange.Name.Length == 0 || exchange.Name.StartsWith("amq.", StringComparison.Ordinal);

    private static bool IsExported(Binding binding) =>
        binding.Source.Name.Length > 0 && binding.Destination is not MessageQueue { Definition.Exclusive: true };

    private static JsonObject OfQueue(MessageQueue queue, string virtualHost) => new()
    {
        ["name"] = queue.Name,
        ["vhost"] = virtualHost,
        ["type"] = QueueArguments.NameOf(queue.Definition.Parsed.Kind),
        ["durable"] = queue.Definition.Durable,
        ["auto_delete"] = queue.Definition.AutoDelete,
        ["arguments"] = FieldJson.Of(queue.Definition.Arguments),
    };

    private static JsonObject OfBinding(Binding binding, string virtualHost)
    {
        JsonObject item = BindingView.Of(binding, virtualHost);
        item.Remove("properties_key");
        return item;
    }

    private static JsonObject WithoutVirtualHost(JsonObject item)
    {
        item.Remove("vhost");
        return item;
    }
}
