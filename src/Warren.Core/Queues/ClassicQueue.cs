using System.Diagnostics;
using Warren.Buffers;
using Warren.Buffers.Commits;
using Warren.Buffers.Scheduling;
using Warren.Core.Arguments;
using Warren.Core.Messages;
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
internal sealed partial class ClassicQueue : MessageQueue, IDue
{
    private const int PageOutBytes = 32 * 1024; // published between two looks at the memory
    private const int EntryWeight = 512; // so that many small messages count too
    private const int StepMax = 8192; // dropped at most under one hold of the lock; of dead letters, DeadLetterLine.SliceMax
    private const int ShareMax = 16; // of them by one publish
    private const long ReadAgainMs = 1000;

    private readonly Lock _lock = new();
    private readonly QueueServices _services;
    private readonly PriorityRings _rings;
    private readonly ConsumerSet _consumers = new();
    private readonly QueuePager _pager;
    private readonly ReleaseBatch _releases;
    private QueueLimits _limits;
    private readonly DeadLetterLine _letters;
    private readonly QueueWake _wake;
    private readonly MessageLife _life;
    private long _readyBytes;
    private long _bytes; // of all bodies, ready or not
    private long _unackedCount;
    private long _sincePageOut;
    private bool _isShrinking; // a policy has made it too long, and it is cut down in steps
    private bool _hadConsumer;
    private bool _deleted;
    private long _damagedCount;

    internal ClassicQueue(string virtualHost, string name, QueueDefinition definition, ulong id, QueueServices services)
        : base(virtualHost, name, definition, id)
    {
        _services = services;
        _releases = new ReleaseBatch(id, services);
        _limits = QueueLimits.From(definition.Parsed, PolicyDefinition.Empty);
        _rings = new PriorityRings(definition.Parsed.MaxPriority ?? 0);
        _pager = new QueuePager(services, _rings);
        _consumers.SingleActive = definition.Parsed.SingleActiveConsumer;
        _letters = new DeadLetterLine(this, Parts, services);
        _wake = new QueueWake(services, this);
        _life = new MessageLife(services.Clock);
    }

    /// <inheritdoc/>
    public override QueueLimits Limits => _limits;

    /// <inheritdoc/>
    public override bool IsAbandoned
    {
        get
        {
            lock (_lock)
            {
                return Definition.AutoDelete && _hadConsumer && _consumers.Count == 0 && !_deleted;
            }
        }
    }

    /// <inheritdoc/>
    public override QueueCounts Counts
    {
        get
        {
            lock (_lock)
            {
                return new QueueCounts(_rings.ReadyCount, _unackedCount, _readyBytes, _consumers.Count, _damagedCount, _bytes);
            }
        }
    }

    /// <inheritdoc/>
    public override bool IsCongested => _consumers.Count > 0 && _services.IsLaggingMuch(Volatile.Read(ref _readyBytes));

    /// <inheritdoc/>
    public override bool IsActive(QueueConsumer consumer)
    {
        lock (_lock)
        {
            return !_consumers.SingleActive || _consumers.Active == consumer;
        }
    }

    /// <inheritdoc/>
    public override QueueBrowser Browse() => new RingBrowser(this);

    /// <inheritdoc/>
    public override bool IsPaused
    {
        get
        {
            lock (_lock)
            {
                return _consumers.Paused;
            }
        }
    }

    /// <inheritdoc/>
    public override string? ExclusiveConsumerTag
    {
        get
        {
            lock (_lock)
            {
                return _consumers.HasExclusive ? _consumers.All[0].Tag : null;
            }
        }
    }

    /// <inheritdoc/>
    public override string? SingleActiveConsumerTag
    {
        get
        {
            lock (_lock)
            {
                return _consumers.SingleActive ? _consumers.Active?.Tag : null;
            }
        }
    }

    /// <inheritdoc/>
    internal override void Pause(bool paused)
    {
        var flush = new FlushSet();
        DeadLetterLine? dead;
        lock (_lock)
        {
            _consumers.Paused = paused;
            Dispatch(flush);
            dead = Leave();
        }

        Forward(dead, flush);
        flush.FlushAll();
    }

    /// <summary>What the tools of operators look at: <see cref="QueueBrowser"/> and the like.</summary>
    internal QueueParts Parts => new(_lock, _rings, _consumers, _pager);

