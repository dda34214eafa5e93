namespace Warren.Wire.Mqtt;

/// <summary>Quality of service (MQTT 5.0, 4.3).</summary>
public enum QoS : byte
{
    /// <summary>No acknowledgement.</summary>
    AtMostOnce = 0,

    /// <summary>PUBACK.</summary>
    AtLeastOnce = 1,

    /// <summary>PUBREC, PUBREL, PUBCOMP.</summary>
    ExactlyOnce = 2,
}
