using Warren.Buffers;
using Warren.Buffers.Commits;
using Warren.Buffers.Scheduling;
using Warren.Core.Arguments;
using Warren.Core.Messages;
using Warren.Core.Publishing;
using Warren.Core.Queues;
using Warren.Core.Routing;
using Warren.Core.Security;
using Warren.Storage;

namespace Warren.Core.Sessions;

/// <summary>The client sessions of one virtual host, by client id.</summary>
/// <remarks>
/// Thread-safe. Its lock is held for look-ups only; a session belongs to the connection that holds it. Order of locks:
/// it comes before none, and nothing is called under it (docs/locks.md).
/// </remarks>
public sealed partial class SessionRegistry
{
    private readonly Lock _lock = new();
    private readonly Dictionary<string, ClientSession> _sessions = new(StringComparer.Ordinal);
    private readonly SharedQueues _shared;
    private readonly Broker _broker;
    private readonly VirtualHost _virtualHost;
    private long _expired;
    private bool _isClosed; // the virtual host is going away

    internal SessionRegistry(Broker broker, VirtualHost virtualHost)
    {
        _broker = broker;
        _virtualHost = virtualHost;
        _shared = new SharedQueues(virtualHost);
    }

    /// <summary>Sessions, with and without a client.</summary>
    public int Count
    {
        get
        {
            lock (_lock)
            {
                return _sessions.Count;
            }
        }
    }

    /// <summary>Subscriptions of all sessions, shared ones included.</summary>
    public int SubscriptionCount => _shared.SubscriptionCount;

    /// <summary>Shared subscriptions of all sessions.</summary>
    public int SharedSubscriptionCount => _shared.MemberCount;

    /// <summary>Whether any session has a shared subscription with a queue.</summary>
    public bool IsShared(string queueName) => _shared.HasMembers(queueName);

    /// <summary>Sessions that ended because their client did not come back in time, since the start.</summary>
    public long ExpiredCount => Volatile.Read(ref _expired);

    private SessionStore Store => _broker.SessionStore;

    /// <summary>The sessions at this moment.</summary>
    public IReadOnlyList<ClientSession> List()
    {
        lock (_lock)
        {
            return [.. _sessions.Values];
        }
    }

    /// <summary>The session of a client, if there is one.</summary>
    public ClientSession? Find(string clientId)
    {
        lock (_lock)
        {
            return _sessions.GetValueOrDefault(clientId);
        }
    }

    /// <summary>Attaches a connection to the session of its client, which is made when there is none. Whoever holds it is displaced.</summary>
    /// <param name="clientId">The client.</param>
    /// <param name="user">Who has logged in.</param>
    /// <param name="queueNameOf">The name of the queue of a new session, by its client.</param>
    /// <param name="cleanStart">Forget what was kept.</param>
    /// <param name="holder">The connection. Blocks until it has the session.</param>
    /// <param name="present">Whether there was a session to go on with.</param>
    /// <exception cref="BrokerError">405: the session is another user's; 406: there are too many; 541: the virtual host is going away.</exception>
    public ClientSession Open(
        string clientId, User user, Func<string, string> queueNameOf, bool cleanStart, ISessionHolder holder, out bool present)
    {
        ArgumentNullException.ThrowIfNull(user);
        ClientSession session;
        SpinWait wait = default;
        while (true)
        {
            ISessionHolder displaced;
            lock (_lock)
            {
                if (_isClosed)
                {
                    throw new BrokerError(BrokerErrorKind.InternalError, $"vhost '{_virtualHost.Name}' is down");
                }

                if (!_sessions.TryGetValue(clientId, out session!))
                {
                    if (_sessions.Count >= _broker.Options.SessionsPerVirtualHost)
                    {
                        throw new BrokerError(
                            BrokerErrorKind.PreconditionFailed,
                            $"cannot open a session in vhost '{_virtualHost.Name}': session limit ({_broker.Options.SessionsPerVirtualHost}) is reached");
                    }

                    session = new ClientSession(this, clientId, user.Name, queueNameOf) { Holder = holder };
                    _sessions.Add(clientId, session);
                    present = false;
                    return session;
                }

                if (!string.Equals(session.UserName, user.Name, StringComparison.Ordinal))
                {
                    throw new BrokerError(
                        BrokerErrorKind.ResourceLocked,
                        $"client id '{clientId}' in vhost '{_virtualHost.Name}' is in use by another user");
                }

                if (session.Holder is null)
                {
                    session.Holder = holder;
                    session.WakeNoMore();
                    break;
                }

                displaced = session.Holder;
            }

            displaced.Displace();
            wait.SpinOnce(); // one that is not open yet, or is ending, lets go a moment later
        }

        if (cleanStart)
        {
            // The session ends here, and with it the wait of its will (MQTT 5.0, 3.1.3.2.2).
            if (session.WillDue != Uptime.Never)
            {
                TryPublishWill(session);
            }

            Forget(session);
        }

        session.WillDue = Uptime.Never;
        session.AwaySinceMs = 0;
        Store.SayConnected(session);
        present = !cleanStart;
        return session;
    }