    /// <inheritdoc/>
    public override bool WouldReject(long messages, long bytes)
    {
        lock (_lock)
        {
            return _limits.RejectsPublish && _limits.IsExceededBy(_rings.ReadyCount + messages, _readyBytes + bytes);
        }
    }

    /// <inheritdoc/>
    internal override void TurnAway(Message message, FlushSet flush)
    {
        if (_limits is { Overflow: OverflowBehaviour.RejectPublishDlx, DeadLetterExchange: not null })
        {
            message.Payload.Retain();
            DeadLetterLine? dead;
            lock (_lock)
            {
                _letters.Add(new DeadLetter(message.Payload, 0, EntryFlags.None, DeadLetterReason.MaxLength));
                dead = Leave();
            }

            Forward(dead, flush);
        }
    }

    /// <inheritdoc/>
    public override PublishOutcome Publish(Message message, ulong lsn, FlushSet flush)
    {
        DeadLetterLine? dead;
        bool pagesOut = false;
        lock (_lock)
        {
            if (_deleted)
            {
                return PublishOutcome.QueueGone;
            }

            Counting.OnPublished(message.Exchange);
            if (_rings.ReadyCount == 0 && _consumers.HasAvailable && HandOver(message, lsn, flush))
            {
                return PublishOutcome.Accepted;
            }

            message.Payload.Retain();
            QueueEntry entry = QueueEntry.Of(message, lsn, _life.EndOf(message, _limits));
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
                pagesOut = true;
            }

            dead = Leave();
        }

        Forward(dead, flush);
        if (pagesOut)
        {
            PageOut(PageOutDepth.BehindHead, round: 0, out _); // here the publisher feels the disk
        }

