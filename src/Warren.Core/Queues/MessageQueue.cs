using System.Diagnostics;
using Warren.Buffers;
using Warren.Buffers.Commits;
using Warren.Core.Arguments;
using Warren.Core.Exchanges;
using Warren.Core.Messages;
using Warren.Core.Metrics;
using Warren.Core.Policies;
using Warren.Core.Publishing;
using Warren.Storage;

namespace Warren.Core.Queues;

/// <summary>A classic or quorum queue: messages in order, handed to consumers.</summary>
/// <remarks>
/// Thread-safe. <see cref="_lock"/> guards every field; the order is VirtualHost definitions → MessageQueue → output
/// buffer or log (docs/locks.md). Consumers are served on the thread that made it possible: the publisher's, the
/// acknowledger's, or a pool thread after an output drained. What leaves by dead-lettering is forwarded after the lock.
/// </remarks>
public sealed class MessageQueue : QueueTarget, IDue, ICongestible
{
    private const int PageOutBytes = 32 * 1024; // published between two looks at the memory
    private const int EntryWeight = 512; // so that many small messages count too

    private readonly Lock _lock = new();
    private readonly QueueServices _services;
    private readonly PriorityRings _rings;
    private readonly ConsumerSet _consumers = new();
    private readonly QueuePager _pager;
    private readonly ReleaseBatch _releases;
    private QueueLimits _limits;
    private readonly QueueStatistics _statistics = new();
    private List<DeadLetter>? _dead;
    private long _readyBytes;
    private long _bytes; // of all bodies, ready or not
    private long _unackedCount;
    private long _sincePageOut;
    private long _timerDueMs = long.MaxValue;
    private long _lastUsedMs;
    private bool _anyExpires;
    private bool _hadConsumer;
    private bool _deleted;
    private long _damagedCount;

    internal MessageQueue(string virtualHost, string name, QueueDefinition definition, ulong id, QueueServices services)
        : base(name)
    {
        VirtualHostName = virtualHost;
        Definition = definition;
        Id = id;
        _services = services;
        _releases = new ReleaseBatch(id, services);
        _limits = QueueLimits.From(definition.Parsed, PolicyDefinition.Empty);
        _rings = new PriorityRings(definition.Parsed.MaxPriority ?? 0);
        _pager = new QueuePager(services, _rings);
        _consumers.SingleActive = definition.Parsed.SingleActiveConsumer;
        _lastUsedMs = services.Clock.NowMs;
    }

    /// <summary>Raised on a pool thread when x-expires is over; the virtual host deletes the queue.</summary>
    internal event Action<MessageQueue>? Expired;

    /// <summary>What recovery found under way; null: nothing, or it was taken.</summary>
    internal RecoveredNumbers? Numbers { get; set; }

    /// <summary>Name of the virtual host it lives in.</summary>
    public string VirtualHostName { get; }

    /// <summary>How it was declared.</summary>
    public QueueDefinition Definition { get; }

    /// <summary>Owner id in the log: the LSN of its declaration; 0 when nothing of it is stored.</summary>
    public ulong Id { get; }

    /// <summary>Whether persistent messages of this queue go to the log.</summary>
    public bool IsLogged => Id != 0;

    /// <summary>True when a full queue refuses instead of dropping: publishers must ask <see cref="WouldReject"/> first.</summary>
    public bool RejectsPublish => _limits.RejectsPublish;

    /// <summary>The limits in force.</summary>
    public QueueLimits Limits => _limits;

    /// <summary>The policies in force.</summary>
    public AppliedPolicies Policies { get; private set; } = AppliedPolicies.None;

    /// <summary>Whether it is auto-delete and has lost its last consumer.</summary>
    public bool IsAbandoned
    {
        get
        {
            lock (_lock)
            {
                return Definition.AutoDelete && _hadConsumer && _consumers.Count == 0 && !_deleted;
            }
        }
    }

    /// <summary>Counts at one moment.</summary>
    public QueueCounts Counts
    {
        get
        {
            lock (_lock)
            {
                return new QueueCounts(_rings.ReadyCount, _unackedCount, _readyBytes, _consumers.Count, _damagedCount, _bytes);
            }
        }
    }

