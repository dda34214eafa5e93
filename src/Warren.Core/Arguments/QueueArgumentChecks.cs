using Warren.Buffers.Fields;
using Names = Warren.Core.Arguments.QueueArgumentNames;

namespace Warren.Core.Arguments;

/// <summary>Reads the arguments of queue.declare in RabbitMQ's order of checks and with its texts.</summary>
internal static class QueueArgumentChecks
{
    private const long LargestStreamSegment = 3_000_000_000;
    private const int SmallestStreamFilter = 16;
    private const int LargestStreamFilter = 255;

    public static QueueArguments Read(
        FieldTable arguments,
        in QueueProperties properties,
        string queue,
        string virtualHost)
    {
        string place = $"queue '{queue}' in vhost '{virtualHost}'";
        CheckDeadLetterExchange(arguments, place);
        CheckValue(arguments, Names.QueueType, ArgumentReason.QueueType, place);
        QueueKind kind = QueueArguments.KindOf(arguments);
        CheckValues(arguments, kind, place);
        CheckKeys(arguments, kind, place);
        CheckProperties(kind, properties, place);
        CheckStreamSizes(arguments, kind);
        return Typed(arguments, kind);
    }

    /// <summary>The error for a value that does not fit.</summary>
    public static BrokerError Invalid(string argument, string place, string reason) =>
        new(BrokerErrorKind.PreconditionFailed, $"invalid arg '{argument}' for {place}: {reason}");

    /// <summary>The error for an argument that exists, but not for this type of queue.</summary>
    public static BrokerError NotForKind(string argument, string place, QueueKind kind) =>
        new(
            BrokerErrorKind.PreconditionFailed,
            $"invalid arg '{argument}' for {place} of queue type rabbit_{QueueArguments.NameOf(kind)}_queue");

    /// <summary>Refuses the value of one argument, if it is there and does not fit.</summary>
    public static void CheckValue(FieldTable arguments, string name, Func<FieldValue, string?> check, string place)
    {
        if (arguments.TryGet(name, out FieldValue value) && check(value) is { } reason)
        {
            throw Invalid(name, place, reason);
        }
    }

    // RabbitMQ reads this one before all others, because it checks the permission on the exchange first.
    private static void CheckDeadLetterExchange(FieldTable arguments, string place)
    {
        if (arguments.TryGet(Names.DeadLetterExchange, out FieldValue value) && value.Type != FieldType.LongString)
        {
            string type = ErlangText.TypeName(value.Type);
            throw new BrokerError(
                BrokerErrorKind.PreconditionFailed,
                $"invalid type '{type}' for arg '{Names.DeadLetterExchange}' in {place}");
        }
    }

    private static void CheckValues(FieldTable arguments, QueueKind kind, string place)
    {
        foreach (QueueArgumentRule rule in QueueArgumentRule.All)
        {
            if (!rule.AppliesTo(kind))
            {
                continue;
            }

            CheckValue(arguments, rule.Name, rule.Check, place);
            if (string.Equals(rule.Name, Names.DeadLetterRoutingKey, StringComparison.Ordinal)
                && arguments.TryGet(Names.DeadLetterRoutingKey, out _)
                && !arguments.TryGet(Names.DeadLetterExchange, out _))
            {
                throw Invalid(Names.DeadLetterRoutingKey, place, "routing_key_but_no_dlx_defined");
            }
        }
    }

    private static void CheckKeys(FieldTable arguments, QueueKind kind, string place)
    {
        foreach (KeyValuePair<string, FieldValue> argument in arguments.Fields)
        {
            foreach (QueueArgumentRule rule in QueueArgumentRule.All)
            {
                if (string.Equals(rule.Name, argument.Key, StringComparison.Ordinal) && !rule.AppliesTo(kind))
                {
                    throw NotForKind(argument.Key, place, kind);
                }
            }
        }
    }

    private static void CheckProperties(QueueKind kind, in QueueProperties properties, string place)
    {
        if (kind == QueueKind.Classic)
        {
            return;
        }

        string? unfit = properties switch
        {
            { AutoDelete: true } => "auto-delete",
            { Exclusive: true } => "exclusive-owner",
            { Durable: false } => "non-durable",
            _ => null,
        };
        if (unfit is not null)
        {
            throw new BrokerError(BrokerErrorKind.PreconditionFailed, $"invalid property '{unfit}' for {place}");
        }
    }

