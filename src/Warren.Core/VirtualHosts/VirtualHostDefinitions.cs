using System.Collections.Concurrent;
using Warren.Buffers;
using Warren.Buffers.Commits;
using Warren.Buffers.Fields;
using Warren.Core.Arguments;
using Warren.Core.Events;
using Warren.Core.Exchanges;
using Warren.Core.Persistence;
using Warren.Core.Policies;
using Warren.Core.Publishing;
using Warren.Core.Queues;
using Warren.Storage;

namespace Warren.Core.VirtualHosts;

/// <summary>The exchanges, queues and bindings of a virtual host: what changes them in memory and on the disk, and brings them back.</summary>
/// <remarks>
/// <see cref="Lock"/> guards changes; where a method does not say that its caller holds it, it must not. Routing and
/// lookups take no lock. Whether a client may is asked before, by <see cref="VirtualHost"/>. Lock order: this →
/// MessageQueue (docs/locks.md).
/// </remarks>
internal sealed class VirtualHostDefinitions
{
    private readonly Broker _broker;
    private readonly string _name;
    private readonly DefinitionStore _store;
    private readonly ConcurrentDictionary<IQueueOwner, ConcurrentDictionary<MessageQueue, bool>> _exclusive = new();
    private long _version;

    public VirtualHostDefinitions(Broker broker, string name)
    {
        _broker = broker;
        _name = name;
        _store = new DefinitionStore(broker, name);
        Topology = new Topology(Queues.Find);
    }

    /// <summary>Held by who changes anything, and by who asks for bindings.</summary>
    public Lock Lock { get; } = new();

    /// <summary>The queues.</summary>
    public QueueRegistry Queues { get; } = new();

    /// <summary>The exchanges and bindings.</summary>
    public Topology Topology { get; }

    /// <summary>Makes an exchange that only the broker publishes to. Before anything else is there.</summary>
    public Exchange AddOwnExchange(string name)
    {
        Exchange own = Topology.AddOwn(name);
        own.Apply(_broker.Policies.ForExchange(_name, name));
        return own;
    }

    /// <summary>Changes with every change.</summary>
    public long Version => Volatile.Read(ref _version);

    /// <summary>What the declaration of a queue waits for, while it is on its way to the disk.</summary>
    public CommitTicket TicketOf(MessageQueue queue) => _store.TicketOf(queue);

    /// <summary>Lets a new exchange be found, and stores it when it is durable. Under the lock.</summary>
    public void Add(Exchange created, ExchangeDeclaration declaration, string? by)
    {
        if (declaration.Durable)
        {
            _store.Save(declaration);
        }

        created.Apply(_broker.Policies.ForExchange(_name, created.Name));
        Topology.Add(created);
        Changed();
        _broker.Events.ExchangeCreated(_name, created, by);
    }

    /// <summary>Deletes an exchange with its bindings. Under the lock.</summary>
    /// <returns>What the reply waits for.</returns>
    /// <exception cref="BrokerError">541: the log takes nothing; nothing has changed.</exception>
    public CommitTicket Delete(Exchange exchange, string? by)
    {
        CommitTicket ticket = Remove(exchange, by);
        Changed();
        return ticket;
    }

    /// <summary>Binds, and stores the binding when both ends are durable. Under the lock.</summary>
    /// <param name="source">Where messages come from.</param>
    /// <param name="destination">Where they go.</param>
    /// <param name="key">The binding key.</param>
    /// <param name="arguments">The arguments of the binding.</param>
    /// <param name="by">Who asks.</param>
    /// <param name="ticket">What the reply waits for: the binding that is there may still be on its way to the disk.</param>
    /// <returns>False when there is such a binding.</returns>
    /// <exception cref="BrokerError">403 or 406: the exchange takes no such binding; 541: the log takes nothing.</exception>
    public bool Bind(
        Exchange source, RoutingTarget destination, string key, FieldTable arguments, string? by, out CommitTicket ticket)
    {
        ticket = default;
        MessageQueue? logged = destination is MessageQueue { IsLogged: true } queue && source.Durable ? queue : null;
        if (Topology.FindOrAllow(source, destination, key, arguments) is not null)
        {
            ticket = logged is null ? default : _store.TicketOf(source.Name, logged, key, arguments);
            return false;
        }

        if (destination is Exchange { Durable: true } && source.Durable)
        {
            _store.SaveExchangeBinding(source.Name, destination.Name, key, arguments);
        }
        else if (logged is not null)
        {
            ticket = _store.SaveBinding(source.Name, logged, key, arguments).OrThrow();
        }

        Binding binding = Topology.Bind(source, destination, key, arguments)!;
        Changed();
        _broker.Events.BindingCreated(_name, binding, by);
        return true;
    }

