using Warren.Core.Queues;
using Warren.Core.Sessions;
using Warren.Storage;

namespace Warren.Core.Persistence;

/// <summary>The part of <see cref="RecordApplier"/> that keeps client sessions and retained messages.</summary>
/// <remarks>One thread, as the applier.</remarks>
internal sealed class SessionApplier(Broker broker, OrphanedRecords orphans)
{
    private readonly HashSet<RetainedSource> _sources = []; // most have published more than one retained message
    private readonly Dictionary<ulong, (SessionRegistry Registry, ClientSession Session)> _sessions = [];
    private readonly HashSet<ulong> _retained = [];

    // Subscriptions by the queue they bring messages to, which may come after them, go, and come again.
    private readonly Dictionary<(string VirtualHost, string Queue), List<SessionSubscription>> _byQueue = [];

    /// <summary>One record that is neither a message nor a queue's.</summary>
    /// <exception cref="InvalidDataException">Its payload cannot be read.</exception>
    public void OnRecord(in RecoveredRecord record, byte[] payload)
    {
        switch (record.Type)
        {
            case RecordType.Session:
                StoredSession stored = SessionCodec.ReadSession(payload);
                SessionRegistry registry = HostOf(stored.VirtualHost).Sessions;
                _sessions[record.Lsn] = (registry, registry.Restore(stored, record.Lsn));
                break;
            case RecordType.Retained:
                OnRetained(record, payload);
                break;
            case RecordType.SessionState or RecordType.Received or RecordType.Will or RecordType.Subscription:
                if (_sessions.TryGetValue(record.Owners[0], out (SessionRegistry Registry, ClientSession Session) known))
                {
                    OnPart(known.Registry, known.Session, record, payload);
                }
                else
                {
                    orphans.Add(record.Owners[0], record.Lsn);
                }

                break;
            default:
                break;
        }
    }

    /// <summary>A queue is there: subscriptions that wait for one of its name bring their messages to it.</summary>
    public void OnQueue(MessageQueue queue)
    {
        foreach (SessionSubscription subscription in _byQueue.GetValueOrDefault((queue.VirtualHostName, queue.Name)) ?? [])
        {
            Bind(subscription, queue);
        }
    }

    /// <summary>A queue is gone; its subscriptions stay.</summary>
    public void OnQueueDeleted(MessageQueue queue)
    {
        foreach (SessionSubscription subscription in _byQueue.GetValueOrDefault((queue.VirtualHostName, queue.Name)) ?? [])
        {
            subscription.Queue = ReferenceEquals(subscription.Queue, queue) ? null : subscription.Queue;
        }
    }

    /// <summary>A reference was given back; false when it is nothing of a session's.</summary>
    public bool OnReleased(ulong owner, ulong lsn)
    {
        if (owner == lsn && _retained.Remove(lsn))
        {
            foreach (VirtualHost host in broker.VirtualHosts)
            {
                host.Retained.ForgetRecord(lsn);
            }

            return true;
        }

        if (!_sessions.TryGetValue(owner, out (SessionRegistry Registry, ClientSession Session) known))
        {
            return false;
        }

        ClientSession session = known.Session;
        if (owner == lsn)
        {
            OnOwnerDeleted(owner);
        }
        else if (session.WillLsn == lsn)
        {
            session.Will = null;
            session.WillLsn = 0;
        }
        else if (session.SubscriptionList.Find(s => s.Lsn == lsn) is { } subscription)
        {
            Forget(known.Registry, session, subscription);
        }
        else if (session.ReceivedCount > 0)
        {
            foreach ((ushort number, ulong at) in session.Received.ToArray())
            {
                _ = at == lsn && session.Received.Remove(number);
            }
        }

        return true;
    }

    /// <summary>A session is gone.</summary>
    public void OnOwnerDeleted(ulong owner)
    {
        if (_sessions.Remove(owner, out (SessionRegistry Registry, ClientSession Session) known))
        {
            foreach (SessionSubscription subscription in known.Session.SubscriptionList.ToArray())
            {
                Forget(known.Registry, known.Session, subscription);
            }

            known.Registry.ForgetRecovered(known.Session);
        }
    }

    private void OnPart(SessionRegistry registry, ClientSession session, in RecoveredRecord record, byte[] payload)
    {
        if (record.Type == RecordType.Received)
        {
            session.Received[(ushort)record.TagA] = record.Lsn;
        }
        else if (record.Type == RecordType.Will)
        {
            session.Will = SessionCodec.ReadWill(payload);
            session.WillLsn = record.Lsn;
        }
        else if (record.Type == RecordType.Subscription)
        {
            (SessionSubscription subscription, string queueName) = SessionCodec.ReadSubscription(payload);
            session.Restore(subscription, queueName, record.Lsn);
            ListOf(registry.VirtualHost.Name, queueName).Add(subscription);
        }
        else
        {
            session.StateLsn = record.Lsn;
            session.AwaySinceMs = SessionStore.IsAway(record) ? (long)record.TagA : 0;
            session.ExpirySeconds = (uint)record.TagB;
        }
    }

    private void OnRetained(in RecoveredRecord record, byte[] payload)
    {
        (string name, RetainedEntry entry) = RetainedEntry.Read(payload, record.TagB, record.Lsn, broker.Clock.UptimeAt((long)record.TagA));
        if (entry.Source is { } source)
        {
            entry = entry with { Source = _sources.TryGetValue(source, out RetainedSource? same) ? same : source };
            _sources.Add(entry.Source);
        }

        _retained.Add(record.Lsn);
        HostOf(name).Retained.Restore(entry);
    }

    private void Forget(SessionRegistry registry, ClientSession session, SessionSubscription subscription)
    {
        (string, string) key = (registry.VirtualHost.Name, subscription.SharedQueueName ?? session.QueueName);
        if (_byQueue.TryGetValue(key, out List<SessionSubscription>? all) && all.Remove(subscription) && all.Count == 0)
        {
            _byQueue.Remove(key);
        }

        session.Exclude(subscription);
        if (subscription.Queue is { } bound)
        {
            registry.VirtualHost.Definitions.ForgetBinding(subscription.Exchange, bound, subscription.Key);
        }
    }

    private void Bind(SessionSubscription subscription, MessageQueue queue)
    {
        subscription.Queue = queue;
        broker.FindVirtualHost(queue.VirtualHostName)?.Definitions.RestoreBinding(subscription.Exchange, queue, subscription.Key);
    }

    private List<SessionSubscription> ListOf(string virtualHost, string queue)
    {
        if (!_byQueue.TryGetValue((virtualHost, queue), out List<SessionSubscription>? list))
        {
            _byQueue.Add((virtualHost, queue), list = []);
        }

        return list;
    }

    private VirtualHost HostOf(string name) => broker.FindVirtualHost(name) ?? broker.AddVirtualHost(name);
}
