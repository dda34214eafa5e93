namespace Warren.Wire.Mqtt;

/// <summary>Which reason codes go with which packet, and what is left of them for older clients.</summary>
public static class ReasonCodes
{
    /// <summary>SUBACK of MQTT 3.1.1: the subscription was refused, for whatever reason.</summary>
    public const byte SubAckFailure = 0x80;

    /// <summary>Whether the operation failed.</summary>
    public static bool IsFailure(this ReasonCode code) => (byte)code >= 0x80;

    /// <summary>The CONNACK return code that an MQTT 3.x client gets for a reason (MQTT 3.1.1, 3.2.2.3).</summary>
    public static ConnectReturnCode ToReturnCode(this ReasonCode code) => code switch
    {
        ReasonCode.Success => ConnectReturnCode.Accepted,
        ReasonCode.UnsupportedProtocolVersion => ConnectReturnCode.UnacceptableProtocolVersion,
        ReasonCode.ClientIdentifierNotValid => ConnectReturnCode.IdentifierRejected,
        ReasonCode.BadUserNameOrPassword => ConnectReturnCode.BadUserNameOrPassword,
        ReasonCode.NotAuthorized or ReasonCode.Banned or ReasonCode.BadAuthenticationMethod
            or ReasonCode.QuotaExceeded or ReasonCode.ConnectionRateExceeded => ConnectReturnCode.NotAuthorized,
        _ => ConnectReturnCode.ServerUnavailable,
    };

    /// <summary>The octet a SUBACK carries: MQTT 3.x knows only the granted QoS and 0x80 (MQTT 3.1.1, 3.9.3).</summary>
    public static byte ToSubAckOctet(this ReasonCode code, ProtocolVersion version) =>
        version != ProtocolVersion.Mqtt50 && code.IsFailure() ? SubAckFailure : (byte)code;

    /// <summary>Whether the specification lists the code for that packet, whoever sends it.</summary>
    public static bool IsAllowedIn(this ReasonCode code, PacketType packet) => packet switch
    {
        PacketType.ConnAck => code is ReasonCode.Success
            or (>= ReasonCode.UnspecifiedError and <= ReasonCode.Banned)
            or ReasonCode.BadAuthenticationMethod
            or ReasonCode.TopicNameInvalid
            or ReasonCode.PacketTooLarge
            or ReasonCode.QuotaExceeded
            or (>= ReasonCode.PayloadFormatInvalid and <= ReasonCode.ServerMoved)
            or ReasonCode.ConnectionRateExceeded,
        PacketType.PubAck or PacketType.PubRec => code is ReasonCode.Success
            or ReasonCode.NoMatchingSubscribers
            or ReasonCode.UnspecifiedError
            or ReasonCode.ImplementationSpecificError
            or ReasonCode.NotAuthorized
            or ReasonCode.TopicNameInvalid
            or ReasonCode.PacketIdentifierInUse
            or ReasonCode.QuotaExceeded
            or ReasonCode.PayloadFormatInvalid,
        PacketType.PubRel or PacketType.PubComp => code is ReasonCode.Success or ReasonCode.PacketIdentifierNotFound,
        PacketType.SubAck => code is <= ReasonCode.GrantedQoS2
            or ReasonCode.UnspecifiedError
            or ReasonCode.ImplementationSpecificError
            or ReasonCode.NotAuthorized
            or ReasonCode.TopicFilterInvalid
            or ReasonCode.PacketIdentifierInUse
            or ReasonCode.QuotaExceeded
            or ReasonCode.SharedSubscriptionsNotSupported
            or ReasonCode.SubscriptionIdentifiersNotSupported
            or ReasonCode.WildcardSubscriptionsNotSupported,
        PacketType.UnsubAck => code is ReasonCode.Success
            or ReasonCode.NoSubscriptionExisted
            or ReasonCode.UnspecifiedError
            or ReasonCode.ImplementationSpecificError
            or ReasonCode.NotAuthorized
            or ReasonCode.TopicFilterInvalid
            or ReasonCode.PacketIdentifierInUse,
        PacketType.Disconnect => code is ReasonCode.NormalDisconnection
            or ReasonCode.DisconnectWithWillMessage
            or (>= ReasonCode.UnspecifiedError and <= ReasonCode.ImplementationSpecificError)
            or ReasonCode.NotAuthorized
            or ReasonCode.ServerBusy
            or (>= ReasonCode.ServerShuttingDown and <= ReasonCode.TopicNameInvalid)
            or (>= ReasonCode.ReceiveMaximumExceeded and <= ReasonCode.WildcardSubscriptionsNotSupported),
        PacketType.Auth =>
            code is ReasonCode.Success or ReasonCode.ContinueAuthentication or ReasonCode.ReAuthenticate,
        _ => false,
    };
}
