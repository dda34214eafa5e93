using Warren.Buffers;
using Warren.Buffers.Commits;
using Warren.Core.Arguments;
using Warren.Core.Exchanges;
using Warren.Core.Messages;
using Warren.Core.Metrics;
using Warren.Core.Policies;
using Warren.Storage;

namespace Warren.Core.Queues;

/// <summary>A queue: what publishes, consumers, operators and policies ask of it, whatever is inside.</summary>
/// <remarks>
/// Thread-safe. A message in a queue has a <i>position</i>: a number that grows in the order of delivery and is never
/// given twice, which a delivery carries and a settlement names. Order of locks: virtual host definitions → the queue →
/// output buffer or log (docs/locks.md); a queue never calls out under its lock but to <see cref="QueueConsumer"/>.
/// </remarks>
public abstract class MessageQueue : RoutingTarget, ICongestible
{
    private readonly bool _storesAll;

    private protected MessageQueue(string virtualHost, string name, QueueDefinition definition, ulong id)
        : base(name)
    {
        VirtualHostName = virtualHost;
        Definition = definition;
        Id = id;
        _storesAll = definition.Parsed.Kind == QueueKind.Quorum;
    }

    /// <summary>Raised on a pool thread when x-expires is over; the virtual host deletes the queue.</summary>
    internal event Action<MessageQueue>? Expired;

    /// <summary>Name of the virtual host it lives in.</summary>
    public string VirtualHostName { get; }

    /// <summary>How it was declared.</summary>
    public QueueDefinition Definition { get; }

    /// <summary>Owner id in the log: the LSN of its declaration; 0 when nothing of it is stored.</summary>
    public ulong Id { get; }

    /// <summary>Whether persistent messages of this queue go to the log.</summary>
    public bool IsLogged => Id != 0;

    /// <summary>Whether a message goes to the log for this queue: those of quorum queues all do, as in RabbitMQ.</summary>
    internal bool Stores(MessageFlags message) => Id != 0 && (_storesAll || (message & MessageFlags.Persistent) != 0);

    // ---- limits and counts ----------------------------------------------------------------------------------------

    /// <summary>The limits in force.</summary>
    public abstract QueueLimits Limits { get; }

    /// <summary>The policies in force.</summary>
    public AppliedPolicies Policies { get; private protected set; } = AppliedPolicies.None;

    /// <summary>True when a full queue refuses instead of dropping: publishers must ask <see cref="WouldReject"/> first.</summary>
    public bool RejectsPublish => Limits.RejectsPublish;

    /// <summary>Counts at one moment.</summary>
    public abstract QueueCounts Counts { get; }

    /// <summary>Whether nothing is ready now.</summary>
    public bool IsEmpty => Counts.Ready == 0;

    /// <summary>Whether it is auto-delete and has lost its last consumer.</summary>
    public abstract bool IsAbandoned { get; }

    /// <inheritdoc/>
    public abstract bool IsCongested { get; }

    /// <summary>What was counted since it came into being or was recovered.</summary>
    public MessageCounts Statistics => Counting.Counts;

    /// <summary>What came from each exchange; null: nothing yet.</summary>
    public NeighbourTable? Incoming => Counting.Incoming;

    /// <summary>The rates of the last minutes.</summary>
    public ObjectHistory History => Counting.History;

    /// <summary>Counts messages; under the queue's lock.</summary>
    private protected QueueStatistics Counting { get; } = new();

    // ---- messages in ----------------------------------------------------------------------------------------------

    /// <summary>Whether so many more messages and bytes would be too much for a queue that rejects.</summary>
    public abstract bool WouldReject(long messages, long bytes);

    /// <summary>Takes a message, or hands it straight to a consumer.</summary>
    /// <param name="message">Its payload is retained when the queue keeps it.</param>
    /// <param name="lsn">The record that holds it for this queue; 0 when it is not stored.</param>
    /// <param name="flush">Collects the outputs to flush.</param>
    public abstract PublishOutcome Publish(Message message, ulong lsn, FlushSet flush);

    // ---- messages out ---------------------------------------------------------------------------------------------

    /// <summary>Throws what <see cref="Subscribe"/> would throw now, so that a reply can be sent before the first delivery.</summary>
    /// <exception cref="Arguments.BrokerError">403: the queue is in exclusive use, or exclusive use is asked of a shared one.</exception>
    public abstract void CheckSubscribe(QueueConsumer consumer);

    /// <summary>Adds a consumer and serves it.</summary>
    /// <exception cref="Arguments.BrokerError">403: the queue is in exclusive use, or exclusive use is asked of a shared one.</exception>
    public abstract void Subscribe(QueueConsumer consumer, FlushSet flush);

    /// <summary>Takes a consumer away; what it holds unacknowledged stays with it.</summary>
    /// <returns>True when the queue is auto-delete and this was its last consumer: the caller deletes it.</returns>
    public abstract bool Unsubscribe(QueueConsumer consumer, FlushSet flush);

    /// <summary>The consumer has credit again.</summary>
    public abstract void Resume(QueueConsumer consumer, FlushSet flush);

    /// <summary>Whether a consumer gets messages; with a single active consumer only one does.</summary>
    public abstract bool IsActive(QueueConsumer consumer);

