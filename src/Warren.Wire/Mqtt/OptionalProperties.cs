namespace Warren.Wire.Mqtt;

/// <summary>
/// Properties that tell a client more about an answer and are left out when the packet would be larger than it takes.
/// </summary>
/// <remarks>
/// The reason string goes first, then the user properties all together ([MQTT-3.2.2-19], [MQTT-3.4.2-2],
/// [MQTT-3.4.2-3] and the like). A client that asked for no problem information gets neither ([MQTT-3.1.2-29]): that is
/// the caller's to observe.
/// </remarks>
public readonly ref struct OptionalProperties
{
    /// <summary>Text for people, UTF-8; empty for none.</summary>
    public ReadOnlySpan<byte> ReasonString { get; init; }

    /// <summary>Encoded user properties; empty for none.</summary>
    public ReadOnlySpan<byte> UserProperties { get; init; }

    /// <summary>Bytes they take at most.</summary>
    public int MaxSize => (ReasonString.IsEmpty ? 0 : PropertyWriter.SizeOfText(ReasonString.Length)) + UserProperties.Length;

    /// <summary>These, as far as a packet stays within its maximum.</summary>
    /// <param name="fixedSize">Bytes of the body without any property and without their length.</param>
    /// <param name="properties">Bytes of the properties that are not optional.</param>
    /// <param name="maxPacketSize">Bytes the client takes.</param>
    internal OptionalProperties Fit(int fixedSize, int properties, int maxPacketSize)
    {
        bool reason = Fits(fixedSize, properties + PropertyWriter.SizeOfText(ReasonString.Length), maxPacketSize);
        ReadOnlySpan<byte> reasonString = reason ? ReasonString : [];
        int before = properties + (reasonString.IsEmpty ? 0 : PropertyWriter.SizeOfText(reasonString.Length));
        bool user = Fits(fixedSize, before + UserProperties.Length, maxPacketSize);
        return new OptionalProperties { ReasonString = reasonString, UserProperties = user ? UserProperties : [] };
    }

    private static bool Fits(int fixedSize, int properties, int maxPacketSize)
    {
        int body = fixedSize + VariableByteInteger.SizeOf(properties) + properties;
        return 1 + VariableByteInteger.SizeOf(body) + body <= maxPacketSize;
    }
}