        return PublishOutcome.Accepted;
    }

    /// <inheritdoc/>
    internal override int PageOut(PageOutDepth depth, int round, out bool hasMore)
    {
        PageOutBatch? batch;
        int letGo;
        lock (_lock)
        {
            hasMore = false;
            if (_deleted || _pager.IsPagingOut)
            {
                return 0;
            }

            letGo = _pager.BeginPageOut(depth, round, _consumers.Count > 0, out batch);
            hasMore = _pager.HasMore;
        }

        if (batch is null)
        {
            return letGo;
        }

        try
        {
            batch.Move(_services.Slabs, _services.PageFile);
        }
        finally
        {
            lock (_lock)
            {
                letGo += _pager.EndPageOut(batch, _deleted);
            }

            batch.Clear(_services.PageFile);
            _services.ReturnBatch(batch);
        }

        return letGo;
    }

    /// <inheritdoc/>
    internal override void Apply(AppliedPolicies policies)
    {
        lock (_lock)
        {
            Policies = policies;
            _limits = QueueLimits.From(Definition.Parsed, policies.Effective);
            _isShrinking = _limits.IsExceededBy(_rings.ReadyCount, _readyBytes);
            _wake.Use(_limits);
        }
    }

    /// <inheritdoc/>
    internal override void Enforce(FlushSet flush)
    {
        DeadLetterLine? dead;
        lock (_lock)
        {
            if (_deleted)
            {
                return;
            }

            if (_isShrinking)
            {
                DropExcess(StepMax);
            }

            Dispatch(flush);
            dead = Leave();
        }

        Forward(dead, flush);
    }

    /// <inheritdoc/>
    public override void Subscribe(QueueConsumer consumer, FlushSet flush)
    {
        DeadLetterLine? dead;
        lock (_lock)
        {
            ThrowIfUnavailable(consumer);
            _hadConsumer = true;
            _wake.Use(_limits);
            _consumers.Add(consumer);
            _services.CountConsumers(1);
            Dispatch(flush);
            dead = Leave();
        }

        Forward(dead, flush);
    }

    /// <inheritdoc/>
    public override void CheckSubscribe(QueueConsumer consumer)
    {
        ArgumentNullException.ThrowIfNull(consumer);
        lock (_lock)
        {
            ThrowIfUnavailable(consumer);
        }
    }

    /// <inheritdoc/>
    public override bool Unsubscribe(QueueConsumer consumer, FlushSet flush)
    {
        DeadLetterLine? dead;
        bool last;
        lock (_lock)
        {
            if (!_consumers.Remove(consumer))
            {
                return false;
            }

            _services.CountConsumers(-1);
            _wake.Use(_limits);
            Dispatch(flush);
            last = Definition.AutoDelete && _hadConsumer && _consumers.Count == 0 && !_deleted;
            dead = Leave();
        }

        Forward(dead, flush);
        return last;
    }

    /// <inheritdoc/>
    public override void Resume(QueueConsumer consumer, FlushSet flush)
    {
        DeadLetterLine? dead;
        lock (_lock)
        {
            _consumers.Unblock(consumer);
            Dispatch(flush);
            dead = Leave();
        }

        Forward(dead, flush);
    }

    /// <inheritdoc/>
    internal override bool TrySetAside(long id)
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

    /// <inheritdoc/>
    public override bool TryGet(bool noAck, FlushSet flush, out TakenMessage taken)
    {
        while (true)
        {
            DeadLetterLine? dead;
            bool found = false;
            bool pagedOut = false;
            bool again;
            taken = default;
            lock (_lock)
            {
                _wake.Use(_limits);
                again = !ExpireHead(_services.Clock.Uptime) && !_letters.IsFull;
                if (again)
                {
                    // more has expired than goes in one step
                }
                else if (!_deleted && !_consumers.Paused && _rings.TryPeek(out long id) && !IsExpired(id))
                {
                    ref QueueEntry entry = ref _rings[id];
                    pagedOut = entry.IsPagedOut;
                    if (!pagedOut)
                    {
                        found = true;
                        entry.Payload.Retain();
                        taken = new TakenMessage(
                            new Message(entry.Payload), id, entry.Redelivered, entry.DeliveryCount, _rings.ReadyCount - 1);
                        Counting.OnTaken(noAck, entry.Redelivered);
                        HandedOut(id, ref entry, noAck);
                    }
                }
                else
                {
                    Counting.OnNothingToTake();
                }

                dead = Leave();
            }

            Forward(dead, flush);
            if (again)
            {
                continue;
            }

            if (!pagedOut)
            {
                return found;
            }

            if (!PageIn(flush))
            {
                throw BrokerErrors.NotReadable();
            }
        }
    }

    /// <inheritdoc/>
    public override void Settle(ReadOnlySpan<long> positions, Settlement settlement, FlushSet flush)
    {
        DeadLetterLine? dead;
        lock (_lock)
        {
            if (_deleted)
            {
                return;
            }

            switch (settlement.Kind)
            {
                case SettlementKind.Accepted:
                    Accept(positions, releaseInLog: !settlement.IsGivenBack);
                    break;
                case SettlementKind.Rejected:
                    Reject(positions);
                    break;
                case SettlementKind.Released:
                    PutBack(positions, settlement);
                    break;
                default:
                    foreach (long id in positions)
                    {
                        Return(id);
                    }

                    DropExcess();
                    break;
            }

            Dispatch(flush);
            dead = Leave();
        }

        Forward(dead, flush);
    }

    /// <inheritdoc/>
    public override long Purge(out CommitTicket ticket)
    {
        long count = 0;
        DeadLetterLine? dead;
        lock (_lock)
        {
            while (_rings.TryPeek(out long id))
            {
                Remove(id, releaseInLog: true);
                count++;
            }

            dead = Leave();
        }

        var flush = new FlushSet();
        Forward(dead, flush);
        flush.FlushAll();

        ticket = IsLogged ? _services.Log.Barrier() : default;
        return count;
    }

    /// <inheritdoc/>
    public override bool TryRead(long id, out Payload payload) => QueueReader.TryRead(this, id, out payload);

    /// <inheritdoc/>
    public override ulong FindLsn(long id)
    {
        lock (_lock)
        {
            return !_deleted && _rings.Contains(id) ? _rings[id].Lsn : 0;
        }
    }

    /// <inheritdoc/>
    internal override void Use()
    {
        lock (_lock)
        {
            _wake.Use(_limits);
        }
    }

    /// <inheritdoc/>
    internal override QueueConsumer[]? MarkDeleted(
        QueueDeletion deletion, Func<MessageQueue, StoreResult> store, out CommitTicket ticket, out long readyCount)
    {
        ticket = default;
        lock (_lock)
        {
            readyCount = _rings.ReadyCount;
            if (_deleted || (deletion.IfExpired && !HasExpired(_services.Clock.Uptime)))
            {
                return null;
            }

            if (deletion.IfUnused && _consumers.Count > 0)
            {
                throw BrokerErrors.QueueInUse(Name, VirtualHostName);
            }

            if (deletion.IfEmpty && readyCount + _unackedCount > 0)
            {
                throw BrokerErrors.QueueNotEmpty(Name, VirtualHostName);
            }

            ticket = store(this).OrThrow();
            _deleted = true;
            _wake.Cancel();
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
            _letters.Close();

            return consumers;
        }
    }

    /// <summary>What it has dropped, for who forwards it.</summary>
    internal DeadLetterLine Letters => _letters;

    /// <summary>The clock its messages expire by.</summary>
    internal CoarseClock Clock => _services.Clock;

    /// <summary>Counts a letter whose stored bytes are wrong. Its record stays in the log, for who may still mend it.</summary>
    internal void CountDamaged()
    {
        lock (_lock)
        {
            _damagedCount++;
        }
    }

    /// <inheritdoc/>
    public override string ToString() => $"queue '{Name}' in vhost '{VirtualHostName}'";

    /// <inheritdoc/>
    void IDue.OnDue(Uptime now)
    {
        var flush = new FlushSet();
        bool expired;
        lock (_lock)
        {
            _wake.Woke();
            expired = HasExpired(now);
        }

        Enforce(flush);
        flush.FlushAll();
        if (expired)
        {
            RaiseExpired();
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

    private void Accept(ReadOnlySpan<long> ids, bool releaseInLog)
    {
        long before = _unackedCount;
        foreach (long id in ids)
        {
            Remove(id, releaseInLog);
        }

        Counting.OnAcknowledged(before - _unackedCount);
    }

    private void Reject(ReadOnlySpan<long> ids)
    {
        foreach (long id in ids)
        {
            if (_rings.Contains(id))
            {
                Drop(id, DeadLetterReason.Rejected);
            }
        }
    }

    private void PutBack(ReadOnlySpan<long> ids, Settlement settlement)
    {
        foreach (long id in ids)
        {
            if (_rings.Contains(id) && _rings[id].State == EntryState.Unacked)
            {
                _unackedCount--;
                _readyBytes += _rings[id].BodyLength;
                ref QueueEntry entry = ref _rings[id];
                entry.ExpiresAt = settlement.IsBegun ? Uptime.Never : entry.ExpiresAt;
                if (settlement.IsMarked && !entry.Redelivered)
                {
                    entry.Flags |= EntryFlags.Redelivered;
                    NoteReturn(entry);
                }

                _rings.MarkReturned(id);
            }
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

        Counting.OnDelivered(outcome == DeliveryOutcome.Settled, redelivered: false);
        if (outcome == DeliveryOutcome.Settled)
        {
            if (lsn != 0)
            {
                _services.Log.Release(Id, lsn);
            }

            return true;
        }

        message.Payload.Retain();
        QueueEntry entry = QueueEntry.Of(message, lsn, _life.EndOf(message, _limits));
        entry.State = EntryState.Unacked;
        _bytes += entry.BodyLength;
        long added = _rings.AddUnacked(message.Priority, entry);
        Debug.Assert(added == id, "the id promised to the consumer");
        _unackedCount++;
        return true;
    }

    // Ends because each pass hands one message out, drops one, or finds no consumer with credit.
    private void Dispatch(FlushSet flush)
    {
        Debug.Assert(_lock.IsHeldByCurrentThread, "dispatch outside the queue's lock");
        bool isFresh = ExpireHead(_services.Clock.Uptime);
        while (isFresh && _consumers.HasAvailable && _rings.TryPeek(out long id))
        {
            ref QueueEntry entry = ref _rings[id];
            if (entry.IsPagedOut)
            {
                if (_pager.TryBeginPageIn())
                {
                    _services.Scheduler.Post(this, static queue => queue.PageInAndDispatch(), this);
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
            Counting.OnDelivered(settled, entry.Redelivered);
            HandedOut(id, ref entry, settled);
            isFresh = ExpireHead(_services.Clock.Uptime);
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

        if (isFirst || Definition.Parsed.Kind == QueueKind.Quorum)
        {
            NoteReturn(entry);
        }

        _unackedCount--;
        _readyBytes += entry.BodyLength;
        _rings.MarkReturned(id);
    }

    // A publisher's message pushes out as many as it must, unless a policy has left so many that it goes in steps.
    private void DropExcess() => DropExcess(_isShrinking ? ShareMax : int.MaxValue);

    // So that a restart knows it too.
    private void NoteReturn(in QueueEntry entry)
    {
        if (entry.Lsn != 0)
        {
            _services.Log.Annotate(Id, entry.Lsn, EntryAnnotation.Of(entry.DeliveryCount, redelivered: true));
        }
    }

    private void DropExcess(int most)
    {
        bool drops = _limits.Overflow == OverflowBehaviour.DropHead && (_limits.MaxLength ?? _limits.MaxLengthBytes) is not null;
        bool wasShrinking = _isShrinking;
        while (drops && _limits.IsExceededBy(_rings.ReadyCount, _readyBytes) && _rings.TryPeekLowest(out long id))
        {
            if (most-- <= 0 || (wasShrinking && _letters.IsFull))
            {
                return;
            }

            Drop(id, DeadLetterReason.MaxLength);
        }

        _isShrinking = false;
    }

    private bool IsExpired(long id) => _life.IsLimited && _rings[id].ExpiresAt <= _services.Clock.Uptime;

    private bool HasExpired(Uptime now) => !_deleted && _consumers.Count == 0 && _wake.IsQueueExpired(_limits, now);

    // False: more has expired than goes in one step, or than the dead letters before it let through.
    private bool ExpireHead(Uptime now)
    {
        for (int left = StepMax; _life.IsLimited && _rings.TryPeek(out long id) && _rings[id].ExpiresAt <= now; left--)
        {
            if (left == 0 || _letters.IsFull)
            {
                return false;
            }

            Drop(id, DeadLetterReason.Expired);
        }

        return true;
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
        _letters.Add(new DeadLetter(entry.Payload, entry.Locator, entry.Flags, reason));
        CountOut(entry);
        _rings.Remove(id);
    }

    // Last thing under the lock: what was gathered goes on its way.
    private DeadLetterLine? Leave()
    {
        _releases.Flush();
        DeadLetterLine? dead = _letters.Count > 0 && _letters.TryBegin(_services.Clock.Uptime) ? _letters : null;
        ScheduleNext();
        return dead;
    }

    /// <summary>Sees to it that the queue is called when it has something to do. Under its lock.</summary>
    internal void ScheduleNext()
    {
        if (_deleted)
        {
            return;
        }

        if (_life.IsLimited && !_letters.IsFull && _rings.TryPeek(out long head))
        {
            _wake.NoLaterThan(_rings[head].ExpiresAt);
        }

        if (_consumers.Count == 0)
        {
            _wake.AwaitExpiry(_limits);
        }

        if (_letters.Count > 0)
        {
            _wake.NoLaterThan(_letters.DueAt);
        }
        else if (_isShrinking)
        {
            _wake.NoLaterThan(_services.Clock.Uptime);
        }
    }

    // ---- outside the lock -----------------------------------------------------------------------------------------

    private void Forward(DeadLetterLine? dead, FlushSet flush)
    {
        if (dead is not null)
        {
            _services.DeadLetters.Forward(this, flush);
        }
    }

    private void PageInAndDispatch()
    {
        var flush = new FlushSet();
        PageIn(flush);
        flush.FlushAll();
    }

    // False: the disk fails, and what the consumers wait for is tried again a moment later.
    private bool PageIn(FlushSet flush)
    {
        DeadLetterLine? dead;
        bool failed;
        lock (_pager.ReadLock)
        {
            lock (_lock)
            {
                _pager.CollectHead();
            }

            _pager.ReadCollected();
            lock (_lock)
            {
                foreach (long damaged in _pager.InstallCollected(_deleted, out failed))
                {
                    _damagedCount++;
                    _services.Damage.OnMessage(this, _rings[damaged].Lsn);
                    Remove(damaged, releaseInLog: false);
                }

                _pager.EndPageIn();
                if (failed)
                {
                    _wake.NoLaterThan(_services.Clock.Uptime + ReadAgainMs);
                }
                else if (!_deleted)
                {
                    Dispatch(flush);
                }

                dead = Leave();
            }
        }

        Forward(dead, flush);
        return !failed;
    }
}