    /// <summary>What was counted since it came into being or was recovered.</summary>
    public MessageCounts Statistics => _statistics.Counts;

    /// <summary>What came from each exchange; null: nothing yet.</summary>
    public NeighbourTable? Incoming => _statistics.Incoming;

    /// <summary>The rates of the last minutes.</summary>
    public ObjectHistory History => _statistics.History;

    /// <summary>Keeps a sample for the rates. On the collector's thread.</summary>
    internal QueueCounts Sample(long nowMs, SampleSpan span)
    {
        QueueCounts state = Counts;
        _statistics.Sample(state, _statistics.Counts, nowMs, span);
        return state;
    }

    /// <inheritdoc/>
    public bool IsCongested => _consumers.Count > 0 && _services.IsLaggingMuch(Volatile.Read(ref _readyBytes));

    /// <summary>Whether a consumer gets messages; with a single active consumer only one does.</summary>
    public bool IsActive(QueueConsumer consumer)
    {
        lock (_lock)
        {
            return !_consumers.SingleActive || _consumers.Active == consumer;
        }
    }

    /// <summary>What the tools of operators look at: <see cref="QueueBrowser"/> and the like.</summary>
    internal QueueParts Parts => new(_lock, _rings, _consumers, _pager);

    /// <summary>Whether so many more messages and bytes would be too much for a queue that rejects.</summary>
    public bool WouldReject(long messages, long bytes)
    {
        lock (_lock)
        {
            return _limits.RejectsPublish && _limits.IsExceededBy(_rings.ReadyCount + messages, _readyBytes + bytes);
        }
    }

    /// <summary>A full queue does not take this message; with reject-publish-dlx it is dead-lettered.</summary>
    internal void TurnAway(Message message, FlushSet flush)
    {
        if (_limits is { Overflow: OverflowBehaviour.RejectPublishDlx, DeadLetterExchange: not null })
        {
            message.Payload.Retain();
            Forward([new DeadLetter(message.Payload, 0, EntryFlags.None, DeadLetterReason.MaxLength)], flush);
        }
    }

    /// <summary>Takes a message, or hands it straight to a consumer.</summary>
    /// <param name="message">Its payload is retained when the queue keeps it.</param>
    /// <param name="lsn">The record that holds it for this queue; 0 when it is not stored.</param>
    /// <param name="flush">Collects the outputs to flush.</param>
    public PublishOutcome Publish(Message message, ulong lsn, FlushSet flush)
    {
        List<DeadLetter>? dead;
        lock (_lock)
        {
            if (_deleted)
            {
                return PublishOutcome.QueueGone;
            }

            _statistics.OnPublished(message.Exchange);
            if (_rings.ReadyCount == 0 && _consumers.HasAvailable && HandOver(message, lsn, flush))
            {
                return PublishOutcome.Accepted;
            }

            message.Payload.Retain();
            QueueEntry entry = EntryFor(message, lsn);
            entry.State = EntryState.Ready;
            _readyBytes += entry.BodyLength;
            _bytes += entry.BodyLength;
            _rings.Add(message.Priority, entry);
            DropExcess();
            Dispatch(flush);
            if (IsCongested)
            {
                flush.Congested = this;
            }

            _sincePageOut += entry.BodyLength + EntryWeight;
            if (_sincePageOut >= PageOutBytes && _services.UnderPressure)
            {
                _sincePageOut = 0;
                _pager.PageOut();
            }

            dead = Leave();
        }

        Forward(dead, flush);
        return PublishOutcome.Accepted;
    }

    /// <summary>Puts other policies in force. What is too much by now goes at once; messages keep the time they were given.</summary>
    internal void Apply(AppliedPolicies policies, FlushSet flush)
    {
        List<DeadLetter>? dead;
        lock (_lock)
        {
            Policies = policies;
            _limits = QueueLimits.From(Definition.Parsed, policies.Effective);
            DropExcess();
            Touch();
            dead = Leave();
        }

        Forward(dead, flush);
    }

