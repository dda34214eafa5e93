using Warren.Buffers.Fields;
using Warren.Core.Exchanges;

namespace Warren.Core.Arguments;

/// <summary>Whether declaring something again asks for what is there (AMQP 0-9-1, queue.declare, rule "equivalent").</summary>
public static class ArgumentEquivalence
{
    private static readonly string[] ExchangeArgumentNames =
        [ExchangeArguments.AlternateExchange, ExchangeArguments.AlternateExchangeWithX];

    /// <summary>Refuses a declaration that differs from the queue there is.</summary>
    /// <remarks>Who owns an exclusive queue is the caller's to check before; see <see cref="LockedQueue"/>.</remarks>
    /// <exception cref="BrokerError">405: exclusive differs; 406: anything else does.</exception>
    public static void CheckQueue(
        in QueueProperties current,
        FieldTable currentArguments,
        in QueueProperties requested,
        FieldTable requestedArguments,
        string queue,
        string virtualHost)
    {
        ArgumentNullException.ThrowIfNull(currentArguments);
        ArgumentNullException.ThrowIfNull(requestedArguments);
        if (current.Exclusive != requested.Exclusive)
        {
            throw LockedQueue(queue, virtualHost);
        }

        string place = $"queue '{queue}' in vhost '{virtualHost}'";
        CheckFlag("durable", current.Durable, requested.Durable, place);
        CheckFlag("auto_delete", current.AutoDelete, requested.AutoDelete, place);
        QueueKind kind = QueueArguments.KindOf(currentArguments);
        foreach (QueueArgumentRule rule in QueueArgumentRule.All)
        {
            if (rule.AppliesTo(kind))
            {
                CheckArgument(rule.Name, currentArguments, requestedArguments, place);
            }
        }
    }

    /// <summary>Refuses a declaration that differs from the exchange there is.</summary>
    /// <exception cref="BrokerError">406: it differs.</exception>
    public static void CheckExchange(
        Exchange current,
        string requestedType,
        ExchangeDeclaration requested,
        string virtualHost)
    {
        ArgumentNullException.ThrowIfNull(current);
        ArgumentNullException.ThrowIfNull(requested);
        string place = $"exchange '{current.Name}' in vhost '{virtualHost}'";
        if (!string.Equals(current.Type, requestedType, StringComparison.Ordinal))
        {
            throw Inequivalent("type", place, $"'{Atom(requestedType)}'", $"'{Atom(current.Type)}'");
        }

        CheckFlag("durable", current.Durable, requested.Durable, place);
        CheckFlag("auto_delete", current.AutoDelete, requested.AutoDelete, place);
        CheckFlag("internal", current.Internal, requested.Internal, place);
        foreach (string name in ExchangeArgumentNames)
        {
            CheckArgument(name, current.Arguments, requested.Arguments, place);
        }
    }

    /// <summary>What touching a queue that is exclusive to another connection is answered with.</summary>
    public static BrokerError LockedQueue(string queue, string virtualHost) =>
        new(
            BrokerErrorKind.ResourceLocked,
            $"cannot obtain exclusive access to locked queue '{queue}' in vhost '{virtualHost}'. "
            + "It could be originally declared on another connection or the exclusive property value "
            + "does not match that of the original declaration.");

    private static void CheckFlag(string name, bool current, bool requested, string place)
    {
        if (current != requested)
        {
            throw Inequivalent(name, place, requested ? "'true'" : "'false'", current ? "'true'" : "'false'");
        }
    }

    private static void CheckArgument(string name, FieldTable current, FieldTable requested, string place)
    {
        bool has = current.TryGet(name, out FieldValue have);
        bool wanted = requested.TryGet(name, out FieldValue want);
        if (has && wanted)
        {
            if (!Same(have, want))
            {
                throw Inequivalent(name, place, $"'{ErlangText.Bare(want)}'", $"'{ErlangText.Bare(have)}'");
            }
        }
        else if (has != wanted && !SaysClassic(name, has ? have : want))
        {
            throw Inequivalent(name, place, Described(wanted, want), Described(has, have));
        }
    }

    // A queue is classic whether or not its declaration says so.
    private static bool SaysClassic(string name, FieldValue value) =>
        string.Equals(name, QueueArgumentNames.QueueType, StringComparison.Ordinal)
        && value.Type == FieldType.LongString
        && value.AsBytes().SequenceEqual("classic"u8);

    // Integers and floats are compared across their widths, everything else with its type.
    private static bool Same(FieldValue current, FieldValue requested)
    {
        if (current.IsInteger)
        {
            return requested.IsInteger && current.AsInteger() == requested.AsInteger();
        }

        return current.Type is FieldType.Float or FieldType.Double
            ? requested.Type is FieldType.Float or FieldType.Double && current.AsDouble().Equals(requested.AsDouble())
            : current == requested;
    }

    private static string Described(bool given, FieldValue value) => given
        ? $"the value '{ErlangText.Bare(value)}' of type '{ErlangText.TypeName(value.Type)}'"
        : "none";

    // RabbitMQ prints the type as an atom, which has quotation marks of its own unless it is one plain word.
    private static string Atom(string type) => type.All(char.IsAsciiLetterLower) ? type : $"'{type}'";

    private static BrokerError Inequivalent(string name, string place, string received, string current) =>
        new(
            BrokerErrorKind.PreconditionFailed,
            $"inequivalent arg '{name}' for {place}: received {received} but current is {current}");
}
