using Warren.Buffers;
using Warren.Buffers.Commits;
using Warren.Wire.Mqtt;

namespace Warren.Protocols.Mqtt;

/// <summary>What a connection answers once it is committed: acknowledgements, and messages held back for their identifiers.</summary>
/// <remarks><see cref="Add"/> and the like are the read loop's.</remarks>
internal sealed class PacketAnswers(MqttConnection connection) : ICommitAnswers
{
    private readonly ReplyQueue _replies = new();

    /// <summary>Acknowledgements not sent yet.</summary>
    public int Pending => _replies.Count;

    /// <inheritdoc/>
    public bool HasBatch => _replies.HasBatch;

    /// <summary>An acknowledgement of this read batch, sent in its turn.</summary>
    public void Add(in Reply reply) => _replies.Add(reply);

    /// <inheritdoc/>
    public bool EndBatch()
    {
        CommitTicket barrier = default;
        if (_replies.NeedsBarrier)
        {
            barrier = connection.Broker.Commits.Barrier();
            connection.Commits.Appended();
        }

        _replies.EndBatch(barrier);
        Write();
        return _replies.IsWaiting;
    }

    /// <inheritdoc/>
    public bool Release()
    {
        Write();
        bool isHolding = false;
        if (connection.Deliverer?.Sender is { } sender && !sender.TryReleaseHeld(out isHolding))
        {
            Fail();
        }

        return isHolding || _replies.IsWaiting;
    }

    /// <inheritdoc/>
    public void Fail() => connection.Broker.Scheduler.Post(
        connection,
        static connection => connection.CloseFrom(ReasonCode.UnspecifiedError, "what the client sent cannot be stored"),
        connection);

    /// <inheritdoc/>
    public void GoOn(Action<FlushSet> work, FlushSet flush) => connection.GoOn(work, flush);

    private void Write()
    {
        int confirmed = 0;
        while (_replies.TryTake(out Reply reply, out bool isFailed))
        {
            var type = (PacketType)reply.Header;
            bool answersPublish = type is PacketType.PubAck or PacketType.PubRec;
            if (!isFailed)
            {
                confirmed += answersPublish ? 1 : 0;
                ControlPackets.WriteAcknowledgement(connection, type, reply.PacketId, (ReasonCode)reply.Reason);
                continue;
            }

            if (answersPublish && connection.Limits.Is50)
            {
                ControlPackets.WriteAcknowledgement(connection, type, reply.PacketId, ReasonCode.UnspecifiedError);
            }

            Fail();
        }

        if (confirmed > 0)
        {
            connection.Statistics.OnConfirmed((ulong)confirmed);
        }
    }
}