    /// <summary>Adds a consumer and serves it.</summary>
    /// <exception cref="BrokerError">403: the queue is in exclusive use, or exclusive use is asked of a shared one.</exception>
    public void Subscribe(QueueConsumer consumer, FlushSet flush)
    {
        List<DeadLetter>? dead;
        lock (_lock)
        {
            ThrowIfUnavailable(consumer);
            _hadConsumer = true;
            Touch();
            _consumers.Add(consumer);
            _services.CountConsumers(1);
            Dispatch(flush);
            dead = Leave();
        }

        Forward(dead, flush);
    }

    /// <summary>Throws what <see cref="Subscribe"/> would throw now, so that a reply can be sent before the first delivery.</summary>
    /// <exception cref="BrokerError">403: the queue is in exclusive use, or exclusive use is asked of a shared one.</exception>
    public void CheckSubscribe(QueueConsumer consumer)
    {
        ArgumentNullException.ThrowIfNull(consumer);
        lock (_lock)
        {
            ThrowIfUnavailable(consumer);
        }
    }

    /// <summary>Takes a consumer away; what it holds unacknowledged stays with it.</summary>
    /// <returns>True when the queue is auto-delete and this was its last consumer: the caller deletes it.</returns>
    public bool Unsubscribe(QueueConsumer consumer, FlushSet flush)
    {
        List<DeadLetter>? dead;
        bool last;
        lock (_lock)
        {
            if (!_consumers.Remove(consumer))
            {
                return false;
            }

            _services.CountConsumers(-1);
            Touch();
            Dispatch(flush);
            last = Definition.AutoDelete && _hadConsumer && _consumers.Count == 0 && !_deleted;
            dead = Leave();
        }

        Forward(dead, flush);
        return last;
    }

    /// <summary>The consumer has credit again.</summary>
    public void Resume(QueueConsumer consumer, FlushSet flush)
    {
        List<DeadLetter>? dead;
        lock (_lock)
        {
            _consumers.Unblock(consumer);
            Dispatch(flush);
            dead = Leave();
        }

        Forward(dead, flush);
    }

    /// <summary>Sets a ready message aside for an operator, as a delivery would.</summary>
    /// <returns>False when it is not ready any more.</returns>
    internal bool TrySetAside(long id)
    {
        lock (_lock)
        {
            if (_deleted || !_rings.Contains(id) || _rings[id].State != EntryState.Ready)
            {
                return false;
            }

            HandedOut(id, ref _rings[id], noAck: false);
            return true;
        }
    }

    /// <summary>Deliveries come back to their places without counting as returned, and the consumers are served.</summary>
    /// <param name="ids">The deliveries.</param>
    /// <param name="flush">Collects the outputs to flush.</param>
    /// <param name="begun">
    /// True when they wait for a client that has been sent them and is to get them again: they expire no more
    /// ([MQTT-4.3.3-7]).
    /// </param>
    public void PutBack(ReadOnlySpan<long> ids, FlushSet flush, bool begun = false)
    {
        List<DeadLetter>? dead;
        lock (_lock)
        {
            foreach (long id in ids)
            {
                if (_rings.Contains(id) && _rings[id].State == EntryState.Unacked)
                {
                    _unackedCount--;
                    _readyBytes += _rings[id].BodyLength;
                    _rings[id].ExpiresAtMs = begun ? long.MaxValue : _rings[id].ExpiresAtMs;
                    _rings.MarkReturned(id);
                }
            }

            Dispatch(flush);
            dead = Leave();
        }

        Forward(dead, flush);
    }

