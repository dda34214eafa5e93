using System.Text;
using Warren.Buffers;
using Warren.Buffers.Commits;
using Warren.Buffers.Fields;
using Warren.Core.Arguments;
using Warren.Core.Events;
using Warren.Core.Exchanges;
using Warren.Core.Messages;
using Warren.Core.Publishing;
using Warren.Core.Queues;
using Warren.Core.Security;
using Warren.Core.Sessions;
using Warren.Core.VirtualHosts;

namespace Warren.Core;

/// <summary>A name space of exchanges, queues and bindings, and every operation on them with its permission check.</summary>
/// <remarks>
/// Thread-safe. Changes hold the lock of <see cref="Definitions"/>; lookups take none. Messages go through
/// <see cref="Publishing"/>.
/// </remarks>
public sealed class VirtualHost
{
    private const string DefaultExchangeResource = "amq.default";
    private const string RetainedArgument = "x-retained"; // of a binding: send what is retained now

    private readonly Broker _broker;

    internal VirtualHost(Broker broker, string name)
    {
        _broker = broker;
        Name = name;
        Definitions = new VirtualHostDefinitions(broker, name);
        Sessions = new SessionRegistry(broker, this);
        Retained = new RetainedMessages(broker, name);
        Publishing = new MessagePublisher(broker, Definitions.Topology, Retained);
    }

    /// <summary>Name of the virtual host.</summary>
    public string Name { get; }

    /// <summary>What is known of it besides its name.</summary>
    public VirtualHostSettings Settings
    {
        get;
        internal set
        {
            field = value;
            Firehose = value.Tracing && FindExchange(Firehose.ExchangeName) is { } trace
                ? Firehose ?? new Firehose(_broker, this, trace)
                : null;
        }
    } = VirtualHostSettings.Default;

    /// <summary>Takes copies of what goes through; null while the virtual host is not traced.</summary>
    public Firehose? Firehose { get; private set; }

    /// <summary>What it may hold.</summary>
    public VirtualHostLimits Limits { get; internal set; } = VirtualHostLimits.None;

    /// <summary>The way of messages to its queues.</summary>
    public MessagePublisher Publishing { get; }

    /// <summary>Its exchanges, queues and bindings.</summary>
    internal VirtualHostDefinitions Definitions { get; }

    /// <summary>Sessions of clients that outlive or may outlive their connections.</summary>
    public SessionRegistry Sessions { get; }

    /// <summary>Messages kept for those who subscribe later.</summary>
    public RetainedMessages Retained { get; }

    /// <summary>Changes whenever a cached route might be wrong: topology or permissions.</summary>
    public long RoutingVersion => Definitions.Version + _broker.Authorizer.Version;

    /// <summary>The queues at this moment.</summary>
    public ICollection<MessageQueue> Queues => Definitions.Queues.All;

    /// <summary>Number of queues.</summary>
    public int QueueCount => Definitions.Queues.Count;

    /// <summary>Number of exchanges, the default exchange among them.</summary>
    public int ExchangeCount => Definitions.Topology.ExchangeCount;

    /// <summary>The exchanges at this moment, the default exchange among them.</summary>
    public ICollection<Exchange> Exchanges => Definitions.Topology.Exchanges;

    /// <summary>The bindings at this moment, those of the default exchange left out.</summary>
    public IReadOnlyList<Binding> ListBindings()
    {
        lock (Definitions.Lock)
        {
            return [.. Definitions.Topology.Exchanges.SelectMany(static exchange => exchange.Bindings)];
        }
    }

    /// <summary>The bindings from an exchange at this moment.</summary>
    public IReadOnlyList<Binding> BindingsFrom(Exchange source)
    {
        lock (Definitions.Lock)
        {
            return BindingTable.From(source);
        }
    }

    /// <summary>The bindings to a queue or an exchange at this moment, that of the default exchange left out.</summary>
    public IReadOnlyList<Binding> BindingsTo(RoutingTarget destination)
    {
        lock (Definitions.Lock)
        {
            return BindingTable.To(destination);
        }
    }

    /// <summary>The queue of that name, if there is one.</summary>
    public MessageQueue? FindQueue(string name) => Definitions.Queues.TryGet(name, out MessageQueue? queue) ? queue : null;

    /// <summary>The exchange of that name, if there is one.</summary>
    public Exchange? FindExchange(string name) => Definitions.Topology.Find(name);