    /// <summary>Says how long the session outlives its connection, and stores it when it does. By its holder.</summary>
    /// <returns>What the reply waits for.</returns>
    /// <exception cref="BrokerError">541: the log takes nothing.</exception>
    public CommitTicket Keep(ClientSession session, uint expirySeconds)
    {
        ArgumentNullException.ThrowIfNull(session);
        CommitTicket ticket = session.Ended;
        session.Ended = default;
        if (expirySeconds > 0 && !session.IsStored)
        {
            StoreResult stored = Store.Save(new StoredSession(
                _virtualHost.Name, session.ClientId, session.UserName, session.QueueName, expirySeconds));
            ticket = ticket.And(stored.OrThrow());
            session.Id = stored.Lsn;
        }
        else if (expirySeconds > 0 && session.ExpirySeconds != expirySeconds)
        {
            ticket = ticket.And(Store.SaveState(session, session.AwaySinceMs, expirySeconds).OrThrow());
        }

        session.ExpirySeconds = expirySeconds;
        return ticket;
    }

    /// <summary>Says what is published when the client is lost. Stored when the session is. By its holder.</summary>
    /// <remarks>
    /// On a full disk the client has to come in all the same, or nobody would empty its queue and the disk would stay full.
    /// So what is stored already is not written again, and what cannot be stored is kept in memory: if the broker crashes
    /// while the client is there, it is not published. The one stored before is given back, which takes no space: to
    /// publish that one would be wrong. It is tried again when the client is lost and the will has to wait.
    /// </remarks>
    /// <param name="session">The session.</param>
    /// <param name="will">The will; null: none.</param>
    /// <param name="isLacking">Whether it should be stored and is in memory only.</param>
    /// <returns>What the reply waits for.</returns>
    /// <exception cref="BrokerError">541: the log takes nothing.</exception>
    public CommitTicket Keep(ClientSession session, SessionWill? will, out bool isLacking)
    {
        ArgumentNullException.ThrowIfNull(session);
        isLacking = false;
        CommitTicket ticket = default;
        if (session.WillLsn != 0 && session.Will?.IsSameAs(will) == true)
        {
            ticket = Store.WillTicket(session);
        }
        else if (session.IsStored)
        {
            StoreResult stored = Store.SaveWill(session, will);
            isLacking = stored.IsRefused && will is not null && !Store.IsOver;
            ticket = (isLacking ? Store.SaveWill(session, null) : stored).OrThrow();
        }

        session.Will = will;
        return ticket;
    }

    /// <summary>The client's connection is gone: the session waits for the next one, or ends.</summary>
    /// <param name="session">The session.</param>
    /// <param name="holder">The connection that held it.</param>
    /// <param name="keepsWill">Whether the will is published unless the client is back in time; else it is forgotten.</param>
    public void Release(ClientSession session, ISessionHolder holder, bool keepsWill)
    {
        ArgumentNullException.ThrowIfNull(session);
        if (!ReferenceEquals(session.Holder, holder))
        {
            return;
        }

        if (!keepsWill || session is { Will.DelaySeconds: 0 } or { ExpirySeconds: 0 })
        {
            if (!keepsWill)
            {
                session.Will = null;
            }

            TryPublishWill(session);
        }

        if (session.ExpirySeconds == 0)
        {
            End(session);
            return;
        }

        // Nobody waits for this: when a log that is full or has failed does not take it, the next start counts from itself.
        session.AwaySinceMs = _broker.Clock.NowMs;
        session.AwaySince = _broker.Clock.Uptime;
        session.WillDue = WillDueOf(session);
        if (session is { IsStored: true, Will: { } waiting, WillLsn: 0 })
        {
            _ = Store.SaveWill(session, waiting);
        }

        _ = Store.SaveState(session, session.AwaySinceMs, session.ExpirySeconds);
        Uptime due = Uptime.Min(EndOf(session), session.WillDue);
        lock (_lock)
        {
            session.Holder = null;
        }

        session.WakeAt(_broker.Scheduler, due);
        if (session.Holder is not null)
        {
            session.WakeNoMore(); // another connection was faster
        }
    }

