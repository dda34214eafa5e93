using Warren.Buffers;
using Warren.Buffers.Fields;
using Warren.Core.Queues;

namespace Warren.Protocols;

/// <summary>A consumer that encodes what it takes into the output of its connection, while there is credit and room.</summary>
/// <remarks>Its state is guarded by the lock of the output.</remarks>
public abstract class OutputConsumer : QueueConsumer
{
    private readonly OutputBuffer _output;
    private bool _refused;
    private bool _stopped;

    /// <summary>A consumer that is not subscribed yet.</summary>
    protected OutputConsumer(
        OutputBuffer output, MessageQueue queue, string tag, bool noAck, bool exclusive, int priority, FieldTable arguments)
        : base(queue, tag, noAck, exclusive, priority, arguments) => _output = output;

    /// <summary>Whether one more delivery may go out. Under the output's lock.</summary>
    protected abstract bool HasCredit { get; }

    /// <summary>What has to be flushed after a delivery.</summary>
    protected virtual IFlushable Flushed => _output;

    /// <inheritdoc/>
    public sealed override DeliveryOutcome TryDeliver(in Delivery delivery, FlushSet flush)
    {
        DeliveryOutcome outcome;
        lock (_output.Lock)
        {
            if (_stopped || _output.IsClosed)
            {
                return DeliveryOutcome.Refused;
            }

            outcome = Write(delivery);
            if (outcome == DeliveryOutcome.Refused)
            {
                _refused = true;
                return outcome;
            }
        }

        flush.Add(Flushed);
        return outcome;
    }

    /// <summary>True once after a refusal, when there is credit again: the queue must be told. Under the output's lock.</summary>
    public bool TakeRefusal()
    {
        if (!_refused || _stopped || !HasCredit)
        {
            return false;
        }

        _refused = false;
        return true;
    }

    /// <summary>No delivery after this. Under the output's lock.</summary>
    public void Stop() => _stopped = true;

    /// <summary>Encodes a delivery, or refuses it for want of credit or room. Under the output's lock.</summary>
    protected abstract DeliveryOutcome Write(in Delivery delivery);
}
