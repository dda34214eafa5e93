namespace Warren.Wire.Amqp091.Methods;

/// <summary>basic.reject: refuses one delivery.</summary>
public readonly ref struct BasicReject
{
    /// <summary>The delivery.</summary>
    public ulong DeliveryTag { get; init; }

    /// <summary>Put it back into its queue.</summary>
    public bool Requeue { get; init; }

    /// <summary>Reads the arguments.</summary>
    /// <exception cref="ConnectionError">501 or 502: malformed arguments.</exception>
    public static BasicReject Read(ReadOnlySpan<byte> arguments)
    {
        var reader = new ArgumentReader(MethodId.BasicReject, arguments);
        ulong deliveryTag = reader.UInt64();
        byte bits = reader.Octet();
        reader.End();
        return new BasicReject { DeliveryTag = deliveryTag, Requeue = (bits & 1) != 0 };
    }
}
