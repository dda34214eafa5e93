using Warren.Buffers.Commits;


namespace Warren.Protocols.Amqp091;

/// <summary>The publisher confirms of one channel: what is to be answered, and what it still waits for.</summary>
/// <remarks>
/// <see cref="Accepted"/> and <see cref="Refused"/> are the read loop's; they only count. <see cref="EndBatch"/> and
/// <see cref="Release"/> are under the lock of the connection's output. A run of publishes of one read batch is
/// confirmed together, when what they wait for is committed; what can no longer be committed is refused.
/// </remarks>
internal sealed class ConfirmSequence
{
    private readonly Queue<Run> _pending = new();
    private readonly List<Run> _batch = [];
    private ulong _published;
    private ulong _inBatch; // first sequence number of the open run
    private CommitTicket _awaited; // by the open run
    private ulong _released;

    /// <summary>Whether confirms wait for the log.</summary>
    public bool IsWaiting => _pending.Count > 0;

    /// <summary>Publishes not answered yet.</summary>
    public ulong Outstanding => _published - _released;

    /// <summary>Whether this batch has anything to answer.</summary>
    public bool HasBatch => _inBatch != 0 || _batch.Count > 0;

    /// <summary>The next publish is in its queues.</summary>
    public void Accepted(CommitTicket ticket)
    {
        _published++;
        if (_inBatch == 0)
        {
            _inBatch = _published;
        }

        _awaited = _awaited.And(ticket);
    }

    /// <summary>The next publish was turned away.</summary>
    public void Refused()
    {
        CloseRun(_published);
        _published++;
        _batch.Add(new Run(_published, default, IsNack: true));
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

    /// <summary>Takes what can be answered by now, as one frame's worth.</summary>
    /// <param name="first">The first sequence number answered.</param>
    /// <param name="upTo">The last one.</param>
    /// <param name="isNack">True for basic.nack.</param>
    /// <returns>False when nothing can be answered yet.</returns>
    public bool Release(out ulong first, out ulong upTo, out bool isNack)
    {
        first = _released + 1;
        upTo = 0;
        isNack = false;
        while (_pending.TryPeek(out Run run))
        {
            CommitState state = run.Ticket.State;
            bool no = run.IsNack || state == CommitState.Failed;
            if (state == CommitState.Pending || (upTo != 0 && no != isNack))
            {
                break;
            }

            _pending.Dequeue();
            isNack = no;
            _released = upTo = run.UpTo;
        }

        return upTo != 0;
    }

    private void CloseRun(ulong upTo)
    {
        if (_inBatch != 0)
        {
            _batch.Add(new Run(upTo, _awaited, IsNack: false));
            _inBatch = 0;
            _awaited = default;
        }
    }

    private readonly record struct Run(ulong UpTo, CommitTicket Ticket, bool IsNack);
}
