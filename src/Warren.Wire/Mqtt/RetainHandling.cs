namespace Warren.Wire.Mqtt;

/// <summary>Which retained messages a subscription brings (MQTT 5.0, 3.8.3.1).</summary>
public enum RetainHandling : byte
{
    /// <summary>Those that match; always so before MQTT 5.0.</summary>
    Send = 0,

    /// <summary>Those that match, unless the subscription exists already.</summary>
    SendIfNew = 1,

    /// <summary>None.</summary>
    DoNotSend = 2,
}
