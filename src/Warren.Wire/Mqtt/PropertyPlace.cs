namespace Warren.Wire.Mqtt;

/// <summary>Where properties stand: which of them are allowed depends on it (MQTT 5.0, 2.2.2.2).</summary>
[Flags]
public enum PropertyPlace : ushort
{
    /// <summary>Nowhere.</summary>
    None = 0,

    /// <summary>CONNECT.</summary>
    Connect = 1 << 0,

    /// <summary>The will in CONNECT.</summary>
    Will = 1 << 1,

    /// <summary>CONNACK.</summary>
    ConnAck = 1 << 2,

    /// <summary>PUBLISH from a client.</summary>
    Publish = 1 << 3,

    /// <summary>PUBLISH from a server.</summary>
    ServerPublish = 1 << 4,

    /// <summary>PUBACK, PUBREC, PUBREL, PUBCOMP, SUBACK and UNSUBACK: all allow the same.</summary>
    Acknowledgement = 1 << 5,

    /// <summary>SUBSCRIBE.</summary>
    Subscribe = 1 << 6,

    /// <summary>UNSUBSCRIBE.</summary>
    Unsubscribe = 1 << 7,

    /// <summary>DISCONNECT from a client.</summary>
    Disconnect = 1 << 8,

    /// <summary>DISCONNECT from a server.</summary>
    ServerDisconnect = 1 << 9,

    /// <summary>AUTH.</summary>
    Auth = 1 << 10,
}