    /// <summary>Binds a queue without storing it: whoever asks for it brings it back after a restart. Under the lock.</summary>
    /// <returns>False when there is such a binding.</returns>
    public bool BindUnstored(Exchange source, MessageQueue queue, string key, string? by)
    {
        if (Topology.Bind(source, queue, key, FieldTable.Empty) is not { } binding)
        {
            return false;
        }

        Changed();
        _broker.Events.BindingCreated(_name, binding, by);
        return true;
    }

    /// <summary>Takes a binding away; no error when there is none. Under the lock.</summary>
    /// <returns>What the reply waits for.</returns>
    /// <exception cref="BrokerError">541: the log takes nothing; nothing has changed.</exception>
    public CommitTicket Unbind(Exchange source, RoutingTarget destination, string key, FieldTable arguments, string? by)
    {
        if (BindingTable.Find(source, destination, key, arguments) is null)
        {
            return _broker.Commits.Barrier(); // another one's unbind may still be on its way to the disk
        }

        CommitTicket ticket = default;
        if (destination is MessageQueue queue)
        {
            ticket = _store.DeleteBinding(source.Name, queue, key, arguments).OrThrow();
        }
        else
        {
            _store.DeleteExchangeBinding(source.Name, destination.Name, key, arguments);
        }

        Binding binding = Topology.Unbind(source, destination, key, arguments)!;
        _broker.Events.BindingDeleted(_name, binding, by);
        DeleteIfAbandoned(source, by);
        Changed();
        return ticket;
    }

    /// <summary>Stores a queue that outlives its broker, and makes it. Under the lock.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="declaration">As asked for.</param>
    /// <param name="parsed">Its arguments, checked.</param>
    /// <param name="by">Who asks.</param>
    /// <param name="ticket">What the reply waits for.</param>
    /// <exception cref="BrokerError">541: the log takes nothing.</exception>
    public MessageQueue Create(
        string name, QueueDeclaration declaration, QueueArguments parsed, string? by, out CommitTicket ticket)
    {
        // An exclusive queue goes with its connection, so nothing of it needs to be stored.
        StoreResult stored = declaration.Durable && declaration.Owner is null
            ? _store.SaveQueue(declaration)
            : StoreResult.NothingToStore;
        ticket = stored.OrThrow();
        var definition = new QueueDefinition(
            declaration.Durable, declaration.AutoDelete, declaration.Arguments, parsed, declaration.Owner);
        MessageQueue created = Add(name, definition, stored.Lsn);
        _broker.Events.QueueCreated(created, by);
        return created;
    }

    /// <summary>Deletes a queue with its bindings and cancels its consumers. Not under the lock.</summary>
    /// <returns>What the reply waits for.</returns>
    /// <exception cref="BrokerError">406: in use, or not empty; 541: the log takes nothing. Nothing has changed.</exception>
    public CommitTicket Delete(
        MessageQueue queue, QueueDeletion deletion, string? by, FlushSet flush, out long readyCount)
    {
        QueueConsumer[]? consumers;
        CommitTicket ticket;
        lock (Lock)
        {
            consumers = queue.MarkDeleted(deletion, _store.DeleteQueue, out ticket, out readyCount);
            if (consumers is null)
            {
                return queue.IsLogged ? _broker.Log.Barrier() : default; // somebody else's deletion may be on its way
            }

            Queues.Remove(queue);
            if (queue.Definition.Owner is { } owner && _exclusive.TryGetValue(owner, out var owned))
            {
                owned.TryRemove(queue, out _);
            }

            Tell(Topology.RemoveDestination(queue), by);
            Aside(() => _store.Forget(queue));
            _broker.Statistics.Churn.QueueDeleted();
            _broker.Events.QueueDeleted(queue, by);
            Changed();
        }

        foreach (QueueConsumer consumer in consumers)
        {
            consumer.OnCancelled(ConsumerCancelReason.QueueDeleted, flush);
        }

        return ticket;
    }

