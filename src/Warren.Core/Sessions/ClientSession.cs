using System.Diagnostics.CodeAnalysis;
using Warren.Buffers.Commits;
using Warren.Buffers.Scheduling;
using Warren.Core.Queues;

namespace Warren.Core.Sessions;

/// <summary>What the broker keeps of a client beyond its connection: subscriptions, unfinished exchanges, a queue (MQTT 5.0, 4.1).</summary>
/// <remarks>
/// Belongs to the connection that holds it, which changes it under its own lock; while nobody holds it, to the
/// <see cref="SessionRegistry"/>.
/// </remarks>
public sealed class ClientSession : IDue
{
    /// <summary>The expiry interval that means never.</summary>
    public const uint Never = uint.MaxValue;

    private const int FewSubscriptions = 16;

    private readonly SessionRegistry _registry;
    private readonly List<SessionSubscription> _subscriptions = [];
    private Dictionary<(string Filter, string? Group), SessionSubscription>? _byFilter; // of more than a few; the holder's
    private readonly Func<string, string>? _queueNameOf;
    private Dictionary<ushort, ulong>? _received; // most clients never hand in anything with quality of service 2
    private string? _queueName;
    private Deadline? _deadline; // made when its client goes away

    internal ClientSession(SessionRegistry registry, string clientId, string userName, string queueName)
    {
        _registry = registry;
        ClientId = clientId;
        UserName = userName;
        _queueName = queueName;
    }

    internal ClientSession(SessionRegistry registry, string clientId, string userName, Func<string, string> queueNameOf)
    {
        _registry = registry;
        ClientId = clientId;
        UserName = userName;
        _queueNameOf = queueNameOf;
    }

    /// <summary>The client's name for itself.</summary>
    public string ClientId { get; }

    /// <summary>The user whose session it is.</summary>
    public string UserName { get; }

    /// <summary>Name of the queue that keeps messages for it.</summary>
    public string QueueName => _queueName ??= _queueNameOf!(ClientId);

    /// <summary>Owner id in the log; 0 when nothing of it is stored.</summary>
    public ulong Id { get; internal set; }

    /// <summary>Seconds it outlives its connection; 0: not at all; <see cref="Never"/>.</summary>
    public uint ExpirySeconds { get; internal set; }

    /// <summary>Whether it is on the disk.</summary>
    public bool IsStored => Id != 0;

    /// <summary>Whether a client is connected.</summary>
    [MemberNotNullWhen(true, nameof(Holder))]
    public bool IsConnected => Holder is not null;

    /// <summary>When its client went away, Unix time in milliseconds, to store and show; 0 while it is connected.</summary>
    public long AwaySinceMs { get; internal set; }

    /// <summary>What a client that begins anew waits for: the end of the session before.</summary>
    internal CommitTicket Ended { get; set; }

    /// <summary>When its client went away; its expiry counts from here while the broker runs.</summary>
    internal Uptime AwaySince { get; set; }

    /// <summary>The queue that keeps messages for it; null before the first subscription that needs one.</summary>
    public MessageQueue? Queue { get; set; }

    /// <summary>Its subscriptions.</summary>
    public IReadOnlyList<SessionSubscription> Subscriptions => _subscriptions;

    /// <summary>Deliveries that keep their numbers for the next connection, oldest first.</summary>
    public List<NumberedDelivery> Unfinished { get; } = [];

    /// <summary>Messages handed in with quality of service 2 and not let go of yet.</summary>
    public int ReceivedCount => _received?.Count ?? 0;

    internal ISessionHolder? Holder { get; set; }

    internal ulong StateLsn { get; set; }

    /// <summary>What is to be published when its client is lost; null: nothing.</summary>
    internal SessionWill? Will { get; set; }

    internal ulong WillLsn { get; set; }

    /// <summary>When the will of a lost client is published; <see cref="Uptime.Never"/>: not yet known.</summary>
    internal Uptime WillDue { get; set; } = Uptime.Never;

    internal List<SessionSubscription> SubscriptionList => _subscriptions;

    internal Dictionary<ushort, ulong> Received => _received ??= [];

    /// <summary>Its subscriptions at this moment. Any thread.</summary>
    public IReadOnlyList<SessionSubscription> ListSubscriptions()
    {
        lock (_subscriptions)
        {
            return [.. _subscriptions];
        }
    }

    /// <summary>The subscription to a filter; two are the same when filter and group are (MQTT 5.0, 3.8.4). By the holder.</summary>
    /// <param name="filter">The filter, without its share name.</param>
    /// <param name="group">The share name; null: not shared.</param>
    /// <returns>Null: there is none.</returns>
    public SessionSubscription? Find(string filter, string? group) => _byFilter is not null
        ? _byFilter.GetValueOrDefault((filter, group))
        : _subscriptions.Find(s => string.Equals(s.Filter, filter, StringComparison.Ordinal) && string.Equals(s.Group, group, StringComparison.Ordinal));

    internal void Include(SessionSubscription subscription)
    {
        lock (_subscriptions)
        {
            _subscriptions.Add(subscription);
        }

        if (_byFilter is not null)
        {
            _byFilter[(subscription.Filter, subscription.Group)] = subscription;
        }
        else if (_subscriptions.Count > FewSubscriptions)
        {
            _byFilter = [];
            _subscriptions.ForEach(s => _byFilter[(s.Filter, s.Group)] = s);
        }
    }

    internal void Replace(SessionSubscription replaced, SessionSubscription subscription)
    {
        lock (_subscriptions)
        {
            _subscriptions[_subscriptions.IndexOf(replaced)] = subscription;
        }

        if (_byFilter is not null)
        {
            _byFilter[(subscription.Filter, subscription.Group)] = subscription;
        }
    }

    internal void Exclude(SessionSubscription subscription)
    {
        lock (_subscriptions)
        {
            _subscriptions.Remove(subscription);
        }

        _byFilter?.Remove((subscription.Filter, subscription.Group));
    }

    internal void ExcludeAll()
    {
        lock (_subscriptions)
        {
            _subscriptions.Clear();
        }

        _byFilter = null;
    }

    /// <summary>Whether a message with this number was handed in and not let go of.</summary>
    public bool HasReceived(ushort number) => _received?.ContainsKey(number) ?? false;

    internal void ForgetReceived() => _received = null;

    internal void Restore(SessionSubscription subscription, string queueName, ulong lsn) =>
        _registry.Restore(this, subscription, queueName, lsn);

    /// <inheritdoc/>
    public override string ToString() => $"session '{ClientId}'";

    /// <summary>Calls the registry at a time, instead of at the one before; <see cref="Uptime.Never"/>: not at all.</summary>
    internal void WakeAt(Scheduler scheduler, Uptime at)
    {
        if (_deadline is null && at == Uptime.Never)
        {
            return;
        }

        (_deadline ??= new Deadline(scheduler, this)).Set(at);
    }

    /// <summary>The client is back, or the session has ended: nothing is waited for.</summary>
    internal void WakeNoMore() => _deadline?.Cancel();

    void IDue.OnDue(Uptime now) => _registry.OnDue(this, now);
}
