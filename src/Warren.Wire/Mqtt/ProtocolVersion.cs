namespace Warren.Wire.Mqtt;

/// <summary>The protocol level a client asks for in CONNECT (MQTT 5.0, 3.1.2.2).</summary>
public enum ProtocolVersion : byte
{
    /// <summary>Not known yet: before CONNECT is read.</summary>
    None = 0,

    /// <summary>MQTT 3.1, protocol name MQIsdp.</summary>
    Mqtt31 = 3,

    /// <summary>MQTT 3.1.1.</summary>
    Mqtt311 = 4,

    /// <summary>MQTT 5.0.</summary>
    Mqtt50 = 5,
}
