using Warren.Buffers.Fields;
using Warren.Core.Exchanges;
using Warren.Core.Queues;

namespace Warren.Core.Arguments;

/// <summary>Whether a declaration asks for what is already there; the texts are RabbitMQ's.</summary>
internal static class ArgumentEquivalence
{
    private static readonly string[] QueueArgumentsCompared =
    [
        "x-expires", "x-message-ttl", "x-dead-letter-exchange", "x-dead-letter-routing-key", "x-dead-letter-strategy",
        "x-max-length", "x-max-length-bytes", "x-max-in-memory-length", "x-max-in-memory-bytes", "x-max-priority",
        "x-overflow", "x-queue-mode", "x-queue-version", "x-single-active-consumer", "x-queue-type",
        "x-quorum-initial-group-size", "x-delivery-limit", "x-max-age", "x-stream-max-segment-size-bytes",
        "x-initial-cluster-size", "x-consumer-timeout",
    ];

    private static readonly string[] ExchangeArgumentsCompared = ["alternate-exchange"];

    /// <exception cref="BrokerError">406: something differs.</exception>
    public static void CheckQueue(string name, string vhost, QueueDefinition current, QueueDeclaration declared)
    {
        string what = $"queue '{name}'";
        Compare("durable", what, vhost, Word(declared.Durable), Word(current.Durable));
        Compare("auto_delete", what, vhost, Word(declared.AutoDelete), Word(current.AutoDelete));
        foreach (string argument in QueueArgumentsCompared)
        {
            CompareArgument(argument, what, vhost, declared.Arguments, current.Arguments);
        }
    }

    /// <exception cref="BrokerError">406: something differs.</exception>
    public static void CheckExchange(Exchange current, ExchangeDeclaration declared, string vhost)
    {
        string what = $"exchange '{current.Name}'";
        Compare("type", what, vhost, declared.Type, current.Type);
        Compare("durable", what, vhost, Word(declared.Durable), Word(current.Durable));
        Compare("auto_delete", what, vhost, Word(declared.AutoDelete), Word(current.AutoDelete));
        Compare("internal", what, vhost, Word(declared.Internal), Word(current.Internal));
        foreach (string argument in ExchangeArgumentsCompared)
        {
            CompareArgument(argument, what, vhost, declared.Arguments, current.Arguments);
        }
    }

    private static void Compare(string argument, string what, string vhost, string received, string current)
    {
        if (received != current)
        {
            throw Inequivalent(argument, what, vhost, $"received '{received}' but current is '{current}'");
        }
    }

    private static void CompareArgument(string argument, string what, string vhost, FieldTable declared, FieldTable current)
    {
        bool received = declared.TryGet(argument, out FieldValue wanted);
        bool there = current.TryGet(argument, out FieldValue known);
        if (argument == "x-queue-type")
        {
            CompareQueueType(what, vhost, received ? wanted.AsText() : "classic", there ? known.AsText() : "classic");
            return;
        }

        if (received && !there)
        {
            throw Inequivalent(argument, what, vhost, $"received the value {Described(wanted)} but current is none");
        }

        if (!received && there)
        {
            throw Inequivalent(argument, what, vhost, $"received none but current is the value {Described(known)}");
        }

        if (received && wanted != known && !SameInteger(wanted, known))
        {
            throw Inequivalent(
                argument, what, vhost, $"received '{TypeNames.Show(wanted)}' but current is '{TypeNames.Show(known)}'");
        }
    }

    // A queue declared without a type is a classic one.
    private static void CompareQueueType(string what, string vhost, string received, string current)
    {
        if (received != current)
        {
            throw Inequivalent("x-queue-type", what, vhost, $"received '{received}' but current is '{current}'");
        }
    }

    // RabbitMQ compares integers by value, whatever their width.
    private static bool SameInteger(in FieldValue left, in FieldValue right) =>
        left.IsInteger && right.IsInteger && left.AsInteger() == right.AsInteger();

    private static string Described(in FieldValue value) => $"'{TypeNames.Show(value)}' of type '{TypeNames.Of(value.Type)}'";

    private static string Word(bool value) => value ? "true" : "false";

    private static BrokerError Inequivalent(string argument, string what, string vhost, string how) =>
        new(BrokerErrorKind.PreconditionFailed, $"inequivalent arg '{argument}' for {what} in vhost '{vhost}': {how}");
}
