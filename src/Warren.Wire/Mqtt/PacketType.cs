namespace Warren.Wire.Mqtt;

/// <summary>What an MQTT control packet is (MQTT 5.0, 2.1.2).</summary>
public enum PacketType : byte
{
    /// <summary>Forbidden on the wire.</summary>
    Reserved = 0,

    /// <summary>The client opens the connection.</summary>
    Connect = 1,

    /// <summary>The server's answer to it.</summary>
    ConnAck = 2,

    /// <summary>A message, either way.</summary>
    Publish = 3,

    /// <summary>Acknowledges a QoS 1 message.</summary>
    PubAck = 4,

    /// <summary>A QoS 2 message has arrived.</summary>
    PubRec = 5,

    /// <summary>A QoS 2 message may be released.</summary>
    PubRel = 6,

    /// <summary>A QoS 2 message is done with.</summary>
    PubComp = 7,

    /// <summary>The client subscribes.</summary>
    Subscribe = 8,

    /// <summary>The server's answer to it.</summary>
    SubAck = 9,

    /// <summary>The client takes subscriptions back.</summary>
    Unsubscribe = 10,

    /// <summary>The server's answer to it.</summary>
    UnsubAck = 11,

    /// <summary>The client is there.</summary>
    PingReq = 12,

    /// <summary>So is the server.</summary>
    PingResp = 13,

    /// <summary>The connection ends in order; from the client, in 5.0 from either.</summary>
    Disconnect = 14,

    /// <summary>A step of an extended authentication, 5.0 only.</summary>
    Auth = 15,
}
