using System.Diagnostics;

namespace Warren.Wire.Mqtt;

/// <summary>Cuts control packets out of a byte stream (MQTT 5.0, 2.1). Pure: no I/O, no state, no allocation.</summary>
public static class PacketReader
{
    /// <summary>Bytes of the shortest fixed header.</summary>
    public const int MinHeaderSize = 2;

    /// <summary>Bytes of the longest fixed header.</summary>
    public const int MaxHeaderSize = 1 + VariableByteInteger.MaxSize;

    /// <summary>Bytes of the largest packet the protocol can express.</summary>
    public const int MaxPacketSize = MaxHeaderSize + VariableByteInteger.MaxValue;

    // The flags of a PUBLISH.
    internal const int RetainFlag = 0b0001;
    internal const int QoSMask = 0b0110;
    internal const int DupFlag = 0b1000;

    // 0               1                   2..5
    // +------+-------+--------------------+-----------------+------------+
    // | type | flags | remaining length   | variable header |  payload   |
    // +------+-------+--------------------+-----------------+------------+
    //   4 bit  4 bit   variable byte int    remaining length bytes

    /// <summary>Reads one whole packet and moves <paramref name="input"/> past it.</summary>
    /// <param name="input">The unread bytes; unchanged when the result is false.</param>
    /// <param name="version">What the connection speaks; <see cref="ProtocolVersion.None"/> before CONNECT.</param>
    /// <param name="maxPacketSize">Bytes allowed for a whole packet, fixed header included.</param>
    /// <param name="packet">The packet, a view into <paramref name="input"/>.</param>
    /// <returns>False when the packet has not arrived whole.</returns>
    /// <exception cref="PacketError">0x81: bad type, flags or length. 0x95: too large.</exception>
    public static bool TryRead(
        scoped ref ReadOnlySpan<byte> input, ProtocolVersion version, int maxPacketSize, out Packet packet)
    {
        ReadOnlySpan<byte> unread = input;
        if (!TryReadHeader(unread, version, maxPacketSize, out PacketHeader header)
            || unread.Length < header.PacketSize)
        {
            packet = default;
            return false;
        }

        packet = new Packet(header, unread.Slice(header.Size, header.RemainingLength));
        input = unread[header.PacketSize..];
        return true;
    }

    /// <summary>Reads the fixed header alone, for a payload that is taken in pieces; nothing is consumed.</summary>
    /// <returns>False when the header has not arrived whole.</returns>
    /// <exception cref="PacketError">0x81: bad type, flags or length. 0x95: too large.</exception>
    public static bool TryReadHeader(
        ReadOnlySpan<byte> input, ProtocolVersion version, int maxPacketSize, out PacketHeader header)
    {
        Debug.Assert(maxPacketSize >= MinHeaderSize, "a maximum packet size that allows nothing");
        header = default;
        if (input.IsEmpty)
        {
            return false;
        }

        var type = (PacketType)(input[0] >> 4);
        int flags = input[0] & 0xF;
        CheckFlags(type, flags, version);
        int lengthSize = VariableByteInteger.Read(input[1..], out int remainingLength);
        if (lengthSize <= 0)
        {
            if (lengthSize < 0)
            {
                PacketError.ThrowMalformed(type, "bad remaining length");
            }

            return false;
        }

        int packetSize = 1 + lengthSize + remainingLength;
        if (packetSize > maxPacketSize)
        {
            PacketError.ThrowTooLarge(type, packetSize, maxPacketSize);
        }

        header = new PacketHeader(type, (byte)flags, (byte)(1 + lengthSize), remainingLength);
        return true;
    }

    // Before 3.1.1 the flags of packets other than PUBLISH had no fixed value: a repeated SUBSCRIBE came with DUP.
    private static void CheckFlags(PacketType type, int flags, ProtocolVersion version)
    {
        switch (type)
        {
            case PacketType.Publish:
                if ((flags & QoSMask) == QoSMask)
                {
                    PacketError.ThrowMalformed(type, "QoS 3");
                }

                if ((flags & (QoSMask | DupFlag)) == DupFlag && version != ProtocolVersion.Mqtt31)
                {
                    PacketError.ThrowMalformed(type, "DUP with QoS 0");
                }

                break;
            case PacketType.Reserved:
            case PacketType.Auth when version is ProtocolVersion.Mqtt31 or ProtocolVersion.Mqtt311:
                PacketError.ThrowMalformed(type, "reserved packet type");
                break;
            default:
                int expected = type is PacketType.PubRel or PacketType.Subscribe or PacketType.Unsubscribe ? 0b0010 : 0;
                if (flags != expected && version != ProtocolVersion.Mqtt31)
                {
                    PacketError.ThrowMalformed(type, "bad flags");
                }

                break;
        }
    }
}
