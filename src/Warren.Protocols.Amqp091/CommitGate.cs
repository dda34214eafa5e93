using Warren.Buffers;
using Warren.Core;
using Warren.Core.Commits;

namespace Warren.Protocols.Amqp091;

/// <summary>What a connection holds back until the log has committed it: confirms, and replies to commands.</summary>
/// <remarks>The read loop registers; the log's thread answers, under the output's lock.</remarks>
internal sealed class CommitGate : ICommitWaiter
{
    private readonly CommitNotifier _commits;
    private readonly OutputBuffer _output;
    private readonly ReadPause _pause;
    private readonly ChannelTable _channels;
    private Action? _onCommitted;
    private ulong _suspendedUntil;
    private bool _appended;
    private volatile bool _closed;

    public CommitGate(Broker broker, OutputBuffer output, ReadPause pause, ChannelTable channels)
    {
        _commits = broker.Commits;
        _output = output;
        _pause = pause;
        _channels = channels;
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
    /// Writes a reply when the log has committed <paramref name="lsn"/>, and reads nothing more until then: the client
    /// may rely on the order of replies.
    /// </summary>
    public void ReplyWhenCommitted(ulong lsn, Action reply, FlushSet flush)
    {
        if (lsn == 0 || lsn <= _commits.CommittedLsn)
        {
            reply();
            flush.Add(_output);
            return;
        }

        _onCommitted = reply;
        _appended = true;
        _pause.Set(PauseReason.Commit);
        Volatile.Write(ref _suspendedUntil, lsn);
        _commits.Register(this);
        _commits.Request();
    }

    /// <inheritdoc/>
    public bool OnCommitted(ulong committedLsn)
    {
        bool waiting;
        lock (_output.Lock)
        {
            waiting = _channels.ReleaseConfirms(committedLsn);

            ulong until = Volatile.Read(ref _suspendedUntil);
            if (until != 0 && until <= committedLsn)
            {
                Action? reply = _onCommitted;
                _onCommitted = null;
                reply?.Invoke();
                Volatile.Write(ref _suspendedUntil, 0);
                _pause.Clear(PauseReason.Commit);
            }
            else
            {
                waiting |= until != 0;
            }
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
