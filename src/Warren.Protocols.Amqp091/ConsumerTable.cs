namespace Warren.Protocols.Amqp091;

/// <summary>The consumers of one channel by tag.</summary>
/// <remarks>
/// Changed under the session's lock and the output's, because the pool's threads walk through them under the output's only;
/// so whoever holds either may read. One whose queue was deleted stays until the next ones come: who deletes a queue has not
/// the session's lock. There are never many of those.
/// </remarks>
internal sealed class ConsumerTable
{
    private const int FewGone = 16;

    private readonly Dictionary<string, ChannelConsumer> _byTag = new(StringComparer.Ordinal);
    private int _gone;

    /// <summary>Consumers whose queues are there.</summary>
    public int Count => _byTag.Count - _gone;

    /// <summary>Those of deleted queues included: what it takes.</summary>
    public int Held => _byTag.Count;

    /// <summary>Those of deleted queues included.</summary>
    public Dictionary<string, ChannelConsumer>.ValueCollection All => _byTag.Values;

    /// <summary>The consumer with this tag, unless its queue is gone.</summary>
    public ChannelConsumer? Find(string tag) =>
        _byTag.TryGetValue(tag, out ChannelConsumer? consumer) && !consumer.IsGone ? consumer : null;

    /// <summary>Adds one whose tag no consumer has. Under both locks.</summary>
    public void Add(ChannelConsumer consumer)
    {
        if (_gone > FewGone && _gone > Count)
        {
            ForgetGone();
        }

        Remove(consumer.Tag); // of one that is gone
        _byTag.Add(consumer.Tag, consumer);
    }

    /// <summary>Takes one away. Under both locks.</summary>
    public void Remove(string tag)
    {
        if (_byTag.Remove(tag, out ChannelConsumer? removed) && removed.IsGone)
        {
            _gone--;
        }
    }

    /// <summary>The queue of one is gone. Under the output's lock.</summary>
    public void MarkGone(ChannelConsumer consumer)
    {
        if (!consumer.IsGone)
        {
            consumer.MarkGone();
            _gone += _byTag.TryGetValue(consumer.Tag, out ChannelConsumer? known) && known == consumer ? 1 : 0;
        }
    }

    /// <summary>Adds those to a list that had been refused and have credit again. Under the output's lock.</summary>
    public void TakeRefusals(List<ChannelConsumer> resumed)
    {
        foreach (ChannelConsumer consumer in _byTag.Values)
        {
            if (consumer.TakeRefusal())
            {
                resumed.Add(consumer);
            }
        }
    }

    /// <summary>Forgets all. Under both locks.</summary>
    public void Clear()
    {
        _byTag.Clear();
        _gone = 0;
    }

    private void ForgetGone()
    {
        foreach (ChannelConsumer gone in _byTag.Values.Where(static c => c.IsGone).ToArray())
        {
            _byTag.Remove(gone.Tag);
        }

        _gone = 0;
    }
}
