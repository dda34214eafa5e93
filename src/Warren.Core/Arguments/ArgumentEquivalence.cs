using Warren.Buffers.Fields;
using Warren.Core.Exchanges;
using Warren.Core.Queues;

namespace Warren.Core.Arguments;

/// <summary>Whether declaring something again asks for what is there (AMQP 0-9-1, queue.declare, rule "equivalent").</summary>
internal static class ArgumentEquivalence
{
    private static readonly string[] ExchangeArgumentNames =
        [ExchangeArguments.AlternateExchange, ExchangeArguments.AlternateExchangeWithX];

    /// <summary>Refuses a declaration that differs from the queue there is. Who owns it was checked before.</summary>
    /// <exception cref="BrokerError">406: it differs.</exception>
    public static void CheckQueue(string queue, string virtualHost, QueueDefinition current, QueueDeclaration requested)
    {
        string place = $"queue '{queue}' in vhost '{virtualHost}'";
        CheckFlag("durable", current.Durable, requested.Durable, place);
        CheckFlag("auto_delete", current.AutoDelete, requested.AutoDelete, place);
        QueueKind kind = QueueArguments.KindOf(current.Arguments);
        foreach (QueueArgumentRule rule in QueueArgumentRule.All)
        {
            if (rule.AppliesTo(kind))
            {
                CheckArgument(rule.Name, current.Arguments, requested.Arguments, place);
            }
        }
    }

    /// <summary>Refuses a declaration that differs from the exchange there is.</summary>
    /// <exception cref="BrokerError">406: it differs.</exception>
    public static void CheckExchange(Exchange current, ExchangeDeclaration requested, string virtualHost)
    {
        string place = $"exchange '{current.Name}' in vhost '{virtualHost}'";
        if (!string.Equals(current.Type, requested.Type, StringComparison.Ordinal))
        {
            throw Inequivalent("type", place, $"'{Atom(requested.Type)}'", $"'{Atom(current.Type)}'");
        }

        CheckFlag("durable", current.Durable, requested.Durable, place);
        CheckFlag("auto_delete", current.AutoDelete, requested.AutoDelete, place);
        CheckFlag("internal", current.Internal, requested.Internal, place);
        foreach (string name in ExchangeArgumentNames)
        {
            CheckArgument(name, current.Arguments, requested.Arguments, place);
        }
    }

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
