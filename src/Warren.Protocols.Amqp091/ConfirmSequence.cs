namespace Warren.Protocols.Amqp091;

/// <summary>The publisher confirms of one channel: what is to be answered, and what it still waits for.</summary>
/// <remarks>
/// <see cref="Accepted"/> and <see cref="Refused"/> are the read loop's; they only count. <see cref="EndBatch"/> and
/// <see cref="Release"/> are under the lock of the connection's output. A run of publishes of one read batch is
/// confirmed together, when the log has committed the last of them.
/// </remarks>
internal sealed class ConfirmSequence
{
    private readonly Queue<Run> _pending = new();
    private readonly List<Run> _batch = [];
    private ulong _published;
    private ulong _inBatch; // first sequence number of the open run
    private ulong _highestLsn;
    private ulong _released;

    /// <summary>Whether confirms wait for the log.</summary>
    public bool IsWaiting => _pending.Count > 0;

    /// <summary>Publishes not answered yet.</summary>
    public ulong Outstanding => _published - _released;

    /// <summary>Whether this batch has anything to answer.</summary>
    public bool HasBatch => _inBatch != 0 || _batch.Count > 0;

    /// <summary>The next publish is in its queues; <paramref name="lsn"/> 0 when nothing is to be stored.</summary>
    public void Accepted(ulong lsn)
    {
        _published++;
        if (_inBatch == 0)
        {
            _inBatch = _published;
        }

        if (lsn > _highestLsn)
        {
            _highestLsn = lsn;
        }
    }

    /// <summary>The next publish was turned away.</summary>
    public void Refused()
    {
        CloseRun(_published);
        _published++;
        _batch.Add(new Run(_published, 0, IsNack: true));
    }

    /// <summary>Ends a read batch: its publishes join those that wait.</summary>
    public void EndBatch()
    {
        CloseRun(_published);
        foreach (Run run in _batch)
        {
            _pending.Enqueue(run);
        }

        _batch.Clear();
    }

    /// <summary>Takes what the log's progress allows to answer, as one frame's worth.</summary>
    /// <param name="committedLsn">Everything up to it is on the disk.</param>
    /// <param name="first">The first sequence number answered.</param>
    /// <param name="upTo">The last one.</param>
    /// <param name="isNack">True for basic.nack of exactly <paramref name="upTo"/>.</param>
    /// <returns>False when nothing can be answered yet.</returns>
    public bool Release(ulong committedLsn, out ulong first, out ulong upTo, out bool isNack)
    {
        first = _released + 1;
        upTo = 0;
        isNack = false;
        while (_pending.TryPeek(out Run run) && run.Lsn <= committedLsn)
        {
            if (run.IsNack && upTo != 0)
            {
                break;
            }

            _pending.Dequeue();
            upTo = run.UpTo;
            _released = upTo;
            if (run.IsNack)
            {
                isNack = true;
                break;
            }
        }

        return upTo != 0;
    }

    private void CloseRun(ulong upTo)
    {
        if (_inBatch != 0)
        {
            _batch.Add(new Run(upTo, _highestLsn, IsNack: false));
            _inBatch = 0;
        }
    }

    private readonly record struct Run(ulong UpTo, ulong Lsn, bool IsNack);
}
