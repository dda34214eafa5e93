using Warren.Buffers.Scheduling;

namespace Warren.Core.Sessions;

/// <content>What a start does with the sessions, before the first client.</content>
public sealed partial class SessionRegistry
{
    private readonly List<(ClientSession Of, ulong Lsn)> _superseded = []; // records of subscriptions that a later one replaces

    internal ClientSession Restore(StoredSession stored, ulong id)
    {
        var session = new ClientSession(this, stored.ClientId, stored.UserName, stored.QueueName)
        {
            Id = id,
            ExpirySeconds = stored.ExpirySeconds,
        };
        _sessions[stored.ClientId] = session;
        return session;
    }

    /// <summary>The session is gone again, and nothing is stored of that. Before the broker is active.</summary>
    internal void ForgetRecovered(ClientSession session)
    {
        if (ReferenceEquals(_sessions.GetValueOrDefault(session.ClientId), session))
        {
            _sessions.Remove(session.ClientId);
        }
    }

    /// <summary>Whose sessions they are.</summary>
    internal VirtualHost VirtualHost => _virtualHost;

    internal void Restore(ClientSession session, SessionSubscription subscription, string queueName, ulong lsn)
    {
        subscription.Lsn = lsn;
        if (session.Find(subscription.Filter, subscription.Group) is { } older)
        {
            // an older version stored them one after the other, and a crash came between: the last one counts
            session.Replace(older, subscription);
            subscription.SharedQueueName = older.SharedQueueName;
            _superseded.Add((session, older.Lsn));
        }
        else
        {
            session.Include(subscription);
            _shared.Join(subscription, queueName);
        }

        subscription.Queue = _virtualHost.FindQueue(queueName);
        if (subscription.Queue is { } queue)
        {
            _virtualHost.Definitions.RestoreBinding(subscription.Exchange, queue, subscription.Key);
        }
    }

    /// <summary>Every record is in: sessions find their queues, and their clocks start.</summary>
    /// <param name="isCertain">False after a crash: nobody knows since when clients are away.</param>
    internal void CompleteRecovery(bool isCertain)
    {
        long now = _broker.Clock.NowMs;
        _superseded.ForEach(record => Store.Release(record.Of, record.Lsn));
        _superseded.Clear();
        foreach (ClientSession session in _sessions.Values)
        {
            session.Queue = _virtualHost.FindQueue(session.QueueName);
            if (session.Queue is { } queue)
            {
                session.Unfinished.AddRange(queue.Numbers?.List() ?? []);
                queue.Numbers = null;
            }

            SharedQueues.SetAside(session);
            if (session.AwaySinceMs == 0 || !isCertain)
            {
                // written, since the next start may find a clean stop and trust what it reads
                session.AwaySinceMs = now;
                _ = Store.SaveState(session, now, session.ExpirySeconds);
            }

            // a clock that was set back while the broker was down makes nobody go away in the future
            session.AwaySince = Uptime.Min(_broker.Clock.UptimeAt(session.AwaySinceMs), _broker.Clock.Uptime);
            if (session.Will is null)
            {
                session.WakeAt(_broker.Scheduler, EndOf(session));
            }
        }
    }

    /// <summary>Somebody publishes wills now: those of the clients that the stop or the crash has cut off.</summary>
    internal void ScheduleWills()
    {
        foreach (ClientSession session in List())
        {
            if (session is { IsConnected: false, Will: not null } && session.WillDue == Uptime.Never)
            {
                session.WillDue = WillDueOf(session);
                session.WakeAt(_broker.Scheduler, Uptime.Min(EndOf(session), session.WillDue));
            }
        }
    }
}