    private static void CheckStreamSizes(FieldTable arguments, QueueKind kind)
    {
        if (kind != QueueKind.Stream)
        {
            return;
        }

        if (arguments.TryGet(Names.StreamMaxSegmentSizeBytes, out FieldValue segment)
            && segment.AsInteger() > LargestStreamSegment)
        {
            throw new BrokerError(
                BrokerErrorKind.PreconditionFailed,
                $"Exceeded max value for {Names.StreamMaxSegmentSizeBytes}");
        }

        if (arguments.TryGet(Names.StreamFilterSizeBytes, out FieldValue filter)
            && filter.AsInteger() is < SmallestStreamFilter or > LargestStreamFilter)
        {
            throw new BrokerError(
                BrokerErrorKind.PreconditionFailed,
                $"Invalid value for {Names.StreamFilterSizeBytes}");
        }
    }

    private static QueueArguments Typed(FieldTable arguments, QueueKind kind) => new()
    {
        Table = arguments,
        Kind = kind,
        MessageTtlMs = Number(arguments, Names.MessageTtl),
        ExpiresMs = Number(arguments, Names.Expires),
        MaxLength = Number(arguments, Names.MaxLength),
        MaxLengthBytes = Number(arguments, Names.MaxLengthBytes),
        Overflow = QueueArguments.OverflowOf(Text(arguments, Names.Overflow), kind),
        DeadLetterExchange = Text(arguments, Names.DeadLetterExchange),
        DeadLetterRoutingKey = Text(arguments, Names.DeadLetterRoutingKey),
        DeadLetterStrategy = Text(arguments, Names.DeadLetterStrategy) switch
        {
            "at-most-once" => DeadLetterStrategy.AtMostOnce,
            "at-least-once" => DeadLetterStrategy.AtLeastOnce,
            _ => null,
        },
        MaxPriority = (int?)Number(arguments, Names.MaxPriority),
        SingleActiveConsumer = arguments.TryGet(Names.SingleActiveConsumer, out FieldValue single) && single.AsBoolean(),
        DeliveryLimit = kind == QueueKind.Quorum ? DeliveryLimit(arguments) : null,
        ConsumerTimeoutMs = Number(arguments, Names.ConsumerTimeout),
        ConsumerDisconnectedTimeoutMs = Number(arguments, Names.ConsumerDisconnectedTimeout),
        DelayedRetry = Text(arguments, Names.DelayedRetryType) switch
        {
            "disabled" => DelayedRetry.Disabled,
            "all" => DelayedRetry.All,
            "failed" => DelayedRetry.Failed,
            "returned" => DelayedRetry.Returned,
            _ => null,
        },
        DelayedRetryMinMs = Number(arguments, Names.DelayedRetryMin),
        DelayedRetryMaxMs = Number(arguments, Names.DelayedRetryMax),
        QueueMode = Text(arguments, Names.QueueMode),
        QueueVersion = (int?)Number(arguments, Names.QueueVersion),
        QueueLeaderLocator = Text(arguments, Names.QueueLeaderLocator),
        InitialGroupSize = Number(arguments, Names.QuorumInitialGroupSize) ?? Number(arguments, Names.InitialClusterSize),
        MaxAgeMs = Text(arguments, Names.MaxAge) is { } age && AgeText.TryParse(age, out long ageMs) ? ageMs : null,
        StreamMaxSegmentSizeBytes = Number(arguments, Names.StreamMaxSegmentSizeBytes),
        StreamFilterSizeBytes = (int?)Number(arguments, Names.StreamFilterSizeBytes),
    };

    private static int? DeliveryLimit(FieldTable arguments)
    {
        long limit = Number(arguments, Names.DeliveryLimit) ?? QueueArguments.DefaultQuorumDeliveryLimit;
        return limit < 0 ? null : (int)Math.Min(limit, int.MaxValue);
    }

    private static long? Number(FieldTable arguments, string name) =>
        arguments.TryGet(name, out FieldValue value) ? value.AsInteger() : null;

    private static string? Text(FieldTable arguments, string name) =>
        arguments.TryGet(name, out FieldValue value) ? value.AsText() : null;
}
