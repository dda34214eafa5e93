using Warren.Buffers.Fields;

namespace Warren.Core.Arguments;

/// <summary>Reads typed arguments of one declaration and words what is wrong with them as RabbitMQ does.</summary>
internal sealed class ArgumentChecker(FieldTable arguments, string queue, string vhost)
{
    public FieldTable Arguments => arguments;

    public long? Integer(string name, long smallest, long largest)
    {
        if (!arguments.TryGet(name, out FieldValue value))
        {
            return null;
        }

        if (!value.IsInteger)
        {
            throw Invalid(name, $"\"expected integer, got {TypeNames.Of(value.Type)}\"");
        }

        long number = value.AsInteger();
        if (number < smallest)
        {
            throw Invalid(name, number == 0 ? "{value_zero,0}" : $"{{value_negative,{number}}}");
        }

        return number > largest ? throw Invalid(name, $"{{max_value_exceeded,{number}}}") : number;
    }

    public string? Text(string name)
    {
        if (!arguments.TryGet(name, out FieldValue value))
        {
            return null;
        }

        return value.Type == FieldType.LongString ? value.AsText() : throw Unacceptable(name, value);
    }

    public bool Flag(string name)
    {
        if (!arguments.TryGet(name, out FieldValue value))
        {
            return false;
        }

        return value.Type == FieldType.Boolean ? value.AsBoolean() : throw Unacceptable(name, value);
    }

    public string? DeadLetterExchange()
    {
        const string Name = "x-dead-letter-exchange";
        if (arguments.TryGet(Name, out FieldValue value) && value.Type != FieldType.LongString)
        {
            throw new BrokerError(
                BrokerErrorKind.PreconditionFailed,
                $"invalid type '{TypeNames.Of(value.Type)}' for arg '{Name}' in queue '{queue}' in vhost '{vhost}'");
        }

        return Text(Name);
    }

    public void QueueMode()
    {
        if (Text("x-queue-mode") is { } mode and not ("default" or "lazy"))
        {
            throw Invalid("x-queue-mode", $"\"unsupported queue mode '{mode}'\"");
        }
    }

    public BrokerError Invalid(string name, string reason) => new(
        BrokerErrorKind.PreconditionFailed, $"invalid arg '{name}' for queue '{queue}' in vhost '{vhost}': {reason}");

    public BrokerError NotOfType(string name, QueueKind kind) => new(
        BrokerErrorKind.PreconditionFailed,
        $"invalid arg '{name}' for queue '{queue}' in vhost '{vhost}' of queue type {ModuleOf(kind)}");

    public BrokerError InvalidProperty(string property) => new(
        BrokerErrorKind.PreconditionFailed, $"invalid property '{property}' for queue '{queue}' in vhost '{vhost}'");

    private BrokerError Unacceptable(string name, in FieldValue value) =>
        Invalid(name, $"{{unacceptable_type,{TypeNames.Of(value.Type)}}}");

    private static string ModuleOf(QueueKind kind) => kind switch
    {
        QueueKind.Classic => "rabbit_classic_queue",
        QueueKind.Quorum => "rabbit_quorum_queue",
        _ => "rabbit_stream_queue",
    };
}
