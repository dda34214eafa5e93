using Warren.Buffers;

namespace Warren.Core.Sessions;

/// <content>How a session ends: everything that was kept for it goes, and only then itself.</content>
public sealed partial class SessionRegistry
{
    // By the holder. The session is to be found until nothing of it is left: a client that opens one of that name
    // meanwhile would be given the queue that is just being deleted.
    private bool End(ClientSession session)
    {
        try
        {
            return Forget(session);
        }
        finally
        {
            lock (_lock)
            {
                session.Holder = null;
                _sessions.Remove(session.ClientId);
            }
        }
    }

    // Everything that was kept goes; the object may live on as a new session. False: the log has failed, and the next start
    // has the session again.
    private bool Forget(ClientSession session)
    {
        var flush = new FlushSet();
        session.WakeNoMore();
        foreach (SessionSubscription subscription in session.SubscriptionList)
        {
            _shared.Leave(subscription);
        }

        session.ExcludeAll();
        session.ForgetReceived();
        SharedQueues.LetGo(session, flush);
        session.Unfinished.Clear();
        session.Will = null;
        bool wasStored = session.IsStored || session.Queue is { IsLogged: true };
        if (session.Queue is { } queue)
        {
            _virtualHost.Definitions.Delete(queue, default, by: null, flush, out _);
            session.Queue = null;
        }

        bool isStored = true;
        if (session.IsStored)
        {
            isStored = !Store.Delete(session).IsRefused;
            session.Id = 0;
            session.StateLsn = 0;
            session.WillLsn = 0;
        }

        if (wasStored)
        {
            session.Ended = Store.Barrier();
            _broker.Commits.Request();
        }

        flush.FlushAll();
        return isStored;
    }

    /// <summary>Holds a session that is ending without a connection. There is nobody to tell: who wants it asks again until it is gone.</summary>
    private sealed class Ending : ISessionHolder
    {
        public static readonly Ending Instance = new();

        public void Displace()
        {
        }
    }
}
