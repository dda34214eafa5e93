using Warren.Buffers;
using Warren.Buffers.Commits;
using Warren.Core.Messages;
using Warren.Core.Queues;

namespace Warren.Core.Sessions;

/// <summary>Retained messages on their way into a queue, as fast as they leave it again.</summary>
/// <remarks>Not thread-safe: belongs to who subscribed.</remarks>
public sealed class RetainedReplay
{
    private const int Ahead = 256; // messages that may wait in the queue

    private readonly Broker _broker;
    private readonly RetainedMessages _owner;
    private readonly List<RetainedEntry> _entries;
    private readonly MessageQueue[] _target;
    private readonly Func<Message, Payload> _copy;
    private int _next;

    internal RetainedReplay(Broker broker, RetainedMessages owner, List<RetainedEntry> entries, MessageQueue queue, Func<Message, Payload> copy)
    {
        _broker = broker;
        _owner = owner;
        _entries = entries;
        _target = [queue];
        _copy = copy;
    }

    /// <summary>The queue they go to.</summary>
    public MessageQueue Queue => _target[0];

    /// <summary>Puts as many into the queue as it takes without growing long.</summary>
    /// <param name="flush">Collects the outputs to flush.</param>
    /// <param name="all">Put all of them there, however long it grows: nobody will be here to go on.</param>
    /// <param name="ticket">Joined with what was written, if anything was.</param>
    /// <returns>True when all are there.</returns>
    public bool Advance(FlushSet flush, bool all, ref CommitTicket ticket)
    {
        for (; _next < _entries.Count; _next++)
        {
            if (!all && _next % Ahead == 0 && _target[0].Counts.Ready >= Ahead)
            {
                return false;
            }

            Payload original = _broker.Slabs.CopyFrom(_entries[_next].Image);
            var message = new Message(original);
            Payload copy = _owner.MayBeSeen(_entries[_next], message) ? _copy(message) : default;
            original.Release();
            if (!copy.IsEmpty)
            {
                PublishOutcome outcome = _broker.Messages.Write(
                    new Message(copy), _target, default, flush, out CommitTicket written);
                ticket = ticket.And(written);
                copy.Release();
                if (outcome == PublishOutcome.Refused)
                {
                    return false; // this one comes first the next time
                }
            }
        }

        return true;
    }
}
