using Warren.Buffers.Fields;
using Warren.Core.Arguments;
using Warren.Core.Messages;

namespace Warren.Core.Exchanges;

/// <summary>Routes to everything bound and keeps the last messages, which a new binding receives first.</summary>
/// <remarks>
/// The type of RabbitMQ's plugin rabbitmq_recent_history_exchange. Routing names this exchange to whoever publishes
/// (<see cref="RouteSet.Histories"/>), who hands the message over once it is really published: a transaction rolled
/// back leaves no history. A message published while a queue is being bound may be in neither, but never in both, of
/// what the queue receives as history and what is routed to it. The history is in memory and ends with the exchange.
/// </remarks>
public sealed class RecentHistoryExchange : Exchange
{
    /// <summary>The type clients name.</summary>
    public const string TypeName = "x-recent-history";

    /// <summary>Messages kept without the argument <c>x-recent-history-length</c>.</summary>
    public const int DefaultLength = 20;

    private const string LengthArgument = "x-recent-history-length";

    private readonly SlotList<RoutingTarget> _targets = new();
    private readonly MessageHistory _history;

    /// <summary>An exchange as declared.</summary>
    /// <exception cref="BrokerError">406: the length is no positive integer.</exception>
    public RecentHistoryExchange(ExchangeDeclaration declaration)
        : base(declaration) => _history = new MessageHistory(LengthOf(Arguments));

    /// <inheritdoc/>
    public override bool UsesRoutingKey => false;

    /// <inheritdoc/>
    public override void Route(in RoutingInput input, RouteSet routes)
    {
        ArgumentNullException.ThrowIfNull(routes);
        routes.AddHistory(this);
        routes.AddAll(_targets);
    }

    /// <summary>Keeps a message that came through, unless its header <c>x-recent-history-no-store</c> is true.</summary>
    /// <param name="message">The message; the exchange takes its own reference.</param>
    /// <param name="format">How its properties are encoded; null when nobody can look into them.</param>
    public void Remember(Message message, MessageFormat? format)
    {
        if ((message.Flags & MessageFlags.HasHeaders) != 0
            && format is not null
            && format.TryFindHeader(message.Properties, "x-recent-history-no-store"u8, out FieldValue noStore)
            && noStore.Type == FieldType.Boolean
            && noStore.AsBoolean())
        {
            return;
        }

        _history.Add(message.Payload);
    }

    /// <summary>The messages kept, oldest first, each with a reference the caller gives back.</summary>
    internal Message[] Recall() => Array.ConvertAll(_history.Copy(), static payload => new Message(payload));

    /// <inheritdoc/>
    protected internal override void AddRoute(Binding binding) => _targets.Add(binding.Destination);

    /// <inheritdoc/>
    protected internal override void RemoveRoute(Binding binding) => _targets.Remove(binding.Destination);

    /// <inheritdoc/>
    protected internal override void OnDeleted() => _history.Close();

    private static int LengthOf(FieldTable arguments)
    {
        if (!arguments.TryGet(LengthArgument, out FieldValue value))
        {
            return DefaultLength;
        }

        bool isSigned = value.Type is FieldType.Int8 or FieldType.Int16 or FieldType.Int32 or FieldType.Int64;
        return isSigned && value.AsInteger() > 0
            ? (int)Math.Min(value.AsInteger(), int.MaxValue)
            : throw new BrokerError(
                BrokerErrorKind.PreconditionFailed,
                $"Invalid argument {ErlangText.Term(value)}, '{LengthArgument}' must be a positive integer");
    }
}
