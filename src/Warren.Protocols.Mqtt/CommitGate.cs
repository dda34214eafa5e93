using Warren.Buffers;
using Warren.Core.Commits;
using Warren.Wire.Mqtt;

namespace Warren.Protocols.Mqtt;

/// <summary>What a connection has to wait for the log with: acknowledgements, messages held back, one piece of work.</summary>
/// <remarks>
/// <see cref="Reply"/>, <see cref="Appended"/> and <see cref="EndBatch"/> are the read loop's; <see cref="OnCommitted"/> is
/// the log's. What both touch is guarded by the lock of the connection's output.
/// </remarks>
internal sealed class CommitGate(MqttConnection connection, ReadPause pause) : ICommitWaiter
{
    private readonly ReplyQueue _replies = new();
    private Action<FlushSet>? _continuation; // what to do once the log has committed _continueAt
    private ulong _continueAt;
    private bool _appended;

    /// <summary>Acknowledgements not sent yet.</summary>
    public int RepliesPending => _replies.Count;

    private CommitNotifier Commits => connection.Broker.Commits;

    /// <summary>Something was appended to the log on behalf of this connection.</summary>
    public void Appended() => _appended = true;

    /// <summary>An answer of this read batch, sent in its turn when the log has committed the LSN.</summary>
    public void Reply(PacketType type, ushort packetId, ReasonCode reason, ulong lsn) =>
        _replies.Add((byte)type, (byte)reason, packetId, lsn);

    /// <summary>
    /// Does something when the log has committed the LSN, and reads nothing more until then. Under the session lock, here
    /// or on a pool thread; the flush set given to it is its own.
    /// </summary>
    public void WhenCommitted(ulong lsn, FlushSet flush, Action<FlushSet> work)
    {
        if (lsn == 0 || lsn <= Commits.CommittedLsn)
        {
            work(flush);
            return;
        }

        pause.Set(PauseReason.Commit);
        lock (connection.Output.Lock)
        {
            _continuation = work;
            _continueAt = lsn;
        }

        Commits.Register(this);
        Commits.Request();
    }

    /// <summary>The read batch is over: what may be answered is, the rest waits.</summary>
    public void EndBatch(FlushSet flush)
    {
        if (_replies.HasBatch)
        {
            ulong mark = _replies.NeedsMark ? connection.Sessions.Mark() : 0;
            _appended |= mark != 0;
            bool waiting;
            lock (connection.Output.Lock)
            {
                _replies.EndBatch(mark);
                WriteReplies(Commits.CommittedLsn);
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
    public bool OnCommitted(ulong committedLsn)
    {
        bool waiting;
        Action<FlushSet>? continuation = null;
        lock (connection.Output.Lock)
        {
            WriteReplies(committedLsn);
            waiting = _replies.IsWaiting;
            waiting |= connection.Deliverer?.Sender.ReleaseHeld(committedLsn) ?? false;
            if (_continuation is not null && _continueAt <= committedLsn)
            {
                continuation = _continuation;
                _continuation = null;
            }
            else
            {
                waiting |= _continuation is not null;
            }
        }

        if (continuation is not null)
        {
            ThreadPool.UnsafeQueueUserWorkItem(
                static state => state.Gate.Continue(state.Work), (Gate: this, Work: continuation), preferLocal: false);
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

    private void WriteReplies(ulong committedLsn)
    {
        int confirmed = 0;
        while (_replies.TryTake(committedLsn, out Reply reply))
        {
            confirmed += reply.Header is (byte)PacketType.PubAck or (byte)PacketType.PubRec ? 1 : 0;
            ControlPackets.WriteAcknowledgement(connection, (PacketType)reply.Header, reply.PacketId, (ReasonCode)reply.Reason);
        }

        if (confirmed > 0)
        {
            connection.Statistics.OnConfirmed((ulong)confirmed);
        }
    }

    private void Continue(Action<FlushSet> work)
    {
        var flush = new FlushSet();
        connection.GoOn(work, flush);
        Commits.Request();
        flush.FlushAll();
        pause.Clear(PauseReason.Commit);
    }
}
