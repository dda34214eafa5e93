using Warren.Buffers;
using Warren.Buffers.Commits;
using Warren.Core;
using Warren.Core.Commits;

namespace Warren.Protocols;

/// <summary>What a connection holds back until it is committed: answers to messages, and one reply or piece of work at a time.</summary>
/// <remarks>
/// <see cref="Appended"/>, <see cref="EndBatch"/> and the two that wait are the read loop's; <see cref="OnProgress"/> is the
/// log's. What both touch is guarded by the lock of the connection's output.
/// </remarks>
public sealed class CommitGate(Broker broker, OutputBuffer output, ReadPause pause, ICommitAnswers answers) : ICommitWaiter
{
    private Action? _reply; // written by the log's thread, under the output's lock
    private Action<FlushSet>? _work; // done on a pool thread
    private CommitTicket _awaited; // by the one or the other
    private bool _appended;
    private volatile bool _closed;

    private CommitNotifier Commits => broker.Commits;

    /// <summary>Something was appended to the log on behalf of this connection.</summary>
    public void Appended() => _appended = true;

    /// <summary>Nobody waits any more.</summary>
    public void Close() => _closed = true;

    /// <summary>
    /// Writes a reply when what it waits for is committed, and reads nothing more until then: the client may rely on the
    /// order of replies.
    /// </summary>
    /// <param name="ticket">What it waits for.</param>
    /// <param name="flush">Collects the output, when the reply is written at once.</param>
    /// <param name="reply">Appends bytes to the output, and does nothing else.</param>
    public void ReplyWhenCommitted(CommitTicket ticket, FlushSet flush, Action reply)
    {
        ArgumentNullException.ThrowIfNull(reply);
        if (ticket.State == CommitState.Committed)
        {
            reply();
            flush.Add(output);
        }
        else
        {
            Wait(ticket, reply, work: null);
        }
    }

    /// <summary>
    /// Does something when the ticket is committed, and reads nothing more until then. Under the session lock, here or on
    /// a pool thread; the flush set given to it is its own.
    /// </summary>
    public void WhenCommitted(CommitTicket ticket, FlushSet flush, Action<FlushSet> work)
    {
        ArgumentNullException.ThrowIfNull(work);
        if (ticket.State == CommitState.Committed)
        {
            work(flush);
        }
        else
        {
            Wait(ticket, reply: null, work);
        }
    }

    /// <summary>The read batch is over: what may be answered is, the rest waits, and what was appended is to be committed.</summary>
    public void EndBatch(FlushSet flush)
    {
        if (answers.HasBatch)
        {
            bool waiting;
            lock (output.Lock)
            {
                waiting = answers.EndBatch();
            }

            flush.Add(output);
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
        Action<FlushSet>? work = null;
        lock (output.Lock)
        {
            waiting = answers.Release();
            CommitState state = IsAwaiting ? _awaited.State : CommitState.Pending;
            if (state != CommitState.Pending)
            {
                work = End(state == CommitState.Committed);
            }

            waiting |= IsAwaiting;
        }

        if (work is not null)
        {
            broker.Scheduler.Post(this, static state => state.Gate.GoOn(state.Work), (Gate: this, Work: work));
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

        output.Flush();
        return waiting && !_closed;
    }

    private bool IsAwaiting => _reply is not null || _work is not null;

    private void Wait(CommitTicket ticket, Action? reply, Action<FlushSet>? work)
    {
        pause.Set(PauseReason.Commit);
        lock (output.Lock)
        {
            _reply = reply;
            _work = work;
            _awaited = ticket;
        }

        Commits.Register(this);
        Commits.Request();
    }

    // Under the output's lock. Answers the work that is to be done now; after a failure there is none, and nothing is said.
    private Action<FlushSet>? End(bool isCommitted)
    {
        Action<FlushSet>? work = _work;
        Action? reply = _reply;
        _work = null;
        _reply = null;
        if (!isCommitted)
        {
            answers.Fail();
        }
        else if (work is not null)
        {
            return work; // reading goes on behind it
        }
        else
        {
            reply!();
        }

        pause.Clear(PauseReason.Commit);
        return null;
    }

    private void GoOn(Action<FlushSet> work)
    {
        var flush = new FlushSet();
        try
        {
            answers.GoOn(work, flush);
        }
        finally
        {
            Commits.Request();
            flush.FlushAll();
            pause.Clear(PauseReason.Commit);
        }
    }
}
