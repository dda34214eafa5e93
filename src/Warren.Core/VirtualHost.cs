using System.Collections.Concurrent;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Warren.Buffers;
using Warren.Buffers.Fields;
using Warren.Core.Arguments;
using Warren.Core.Exchanges;
using Warren.Core.Messages;
using Warren.Core.Persistence;
using Warren.Core.Policies;
using Warren.Core.Queues;
using Warren.Core.Routing;
using Warren.Core.Security;
using Warren.Core.VirtualHosts;
using Warren.Storage;

namespace Warren.Core;

/// <summary>A name space of exchanges, queues and bindings, and every operation on them with its permission check.</summary>
/// <remarks>
/// Thread-safe. <see cref="_definitions"/> guards changes of the topology; routing and lookups take no lock. Lock order:
/// definitions → MessageQueue (docs/locks.md).
/// </remarks>
public sealed class VirtualHost
{
    private const string DefaultExchangeResource = "amq.default";

    private readonly Lock _definitions = new();
    private readonly Broker _broker;
    private readonly Topology _topology;
    private readonly DefinitionStore _store;
    private readonly QueueRegistry _queues = new();
    private long _version;

    internal VirtualHost(Broker broker, string name)
    {
        _broker = broker;
        Name = name;
        _store = new DefinitionStore(broker, name);
        _topology = new Topology(_queues.Find);
    }

    /// <summary>Name of the virtual host.</summary>
    public string Name { get; }

    /// <summary>What is known of it besides its name.</summary>
    public VirtualHostSettings Settings { get; internal set; } = VirtualHostSettings.Default;

    /// <summary>What it may hold.</summary>
    public VirtualHostLimits Limits { get; internal set; } = VirtualHostLimits.None;

    /// <summary>Changes whenever a cached route might be wrong: topology or permissions.</summary>
    public long RoutingVersion => Volatile.Read(ref _version) + _broker.Authorizer.Version;

    /// <summary>The queues at this moment.</summary>
    public ICollection<MessageQueue> Queues => _queues.All;

    /// <summary>Number of queues.</summary>
    public int QueueCount => _queues.Count;

    /// <summary>Number of exchanges, the default exchange among them.</summary>
    public int ExchangeCount => _topology.ExchangeCount;

    /// <summary>The exchanges at this moment, the default exchange among them.</summary>
    public ICollection<Exchange> Exchanges => _topology.Exchanges;

    /// <summary>The bindings at this moment, those of the default exchange left out.</summary>
    public IReadOnlyList<Binding> ListBindings()
    {
        lock (_definitions)
        {
            return [.. _topology.Exchanges.SelectMany(static exchange => exchange.Bindings)];
        }
    }

    /// <summary>The bindings from an exchange at this moment.</summary>
    public IReadOnlyList<Binding> BindingsFrom(Exchange source)
    {
        lock (_definitions)
        {
            return BindingTable.From(source);
        }
    }

    /// <summary>The bindings to a queue or an exchange at this moment, that of the default exchange left out.</summary>
    public IReadOnlyList<Binding> BindingsTo(RoutingTarget destination)
    {
        lock (_definitions)
        {
            return BindingTable.To(destination);
        }
    }

    /// <summary>The queue of that name, if there is one.</summary>
    public MessageQueue? FindQueue(string name) => _queues.TryGet(name, out MessageQueue? queue) ? queue : null;

    // ---- publishing -----------------------------------------------------------------------------------------------

    /// <summary>The exchange of that name, if there is one.</summary>
    public Exchange? FindExchange(string name) => _topology.Find(name);

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
    public void CheckTopic(User user, Exchange exchange, string routingKey, PermissionKind permission)
    {
        ArgumentNullException.ThrowIfNull(user);
        ArgumentNullException.ThrowIfNull(exchange);
        if (exchange is TopicExchange && !_broker.Authorizer.CheckTopic(user, Name, exchange.Name, routingKey, permission))
        {
            throw Authorizer.RefusedTopic(permission, routingKey, exchange.Name, Name, user.Name);
        }
    }

    /// <summary>Adds the queues a message goes to by its routing key and the further keys of its CC and BCC headers.</summary>
    public void Route(
        Exchange exchange, Message message, ReadOnlySpan<byte[]> moreKeys, MessageFormat format, RouteSet routes) =>
        _topology.Route(
            exchange,
            new RoutingInput(message.RoutingKey, format, message.Properties) { MoreKeys = moreKeys },
            routes);

