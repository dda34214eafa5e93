using Warren.Buffers;

namespace Warren.Core.Queues;

/// <summary>The consumers of one queue: by priority, round-robin within a priority, or one active at a time.</summary>
/// <remarks>Not thread-safe: the queue's lock guards it.</remarks>
internal sealed class ConsumerSet
{
    private readonly List<Level> _levels = []; // highest priority first
    private readonly List<QueueConsumer> _arrival = [];
    private int _available;

    /// <summary>True: only the consumer that came first (of the highest priority) gets messages.</summary>
    public bool SingleActive { get; set; }

    public int Count => _arrival.Count;

    public IReadOnlyList<QueueConsumer> All => _arrival;

    public bool HasExclusive => _arrival.Count == 1 && _arrival[0].Exclusive;

    /// <summary>The one that gets messages when <see cref="SingleActive"/>.</summary>
    public QueueConsumer? Active => _levels.Count == 0 ? null : _active;

    private QueueConsumer? _active;

    /// <summary>True: an operator has stopped deliveries; nobody gets anything.</summary>
    public bool Paused { get; set; }

    /// <summary>Whether asking could succeed.</summary>
    public bool HasAvailable => !Paused && (SingleActive ? _active is { Blocked: false } : _available > 0);

    public void Add(QueueConsumer consumer)
    {
        _arrival.Add(consumer);
        int at = 0;
        while (at < _levels.Count && _levels[at].Priority > consumer.Priority)
        {
            at++;
        }

        if (at == _levels.Count || _levels[at].Priority != consumer.Priority)
        {
            _levels.Insert(at, new Level(consumer.Priority));
        }

        _levels[at].Members.Add(consumer);
        consumer.Blocked = false;
        _available++;
        _active ??= consumer;
    }

    public bool Remove(QueueConsumer consumer)
    {
        if (!_arrival.Remove(consumer))
        {
            return false;
        }

        int at = _levels.FindIndex(l => l.Priority == consumer.Priority);
        Level level = _levels[at];
        level.Members.Remove(consumer);
        if (level.Members.Count == 0)
        {
            _levels.RemoveAt(at);
        }
        else
        {
            level.Next %= level.Members.Count;
        }

        if (!consumer.Blocked)
        {
            _available--;
        }

        if (ReferenceEquals(_active, consumer))
        {
            _active = _levels.Count == 0 ? null : _levels[0].Members[0];
        }

        return true;
    }

    /// <summary>Takes all away and answers who they were.</summary>
    public QueueConsumer[] RemoveAll()
    {
        QueueConsumer[] all = [.. _arrival];
        foreach (QueueConsumer consumer in all)
        {
            Remove(consumer);
        }

        return all;
    }

    public void Unblock(QueueConsumer consumer)
    {
        if (consumer.Blocked && _arrival.Contains(consumer))
        {
            consumer.Blocked = false;
            _available++;
        }
    }

    /// <summary>Offers the message to each consumer that may have credit, until one takes it.</summary>
    public DeliveryOutcome Offer(in Delivery delivery, FlushSet flush)
    {
        if (SingleActive)
        {
            return _active is { Blocked: false } ? Ask(_active, delivery, flush) : DeliveryOutcome.Refused;
        }

        for (int l = 0; l < _levels.Count; l++)
        {
            Level level = _levels[l];
            for (int tried = 0; tried < level.Members.Count; tried++)
            {
                QueueConsumer consumer = level.Members[level.Next];
                level.Next = level.Next + 1 == level.Members.Count ? 0 : level.Next + 1;
                if (consumer.Blocked)
                {
                    continue;
                }

                DeliveryOutcome outcome = Ask(consumer, delivery, flush);
                if (outcome != DeliveryOutcome.Refused)
                {
                    return outcome;
                }
            }
        }

        return DeliveryOutcome.Refused;
    }

    private DeliveryOutcome Ask(QueueConsumer consumer, in Delivery delivery, FlushSet flush)
    {
        DeliveryOutcome outcome = consumer.TryDeliver(delivery, flush);
        if (outcome == DeliveryOutcome.Refused)
        {
            consumer.Blocked = true;
            _available--;
        }

        return outcome;
    }

    private sealed class Level(int priority)
    {
        public int Priority { get; } = priority;

        public List<QueueConsumer> Members { get; } = [];

        public int Next { get; set; }
    }
}
