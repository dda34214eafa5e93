using Warren.Buffers;
using Warren.Wire.Amqp091;

namespace Warren.Protocols.Amqp091;

/// <summary>What a connection answers once it is committed: the publisher confirms of its channels.</summary>
internal sealed class ConfirmAnswers(Amqp091Connection connection, ChannelTable channels) : ICommitAnswers
{
    /// <inheritdoc/>
    public bool HasBatch
    {
        get
        {
            foreach (Channel? channel in channels.All)
            {
                if (channel is { HasConfirmBatch: true })
                {
                    return true;
                }
            }

            return false;
        }
    }

    /// <inheritdoc/>
    public bool EndBatch()
    {
        bool waiting = false;
        foreach (Channel? channel in channels.All)
        {
            waiting |= channel is { HasConfirmBatch: true } && channel.EndConfirmBatch();
        }

        return waiting;
    }

    /// <inheritdoc/>
    public bool Release() => channels.ReleaseConfirms();

    /// <inheritdoc/>
    public void Fail() => connection.Broker.Scheduler.Post(
        connection, static connection => connection.Close(ReplyCode.InternalError, "INTERNAL_ERROR"), connection);

    /// <inheritdoc/>
    public void GoOn(Action<FlushSet> work, FlushSet flush) => work(flush); // commands here wait with replies only
}