    /// <summary>Deletes the exclusive queues of a connection that is gone. Not under the lock.</summary>
    public void DeleteQueuesOf(IQueueOwner owner, FlushSet flush)
    {
        if (!_exclusive.TryRemove(owner, out ConcurrentDictionary<MessageQueue, bool>? owned))
        {
            return;
        }

        foreach (MessageQueue queue in owned.Keys)
        {
            Delete(queue, default, by: null, flush, out _);
        }
    }

    /// <summary>Puts a changed policy in force for everything it means or meant.</summary>
    /// <remarks>
    /// The lock is held while limits are set, however long queues are. What is too much by now is dropped after it, a first
    /// step here and the rest through the scheduler.
    /// </remarks>
    public void OnPolicyChanged(PolicyChange change)
    {
        PolicyStore store = _broker.Policies;
        var flush = new FlushSet();
        var changed = new List<MessageQueue>();
        lock (Lock)
        {
            foreach (MessageQueue queue in Queues.All)
            {
                QueueKind kind = queue.Definition.Parsed.Kind;
                Policy? current = queue.Policies.Of(change.IsOperators);
                Policy? next = change.Touches(current)
                    ? store.BestForQueue(_name, queue.Name, kind, change.IsOperators)
                    : change.New is { } added && added.WinsOver(current) && added.MatchesQueue(queue.Name, kind) ? added : current;
                if (!ReferenceEquals(next, current))
                {
                    queue.Apply(queue.Policies.With(next, change.IsOperators));
                    changed.Add(queue);
                    _broker.Events.QueuePolicyChanged(queue, next);
                }
            }

            foreach (Exchange exchange in Topology.Exchanges)
            {
                exchange.Apply(_broker.Policies.ForExchange(_name, exchange.Name));
            }

            Changed();
        }

        foreach (MessageQueue queue in changed)
        {
            queue.Enforce(flush);
        }

        flush.FlushAll();
    }

    /// <summary>Deletes every queue and exchange: the virtual host is going away and takes no new ones.</summary>
    public void DeleteEverything()
    {
        var flush = new FlushSet();
        foreach (MessageQueue queue in Queues.All)
        {
            Delete(queue, default, by: null, flush, out _);
        }

        lock (Lock)
        {
            foreach (Exchange exchange in Topology.Exchanges)
            {
                Remove(exchange, by: null);
            }
        }

        _broker.Commits.Request();
        flush.FlushAll();
    }

    /// <summary>Brings the stored exchanges and the bindings between them back. Before the first client.</summary>
    public void RestoreExchanges()
    {
        foreach (ExchangeDeclaration declaration in _store.LoadExchanges())
        {
            if (Topology.Find(declaration.Name) is null)
            {
                Exchange restored = Topology.Create(declaration);
                restored.Apply(_broker.Policies.ForExchange(_name, restored.Name));
                Topology.Add(restored);
            }
        }

        foreach ((string source, string destination, string key, FieldTable arguments) in _store.LoadExchangeBindings())
        {
            if (Topology.Find(source) is { } from && Topology.Find(destination) is { } to)
            {
                Topology.Bind(from, to, key, arguments);
            }
        }
    }

    /// <summary>Brings a stored queue back. Before the first client.</summary>
    public MessageQueue RestoreQueue(StoredQueue stored, ulong id)
    {
        QueueArguments parsed = QueueArguments.Parse(
            stored.Arguments, new QueueProperties(Durable: true, Exclusive: false, stored.AutoDelete), stored.Name, _name);
        var definition = new QueueDefinition(Durable: true, stored.AutoDelete, stored.Arguments, parsed, Owner: null);
        return Add(stored.Name, definition, id, isRecovered: true);
    }

    /// <summary>Brings a stored binding of a queue back. Before the first client.</summary>
    public void RestoreBinding(StoredBinding stored, MessageQueue queue, ulong lsn)
    {
        if (Topology.Find(stored.Exchange) is { } source)
        {
            Topology.Bind(source, queue, stored.RoutingKey, stored.Arguments);
            _store.Remember(stored, queue, lsn);
        }
    }

    /// <summary>Brings the binding of a client session back. Before the first client.</summary>
    public void RestoreBinding(string exchange, MessageQueue queue, string key)
    {
        if (Topology.Find(exchange) is { } source)
        {
            Topology.Bind(source, queue, key, FieldTable.Empty);
        }
    }

