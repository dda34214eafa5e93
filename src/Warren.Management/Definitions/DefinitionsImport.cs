using System.Text.Json;
using Warren.Buffers.Commits;
using Warren.Buffers.Fields;
using Warren.Core;
using Warren.Core.Arguments;
using Warren.Core.Parameters;
using Warren.Core.Queues;
using Warren.Core.Security;
using Warren.Core.VirtualHosts;
using Warren.Management.Endpoints;
using Warren.Management.Routing;
using Warren.Management.Views;

namespace Warren.Management.Definitions;

/// <summary>Brings definitions in, RabbitMQ's or our own: what there is stays or is overwritten, nothing is deleted.</summary>
/// <remarks>
/// Not transactional, as in RabbitMQ: what came before the mistake stays. Queues, exchanges and bindings that exist are
/// left as they are; users, permissions, policies and parameters are replaced.
/// </remarks>
internal sealed class DefinitionsImport : IQueueOwner
{
    private const string QueueTypeArgument = "x-queue-type";

    private readonly Broker _broker;
    private readonly User? _creator;
    private readonly Dictionary<string, Dictionary<string, MessageQueue>> _queues = new(StringComparer.Ordinal);
    private CommitTicket _ticket;

    private DefinitionsImport(Broker broker, User? creator)
    {
        _broker = broker;
        _creator = creator;
    }

    /// <inheritdoc/>
    public string Name => "definitions";

    /// <summary>Imports a document of a whole broker.</summary>
    /// <param name="broker">Where to.</param>
    /// <param name="document">The document.</param>
    /// <param name="creator">Who may use virtual hosts that are new; null: nobody but whom the document names.</param>
    /// <returns>What has to be committed before it is safe.</returns>
    /// <exception cref="ApiError">400: something in it cannot be used.</exception>
    public static CommitTicket Run(Broker broker, RequestBody document, User? creator)
    {
        var import = new DefinitionsImport(broker, creator);
        string algorithm = LegacyAlgorithm(document) ?? PasswordHash.Sha256;
        Each(document, "users", "user", item => import.PutUser(item, algorithm));
        Each(document, "vhosts", "vhost", import.PutVirtualHost);
        Each(document, "permissions", "permission", import.PutPermissions);
        import.Exchanges(document, null);
        Each(document, "topic_permissions", "topic permission", import.PutTopicPermissions);
        Each(document, "global_parameters", "global parameter", import.PutGlobalParameter);
        import.Rest(document, null);
        return import._ticket;
    }

    /// <summary>Imports a document of one virtual host into one there is.</summary>
    /// <exception cref="ApiError">400: something in it cannot be used.</exception>
    public static CommitTicket Run(Broker broker, VirtualHost virtualHost, RequestBody document)
    {
        var import = new DefinitionsImport(broker, null);
        import.Exchanges(document, virtualHost);
        import.Rest(document, virtualHost);
        return import._ticket;
    }

    private void Exchanges(RequestBody document, VirtualHost? only) =>
        Each(document, "exchanges", "exchange", item => PutExchange(item, HostOf(item, only)));

    private void Rest(RequestBody document, VirtualHost? only)
    {
        Each(document, "policies", "policy", item => PutPolicy(item, HostOf(item, only)));
        Each(document, "parameters", "parameter", item => PutParameter(item, HostOf(item, only)));
        Each(document, "queues", "queue", item => PutQueue(item, HostOf(item, only)));
        Each(document, "bindings", "binding", item => PutBinding(item, HostOf(item, only)));
        if (!_ticket.IsNone)
        {
            _broker.Commits.Request();
        }
    }

    private VirtualHost HostOf(RequestBody item, VirtualHost? only)
    {
        if (only is not null)
        {
            return only;
        }

        string name = item.RequireText("vhost");
        return _broker.FindVirtualHost(name) ?? throw ApiError.BadRequest("no_such_vhost", name);
    }

    private void PutUser(RequestBody item, string algorithm)
    {
        string name = item.RequireText("name");
        User? existing = _broker.Users.Find(name);
        if (_creator is { IsBuiltIn: false } && existing?.HasTag(UserEndpoints.Protected) == true)
        {
            return; // as it is over HTTP otherwise; an own export that has it is not refused for that
        }

        _broker.Users.Put(UserChange.Read(name, item, existing, algorithm));
    }

    private void PutVirtualHost(RequestBody item)
    {
        string name = item.RequireText("name");
        VirtualHostSettings existing = _broker.FindVirtualHost(name)?.Settings ?? VirtualHostSettings.Default;
        bool created = _broker.PutVirtualHost(name, VirtualHostChange.Read(item, existing));
        if (created && _creator is { IsBuiltIn: false })
        {
            _broker.Users.SetPermissions(_creator.Name, name, ".*", ".*", ".*");
        }
    }

    private void PutPermissions(RequestBody item)
    {
        UserPermissions permissions = UserChange.Permissions(item);
        _broker.Users.SetPermissions(UserOf(item), HostOf(item, null).Name, permissions.Configure, permissions.Write, permissions.Read);
    }

    private void PutTopicPermissions(RequestBody item)
    {
        TopicPermissions permissions = UserChange.TopicPermissions(item);
        _broker.Users.SetTopicPermissions(
            UserOf(item), HostOf(item, null).Name, item.RequireText("exchange"), permissions.Write, permissions.Read);
    }

    private string UserOf(RequestBody item)
    {
        string name = item.RequireText("user");
        return _broker.Users.Find(name) is null ? throw ApiError.BadRequest("no_such_user", name) : name;
    }

