namespace Warren.Wire.Amqp091.Methods;

/// <summary>channel.flow-ok: confirms a channel.flow.</summary>
public readonly ref struct ChannelFlowOk
{
    /// <summary>The state now in force.</summary>
    public bool Active { get; init; }

    /// <summary>Reads the arguments.</summary>
    /// <exception cref="ConnectionError">501 or 502: malformed arguments.</exception>
    public static ChannelFlowOk Read(ReadOnlySpan<byte> arguments)
    {
        var reader = new ArgumentReader(MethodId.ChannelFlowOk, arguments);
        byte bits = reader.Octet();
        reader.End();
        return new ChannelFlowOk { Active = (bits & 1) != 0 };
    }
}