    /// <summary>The exchange a client may publish to.</summary>
    /// <exception cref="BrokerError">404 no such exchange; 403 no write permission, or an internal exchange.</exception>
    public Exchange ExchangeToPublishTo(User user, string name)
    {
        Check(user, ResourceKind.Exchange, ExchangeResource(name), PermissionKind.Write);
        Exchange exchange = RequireExchange(name);
        if (exchange.Internal)
        {
            throw new BrokerError(
                BrokerErrorKind.AccessRefused, $"cannot publish to internal exchange '{name}' in vhost '{Name}'");
        }

        return exchange;
    }

    /// <summary>Refuses a key of a topic exchange to a user whose topic permissions leave it out.</summary>
    /// <exception cref="BrokerError">403.</exception>
    public void CheckTopic(
        User user, Exchange exchange, string routingKey, PermissionKind permission, string? clientId = null)
    {
        ArgumentNullException.ThrowIfNull(user);
        ArgumentNullException.ThrowIfNull(exchange);
        if (exchange is TopicExchange && !_broker.Authorizer.CheckTopic(
                user, Name, exchange.Name, routingKey, permission, clientId))
        {
            throw Authorizer.RefusedTopic(permission, routingKey, exchange.Name, Name, user.Name);
        }
    }

    /// <summary>Whether who published a message once might do so now.</summary>
    internal bool MayStillPublish(RetainedSource source, Message message)
    {
        string exchange = Encoding.UTF8.GetString(message.Exchange);
        return _broker.Users.Find(source.UserName) is { } user
            && _broker.Authorizer.Check(user, Name, ExchangeResource(exchange), PermissionKind.Write)
            && (FindExchange(exchange) is not TopicExchange
                || _broker.Authorizer.CheckTopic(
                    user, Name, exchange, Encoding.UTF8.GetString(message.RoutingKey), PermissionKind.Write, source.ClientId));
    }

    // ---- exchanges ------------------------------------------------------------------------------------------------

    /// <summary>The exchange of that name.</summary>
    /// <exception cref="BrokerError">404.</exception>
    public Exchange RequireExchange(string name) => Definitions.Topology.Find(name) ?? throw BrokerErrors.NoExchange(name, Name);

    /// <summary>Creates an exchange, or checks that the one there is the same.</summary>
    /// <exception cref="BrokerError">403, 406 or 503 with RabbitMQ's text.</exception>
    public void DeclareExchange(User user, ExchangeDeclaration declaration)
    {
        ArgumentNullException.ThrowIfNull(declaration);
        RefuseDefault(declaration.Name);
        Check(user, ResourceKind.Exchange, declaration.Name, PermissionKind.Configure);
        lock (Definitions.Lock)
        {
            if (Definitions.Topology.Find(declaration.Name) is { } existing)
            {
                ArgumentEquivalence.CheckExchange(existing, declaration, Name);
                return;
            }

            ResourceNames.CheckExchange(declaration.Name);
            if (Definitions.Topology.ExchangeCount >= _broker.Options.ExchangesPerVirtualHost)
            {
                throw LimitReached("exchange", _broker.Options.ExchangesPerVirtualHost);
            }

            ExchangeArguments.Check(declaration.Arguments, declaration.Name, Name);
            RefuseWhenLeaving();
            Exchange created = Topology.Create(declaration);
            if (created.AlternateExchange is { } alternate)
            {
                Check(user, ResourceKind.Exchange, declaration.Name, PermissionKind.Read);
                Check(user, ResourceKind.Exchange, ExchangeResource(alternate), PermissionKind.Write);
            }

            Definitions.Add(created, declaration, user.Name);
        }
    }

    /// <summary>Deletes an exchange; no error when there is none.</summary>
    /// <returns>What the reply waits for.</returns>
    public CommitTicket DeleteExchange(User user, string name, bool ifUnused)
    {
        RefuseDefault(name);
        if (name.StartsWith("amq.", StringComparison.Ordinal))
        {
            throw BrokerErrors.SystemExchange(name, Name);
        }

        Check(user, ResourceKind.Exchange, name, PermissionKind.Configure);
        lock (Definitions.Lock)
        {
            if (Definitions.Topology.Find(name) is not { } exchange)
            {
                return _broker.Log.Barrier(); // nobody knows once the disk has failed
            }

            if (ifUnused && exchange.HasBindings)
            {
                throw BrokerErrors.ExchangeInUse(name, Name);
            }

            return Definitions.Delete(exchange, user.Name);
        }
    }