    /// <summary>Takes the oldest ready message, as basic.get does; there is none while the queue is paused.</summary>
    /// <param name="noAck">True when it leaves the queue at once.</param>
    /// <param name="taken">The message, with a reference the caller gives back.</param>
    public bool TryGet(bool noAck, FlushSet flush, out TakenMessage taken)
    {
        while (true)
        {
            List<DeadLetter>? dead;
            bool found = false;
            bool pagedOut = false;
            taken = default;
            lock (_lock)
            {
                Touch();
                ExpireHead(_services.Clock.NowMs);
                if (!_deleted && !_consumers.Paused && _rings.TryPeek(out long id))
                {
                    ref QueueEntry entry = ref _rings[id];
                    pagedOut = entry.IsPagedOut;
                    if (!pagedOut)
                    {
                        found = true;
                        entry.Payload.Retain();
                        taken = new TakenMessage(
                            new Message(entry.Payload), id, entry.Redelivered, entry.DeliveryCount, _rings.ReadyCount - 1);
                        _statistics.OnTaken(noAck, entry.Redelivered);
                        HandedOut(id, ref entry, noAck);
                    }
                }
                else
                {
                    _statistics.OnNothingToTake();
                }

                dead = Leave();
            }

            Forward(dead, flush);
            if (!pagedOut)
            {
                return found;
            }

            PageIn(flush);
        }
    }

    /// <summary>The messages are done with.</summary>
    /// <param name="ids">Entries handed to one consumer or getter.</param>
    /// <param name="flush">Collects the outputs to flush.</param>
    /// <param name="releaseInLog">False when the caller has already released them in the log, as tx.commit does.</param>
    public void Acknowledge(ReadOnlySpan<long> ids, FlushSet flush, bool releaseInLog = true)
    {
        List<DeadLetter>? dead;
        lock (_lock)
        {
            if (_deleted)
            {
                return;
            }

            long before = _unackedCount;
            foreach (long id in ids)
            {
                Remove(id, releaseInLog);
            }

            _statistics.OnAcknowledged(before - _unackedCount);
            Dispatch(flush);
            dead = Leave();
        }

        Forward(dead, flush);
    }

    /// <summary>The messages come back to their places and are delivered again.</summary>
    public void Requeue(ReadOnlySpan<long> ids, FlushSet flush)
    {
        List<DeadLetter>? dead;
        lock (_lock)
        {
            foreach (long id in ids)
            {
                Return(id);
            }

            DropExcess();
            Dispatch(flush);
            dead = Leave();
        }

        Forward(dead, flush);
    }

    /// <summary>The messages are refused: dead-lettered, or dropped.</summary>
    public void Reject(ReadOnlySpan<long> ids, FlushSet flush)
    {
        List<DeadLetter>? dead;
        lock (_lock)
        {
            foreach (long id in ids)
            {
                if (_rings.Contains(id))
                {
                    Drop(id, DeadLetterReason.Rejected);
                }
            }

            Dispatch(flush);
            dead = Leave();
        }

        Forward(dead, flush);
    }

    /// <summary>Removes every ready message.</summary>
    /// <param name="ticket">What the reply waits for.</param>
    /// <returns>How many there were.</returns>
    public long Purge(out CommitTicket ticket)
    {
        long count = 0;
        lock (_lock)
        {
            while (_rings.TryPeek(out long id))
            {
                Remove(id, releaseInLog: true);
                count++;
            }

            Leave();
        }

        ticket = IsLogged && count > 0 ? _services.Log.Barrier() : default;
        return count;
    }

    /// <summary>The bytes of an entry, wherever they are, with a reference for the caller; the entry stays as it is.</summary>
    /// <returns>False when it is gone.</returns>
    public bool TryRead(long id, out Payload payload) => QueueReader.TryRead(this, id, out payload);

    /// <summary>LSN of an entry, for a caller that releases it in the log itself; 0 when it is not stored.</summary>
    public ulong FindLsn(long id)
    {
        lock (_lock)
        {
            return !_deleted && _rings.Contains(id) ? _rings[id].Lsn : 0;
        }
    }

    /// <summary>Notes that the queue is in use: its x-expires starts anew.</summary>
    internal void Use()
    {
        lock (_lock)
        {
            Touch();
        }
    }

