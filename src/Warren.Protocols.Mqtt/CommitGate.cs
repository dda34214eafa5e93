using Warren.Buffers;
using Warren.Buffers.Commits;
using Warren.Core.Commits;
using Warren.Wire.Mqtt;

namespace Warren.Protocols.Mqtt;

/// <summary>What a connection has to wait for the log with: acknowledgements, messages held back, one piece of work.</summary>
/// <remarks>
/// <see cref="Reply"/>, <see cref="Appended"/> and <see cref="EndBatch"/> are the read loop's; <see cref="OnProgress"/> is
/// the log's. What both touch is guarded by the lock of the connection's output. What can no longer be committed is
/// answered with a reason where the packet has one, and ends the connection.
/// </remarks>
internal sealed class CommitGate(MqttConnection connection, ReadPause pause) : ICommitWaiter
{
    private readonly ReplyQueue _replies = new();
    private Action<FlushSet>? _continuation; // what to do once _continueAt is committed
    private CommitTicket _continueAt;
    private bool _appended;

    /// <summary>Acknowledgements not sent yet.</summary>
    public int RepliesPending => _replies.Count;

    private CommitNotifier Commits => connection.Broker.Commits;

    /// <summary>Something was appended to the log on behalf of this connection.</summary>
    public void Appended() => _appended = true;

    /// <summary>An answer of this read batch, sent in its turn when what it waits for is committed.</summary>
    public void Reply(PacketType type, ushort packetId, ReasonCode reason, CommitTicket ticket) =>
        _replies.Add(new Reply((byte)type, (byte)reason, packetId, ticket));

    /// <summary>An answer of this read batch that waits for everything the batch does.</summary>
    public void ReplyAtBatchEnd(PacketType type, ushort packetId, ReasonCode reason) =>
        _replies.Add(new Reply((byte)type, (byte)reason, packetId, default, AtBatchEnd: true));

    /// <summary>
    /// Does something when the ticket is committed, and reads nothing more until then. Under the session lock, here or on
    /// a pool thread; the flush set given to it is its own.
    /// </summary>
    public void WhenCommitted(CommitTicket ticket, FlushSet flush, Action<FlushSet> work)
    {
        if (ticket.State == CommitState.Committed)
        {
            work(flush);
            return;
        }

        pause.Set(PauseReason.Commit);
        lock (connection.Output.Lock)
        {
            _continuation = work;
            _continueAt = ticket;
        }

        Commits.Register(this);
        Commits.Request();
    }

    /// <summary>The read batch is over: what may be answered is, the rest waits.</summary>
    public void EndBatch(FlushSet flush)
    {
        if (_replies.HasBatch)
        {
            CommitTicket barrier = _replies.NeedsBarrier ? Commits.Barrier() : default;
            _appended |= !barrier.IsNone;
            bool waiting;
            lock (connection.Output.Lock)
            {
                _replies.EndBatch(barrier);
                WriteReplies();
                waiting = _replies.IsWaiting;
            }

            flush.Add(connection.Output);
            if (waiting)
            {
                Commits.Register(this);
            }
        }

        if (_appended)
        {
            _appended = false;
            Commits.Request();
            if (Commits.IsBackedUp)
            {
                pause.Set(PauseReason.Backlog);
                Commits.Register(this);
            }
        }
    }

    /// <inheritdoc/>
    public bool OnProgress()
    {
        bool waiting;
        Action<FlushSet>? continuation = null;
        lock (connection.Output.Lock)
        {
            WriteReplies();
            waiting = _replies.IsWaiting;
            bool held = false;
            if (connection.Deliverer?.Sender is { } sender && !sender.TryReleaseHeld(out held))
            {
                Fail();
            }

            waiting |= held;
            CommitState state = _continuation is null ? CommitState.Pending : _continueAt.State;
            if (state != CommitState.Pending)
            {
                continuation = state == CommitState.Committed ? _continuation : static _ => { };
                _continuation = null;
                if (state == CommitState.Failed)
                {
                    Fail();
                }
            }

            waiting |= _continuation is not null;
        }

        if (continuation is not null)
        {
            connection.Broker.Scheduler.Post(
                connection, static state => state.Gate.Continue(state.Work), (Gate: this, Work: continuation));
        }

        if (pause.Has(PauseReason.Backlog))
        {
            if (Commits.IsBackedUp)
            {
                waiting = true;
            }
            else
            {
                pause.Clear(PauseReason.Backlog);
            }
        }

        connection.Output.Flush();
        return waiting && !connection.IsClosed;
    }

    private void WriteReplies()
    {
        int confirmed = 0;
        while (_replies.TryTake(out Reply reply, out bool isFailed))
        {
            var type = (PacketType)reply.Header;
            bool answersPublish = type is PacketType.PubAck or PacketType.PubRec;
            if (isFailed)
            {
                if (answersPublish && connection.Limits.Is50)
                {
                    ControlPackets.WriteAcknowledgement(connection, type, reply.PacketId, ReasonCode.UnspecifiedError);
                }

                Fail();
                continue;
            }

            confirmed += answersPublish ? 1 : 0;
            ControlPackets.WriteAcknowledgement(connection, type, reply.PacketId, (ReasonCode)reply.Reason);
        }

        if (confirmed > 0)
        {
            connection.Statistics.OnConfirmed((ulong)confirmed);
        }
    }

    // Under the output's lock, which comes after that of the session.
    private void Fail() => connection.Broker.Scheduler.Post(
        connection,
        static connection => connection.CloseFrom(ReasonCode.UnspecifiedError, "what the client sent cannot be stored"),
        connection);

    private void Continue(Action<FlushSet> work)
    {
        var flush = new FlushSet();
        connection.GoOn(work, flush);
        Commits.Request();
        flush.FlushAll();
        pause.Clear(PauseReason.Commit);
    }
}
