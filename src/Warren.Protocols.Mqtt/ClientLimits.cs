using Warren.Wire.Mqtt;

namespace Warren.Protocols.Mqtt;

/// <summary>What one client can take, settled by CONNECT and CONNACK.</summary>
/// <param name="Version">The protocol version.</param>
/// <param name="Window">Deliveries of quality of service 1 and 2 under way at most.</param>
/// <param name="MaxPacketSize">Largest packet it takes, bytes.</param>
/// <param name="TopicAliasMaximum">Topic aliases it takes.</param>
/// <param name="WantsReasons">Whether it wants reason strings on answers that are no failures of its own ([MQTT-3.1.2-29]).</param>
internal sealed record ClientLimits(
    ProtocolVersion Version, int Window, int MaxPacketSize, int TopicAliasMaximum, bool WantsReasons)
{
    /// <summary>Before CONNECT.</summary>
    public static ClientLimits Unknown { get; } = new(ProtocolVersion.None, 0, int.MaxValue, 0, false);

    /// <summary>Whether it speaks MQTT 5.0.</summary>
    public bool Is50 => Version == ProtocolVersion.Mqtt50;
}