    /// <summary>Ends the queue: nothing is accepted any more, everything it holds in memory is given back.</summary>
    /// <param name="ifUnused">Refuse while there are consumers.</param>
    /// <param name="ifEmpty">Refuse while there are ready messages.</param>
    /// <param name="store">Stores the deletion, under the queue's lock, before anything changes.</param>
    /// <param name="ticket">What the reply waits for.</param>
    /// <param name="readyCount">Ready messages it had.</param>
    /// <returns>The consumers to tell; null when it was deleted before.</returns>
    /// <exception cref="BrokerError">406: in use, or not empty; 541: it cannot be stored.</exception>
    internal QueueConsumer[]? MarkDeleted(
        bool ifUnused, bool ifEmpty, Func<MessageQueue, StoreResult> store, out CommitTicket ticket, out long readyCount)
    {
        ticket = default;
        lock (_lock)
        {
            readyCount = _rings.ReadyCount;
            if (_deleted)
            {
                return null;
            }

            if (ifUnused && _consumers.Count > 0)
            {
                throw BrokerErrors.QueueInUse(Name, VirtualHostName);
            }

            if (ifEmpty && readyCount + _unackedCount > 0)
            {
                throw BrokerErrors.QueueNotEmpty(Name, VirtualHostName);
            }

            ticket = store(this).OrThrow();
            _deleted = true;
            QueueConsumer[] consumers = _consumers.RemoveAll();
            _services.CountConsumers(-consumers.Length);

            _rings.VisitAll((long id, ref QueueEntry entry) =>
            {
                GiveBack(ref entry);
                _rings.Remove(id);
                return true;
            });
            _unackedCount = 0;
            _readyBytes = _bytes = 0;
            return consumers;
        }
    }

    /// <summary>Puts back a message that the log still holds. Only while the broker starts.</summary>
    internal void Recover(ulong lsn, int length, in MessageTags tags, uint annotation)
    {
        bool begun = EntryAnnotation.IsNumbered(annotation);
        QueueEntry entry = QueueEntry.OfStored(
            lsn, length, tags, annotation, begun ? long.MaxValue : ExpiryOf(tags.PublishedAtMs, tags.TtlMs));
        lock (_lock)
        {
            _readyBytes += entry.BodyLength;
            _bytes += entry.BodyLength;
            long id = _rings.Add(tags.Priority, entry);
            if (begun)
            {
                (Numbers ??= new RecoveredNumbers()).Add(this, id, lsn, annotation);
            }
        }
    }

    /// <summary>Starts the clocks of a recovered or new queue.</summary>
    /// <param name="redelivered">True after a crash: nobody knows which of its messages were delivered.</param>
    internal void StartTimers(bool redelivered)
    {
        lock (_lock)
        {
            if (redelivered)
            {
                _rings.VisitAll(static (long _, ref QueueEntry entry) =>
                {
                    entry.Flags |= EntryFlags.Redelivered;
                    return true;
                });
            }

            Touch();
            Leave();
        }
    }

    /// <summary>Reads a message that left the queue while it was paged out.</summary>
    internal bool TryReadBack(in DeadLetter letter, out Payload payload) =>
        _pager.TryRead(letter.Locator, letter.Flags, letter.Payload.Length, out payload);

    /// <summary>Gives back the log reference and page-file space of a letter that goes nowhere.</summary>
    internal void Discard(in DeadLetter letter) => _pager.Discard(Id, letter);

    /// <inheritdoc/>
    void IDue.OnDue(long nowMs)
    {
        var flush = new FlushSet();
        List<DeadLetter>? dead;
        bool expired;
        lock (_lock)
        {
            _timerDueMs = long.MaxValue;
            if (_deleted)
            {
                return;
            }

            ExpireHead(nowMs);
            expired = _limits.ExpiresMs is { } expires && _consumers.Count == 0 && nowMs - _lastUsedMs >= expires;
            dead = Leave();
        }

        Forward(dead, flush);
        flush.FlushAll();
        if (expired)
        {
            Expired?.Invoke(this);
        }
    }

    // ---- under the lock -------------------------------------------------------------------------------------------

    private void ThrowIfUnavailable(QueueConsumer consumer)
    {
        if (_deleted)
        {
            throw BrokerErrors.NoQueue(Name, VirtualHostName);
        }

        if (_consumers.HasExclusive || (consumer.Exclusive && _consumers.Count > 0))
        {
            throw BrokerErrors.QueueInExclusiveUse(Name, VirtualHostName);
        }
    }

