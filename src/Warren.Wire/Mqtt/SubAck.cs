using System.Runtime.InteropServices;

namespace Warren.Wire.Mqtt;

/// <summary>SUBACK and UNSUBACK (MQTT 5.0 and 3.1.1, 3.9 and 3.11).</summary>
public readonly ref struct SubAck
{
    /// <summary>The packet identifier of the SUBSCRIBE or UNSUBSCRIBE.</summary>
    public ushort PacketIdentifier { get; init; }

    /// <summary>The properties; empty before MQTT 5.0.</summary>
    public Properties Properties { get; init; }

    /// <summary>One for each filter; none in an UNSUBACK before MQTT 5.0.</summary>
    public ReadOnlySpan<ReasonCode> Reasons { get; init; }

    /// <summary>Reads a SUBACK or UNSUBACK, as a client does.</summary>
    /// <exception cref="PacketError">0x81, 0x82 or 0x97.</exception>
    public static SubAck Read(Packet packet, ProtocolVersion version)
    {
        var reader = new BodyReader(packet.Type, packet.Body);
        ushort identifier = reader.PacketIdentifier();
        Properties properties = reader.Properties(version, PropertyPlace.Acknowledgement);
        ReadOnlySpan<byte> octets = reader.TakeRest();
        bool none = packet.Type == PacketType.UnsubAck && version != ProtocolVersion.Mqtt50;
        if (octets.IsEmpty != none)
        {
            PacketError.ThrowMalformed(packet.Type, $"{octets.Length} reason codes");
        }

        foreach (byte octet in octets)
        {
            bool known = version == ProtocolVersion.Mqtt50
                ? ((ReasonCode)octet).IsAllowedIn(packet.Type)
                : octet is <= (byte)QoS.ExactlyOnce or ReasonCodes.SubAckFailure;
            if (!known)
            {
                PacketError.ThrowProtocol(packet.Type, $"reason code 0x{octet:X2}");
            }
        }

        return new SubAck
        {
            PacketIdentifier = identifier,
            Properties = properties,
            Reasons = MemoryMarshal.Cast<byte, ReasonCode>(octets),
        };
    }
}