    /// <summary>Ends a session by hand; its client is disconnected.</summary>
    /// <param name="clientId">The client.</param>
    /// <param name="was">False when there is none.</param>
    /// <returns>What the reply waits for, also when it has ended just before.</returns>
    /// <exception cref="BrokerError">541: the log takes nothing, and the next start has the session again.</exception>
    public CommitTicket Delete(string clientId, out bool was)
    {
        was = false;
        SpinWait wait = default;
        while (true)
        {
            ISessionHolder? holder;
            ClientSession? session;
            lock (_lock)
            {
                if (!_sessions.TryGetValue(clientId, out session))
                {
                    break; // it may have ended with its connection
                }

                was = true;
                holder = session.Holder;
                session.Holder ??= Ending.Instance;
            }

            if (holder is null)
            {
                if (!End(session))
                {
                    throw BrokerErrors.NotStored();
                }

                break;
            }

            holder.Displace();
            wait.SpinOnce();
        }

        return Store.Barrier();
    }

    /// <summary>Adds a subscription, or puts it in the place of the same one. By the holder.</summary>
    /// <returns>What the reply waits for.</returns>
    /// <exception cref="BrokerError">541: the log takes nothing; nothing has changed.</exception>
    public CommitTicket Add(ClientSession session, SessionSubscription subscription, string queueName, out SessionSubscription? replaced)
    {
        ArgumentNullException.ThrowIfNull(session);
        ArgumentNullException.ThrowIfNull(subscription);
        CommitTicket ticket = default;
        replaced = session.Find(subscription.Filter, subscription.Group);
        if (session.IsStored)
        {
            StoreResult stored = Store.Save(session, subscription, queueName, replaced?.Lsn ?? 0);
            ticket = stored.OrThrow();
            subscription.Lsn = stored.Lsn;
        }

        if (replaced is null)
        {
            session.Include(subscription);
            _shared.Join(subscription, queueName);
        }
        else
        {
            session.Replace(replaced, subscription);
            subscription.SharedQueueName = replaced.SharedQueueName;
        }

        return ticket;
    }

    /// <summary>Takes a subscription away. By the holder.</summary>
    /// <returns>What the reply waits for.</returns>
    /// <exception cref="BrokerError">541: the log takes nothing; nothing has changed.</exception>
    public CommitTicket Remove(ClientSession session, SessionSubscription subscription)
    {
        ArgumentNullException.ThrowIfNull(session);
        ArgumentNullException.ThrowIfNull(subscription);
        CommitTicket ticket = subscription.Lsn == 0 ? default : Store.GiveBack(session, subscription.Lsn).OrThrow();
        session.Exclude(subscription);
        _shared.Leave(subscription);
        return ticket;
    }

    /// <summary>Publishes a message once, however often it is handed in under this number (MQTT 5.0, 4.3.3). By the holder.</summary>
    /// <param name="session">Who hands it in.</param>
    /// <param name="number">Under which number; the session must not have it yet.</param>
    /// <param name="message">The message.</param>
    /// <param name="route">Where it goes.</param>
    /// <param name="flush">Collects the outputs to flush.</param>
    /// <param name="ticket">What the reply waits for.</param>
    public PublishOutcome PublishOnce(
        ClientSession session, ushort number, Message message, Route route, FlushSet flush, out CommitTicket ticket)
    {
        ArgumentNullException.ThrowIfNull(session);
        ArgumentNullException.ThrowIfNull(route);
        PublishOutcome outcome;
        if (!session.IsStored)
        {
            outcome = _virtualHost.Publishing.Publish(message, route, flush, out ticket);
            if (outcome is not (PublishOutcome.Rejected or PublishOutcome.Refused))
            {
                session.Received[number] = 0;
            }

            return outcome;
        }

        ticket = default;
        if (!_virtualHost.Publishing.TryRemember(message, route, out CommitTicket kept))
        {
            return PublishOutcome.Refused;
        }

        outcome = _broker.Messages.WriteReceived(message, route.Queues, session.Id, number, flush, out StoreResult received);
        if (!received.IsRefused)
        {
            session.Received[number] = received.Lsn;
            ticket = received.Ticket.And(kept);
        }

        return outcome;
    }

