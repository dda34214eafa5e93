namespace Warren.Wire.Mqtt;

/// <summary>The server's answer to a CONNECT of MQTT 3.1 and 3.1.1 (MQTT 3.1.1, 3.2.2.3).</summary>
public enum ConnectReturnCode : byte
{
    /// <summary>The connection is open.</summary>
    Accepted = 0,

    /// <summary>The level is not supported.</summary>
    UnacceptableProtocolVersion = 1,

    /// <summary>The client identifier is not allowed.</summary>
    IdentifierRejected = 2,

    /// <summary>The MQTT service is not available.</summary>
    ServerUnavailable = 3,

    /// <summary>The login failed.</summary>
    BadUserNameOrPassword = 4,

    /// <summary>The client may not connect.</summary>
    NotAuthorized = 5,
}
