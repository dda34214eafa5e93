using Warren.Buffers.Fields;

namespace Warren.Core.Arguments;

/// <summary>The arguments of basic.consume with their meaning.</summary>
/// <param name="Priority">x-priority; 0 when absent.</param>
public sealed record ConsumerArguments(int Priority)
{
    /// <summary>Reads and checks the arguments.</summary>
    /// <exception cref="BrokerError">406: x-priority is no integer.</exception>
    public static ConsumerArguments Parse(FieldTable arguments, string queue, string vhost)
    {
        ArgumentNullException.ThrowIfNull(arguments);
        if (!arguments.TryGet("x-priority", out FieldValue value))
        {
            return new ConsumerArguments(0);
        }

        if (!value.IsInteger)
        {
            throw new BrokerError(
                BrokerErrorKind.PreconditionFailed,
                $"invalid arg 'x-priority' for queue '{queue}' in vhost '{vhost}': {{unacceptable_type,{TypeNames.Of(value.Type)}}}");
        }

        return new ConsumerArguments((int)Math.Clamp(value.AsInteger(), int.MinValue, int.MaxValue));
    }
}
