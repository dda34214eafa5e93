using Warren.Buffers.Fields;

namespace Warren.Core.Arguments;

/// <summary>The arguments of basic.consume, checked and typed.</summary>
public sealed record ConsumerArguments
{
    private const string PriorityName = "x-priority";
    private const string TimeoutName = "x-consumer-timeout";
    private const string OffsetName = "x-stream-offset";
    private const string FilterName = "x-stream-filter";
    private const string MatchUnfilteredName = "x-stream-match-unfiltered";

    // Which argument belongs to which types of queue; others than these are accepted and ignored.
    private static readonly (string Name, QueueKinds Kinds)[] Known =
    [
        (PriorityName, QueueKinds.ClassicQuorum),
        (TimeoutName, QueueKinds.Quorum),
        (OffsetName, QueueKinds.Stream),
        (FilterName, QueueKinds.Stream),
        (MatchUnfilteredName, QueueKinds.Stream),
    ];

    /// <summary>No arguments.</summary>
    public static ConsumerArguments None { get; } = new();

    /// <summary>The arguments as they were given, for listings.</summary>
    public FieldTable Table { get; init; } = FieldTable.Empty;

    /// <summary><c>x-priority</c>: higher is served first; 0 when not given, may be negative.</summary>
    public int Priority { get; init; }

    /// <summary><c>x-consumer-timeout</c>: milliseconds a delivery may stay unacknowledged. Null: not given.</summary>
    public long? TimeoutMs { get; init; }

    /// <summary><c>x-stream-offset</c> as given: first, last, next, a number, a timestamp or an age. Null: not given.</summary>
    public FieldValue? StreamOffset { get; init; }

    /// <summary>Checks and reads the arguments of a new consumer.</summary>
    /// <param name="arguments">The arguments as they came.</param>
    /// <param name="queue">Name of the queue, for the texts.</param>
    /// <param name="virtualHost">Its virtual host, for the texts.</param>
    /// <param name="kind">Type of the queue; null accepts the arguments of any type.</param>
    /// <exception cref="BrokerError">406: a value does not fit, or the queue's type does not take the argument.</exception>
    public static ConsumerArguments Parse(FieldTable arguments, string queue, string virtualHost, QueueKind? kind = null)
    {
        ArgumentNullException.ThrowIfNull(arguments);
        if (arguments.Count == 0)
        {
            return None;
        }

        string place = $"queue '{queue}' in vhost '{virtualHost}'";
        foreach ((string name, QueueKinds kinds) in Known)
        {
            if (kind is { } known && !kinds.Includes(known) && arguments.TryGet(name, out _))
            {
                throw QueueArgumentChecks.NotForKind(name, place, known);
            }
        }

        QueueArgumentChecks.CheckValue(arguments, PriorityName, ArgumentReason.Integer, place);
        QueueArgumentChecks.CheckValue(arguments, TimeoutName, ArgumentReason.NotNegative, place);
        QueueArgumentChecks.CheckValue(arguments, OffsetName, OffsetReason, place);
        return new ConsumerArguments
        {
            Table = arguments,
            Priority = arguments.TryGet(PriorityName, out FieldValue priority) ? Clamp(priority.AsInteger()) : 0,
            TimeoutMs = arguments.TryGet(TimeoutName, out FieldValue timeout) ? timeout.AsInteger() : null,
            StreamOffset = arguments.TryGet(OffsetName, out FieldValue offset) ? offset : null,
        };
    }

    private static string? OffsetReason(FieldValue value)
    {
        bool fits = value.Type switch
        {
            FieldType.LongString => value.AsText() is "first" or "last" or "next" || AgeText.TryParse(value.AsText(), out _),
            FieldType.Timestamp => true,
            _ => value.IsInteger && value.AsInteger() >= 0,
        };
        return fits ? null : $"{{invalid_stream_offset_arg,{{{ErlangText.TypeName(value.Type)},{ErlangText.Term(value)}}}}}";
    }

    private static int Clamp(long priority) => (int)Math.Clamp(priority, int.MinValue, int.MaxValue);
}
