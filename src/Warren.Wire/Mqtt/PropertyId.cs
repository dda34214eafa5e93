namespace Warren.Wire.Mqtt;

/// <summary>The identifiers of properties (MQTT 5.0, 2.2.2.2).</summary>
public enum PropertyId : byte
{
    /// <summary>None: not on the wire.</summary>
    None = 0,

    /// <summary>1: the payload is UTF-8. Byte; PUBLISH, will.</summary>
    PayloadFormatIndicator = 0x01,

    /// <summary>Seconds. Four bytes; PUBLISH, will.</summary>
    MessageExpiryInterval = 0x02,

    /// <summary>Text; PUBLISH, will.</summary>
    ContentType = 0x03,

    /// <summary>A topic name. Text; PUBLISH, will.</summary>
    ResponseTopic = 0x08,

    /// <summary>Binary; PUBLISH, will.</summary>
    CorrelationData = 0x09,

    /// <summary>From 1 to 268435455. Variable byte integer; SUBSCRIBE, and PUBLISH from the server, there repeatedly.</summary>
    SubscriptionIdentifier = 0x0B,

    /// <summary>Seconds; 0xFFFFFFFF is for ever. Four bytes; CONNECT, CONNACK, DISCONNECT from the client.</summary>
    SessionExpiryInterval = 0x11,

    /// <summary>Text; CONNACK.</summary>
    AssignedClientIdentifier = 0x12,

    /// <summary>Seconds. Two bytes; CONNACK.</summary>
    ServerKeepAlive = 0x13,

    /// <summary>Text; CONNECT, CONNACK, AUTH.</summary>
    AuthenticationMethod = 0x15,

    /// <summary>Binary; CONNECT, CONNACK, AUTH.</summary>
    AuthenticationData = 0x16,

    /// <summary>0 or 1, absent is 1. Byte; CONNECT.</summary>
    RequestProblemInformation = 0x17,

    /// <summary>Seconds. Four bytes; will.</summary>
    WillDelayInterval = 0x18,

    /// <summary>0 or 1, absent is 0. Byte; CONNECT.</summary>
    RequestResponseInformation = 0x19,

    /// <summary>Text; CONNACK.</summary>
    ResponseInformation = 0x1A,

    /// <summary>Text; CONNACK, DISCONNECT.</summary>
    ServerReference = 0x1C,

    /// <summary>Text for people; every answer.</summary>
    ReasonString = 0x1F,

    /// <summary>From 1, absent is 65535. Two bytes; CONNECT, CONNACK.</summary>
    ReceiveMaximum = 0x21,

    /// <summary>Absent is 0. Two bytes; CONNECT, CONNACK.</summary>
    TopicAliasMaximum = 0x22,

    /// <summary>From 1. Two bytes; PUBLISH.</summary>
    TopicAlias = 0x23,

    /// <summary>0 or 1, absent is 2. Byte; CONNACK.</summary>
    MaximumQoS = 0x24,

    /// <summary>0 or 1, absent is 1. Byte; CONNACK.</summary>
    RetainAvailable = 0x25,

    /// <summary>Two texts, any number of times; every packet that has properties.</summary>
    UserProperty = 0x26,

    /// <summary>Bytes, from 1. Four bytes; CONNECT, CONNACK.</summary>
    MaximumPacketSize = 0x27,

    /// <summary>0 or 1, absent is 1. Byte; CONNACK.</summary>
    WildcardSubscriptionAvailable = 0x28,

    /// <summary>0 or 1, absent is 1. Byte; CONNACK.</summary>
    SubscriptionIdentifierAvailable = 0x29,

    /// <summary>0 or 1, absent is 1. Byte; CONNACK.</summary>
    SharedSubscriptionAvailable = 0x2A,
}