    /// <summary>The client lets go of a number: it may be used for another message. By the holder.</summary>
    /// <returns>False when the session does not know it.</returns>
    public bool LetGo(ClientSession session, ushort number)
    {
        ArgumentNullException.ThrowIfNull(session);
        if (!session.Received.Remove(number, out ulong lsn))
        {
            return false;
        }

        if (lsn != 0)
        {
            Store.Release(session, lsn);
        }

        return true;
    }

    /// <summary>Stores the number of a delivery. May be called under the queue's lock.</summary>
    public void Number(ClientSession session, MessageQueue queue, ulong lsn, ushort number, bool received)
    {
        ArgumentNullException.ThrowIfNull(session);
        ArgumentNullException.ThrowIfNull(queue);
        if (lsn != 0)
        {
            Store.Number(session, queue, lsn, number, received);
        }
    }

    /// <summary>What everything done so far waits for.</summary>
    public CommitTicket Barrier() => Store.Barrier();

    /// <summary>The virtual host is going away.</summary>
    internal void DeleteAll()
    {
        lock (_lock)
        {
            _isClosed = true; // or one that is just coming in would stay behind
        }

        foreach (ClientSession session in List())
        {
            Delete(session.ClientId, out _);
        }
    }

    internal void OnDue(ClientSession session, Uptime now)
    {
        (SessionWill? Will, ulong Lsn) will = default;
        lock (_lock)
        {
            if (!IsAway(session))
            {
                return;
            }

            if (session.WillDue != Uptime.Never && (now >= session.WillDue || now >= EndOf(session)))
            {
                will = TakeWill(session);
            }
        }

        PublishWill(session, will); // before the session goes: if it fails, both are still there the next time
        Uptime next;
        bool ends;
        lock (_lock)
        {
            if (!IsAway(session))
            {
                return;
            }

            next = Uptime.Min(EndOf(session), session.WillDue);
            ends = now >= EndOf(session);
            if (ends)
            {
                session.Holder = Ending.Instance;
                _expired++;
            }
        }

        if (ends)
        {
            End(session);
            _broker.Commits.Request();
        }
        else if (next != Uptime.Never)
        {
            session.WakeAt(_broker.Scheduler, next);
        }
    }

    private static Uptime EndOf(ClientSession session) =>
        session.ExpirySeconds == ClientSession.Never ? Uptime.Never : session.AwaySince + (session.ExpirySeconds * 1000L);

    private static Uptime WillDueOf(ClientSession session) =>
        session.Will is null ? Uptime.Never : session.AwaySince + (Math.Min(session.Will.DelaySeconds, session.ExpirySeconds) * 1000L);

    // Under the lock: nobody holds it, and it has not been replaced.
    private bool IsAway(ClientSession session) =>
        session.Holder is null && ReferenceEquals(_sessions.GetValueOrDefault(session.ClientId), session);

    // Takes the will off the session: by whoever has the session, which may be another's while it is published.
    private static (SessionWill? Will, ulong Lsn) TakeWill(ClientSession session)
    {
        (SessionWill?, ulong) taken = (session.Will, session.WillLsn);
        session.Will = null;
        session.WillLsn = 0;
        session.WillDue = Uptime.Never;
        return taken;
    }

    // It is forgotten after it is published: a crash in between publishes it again. When publishing fails, the session
    // has its will as before.
    private void PublishWill(ClientSession session, (SessionWill? Will, ulong Lsn) taken)
    {
        try
        {
            if (taken.Will is { } will)
            {
                _broker.WillPublisher?.Publish(_virtualHost, session, will);
            }
        }
        catch
        {
            session.Will ??= taken.Will;
            session.WillLsn = session.WillLsn == 0 ? taken.Lsn : session.WillLsn;
            session.WillDue = _broker.Clock.Uptime;
            throw;
        }

        if (taken.Lsn != 0)
        {
            Store.Release(session, taken.Lsn);
        }
    }

    // By the holder, who has to let the session go, or to have it, whether or not its will can be published.
    private void TryPublishWill(ClientSession session)
    {
        try
        {
            PublishWill(session, TakeWill(session));
        }
        catch (Exception fault)
        {
            _broker.Scheduler.Report(session, fault);
        }
    }
}