    // The message has not been in the queue yet: no entry at all when the consumer needs no acknowledgement.
    private bool HandOver(Message message, ulong lsn, FlushSet flush)
    {
        long id = _rings.NextId(message.Priority);
        DeliveryOutcome outcome = _consumers.Offer(
            new Delivery(this, message, id, redelivered: false, deliveryCount: 0) { Lsn = lsn }, flush);
        if (outcome == DeliveryOutcome.Refused)
        {
            return false;
        }

        _statistics.OnDelivered(outcome == DeliveryOutcome.Settled, redelivered: false);
        if (outcome == DeliveryOutcome.Settled)
        {
            if (lsn != 0)
            {
                _services.Log.Release(Id, lsn);
            }

            return true;
        }

        message.Payload.Retain();
        QueueEntry entry = EntryFor(message, lsn);
        entry.State = EntryState.Unacked;
        _bytes += entry.BodyLength;
        long added = _rings.AddUnacked(message.Priority, entry);
        Debug.Assert(added == id, "the id promised to the consumer");
        _unackedCount++;
        return true;
    }

    private QueueEntry EntryFor(Message message, ulong lsn) => QueueEntry.Of(
        message, lsn, ExpiryOf(message.PublishedAtMs, (message.Flags & MessageFlags.HasTtl) != 0 ? message.TtlMs : -1));

    private long ExpiryOf(long fromMs, long ttlMs)
    {
        long expiresAtMs = _limits.ExpiryOf(fromMs, ttlMs);
        _anyExpires |= expiresAtMs != long.MaxValue;
        return expiresAtMs;
    }

    // Ends because each pass hands one message out, drops one, or finds no consumer with credit.
    private void Dispatch(FlushSet flush)
    {
        Debug.Assert(_lock.IsHeldByCurrentThread, "dispatch outside the queue's lock");
        if (_anyExpires)
        {
            ExpireHead(_services.Clock.NowMs);
        }

        while (_consumers.HasAvailable && _rings.TryPeek(out long id))
        {
            ref QueueEntry entry = ref _rings[id];
            if (entry.IsPagedOut)
            {
                if (_pager.TryBeginPageIn())
                {
                    ThreadPool.UnsafeQueueUserWorkItem(static queue => queue.PageInAndDispatch(), this, preferLocal: false);
                }

                return;
            }

            var delivery = new Delivery(this, new Message(entry.Payload), id, entry.Redelivered, entry.DeliveryCount)
            {
                Lsn = entry.Lsn,
            };
            DeliveryOutcome outcome = _consumers.Offer(delivery, flush);
            if (outcome == DeliveryOutcome.Refused)
            {
                return;
            }

            bool settled = outcome == DeliveryOutcome.Settled;
            _statistics.OnDelivered(settled, entry.Redelivered);
            HandedOut(id, ref entry, settled);
            if (_anyExpires)
            {
                ExpireHead(_services.Clock.NowMs);
            }
        }
    }

    private void HandedOut(long id, ref QueueEntry entry, bool noAck)
    {
        if (noAck)
        {
            Remove(id, releaseInLog: true);
            return;
        }

        _readyBytes -= entry.BodyLength;
        _unackedCount++;
        _rings.MarkUnacked(id);
        _pager.AfterDelivery(ref entry);
    }

    private void Remove(long id, bool releaseInLog)
    {
        if (!_rings.Contains(id))
        {
            return;
        }

        ref QueueEntry entry = ref _rings[id];
        if (releaseInLog && entry.Lsn != 0)
        {
            _releases.Add(entry.Lsn);
        }

        GiveBack(ref entry);
        CountOut(entry);
        _rings.Remove(id);
    }

    private void CountOut(in QueueEntry entry)
    {
        _bytes -= entry.BodyLength;
        if (entry.State == EntryState.Ready)
        {
            _readyBytes -= entry.BodyLength;
        }
        else
        {
            _unackedCount--;
        }
    }

    private void GiveBack(ref QueueEntry entry)
    {
        if (!entry.IsPagedOut)
        {
            entry.Payload.Release();
        }
        else if ((entry.Flags & EntryFlags.InPageFile) != 0)
        {
            _services.PageFile.Release((long)entry.Locator, entry.Payload.Length);
        }
    }

