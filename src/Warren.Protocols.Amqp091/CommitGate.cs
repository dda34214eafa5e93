using Warren.Buffers;
using Warren.Buffers.Commits;
using Warren.Core;
using Warren.Core.Commits;

namespace Warren.Protocols.Amqp091;

/// <summary>What a connection holds back until the log has committed it: confirms, and replies to commands.</summary>
/// <remarks>
/// The read loop registers; the log's thread answers. What both touch is guarded by the lock of the output. A confirm
/// that can no longer be given is refused; a command that can no longer be answered with yes ends the connection.
/// </remarks>
internal sealed class CommitGate : ICommitWaiter
{
    private readonly CommitNotifier _commits;
    private readonly OutputBuffer _output;
    private readonly ReadPause _pause;
    private readonly ChannelTable _channels;
    private readonly Action _onFailed;
    private Action? _reply; // to the command that waits
    private CommitTicket _replyAt;
    private bool _appended;
    private volatile bool _closed;

    /// <param name="broker">Whose log it is.</param>
    /// <param name="output">The connection's output.</param>
    /// <param name="pause">Stops its reading.</param>
    /// <param name="channels">The channels with their confirms.</param>
    /// <param name="onFailed">Ends the connection. Called under the output's lock: must only schedule it.</param>
    public CommitGate(Broker broker, OutputBuffer output, ReadPause pause, ChannelTable channels, Action onFailed)
    {
        _commits = broker.Commits;
        _output = output;
        _pause = pause;
        _channels = channels;
        _onFailed = onFailed;
    }

    /// <summary>Something was appended to the log on behalf of this connection.</summary>
    public void Appended() => _appended = true;

    /// <summary>Nobody waits any more.</summary>
    public void Close() => _closed = true;

    /// <summary>The end of a read batch: what was appended is to be committed, and confirms wait for it.</summary>
    public void EndBatch()
    {
        EndConfirmBatch();
        if (_appended)
        {
            _appended = false;
            _commits.Request();
            if (_commits.IsBackedUp)
            {
                _pause.Set(PauseReason.Backlog);
                _commits.Register(this);
            }
        }
    }

    /// <summary>
    /// Writes a reply when what it waits for is committed, and reads nothing more until then: the client may rely on the
    /// order of replies.
    /// </summary>
    public void ReplyWhenCommitted(CommitTicket ticket, Action reply, FlushSet flush)
    {
        if (ticket.State == CommitState.Committed)
        {
            reply();
            flush.Add(_output);
            return;
        }

        _appended = true;
        _pause.Set(PauseReason.Commit);
        lock (_output.Lock)
        {
            _reply = reply;
            _replyAt = ticket;
        }

        _commits.Register(this);
        _commits.Request();
    }

    /// <inheritdoc/>
    public bool OnProgress()
    {
        bool waiting;
        lock (_output.Lock)
        {
            waiting = _channels.ReleaseConfirms();
            CommitState state = _reply is null ? CommitState.Pending : _replyAt.State;
            if (state != CommitState.Pending)
            {
                Action reply = _reply!;
                _reply = null;
                if (state == CommitState.Committed)
                {
                    reply();
                }
                else
                {
                    _onFailed();
                }

                _pause.Clear(PauseReason.Commit);
            }

            waiting |= _reply is not null;
        }

        if (_pause.Has(PauseReason.Backlog))
        {
            if (_commits.IsBackedUp)
            {
                waiting = true;
            }
            else
            {
                _pause.Clear(PauseReason.Backlog);
            }
        }

        _output.Flush();
        return waiting && !_closed;
    }

    private void EndConfirmBatch()
    {
        foreach (Channel? channel in _channels.All)
        {
            if (channel is not null && channel.HasConfirmBatch && channel.EndConfirmBatch())
            {
                _commits.Register(this);
            }
        }
    }
}