    /// <summary>Takes the oldest ready message, as basic.get does; there is none while the queue is paused.</summary>
    /// <param name="noAck">True when it leaves the queue at once.</param>
    /// <param name="flush">Collects the outputs to flush.</param>
    /// <param name="taken">The message, with a reference the caller gives back.</param>
    /// <returns>False when nothing is ready.</returns>
    public abstract bool TryGet(bool noAck, FlushSet flush, out TakenMessage taken);

    /// <summary>Deliveries come back from who had them, with what became of them. Unknown positions are passed over.</summary>
    /// <param name="positions">Positions handed to one consumer or getter.</param>
    /// <param name="settlement">What became of them.</param>
    /// <param name="flush">Collects the outputs to flush.</param>
    public abstract void Settle(ReadOnlySpan<long> positions, Settlement settlement, FlushSet flush);

    // ---- looking --------------------------------------------------------------------------------------------------

    /// <summary>The bytes of a message, wherever they are, with a reference for the caller; the message stays as it is.</summary>
    /// <returns>False when it is gone.</returns>
    public abstract bool TryRead(long position, out Payload payload);

    /// <summary>LSN of a message, for a caller that releases it in the log itself; 0 when it is not stored.</summary>
    public abstract ulong FindLsn(long position);

    /// <summary>Begins to look through the messages, in the order they would be delivered.</summary>
    public abstract QueueBrowser Browse();

    /// <summary>Whether deliveries to consumers are stopped.</summary>
    public abstract bool IsPaused { get; }

    /// <summary>The tag of the consumer that has the queue for itself; null: none has.</summary>
    public abstract string? ExclusiveConsumerTag { get; }

    /// <summary>The tag of the one consumer that gets messages; null: the queue is not of that kind, or has none.</summary>
    public abstract string? SingleActiveConsumerTag { get; }

    // ---- what the broker does -------------------------------------------------------------------------------------

    /// <summary>Removes every ready message.</summary>
    /// <param name="ticket">What the reply waits for.</param>
    /// <returns>How many there were.</returns>
    public abstract long Purge(out CommitTicket ticket);

    /// <summary>A full queue does not take this message; with reject-publish-dlx it is dead-lettered.</summary>
    internal abstract void TurnAway(Message message, FlushSet flush);

    /// <summary>Keeps a sample for the rates. On the collector's thread.</summary>
    internal QueueCounts Sample(long nowMs, SampleSpan span)
    {
        QueueCounts state = Counts;
        Counting.Sample(state, Counting.Counts, nowMs, span);
        return state;
    }

    /// <summary>
    /// Puts other policies in force; messages keep the time they were given. What is too much by now goes step by step:
    /// the first with <see cref="Enforce"/>, which the caller calls when it holds no lock, the others by themselves.
    /// </summary>
    internal abstract void Apply(AppliedPolicies policies);

    /// <summary>Takes the next step of what waits for its time: messages that are too old or too many.</summary>
    internal abstract void Enforce(FlushSet flush);

    /// <summary>Notes that the queue is in use: its x-expires starts anew.</summary>
    internal abstract void Use();

    /// <summary>Stops deliveries to consumers, or lets them go on.</summary>
    internal abstract void Pause(bool paused);

    /// <summary>Sets a ready message aside for an operator, as a delivery would.</summary>
    /// <returns>False when it is not ready any more.</returns>
    internal abstract bool TrySetAside(long position);

    /// <summary>Ends the queue: nothing is accepted any more, everything it holds in memory is given back.</summary>
    /// <param name="deletion">What must hold.</param>
    /// <param name="store">Stores the deletion, under the queue's lock, before anything changes.</param>
    /// <param name="ticket">What the reply waits for.</param>
    /// <param name="readyCount">Ready messages it had.</param>
    /// <returns>The consumers to tell; null when it was deleted before, or has not expired.</returns>
    /// <exception cref="Arguments.BrokerError">406: in use, or not empty; 541: it cannot be stored.</exception>
    internal abstract QueueConsumer[]? MarkDeleted(
        QueueDeletion deletion, Func<MessageQueue, StoreResult> store, out CommitTicket ticket, out long readyCount);

    /// <summary>Puts back a message that the log still holds. Only while the broker starts.</summary>
    internal abstract void Recover(ulong lsn, int length, in MessageTags tags, uint annotation);

    /// <summary>A recovered message was given back in the log, and nothing is stored of that. Before the broker is active.</summary>
    /// <returns>False when it has no such message.</returns>
    internal abstract bool Forget(ulong lsn);

    /// <summary>What recovery found under way; null: nothing, or it was taken.</summary>
    internal RecoveredNumbers? Numbers { get; set; }

    /// <summary>Starts the clocks of a recovered or new queue.</summary>
    /// <param name="deliveredThroughLsn">Messages up to here may have been delivered before a crash: nobody knows which.</param>
    internal abstract void StartTimers(ulong deliveredThroughLsn);

    /// <summary>Tells the virtual host that the queue's time is over.</summary>
    /// <summary>Lets go of some of the bodies it has in memory: one bounded step. Waits for the disk; outside every lock.</summary>
    /// <param name="depth">How far to go.</param>
    /// <param name="round">Steps of one round go on where the last one has stopped.</param>
    /// <param name="hasMore">Whether the round is not through with this queue.</param>
    /// <returns>Bodies let go of.</returns>
    internal virtual int PageOut(PageOutDepth depth, int round, out bool hasMore)
    {
        hasMore = false;
        return 0;
    }

    private protected void RaiseExpired() => Expired?.Invoke(this);
}