    private void Return(long id)
    {
        if (!_rings.Contains(id) || _rings[id].State != EntryState.Unacked)
        {
            return;
        }

        ref QueueEntry entry = ref _rings[id];
        bool isFirst = !entry.Redelivered;
        entry.Flags |= EntryFlags.Redelivered;
        if (entry.DeliveryCount < ushort.MaxValue)
        {
            entry.DeliveryCount++;
        }

        if (_limits.DeliveryLimit is { } limit && limit >= 0 && entry.DeliveryCount > limit)
        {
            Drop(id, DeadLetterReason.DeliveryLimit);
            return;
        }

        if (entry.Lsn != 0 && (isFirst || Definition.Parsed.Kind == QueueKind.Quorum))
        {
            _services.Log.Annotate(Id, entry.Lsn, EntryAnnotation.Of(entry.DeliveryCount, redelivered: true));
        }

        _unackedCount--;
        _readyBytes += entry.BodyLength;
        _rings.MarkReturned(id);
    }

    private void DropExcess()
    {
        bool drops = _limits.Overflow == OverflowBehaviour.DropHead && (_limits.MaxLength ?? _limits.MaxLengthBytes) is not null;
        while (drops && _limits.IsExceededBy(_rings.ReadyCount, _readyBytes) && _rings.TryPeekLowest(out long id))
        {
            Drop(id, DeadLetterReason.MaxLength);
        }
    }

    private void ExpireHead(long nowMs)
    {
        while (_anyExpires && _rings.TryPeek(out long id) && _rings[id].ExpiresAtMs <= nowMs)
        {
            Drop(id, DeadLetterReason.Expired);
        }
    }

    // Out of the queue and on the list of what to forward, or just out.
    private void Drop(long id, DeadLetterReason reason)
    {
        if (_limits.DeadLetterExchange is null)
        {
            Remove(id, releaseInLog: true);
            return;
        }

        ref QueueEntry entry = ref _rings[id];
        _dead ??= [];
        _dead.Add(new DeadLetter(entry.Payload, entry.Locator, entry.Flags, reason));
        CountOut(entry);
        _rings.Remove(id);
    }

    private void Touch()
    {
        if (_limits.ExpiresMs is { } expires)
        {
            _lastUsedMs = _services.Clock.NowMs;
            Schedule(_lastUsedMs + expires);
        }
    }

    private void Schedule(long dueMs)
    {
        if (dueMs < _timerDueMs)
        {
            _timerDueMs = dueMs;
            _services.Timers.Schedule(this, dueMs);
        }
    }

    // Last thing under the lock: what was gathered goes on its way.
    private List<DeadLetter>? Leave()
    {
        _releases.Flush();
        if (_anyExpires && _rings.TryPeek(out long head))
        {
            Schedule(_rings[head].ExpiresAtMs);
        }

        if (_limits.ExpiresMs is { } expires && _consumers.Count == 0)
        {
            Schedule(_lastUsedMs + expires);
        }

        List<DeadLetter>? dead = _dead;
        _dead = null;
        return dead;
    }

    // ---- outside the lock -----------------------------------------------------------------------------------------

    private void Forward(List<DeadLetter>? dead, FlushSet flush)
    {
        if (dead is not null)
        {
            _services.DeadLetters.Forward(this, dead, flush);
        }
    }

    private void PageInAndDispatch()
    {
        var flush = new FlushSet();
        PageIn(flush);
        flush.FlushAll();
    }

    private void PageIn(FlushSet flush)
    {
        List<DeadLetter>? dead;
        lock (_pager.ReadLock)
        {
            lock (_lock)
            {
                _pager.CollectHead();
            }

            _pager.ReadCollected();
            lock (_lock)
            {
                foreach (long damaged in _pager.InstallCollected(_deleted))
                {
                    _damagedCount++;
                    Remove(damaged, releaseInLog: false);
                }

                _pager.EndPageIn();
                if (!_deleted)
                {
                    Dispatch(flush);
                }

                dead = Leave();
            }
        }

        Forward(dead, flush);
    }
}
