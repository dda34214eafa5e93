using Warren.Buffers;
using Warren.Core.Queues;

namespace Warren.Core.Sessions;

/// <summary>The queues of shared subscriptions of one virtual host, by the sessions that have them (MQTT 5.0, 4.8.2); and how many subscriptions there are.</summary>
/// <remarks>Thread-safe. Nothing is called under its lock.</remarks>
internal sealed class SharedQueues(VirtualHost virtualHost)
{
    private readonly Lock _lock = new();
    private readonly Dictionary<string, int> _members = new(StringComparer.Ordinal); // by name of the queue
    private int _subscriptions;

    /// <summary>Subscriptions of all sessions, shared ones included.</summary>
    public int SubscriptionCount => Volatile.Read(ref _subscriptions);

    /// <summary>Shared subscriptions of all sessions.</summary>
    public int MemberCount
    {
        get
        {
            lock (_lock)
            {
                return _members.Values.Sum();
            }
        }
    }

    /// <summary>Whether any session has a queue.</summary>
    public bool HasMembers(string queueName)
    {
        lock (_lock)
        {
            return _members.ContainsKey(queueName);
        }
    }

    /// <summary>A session has one more subscription.</summary>
    public void Join(SessionSubscription subscription, string queueName)
    {
        Interlocked.Increment(ref _subscriptions);
        if (subscription.Group is not null)
        {
            subscription.SharedQueueName = queueName;
            lock (_lock)
            {
                _members[queueName] = _members.GetValueOrDefault(queueName) + 1;
            }
        }
    }

    /// <summary>A session has one less. The queue of a shared subscription goes with the last session that has it.</summary>
    public void Leave(SessionSubscription subscription)
    {
        Interlocked.Decrement(ref _subscriptions);
        if (subscription.SharedQueueName is not { } name)
        {
            return;
        }

        bool last;
        lock (_lock)
        {
            int left = _members.GetValueOrDefault(name) - 1;
            last = left <= 0;
            if (last)
            {
                _members.Remove(name);
            }
            else
            {
                _members[name] = left;
            }
        }

        if (last && virtualHost.FindQueue(name) is { } queue)
        {
            var flush = new FlushSet();
            virtualHost.Definitions.Delete(queue, default, by: null, flush, out _);
            flush.FlushAll();
        }
    }

    /// <summary>Keeps for a session what it had under way with quality of service 2 as a member. While the broker starts.</summary>
    public static void SetAside(ClientSession session)
    {
        if (!session.SubscriptionList.Exists(static s => s is { Group: not null, Queue: not null }))
        {
            return;
        }

        HashSet<ushort> numbers = [.. session.Unfinished.Select(static u => u.Number)];
        foreach (SessionSubscription shared in session.SubscriptionList.Where(static s => s is { Group: not null, Queue: not null }))
        {
            session.Unfinished.AddRange(shared.Queue!.Numbers?.SetAside(EntryAnnotation.MarkOf(session.Id), numbers) ?? []);
        }
    }

    /// <summary>Ends that with the session. Nobody else may have it now: the client may have taken it ([MQTT-4.8.2-5]).</summary>
    public static void LetGo(ClientSession session, FlushSet flush)
    {
        foreach (NumberedDelivery delivery in session.Unfinished)
        {
            if (delivery.Queue != session.Queue)
            {
                delivery.Queue.Acknowledge([delivery.EntryId], flush);
            }
        }
    }
}