    /// <summary>A stored queue is gone again, and nothing is stored of that. Before the broker is active.</summary>
    public void ForgetQueue(MessageQueue queue)
    {
        Queues.Remove(queue);
        Topology.RemoveDestination(queue);
        _store.Drop(queue);
    }

    /// <summary>The stored binding of a queue is gone again, and nothing is stored of that. Before the broker is active.</summary>
    public void ForgetBinding(MessageQueue queue, ulong lsn)
    {
        if (_store.Drop(queue, lsn) is { } binding && Topology.Find(binding.Exchange) is { } source)
        {
            Topology.Unbind(source, queue, binding.RoutingKey, binding.Arguments);
        }
    }

    /// <summary>The binding of a client session is gone again. Before the broker is active.</summary>
    public void ForgetBinding(string exchange, MessageQueue queue, string key)
    {
        if (Topology.Find(exchange) is { } source)
        {
            Topology.Unbind(source, queue, key, FieldTable.Empty);
        }
    }

    private void Changed() => Interlocked.Increment(ref _version);

    private MessageQueue Add(string name, QueueDefinition definition, ulong id, bool isRecovered = false)
    {
        MessageQueue queue = new ClassicQueue(_name, name, definition, id, _broker.QueueServices);
        AppliedPolicies policies = _broker.Policies.ForQueue(_name, name, definition.Parsed.Kind);
        if (policies != AppliedPolicies.None)
        {
            queue.Apply(policies);
        }

        queue.Expired += q =>
        {
            var flush = new FlushSet();
            Delete(q, new QueueDeletion(IfExpired: true), by: null, flush, out _);
            flush.FlushAll();
        };
        Queues.Add(queue);
        if (definition.Owner is { } owner)
        {
            _exclusive.GetOrAdd(owner, static _ => new())[queue] = true;
        }

        if (!isRecovered)
        {
            queue.StartTimers(deliveredThroughLsn: 0);
        }

        Changed();
        return queue;
    }

    private CommitTicket Remove(Exchange exchange, string? by)
    {
        CommitTicket ticket = default;
        foreach (Binding binding in exchange.Bindings)
        {
            if (binding.Destination is MessageQueue queue)
            {
                ticket = ticket.And(_store.DeleteBinding(exchange.Name, queue, binding.Key, binding.Arguments).OrThrow());
            }
        }

        if (exchange.Durable)
        {
            try
            {
                _store.AwaitStored(); // or bindings whose exchange is gone came back with the next one of its name
                _store.DeleteExchange(exchange.Name);
            }
            catch (Exception error) when (error is IOException or BrokerError)
            {
                StoreAgain(exchange);
                throw;
            }
        }

        RemovedBindings removed = Topology.Remove(exchange);
        _broker.Events.ExchangeDeleted(_name, exchange, by);
        Tell(removed, by);
        return ticket;
    }

    // The exchange stays, so its bindings do; one that cannot be stored does not stay in memory either.
    private void StoreAgain(Exchange exchange)
    {
        foreach (Binding binding in exchange.Bindings.ToArray())
        {
            if (binding.Destination is MessageQueue { IsLogged: true } queue
                && _store.SaveBinding(exchange.Name, queue, binding.Key, binding.Arguments).IsRefused)
            {
                Topology.Unbind(exchange, queue, binding.Key, binding.Arguments);
                _broker.Events.BindingDeleted(_name, binding, by: null);
            }
        }

        Changed();
    }

    // An auto-delete exchange goes with the last binding from it. If it cannot, that is no fault of what was asked for.
    private void DeleteIfAbandoned(Exchange exchange, string? by)
    {
        if (exchange.AutoDelete && !exchange.HasBindings && Topology.Find(exchange.Name) == exchange)
        {
            Aside(() => Remove(exchange, by));
        }
    }

    // What comes along with something done already: it is reported, and what was asked for goes on to its end.
    private void Aside(Action step)
    {
        try
        {
            step();
        }
        catch (Exception error) when (error is IOException or BrokerError)
        {
            _broker.Scheduler.Report(_broker, error);
        }
    }

    private void Tell(RemovedBindings removed, string? by)
    {
        foreach (Binding binding in removed.Bindings)
        {
            _broker.Events.BindingDeleted(_name, binding, by);
        }

        foreach (Exchange source in removed.EmptiedSources)
        {
            DeleteIfAbandoned(source, by);
        }
    }
}
