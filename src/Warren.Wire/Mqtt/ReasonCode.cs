using System.Diagnostics.CodeAnalysis;

namespace Warren.Wire.Mqtt;

/// <summary>How an operation ended (MQTT 5.0, 2.4); from 0x80 on it failed.</summary>
[SuppressMessage("Design", "CA1069", Justification = "The specification gives 0 three names.")]
public enum ReasonCode : byte
{
    /// <summary>CONNACK, PUBACK, PUBREC, PUBREL, PUBCOMP, UNSUBACK, AUTH.</summary>
    Success = 0x00,

    /// <summary>DISCONNECT: the will is not published.</summary>
    NormalDisconnection = 0x00,

    /// <summary>SUBACK.</summary>
    GrantedQoS0 = 0x00,

    /// <summary>SUBACK.</summary>
    GrantedQoS1 = 0x01,

    /// <summary>SUBACK.</summary>
    GrantedQoS2 = 0x02,

    /// <summary>DISCONNECT of a client whose will is to be published.</summary>
    DisconnectWithWillMessage = 0x04,

    /// <summary>PUBACK, PUBREC.</summary>
    NoMatchingSubscribers = 0x10,

    /// <summary>UNSUBACK.</summary>
    NoSubscriptionExisted = 0x11,

    /// <summary>AUTH.</summary>
    ContinueAuthentication = 0x18,

    /// <summary>AUTH.</summary>
    ReAuthenticate = 0x19,

    /// <summary>The sender does not say why.</summary>
    UnspecifiedError = 0x80,

    /// <summary>The packet does not parse.</summary>
    MalformedPacket = 0x81,

    /// <summary>The packet parses, but is not allowed there or like that.</summary>
    ProtocolError = 0x82,

    /// <summary>Valid, but not accepted by this implementation.</summary>
    ImplementationSpecificError = 0x83,

    /// <summary>CONNACK.</summary>
    UnsupportedProtocolVersion = 0x84,

    /// <summary>CONNACK.</summary>
    ClientIdentifierNotValid = 0x85,

    /// <summary>CONNACK.</summary>
    BadUserNameOrPassword = 0x86,

    /// <summary>The client may not do that.</summary>
    NotAuthorized = 0x87,

    /// <summary>CONNACK.</summary>
    ServerUnavailable = 0x88,

    /// <summary>Try again later.</summary>
    ServerBusy = 0x89,

    /// <summary>CONNACK.</summary>
    Banned = 0x8A,

    /// <summary>DISCONNECT.</summary>
    ServerShuttingDown = 0x8B,

    /// <summary>The authentication method is not supported, or not the one in use.</summary>
    BadAuthenticationMethod = 0x8C,

    /// <summary>DISCONNECT: nothing came for one and a half times the keep alive time.</summary>
    KeepAliveTimeout = 0x8D,

    /// <summary>DISCONNECT: another connection uses the same client identifier.</summary>
    SessionTakenOver = 0x8E,

    /// <summary>Well formed, but not accepted.</summary>
    TopicFilterInvalid = 0x8F,

    /// <summary>Well formed, but not accepted.</summary>
    TopicNameInvalid = 0x90,

    /// <summary>PUBACK, PUBREC, SUBACK, UNSUBACK.</summary>
    PacketIdentifierInUse = 0x91,

    /// <summary>PUBREL, PUBCOMP.</summary>
    PacketIdentifierNotFound = 0x92,

    /// <summary>DISCONNECT: more messages unacknowledged than allowed.</summary>
    ReceiveMaximumExceeded = 0x93,

    /// <summary>DISCONNECT.</summary>
    TopicAliasInvalid = 0x94,

    /// <summary>Larger than the maximum packet size.</summary>
    PacketTooLarge = 0x95,

    /// <summary>DISCONNECT.</summary>
    MessageRateTooHigh = 0x96,

    /// <summary>A limit set by an operator is reached.</summary>
    QuotaExceeded = 0x97,

    /// <summary>DISCONNECT by an operator.</summary>
    AdministrativeAction = 0x98,

    /// <summary>The payload is not what its format indicator says.</summary>
    PayloadFormatInvalid = 0x99,

    /// <summary>The server keeps no retained messages.</summary>
    RetainNotSupported = 0x9A,

    /// <summary>The QoS is above the server's maximum.</summary>
    QoSNotSupported = 0x9B,

    /// <summary>For now, go to another server.</summary>
    UseAnotherServer = 0x9C,

    /// <summary>For good, go to another server.</summary>
    ServerMoved = 0x9D,

    /// <summary>SUBACK, DISCONNECT.</summary>
    SharedSubscriptionsNotSupported = 0x9E,

    /// <summary>Too many connections in too short a time.</summary>
    ConnectionRateExceeded = 0x9F,

    /// <summary>DISCONNECT: the time allowed for this connection is over.</summary>
    MaximumConnectTime = 0xA0,

    /// <summary>SUBACK, DISCONNECT.</summary>
    SubscriptionIdentifiersNotSupported = 0xA1,

    /// <summary>SUBACK, DISCONNECT.</summary>
    WildcardSubscriptionsNotSupported = 0xA2,
}
