using Warren.Buffers.Fields;
using Warren.Core.Arguments;
using Warren.Core.Queues;

namespace Warren.Core.Exchanges;

/// <summary>Routes each message to one classic queue of this node, drawn at random.</summary>
/// <remarks>
/// The type of RabbitMQ 4.0: for request and reply without a hop between nodes. It takes bindings of classic queues
/// only, with an empty key.
/// </remarks>
public sealed class LocalRandomExchange : DrawingExchange
{
    /// <summary>The type clients name.</summary>
    public const string TypeName = "x-local-random";

    /// <summary>An exchange as declared.</summary>
    public LocalRandomExchange(ExchangeDeclaration declaration)
        : this(declaration, Random.Shared)
    {
    }

    /// <summary>The same with a source of chance of the caller's, which several threads use at once if they publish.</summary>
    public LocalRandomExchange(ExchangeDeclaration declaration, Random random)
        : base(declaration, random)
    {
    }

    /// <inheritdoc/>
    public override void ValidateBinding(string key, FieldTable arguments)
    {
        ArgumentNullException.ThrowIfNull(key);
        if (key.Length > 0)
        {
            throw new BrokerError(BrokerErrorKind.PreconditionFailed, $"Non empty binding '{key}' key not permitted");
        }
    }

    /// <inheritdoc/>
    public override void ValidateDestination(RoutingTarget destination)
    {
        if (destination is not MessageQueue)
        {
            throw new BrokerError(BrokerErrorKind.PreconditionFailed, "Destination not found");
        }

        if (destination is MessageQueue queue && queue.Definition.Parsed.Kind != QueueKind.Classic)
        {
            string kind = queue.Definition.Parsed.Kind == QueueKind.Quorum ? "rabbit_quorum_queue" : "rabbit_stream_queue";
            throw new BrokerError(
                BrokerErrorKind.PreconditionFailed, $"Queue type {kind} not valid for this exchange type");
        }
    }
}