    private void PutGlobalParameter(RequestBody item) =>
        _broker.Parameters.PutGlobal(new GlobalParameter(item.RequireText("name"), item.Require("value").Clone()));

    private void PutPolicy(RequestBody item, VirtualHost virtualHost) =>
        _broker.Policies.Put(PolicyChange.Read(virtualHost.Name, item.RequireText("name"), item, isOperators: false), isOperators: false);

    private void PutParameter(RequestBody item, VirtualHost virtualHost)
    {
        string component = item.RequireText("component");
        string name = item.RequireText("name");
        if (component == PolicyView.OperatorPolicyComponent)
        {
            var value = new RequestBody(item.Require("value"));
            _broker.Policies.Put(PolicyChange.Read(virtualHost.Name, name, value, isOperators: true), isOperators: true);
            return;
        }

        // RabbitMQ writes an empty list where it means an object without members.
        JsonElement given = item.Require("value");
        if (component == ParameterComponents.VirtualHostLimits && given.ValueKind == JsonValueKind.Array && given.GetArrayLength() == 0)
        {
            return;
        }

        _broker.Parameters.Put(PolicyChange.ReadParameter(virtualHost.Name, component, name, item, takesForeign: true));
    }

    private static void PutExchange(RequestBody item, VirtualHost virtualHost)
    {
        string name = item.RequireText("name");
        if (name.Length == 0 || virtualHost.FindExchange(name) is not null)
        {
            return;
        }

        virtualHost.DeclareExchange(User.Internal, new ExchangeDeclaration(
            name,
            item.Text("type") ?? "direct",
            item.Flag("durable"),
            item.Flag("auto_delete"),
            item.Flag("internal"),
            item.Table("arguments")));
    }

    private void PutQueue(RequestBody item, VirtualHost virtualHost)
    {
        string name = item.RequireText("name");
        Dictionary<string, MessageQueue> queues = QueuesOf(virtualHost);
        if (queues.ContainsKey(name))
        {
            return;
        }

        FieldTable arguments = item.Table("arguments");
        if (item.Text("type") is { } type and not "classic" && !arguments.TryGet(QueueTypeArgument, out _))
        {
            var typed = new FieldTable(arguments.Count + 1);
            foreach (KeyValuePair<string, FieldValue> argument in arguments.Fields)
            {
                typed.Add(argument.Key, argument.Value);
            }

            typed.Add(QueueTypeArgument, FieldValue.Of(type));
            arguments = typed;
        }

        // Queues that the server named are among them, so the reserved prefix is no mistake here.
        var declaration = new QueueDeclaration(
            name, ServerNamed: name.StartsWith("amq.", StringComparison.Ordinal), item.Flag("durable"), item.Flag("auto_delete"), arguments, Owner: null);
        queues[name] = virtualHost.DeclareQueue(User.Internal, declaration, this, out CommitTicket ticket);
        _ticket = _ticket.And(ticket);
    }

    private void PutBinding(RequestBody item, VirtualHost virtualHost)
    {
        string source = item.RequireText("source");
        string destination = item.RequireText("destination");
        string key = item.Text("routing_key") ?? "";
        FieldTable arguments = item.Table("arguments");
        if (source.Length == 0)
        {
            return; // every queue is bound to the default exchange
        }

        if (item.Text("destination_type") is "exchange")
        {
            _ticket = _ticket.And(virtualHost.BindExchange(User.Internal, source, destination, key, arguments));
            return;
        }

        if (!QueuesOf(virtualHost).TryGetValue(destination, out MessageQueue? queue))
        {
            throw BrokerErrors.NoQueue(destination, virtualHost.Name);
        }

        _ticket = _ticket.And(virtualHost.BindQueue(User.Internal, source, queue, key, arguments));
    }

    private Dictionary<string, MessageQueue> QueuesOf(VirtualHost virtualHost)
    {
        if (!_queues.TryGetValue(virtualHost.Name, out Dictionary<string, MessageQueue>? queues))
        {
            queues = virtualHost.Queues.ToDictionary(static q => q.Name, StringComparer.Ordinal);
            _queues.Add(virtualHost.Name, queues);
        }

        return queues;
    }

    // Until 3.5 RabbitMQ hashed with MD5 and did not say so.
    private static string? LegacyAlgorithm(RequestBody document)
    {
        string? version = document.Text("rabbit_version") ?? document.Text("rabbitmq_version");
        return Version.TryParse(version, out Version? parsed) && parsed.Major == 3 && parsed.Minor <= 5 ? "rabbit_password_hashing_md5" : null;
    }

    private static void Each(RequestBody document, string list, string what, Action<RequestBody> put)
    {
        if (document.Find(list) is not { } items)
        {
            return;
        }

        if (items.ValueKind != JsonValueKind.Array)
        {
            throw ApiError.BadRequest($"{list} is no list");
        }

        foreach (JsonElement item in items.EnumerateArray())
        {
            if (item.ValueKind != JsonValueKind.Object)
            {
                throw ApiError.BadRequest($"a {what} is an object");
            }

            var body = new RequestBody(item);
            try
            {
                put(body);
            }
            catch (BrokerError e)
            {
                string name = item.TryGetProperty("name", out JsonElement given) && given.ValueKind == JsonValueKind.String ? $" '{given.GetString()}'" : "";
                throw ApiError.BadRequest($"{what}{name}: {e.Text}");
            }
        }
    }
}
