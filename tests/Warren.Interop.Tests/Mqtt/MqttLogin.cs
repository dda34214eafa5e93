namespace Warren.Interop.Tests.Mqtt;

/// <summary>What a CONNECT says.</summary>
/// <param name="ClientId">The client id.</param>
public sealed record MqttLogin(string ClientId)
{
    /// <summary>Forget what was kept.</summary>
    public bool Clean { get; init; } = true;

    /// <summary>Seconds the session outlives the connection; MQTT 5.0 only.</summary>
    public uint ExpirySeconds { get; init; }

    /// <summary>Null: none.</summary>
    public string? User { get; init; } = "guest";

    /// <summary>Null: none.</summary>
    public string? Password { get; init; } = "guest";

    /// <summary>Seconds; 0: none.</summary>
    public int KeepAlive { get; init; }

    /// <summary>0: left out.</summary>
    public int ReceiveMaximum { get; init; }

    /// <summary>0: left out.</summary>
    public int MaxPacketSize { get; init; }

    /// <summary>0: left out.</summary>
    public int TopicAliasMaximum { get; init; }

    /// <summary>Null: no will.</summary>
    public string? WillTopic { get; init; }

    /// <summary>What the will says.</summary>
    public string WillBody { get; init; } = "gone";

    /// <summary>Seconds the will waits for the client to come back; MQTT 5.0 only.</summary>
    public uint WillDelaySeconds { get; init; }
}
