namespace Warren.Wire.Mqtt;

/// <summary>A filter of a SUBSCRIBE and its options (MQTT 5.0, 3.8.3).</summary>
public readonly ref struct Subscription
{
    internal const int QoSMask = 0b11;
    internal const int NoLocalFlag = 0b100;
    internal const int RetainAsPublishedFlag = 0b1000;
    internal const int RetainHandlingShift = 4;
    internal const int ReservedMask = 0b1100_0000;
    internal const int ReservedMaskBefore50 = 0b1111_1100;

    /// <summary>A filter with the octet of its options.</summary>
    public Subscription(ReadOnlySpan<byte> filter, byte options)
    {
        Filter = filter;
        Options = options;
    }

    /// <summary>The topic filter, checked; <c>$share/group/filter</c> included.</summary>
    public ReadOnlySpan<byte> Filter { get; }

    /// <summary>The options as they are on the wire.</summary>
    public byte Options { get; }

    /// <summary>The QoS asked for.</summary>
    public QoS QoS => (QoS)(Options & QoSMask);

    /// <summary>Messages the same client publishes are not sent back to it.</summary>
    public bool NoLocal => (Options & NoLocalFlag) != 0;

    /// <summary>The retain flag is forwarded as it came.</summary>
    public bool RetainAsPublished => (Options & RetainAsPublishedFlag) != 0;

    /// <summary>Which retained messages are sent now.</summary>
    public RetainHandling RetainHandling => (RetainHandling)((Options >> RetainHandlingShift) & 0b11);

    /// <summary>The octet of options.</summary>
    public static byte PackOptions(
        QoS qos,
        bool noLocal = false,
        bool retainAsPublished = false,
        RetainHandling retainHandling = RetainHandling.Send) =>
        (byte)((int)qos | (noLocal ? NoLocalFlag : 0) | (retainAsPublished ? RetainAsPublishedFlag : 0)
            | ((int)retainHandling << RetainHandlingShift));
}