    /// <summary>Binds an exchange to an exchange.</summary>
    /// <returns>What the reply waits for.</returns>
    public CommitTicket BindExchange(User user, string source, string destination, string key, FieldTable arguments)
    {
        RefuseDefault(source);
        RefuseDefault(destination);
        Check(user, ResourceKind.Exchange, destination, PermissionKind.Write);
        Check(user, ResourceKind.Exchange, source, PermissionKind.Read);
        using var history = new HistoryReplay();
        Exchange to;
        lock (Definitions.Lock)
        {
            Exchange from = RequireExchange(source);
            CheckTopic(user, from, key, PermissionKind.Read);
            to = RequireExchange(destination);
            CheckBindingCount();
            history.Take(from);
            if (!Definitions.Bind(from, to, key, arguments, user.Name, out _))
            {
                return default;
            }
        }

        return history.SendTo(to, this, _broker);
    }

    /// <summary>Takes such a binding away; no error when there is none.</summary>
    public void UnbindExchange(User user, string source, string destination, string key, FieldTable arguments)
    {
        RefuseDefault(source);
        RefuseDefault(destination);
        Check(user, ResourceKind.Exchange, destination, PermissionKind.Write);
        Check(user, ResourceKind.Exchange, source, PermissionKind.Read);
        lock (Definitions.Lock)
        {
            Exchange from = RequireExchange(source);
            CheckTopic(user, from, key, PermissionKind.Read);
            Exchange to = RequireExchange(destination);
            Definitions.Unbind(from, to, key, arguments, user.Name);
        }
    }

    // ---- queues ---------------------------------------------------------------------------------------------------

    /// <summary>Refuses a passive declaration to who has no right at all on the name.</summary>
    /// <exception cref="BrokerError">403.</exception>
    public void CheckPassive(User user, ResourceKind kind, string name)
    {
        if (!_broker.Authorizer.CheckAny(user, Name, name))
        {
            throw Authorizer.Refused(PermissionKind.Configure, kind, name, Name, user.Name);
        }
    }

    /// <summary>The queue of that name, if this connection may use it.</summary>
    /// <exception cref="BrokerError">404, or 405 when it is another connection's.</exception>
    public MessageQueue RequireQueue(string name, IQueueOwner asker)
    {
        if (!Definitions.Queues.TryGet(name, out MessageQueue? queue))
        {
            throw BrokerErrors.NoQueue(name, Name);
        }

        CheckOwner(queue, asker);
        return queue;
    }

    /// <summary>Creates a queue, or checks that the one there is the same.</summary>
    /// <param name="user">Who asks.</param>
    /// <param name="declaration">What for.</param>
    /// <param name="asker">The connection.</param>
    /// <param name="ticket">What the reply waits for: the queue that is there may still be on its way to the disk.</param>
    /// <exception cref="BrokerError">403, 405 or 406 with RabbitMQ's text; 541: the log takes nothing.</exception>
    public MessageQueue DeclareQueue(User user, QueueDeclaration declaration, IQueueOwner asker, out CommitTicket ticket)
    {
        ArgumentNullException.ThrowIfNull(declaration);
        Check(user, ResourceKind.Queue, declaration.Name, PermissionKind.Configure);
        declaration = WithDefaultKind(declaration);
        lock (Definitions.Lock)
        {
            if (Definitions.Queues.TryGet(declaration.Name, out MessageQueue? existing))
            {
                CheckSame(existing, declaration, asker);
                existing.Use();
                _broker.Statistics.Churn.QueueDeclared();
                ticket = Definitions.TicketOf(existing);
                return existing;
            }

            if (!declaration.ServerNamed)
            {
                ResourceNames.CheckQueue(declaration.Name);
            }

            RefuseWhenLeaving();
            long most = Math.Min(Limits.MaxQueues ?? long.MaxValue, _broker.Options.QueuesPerVirtualHost);
            if (Definitions.Queues.Count >= most)
            {
                throw new BrokerError(
                    BrokerErrorKind.PreconditionFailed,
                    $"cannot declare queue '{declaration.Name}': queue limit in vhost '{Name}' ({most}) is reached");
            }

            QueueArguments parsed = QueueArguments.Parse(
                declaration.Arguments,
                new QueueProperties(declaration.Durable, declaration.Owner is not null, declaration.AutoDelete),
                declaration.Name,
                Name);
            QueueArguments.CheckNew(parsed, declaration.Name, Name);
            if (parsed.Kind == QueueKind.Stream)
            {
                throw new BrokerError(BrokerErrorKind.NotImplemented, "queues of type stream are not available in this version");
            }

            if (parsed.DeadLetterExchange is { } deadLetters)
            {
                Check(user, ResourceKind.Queue, declaration.Name, PermissionKind.Read);
                Check(user, ResourceKind.Exchange, ExchangeResource(deadLetters), PermissionKind.Write);
            }

            MessageQueue created = Definitions.Create(declaration.Name, declaration, parsed, user.Name, out ticket);
            _broker.Statistics.Churn.QueueDeclared();
            _broker.Statistics.Churn.QueueCreated();
            return created;
        }
    }

