namespace Warren.Wire.Mqtt;

/// <summary>PINGREQ and PINGRESP, which have no body (MQTT 5.0 and 3.1.1, 3.12 and 3.13).</summary>
public static class Ping
{
    /// <summary>Checks a packet of either type.</summary>
    /// <exception cref="PacketError">0x81: there is a body.</exception>
    public static void Read(Packet packet) => new BodyReader(packet.Type, packet.Body).End();
}
