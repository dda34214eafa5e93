namespace Warren.Wire.Mqtt;

/// <summary>The message a server publishes when its client is lost (MQTT 5.0, 3.1.2.5).</summary>
public readonly ref struct Will
{
    /// <summary>Where it goes; a topic name.</summary>
    public ReadOnlySpan<byte> Topic { get; init; }

    /// <summary>The payload, at most 65535 bytes.</summary>
    public ReadOnlySpan<byte> Payload { get; init; }

    /// <summary>The QoS it is published with.</summary>
    public QoS QoS { get; init; }

    /// <summary>Whether it is published as a retained message.</summary>
    public bool Retain { get; init; }

    /// <summary>Its properties, the delay among them.</summary>
    public Properties Properties { get; init; }
}