    /// <summary>Deletes a queue; no error when there is none.</summary>
    /// <returns>What the reply waits for.</returns>
    /// <exception cref="BrokerError">403, 405, or 406 when it is in use or not empty; 541: the log takes nothing.</exception>
    public CommitTicket DeleteQueue(
        User user, string name, IQueueOwner asker, bool ifUnused, bool ifEmpty, FlushSet flush, out long readyCount)
    {
        Check(user, ResourceKind.Queue, name, PermissionKind.Configure);
        readyCount = 0;
        if (!Definitions.Queues.TryGet(name, out MessageQueue? queue))
        {
            return _broker.Log.Barrier(); // it may be gone since just now
        }

        CheckOwner(queue, asker);
        return Definitions.Delete(queue, new QueueDeletion(ifUnused, ifEmpty), user.Name, flush, out readyCount);
    }

    /// <summary>Deletes an auto-delete queue that has lost its last consumer. One that cannot be deleted stays.</summary>
    public void DeleteIfAbandoned(MessageQueue queue, FlushSet flush)
    {
        ArgumentNullException.ThrowIfNull(queue);
        try
        {
            if (queue.IsAbandoned)
            {
                Definitions.Delete(queue, default, by: null, flush, out _);
            }
        }
        catch (BrokerError fault)
        {
            _broker.Scheduler.Report(queue, fault);
        }
    }

    /// <summary>Deletes the exclusive queues of a connection that is gone.</summary>
    public void DeleteQueuesOf(IQueueOwner owner, FlushSet flush) => Definitions.DeleteQueuesOf(owner, flush);

    /// <summary>Binds a queue.</summary>
    /// <returns>What the reply waits for.</returns>
    public CommitTicket BindQueue(User user, string exchange, MessageQueue queue, string key, FieldTable arguments)
    {
        ArgumentNullException.ThrowIfNull(queue);
        RefuseDefault(exchange);
        Check(user, ResourceKind.Queue, queue.Name, PermissionKind.Write);
        Check(user, ResourceKind.Exchange, exchange, PermissionKind.Read);
        using var history = new HistoryReplay();
        CommitTicket ticket;
        lock (Definitions.Lock)
        {
            Exchange source = RequireExchange(exchange);
            RequireLiving(queue);
            CheckTopic(user, source, key, PermissionKind.Read);
            CheckBindingCount();
            history.Take(source);
            if (!Definitions.Bind(source, queue, key, arguments, user.Name, out ticket))
            {
                return ticket;
            }
        }

        ticket = ticket.And(history.SendTo(queue, this, _broker));
        return arguments.TryGet(RetainedArgument, out FieldValue wants) && wants.Type == FieldType.Boolean && wants.AsBoolean()
            ? ticket.And(Retained.SendTo(queue, exchange, key))
            : ticket;
    }

    /// <summary>Takes a binding of a queue away; no error when there is none.</summary>
    /// <returns>What the reply waits for.</returns>
    public CommitTicket UnbindQueue(User user, string exchange, MessageQueue queue, string key, FieldTable arguments)
    {
        ArgumentNullException.ThrowIfNull(queue);
        RefuseDefault(exchange);
        Check(user, ResourceKind.Queue, queue.Name, PermissionKind.Write);
        Check(user, ResourceKind.Exchange, exchange, PermissionKind.Read);
        lock (Definitions.Lock)
        {
            Exchange source = RequireExchange(exchange);
            CheckTopic(user, source, key, PermissionKind.Read);
            return Definitions.Unbind(source, queue, key, arguments, user.Name);
        }
    }