    /// <summary>Adds the queues a message goes to by its routing key and its CC header.</summary>
    public void RouteWithCopies(Exchange exchange, Message message, MessageFormat format, RouteSet routes)
    {
        var moreKeys = new List<byte[]>();
        if ((message.Flags & MessageFlags.HasHeaders) != 0
            && format.TryFindHeader(message.Properties, "CC"u8, out FieldValue copies))
        {
            foreach (FieldValue key in copies.AsArray())
            {
                moreKeys.Add(key.AsBytes().ToArray());
            }
        }

        Route(exchange, message, CollectionsMarshal.AsSpan(moreKeys), format, routes);
    }

    /// <summary>The queues of a set, to be kept.</summary>
    public static Route RouteOf(RouteSet routes, Exchange? source = null)
    {
        ArgumentNullException.ThrowIfNull(routes);
        return new Route(QueuesOf(routes).ToArray(), routes.Histories.ToArray()) { Source = source };
    }

    /// <summary>Stores a message and puts it into its queues.</summary>
    /// <returns>Accepted; Rejected when a queue turned it away; Refused when the log takes nothing.</returns>
    public PublishOutcome Publish(Message message, Route route, FlushSet flush, out ulong lsn)
    {
        ArgumentNullException.ThrowIfNull(route);
        if (route.Histories.Length != 0)
        {
            Remember(message, route.Histories);
        }

        return _broker.Messages.Write(message, route.Queues, default, flush, out lsn);
    }

    /// <summary>Puts a message that a transaction has stored into its queues.</summary>
    public void Enqueue(Message message, Route route, ulong lsn, FlushSet flush)
    {
        ArgumentNullException.ThrowIfNull(route);
        if (route.Histories.Length != 0)
        {
            Remember(message, route.Histories);
        }

        _broker.Messages.Enqueue(message, route.Queues, lsn, flush);
    }

    /// <summary>A message is published that no queue takes: the exchanges on its way may still keep it.</summary>
    public void Remember(Message message, Route route)
    {
        ArgumentNullException.ThrowIfNull(route);
        Remember(message, route.Histories);
    }

    // Every queue target of a broker is a MessageQueue; the span is only read.
    internal static ReadOnlySpan<MessageQueue> QueuesOf(RouteSet routes) => MemoryMarshal.CreateReadOnlySpan(
        ref Unsafe.As<QueueTarget, MessageQueue>(ref MemoryMarshal.GetReference(routes.Queues)), routes.Queues.Length);

    internal PublishOutcome Publish(
        Message message, RouteSet routes, RecordReference movedFrom, FlushSet flush, out ulong lsn)
    {
        Remember(message, routes.Histories);
        return _broker.Messages.Write(message, QueuesOf(routes), movedFrom, flush, out lsn);
    }

    internal void Remember(Message message, ReadOnlySpan<RecentHistoryExchange> histories)
    {
        foreach (RecentHistoryExchange exchange in histories)
        {
            exchange.Remember(message, _broker.FindFormat(message.Format));
        }
    }

    // ---- exchanges ------------------------------------------------------------------------------------------------

    /// <summary>The exchange of that name.</summary>
    /// <exception cref="BrokerError">404.</exception>
    public Exchange RequireExchange(string name) => _topology.Find(name) ?? throw BrokerErrors.NoExchange(name, Name);

    /// <summary>Creates an exchange, or checks that the one there is the same.</summary>
    /// <exception cref="BrokerError">403, 406 or 503 with RabbitMQ's text.</exception>
    public void DeclareExchange(User user, ExchangeDeclaration declaration)
    {
        ArgumentNullException.ThrowIfNull(declaration);
        RefuseDefault(declaration.Name);
        Check(user, ResourceKind.Exchange, declaration.Name, PermissionKind.Configure);
        lock (_definitions)
        {
            if (_topology.Find(declaration.Name) is { } existing)
            {
                ArgumentEquivalence.CheckExchange(existing, declaration, Name);
                return;
            }

            ResourceNames.CheckExchange(declaration.Name);
            if (_topology.ExchangeCount >= _broker.Options.ExchangesPerVirtualHost)
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

            if (declaration.Durable)
            {
                _store.Save(declaration);
            }

            created.Apply(_broker.Policies.ForExchange(Name, created.Name));
            _topology.Add(created);
            Changed();
        }
    }