    /// <summary>Binds a queue of a client session; the session, not the binding, is what is stored.</summary>
    /// <returns>False when there is such a binding.</returns>
    /// <exception cref="BrokerError">403: no right, or the topic is refused; 404: no such exchange; 406: too many bindings.</exception>
    public bool BindSession(User user, string exchange, MessageQueue queue, string key, string clientId)
    {
        ArgumentNullException.ThrowIfNull(queue);
        Check(user, ResourceKind.Queue, queue.Name, PermissionKind.Write);
        Check(user, ResourceKind.Exchange, exchange, PermissionKind.Read);
        using var history = new HistoryReplay();
        lock (Definitions.Lock)
        {
            Exchange source = RequireExchange(exchange);
            RequireLiving(queue);
            CheckTopic(user, source, key, PermissionKind.Read, clientId);
            CheckBindingCount();
            history.Take(source);
            if (!Definitions.BindUnstored(source, queue, key, user.Name))
            {
                return false;
            }
        }

        history.SendTo(queue, this, _broker);
        return true;
    }

    /// <summary>Takes a binding of a client session away; no error when there is none.</summary>
    public void UnbindSession(string exchange, MessageQueue queue, string key)
    {
        lock (Definitions.Lock)
        {
            if (Definitions.Topology.Find(exchange) is { } source)
            {
                Definitions.Unbind(source, queue, key, FieldTable.Empty, by: null);
            }
        }
    }

    /// <summary>Checks that a client may read from a queue.</summary>
    /// <exception cref="BrokerError">403.</exception>
    public void CheckRead(User user, MessageQueue queue)
    {
        ArgumentNullException.ThrowIfNull(queue);
        Check(user, ResourceKind.Queue, queue.Name, PermissionKind.Read);
    }

    /// <summary>Checks that a user may configure a queue.</summary>
    /// <exception cref="BrokerError">403.</exception>
    public void CheckConfigure(User user, MessageQueue queue)
    {
        ArgumentNullException.ThrowIfNull(queue);
        Check(user, ResourceKind.Queue, queue.Name, PermissionKind.Configure);
    }

    // Under the lock of the definitions: a binding to a queue that was deleted meanwhile would never go again.
    private void RequireLiving(MessageQueue queue)
    {
        if (!ReferenceEquals(FindQueue(queue.Name), queue))
        {
            throw BrokerErrors.NoQueue(queue.Name, Name);
        }
    }

    private void RefuseWhenLeaving()
    {
        if (Settings.IsBeingDeleted)
        {
            throw new BrokerError(BrokerErrorKind.InternalError, $"vhost '{Name}' is down");
        }
    }

    private QueueDeclaration WithDefaultKind(QueueDeclaration declaration)
    {
        string? type = Settings.DefaultQueueType ?? _broker.Options.DefaultQueueType;
        return type is not null && QueueArguments.TryParseKind(type, out QueueKind kind)
            ? declaration with
            {
                Arguments = QueueArguments.WithDefaultKind(
                    declaration.Arguments,
                    new QueueProperties(declaration.Durable, declaration.Owner is not null, declaration.AutoDelete),
                    kind),
            }
            : declaration;
    }

    private void CheckSame(MessageQueue existing, QueueDeclaration declaration, IQueueOwner asker)
    {
        CheckOwner(existing, asker);
        if (declaration.Owner is not null != existing.Definition.Exclusive)
        {
            throw BrokerErrors.QueueLocked(existing.Name, Name);
        }

        ArgumentEquivalence.CheckQueue(existing.Name, Name, existing.Definition, declaration);
    }

    private void CheckOwner(MessageQueue queue, IQueueOwner asker)
    {
        if (queue.Definition.Owner is { } owner && !ReferenceEquals(owner, asker))
        {
            throw BrokerErrors.QueueLocked(queue.Name, Name);
        }
    }

    private void CheckBindingCount()
    {
        if (Definitions.Topology.BindingCount >= _broker.Options.BindingsPerVirtualHost)
        {
            throw LimitReached("binding", _broker.Options.BindingsPerVirtualHost);
        }
    }

    /// <summary>Refuses who has not this right on a name. Asked before anything is looked for: a refusal tells nothing of what is there.</summary>
    /// <exception cref="BrokerError">403.</exception>
    public void Check(User user, ResourceKind kind, string name, PermissionKind permission)
    {
        if (!_broker.Authorizer.Check(user, Name, name, permission))
        {
            throw Authorizer.Refused(permission, kind, name, Name, user.Name);
        }
    }

    private BrokerError LimitReached(string what, int limit) =>
        new(BrokerErrorKind.PreconditionFailed, $"cannot declare {what} in vhost '{Name}': {what} limit in vhost '{Name}' ({limit}) is reached");

    private static void RefuseDefault(string exchange)
    {
        if (exchange.Length == 0)
        {
            throw BrokerErrors.DefaultExchange();
        }
    }

    private static string ExchangeResource(string name) => name.Length == 0 ? DefaultExchangeResource : name;
}