    /// <summary>Deletes an exchange; no error when there is none.</summary>
    /// <returns>The LSN the reply waits for; 0 when nothing stored has changed.</returns>
    public ulong DeleteExchange(User user, string name, bool ifUnused)
    {
        RefuseDefault(name);
        if (name.StartsWith("amq.", StringComparison.Ordinal))
        {
            throw BrokerErrors.SystemExchange(name, Name);
        }

        Check(user, ResourceKind.Exchange, name, PermissionKind.Configure);
        lock (_definitions)
        {
            if (_topology.Find(name) is not { } exchange)
            {
                return 0;
            }

            if (ifUnused && exchange.HasBindings)
            {
                throw BrokerErrors.ExchangeInUse(name, Name);
            }

            ulong lsn = Remove(exchange);
            Changed();
            return lsn;
        }
    }

    /// <summary>Binds an exchange to an exchange.</summary>
    /// <returns>The LSN the reply waits for; 0 when nothing is in the log.</returns>
    public ulong BindExchange(User user, string source, string destination, string key, FieldTable arguments)
    {
        RefuseDefault(source);
        RefuseDefault(destination);
        Check(user, ResourceKind.Exchange, destination, PermissionKind.Write);
        Check(user, ResourceKind.Exchange, source, PermissionKind.Read);
        using var history = new HistoryReplay();
        Exchange to;
        lock (_definitions)
        {
            Exchange from = RequireExchange(source);
            CheckTopic(user, from, key, PermissionKind.Read);
            to = RequireExchange(destination);
            CheckBindingCount();
            history.Take(from);
            if (!_topology.Bind(from, to, key, arguments))
            {
                return 0;
            }

            if (from.Durable && to.Durable)
            {
                _store.SaveExchangeBinding(source, destination, key, arguments);
            }

            Changed();
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
        lock (_definitions)
        {
            Exchange from = RequireExchange(source);
            CheckTopic(user, from, key, PermissionKind.Read);
            Exchange to = RequireExchange(destination);
            if (_topology.Unbind(from, to, key, arguments))
            {
                _store.DeleteExchangeBinding(source, destination, key, arguments);
                DeleteIfAbandoned(from);
                Changed();
            }
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
        if (!_queues.TryGet(name, out MessageQueue? queue))
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
    /// <param name="lsn">The LSN the reply waits for; 0 when nothing is stored.</param>
    /// <exception cref="BrokerError">403, 405 or 406 with RabbitMQ's text.</exception>
    public MessageQueue DeclareQueue(User user, QueueDeclaration declaration, IQueueOwner asker, out ulong lsn)
    {
        ArgumentNullException.ThrowIfNull(declaration);
        Check(user, ResourceKind.Queue, declaration.Name, PermissionKind.Configure);
        declaration = WithDefaultKind(declaration);
        lsn = 0;
        lock (_definitions)
        {
            if (_queues.TryGet(declaration.Name, out MessageQueue? existing))
            {
                CheckSame(existing, declaration, asker);
                existing.Use();
                _broker.Statistics.Churn.QueueDeclared();
                return existing;
            }

            if (!declaration.ServerNamed)
            {
                ResourceNames.CheckQueue(declaration.Name);
            }

            RefuseWhenLeaving();
            long most = Math.Min(Limits.MaxQueues ?? long.MaxValue, _broker.Options.QueuesPerVirtualHost);
            if (_queues.Count >= most)
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
            if (parsed.Kind == QueueKind.Stream)
            {
                throw new BrokerError(BrokerErrorKind.NotImplemented, "queues of type stream are not available in this version");
            }

            if (parsed.DeadLetterExchange is { } deadLetters)
            {
                Check(user, ResourceKind.Queue, declaration.Name, PermissionKind.Read);
                Check(user, ResourceKind.Exchange, ExchangeResource(deadLetters), PermissionKind.Write);
            }

            // An exclusive queue goes with its connection, so nothing of it needs to be stored.
            ulong id = 0;
            if (declaration.Durable && declaration.Owner is null)
            {
                id = lsn = _store.SaveQueue(declaration);
            }

            var definition = new QueueDefinition(
                declaration.Durable, declaration.AutoDelete, declaration.Arguments, parsed, declaration.Owner);
            _broker.Statistics.Churn.QueueDeclared();
            _broker.Statistics.Churn.QueueCreated();
            return Add(declaration.Name, definition, id);
        }
    }

    /// <summary>Deletes a queue; no error when there is none.</summary>
    /// <returns>The LSN the reply waits for.</returns>
    /// <exception cref="BrokerError">403, 405, or 406 when it is in use or not empty.</exception>
    public ulong DeleteQueue(
        User user, string name, IQueueOwner asker, bool ifUnused, bool ifEmpty, FlushSet flush, out long readyCount)
    {
        Check(user, ResourceKind.Queue, name, PermissionKind.Configure);
        readyCount = 0;
        if (!_queues.TryGet(name, out MessageQueue? queue))
        {
            return 0;
        }

        CheckOwner(queue, asker);
        return Delete(queue, ifUnused, ifEmpty, flush, out readyCount);
    }

    /// <summary>Deletes an auto-delete queue that has lost its last consumer.</summary>
    public void DeleteIfAbandoned(MessageQueue queue, FlushSet flush)
    {
        ArgumentNullException.ThrowIfNull(queue);
        if (queue.IsAbandoned)
        {
            Delete(queue, ifUnused: false, ifEmpty: false, flush, out _);
        }
    }

    /// <summary>Deletes the exclusive queues of a connection that is gone.</summary>
    public void DeleteQueuesOf(IQueueOwner owner, FlushSet flush)
    {
        if (!_exclusive.TryRemove(owner, out ConcurrentDictionary<MessageQueue, bool>? owned))
        {
            return;
        }

        foreach (MessageQueue queue in owned.Keys)
        {
            Delete(queue, ifUnused: false, ifEmpty: false, flush, out _);
        }
    }

    private readonly ConcurrentDictionary<IQueueOwner, ConcurrentDictionary<MessageQueue, bool>> _exclusive = new();

    /// <summary>Binds a queue.</summary>
    /// <returns>The LSN the reply waits for; 0 when nothing is stored.</returns>
    public ulong BindQueue(User user, string exchange, MessageQueue queue, string key, FieldTable arguments)
    {
        ArgumentNullException.ThrowIfNull(queue);
        RefuseDefault(exchange);
        Check(user, ResourceKind.Queue, queue.Name, PermissionKind.Write);
        Check(user, ResourceKind.Exchange, exchange, PermissionKind.Read);
        using var history = new HistoryReplay();
        ulong lsn;
        lock (_definitions)
        {
            Exchange source = RequireExchange(exchange);
            CheckTopic(user, source, key, PermissionKind.Read);
            CheckBindingCount();
            history.Take(source);
            if (!_topology.Bind(source, queue, key, arguments))
            {
                return 0;
            }

            Changed();
            lsn = queue.IsLogged && source.Durable ? _store.SaveBinding(exchange, queue, key, arguments) : 0;
        }

        return Math.Max(lsn, history.SendTo(queue, this, _broker));
    }

    /// <summary>Takes a binding of a queue away; no error when there is none.</summary>
    /// <returns>The LSN the reply waits for; 0 when nothing stored has changed.</returns>
    public ulong UnbindQueue(User user, string exchange, MessageQueue queue, string key, FieldTable arguments)
    {
        ArgumentNullException.ThrowIfNull(queue);
        RefuseDefault(exchange);
        Check(user, ResourceKind.Queue, queue.Name, PermissionKind.Write);
        Check(user, ResourceKind.Exchange, exchange, PermissionKind.Read);
        lock (_definitions)
        {
            Exchange source = RequireExchange(exchange);
            CheckTopic(user, source, key, PermissionKind.Read);
            if (!_topology.Unbind(source, queue, key, arguments))
            {
                return 0;
            }

            ulong lsn = _store.DeleteBinding(exchange, queue, key, arguments);
            DeleteIfAbandoned(source);
            Changed();
            return lsn;
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

    // ---- policies and the end -------------------------------------------------------------------------------------

    /// <summary>Puts a changed policy in force for everything it means or meant.</summary>
    internal void OnPolicyChanged(PolicyChange change)
    {
        PolicyStore store = _broker.Policies;
        var flush = new FlushSet();
        lock (_definitions)
        {
            foreach (MessageQueue queue in _queues.All)
            {
                QueueKind kind = queue.Definition.Parsed.Kind;
                Policy? current = queue.Policies.Of(change.IsOperators);
                Policy? next = change.Touches(current)
                    ? store.BestForQueue(Name, queue.Name, kind, change.IsOperators)
                    : change.New is { } added && added.WinsOver(current) && added.MatchesQueue(queue.Name, kind) ? added : current;
                if (!ReferenceEquals(next, current))
                {
                    queue.Apply(queue.Policies.With(next, change.IsOperators), flush);
                }
            }

            foreach (Exchange exchange in _topology.Exchanges)
            {
                exchange.Apply(_broker.Policies.ForExchange(Name, exchange.Name));
            }

            Changed();
        }

        flush.FlushAll();
    }

    /// <summary>Deletes every queue and exchange: the virtual host is going away and takes no new ones.</summary>
    internal void DeleteEverything()
    {
        var flush = new FlushSet();
        foreach (MessageQueue queue in _queues.All)
        {
            Delete(queue, ifUnused: false, ifEmpty: false, flush, out _);
        }

        lock (_definitions)
        {
            foreach (Exchange exchange in _topology.Exchanges)
            {
                Remove(exchange);
            }
        }

        _broker.Commits.Request();
        flush.FlushAll();
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

    // ---- recovery -------------------------------------------------------------------------------------------------

    internal void RestoreExchanges()
    {
        foreach (ExchangeDeclaration declaration in _store.LoadExchanges())
        {
            if (_topology.Find(declaration.Name) is null)
            {
                Exchange restored = Topology.Create(declaration);
                restored.Apply(_broker.Policies.ForExchange(Name, restored.Name));
                _topology.Add(restored);
            }
        }

        foreach ((string source, string destination, string key, FieldTable arguments) in _store.LoadExchangeBindings())
        {
            if (_topology.Find(source) is { } from && _topology.Find(destination) is { } to)
            {
                _topology.Bind(from, to, key, arguments);
            }
        }
    }

    internal MessageQueue RestoreQueue(StoredQueue stored, ulong id)
    {
        QueueArguments parsed = QueueArguments.Parse(
            stored.Arguments, new QueueProperties(Durable: true, Exclusive: false, stored.AutoDelete), stored.Name, Name);
        var definition = new QueueDefinition(Durable: true, stored.AutoDelete, stored.Arguments, parsed, Owner: null);
        return Add(stored.Name, definition, id);
    }

    internal void RestoreBinding(StoredBinding stored, MessageQueue queue, ulong lsn)
    {
        if (_topology.Find(stored.Exchange) is { } source)
        {
            _topology.Bind(source, queue, stored.RoutingKey, stored.Arguments);
            _store.Remember(stored, queue, lsn);
        }
    }

    // ---- under the definitions lock -------------------------------------------------------------------------------

    private MessageQueue Add(string name, QueueDefinition definition, ulong id)
    {
        var queue = new MessageQueue(Name, name, definition, id, _broker.QueueServices);
        AppliedPolicies policies = _broker.Policies.ForQueue(Name, name, definition.Parsed.Kind);
        if (policies != AppliedPolicies.None)
        {
            queue.Apply(policies, new FlushSet());
        }

        queue.Expired += q =>
        {
            var flush = new FlushSet();
            Delete(q, ifUnused: true, ifEmpty: false, flush, out _);
            flush.FlushAll();
        };
        _queues.Add(queue);
        if (definition.Owner is { } owner)
        {
            _exclusive.GetOrAdd(owner, static _ => new())[queue] = true;
        }

        queue.StartTimers(redelivered: false);
        Changed();
        return queue;
    }

    private ulong Delete(MessageQueue queue, bool ifUnused, bool ifEmpty, FlushSet flush, out long readyCount)
    {
        QueueConsumer[]? consumers;
        ulong lsn = 0;
        lock (_definitions)
        {
            consumers = queue.MarkDeleted(ifUnused, ifEmpty, out readyCount);
            if (consumers is null)
            {
                return 0;
            }

            _queues.Remove(queue);
            if (queue.Definition.Owner is { } owner && _exclusive.TryGetValue(owner, out var owned))
            {
                owned.TryRemove(queue, out _);
            }

            foreach (Exchange source in _topology.RemoveDestination(queue))
            {
                DeleteIfAbandoned(source);
            }

            lsn = _store.DeleteQueue(queue);
            _broker.Statistics.Churn.QueueDeleted();
            Changed();
        }

        foreach (QueueConsumer consumer in consumers)
        {
            consumer.OnCancelled(ConsumerCancelReason.QueueDeleted, flush);
        }

        return lsn;
    }

    private ulong Remove(Exchange exchange)
    {
        ulong lsn = 0;
        foreach (Binding binding in exchange.Bindings)
        {
            if (binding.Destination is MessageQueue queue)
            {
                lsn = Math.Max(lsn, _store.DeleteBinding(exchange.Name, queue, binding.Key, binding.Arguments));
            }
        }

        IReadOnlyList<Exchange> sources = _topology.Remove(exchange);
        _store.DeleteExchange(exchange.Name);
        foreach (Exchange source in sources)
        {
            DeleteIfAbandoned(source);
        }

        return lsn;
    }

    // An auto-delete exchange goes with the last binding from it.
    private void DeleteIfAbandoned(Exchange exchange)
    {
        if (exchange.AutoDelete && !exchange.HasBindings && _topology.Find(exchange.Name) == exchange)
        {
            Remove(exchange);
        }
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
        if (_topology.BindingCount >= _broker.Options.BindingsPerVirtualHost)
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

    private void Changed() => Interlocked.Increment(ref _version);
}
