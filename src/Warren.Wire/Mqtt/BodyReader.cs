using System.Buffers.Binary;
using System.Runtime.CompilerServices;

namespace Warren.Wire.Mqtt;

/// <summary>Reads the body of one packet piece by piece; what is cut off or left over is malformed (0x81).</summary>
internal ref struct BodyReader
{
    private readonly PacketType _packet;
    private ReadOnlySpan<byte> _rest;

    internal BodyReader(PacketType packet, ReadOnlySpan<byte> body)
    {
        _packet = packet;
        _rest = body;
    }

    /// <summary>What is not read yet.</summary>
    internal readonly ReadOnlySpan<byte> Rest => _rest;

    internal readonly bool IsAtEnd => _rest.IsEmpty;

    internal byte Octet() => Take(1)[0];

    internal ushort UInt16() => BinaryPrimitives.ReadUInt16BigEndian(Take(sizeof(ushort)));

    internal ReadOnlySpan<byte> Binary() => Take(UInt16());

    /// <summary>Zero is no packet identifier ([MQTT-2.2.1-3]).</summary>
    internal ushort PacketIdentifier()
    {
        ushort identifier = UInt16();
        if (identifier == 0)
        {
            PacketError.ThrowProtocol(_packet, "packet identifier 0");
        }

        return identifier;
    }

    internal ReadOnlySpan<byte> Text(string what)
    {
        ReadOnlySpan<byte> text = Binary();
        if (!Utf8Text.IsWellFormed(text))
        {
            PacketError.ThrowMalformed(_packet, $"{what} is not well-formed UTF-8");
        }

        return text;
    }

    internal ReadOnlySpan<byte> Topic(string what)
    {
        ReadOnlySpan<byte> topic = Binary();
        TopicFault fault = TopicName.Check(topic);
        if (fault is not (TopicFault.None or TopicFault.Empty))
        {
            PacketError.ThrowMalformed(_packet, $"{what}: {fault}");
        }

        return topic;
    }

    internal ReadOnlySpan<byte> Filter(ProtocolVersion version)
    {
        ReadOnlySpan<byte> filter = Binary();
        TopicFault fault =
            version == ProtocolVersion.Mqtt50 ? TopicFilter.CheckShared(filter) : TopicFilter.Check(filter);
        if (fault != TopicFault.None)
        {
            PacketError.ThrowMalformed(_packet, $"topic filter: {fault}");
        }

        return filter;
    }

    /// <summary>Property length and properties; none at all before MQTT 5.0.</summary>
    internal Properties Properties(ProtocolVersion version, PropertyPlace place)
    {
        if (version != ProtocolVersion.Mqtt50)
        {
            return default;
        }

        int lengthSize = VariableByteInteger.Read(_rest, out int length);
        if (lengthSize <= 0)
        {
            PacketError.ThrowMalformed(_packet, "bad property length");
        }

        _ = Take(lengthSize);
        return Mqtt.Properties.Read(Take(length), _packet, place);
    }

    /// <summary>Everything that is left.</summary>
    internal ReadOnlySpan<byte> TakeRest() => Take(_rest.Length);

    /// <summary>Nothing may follow.</summary>
    internal readonly void End()
    {
        if (!_rest.IsEmpty)
        {
            PacketError.ThrowMalformed(_packet, $"{_rest.Length} bytes left over");
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private ReadOnlySpan<byte> Take(int length)
    {
        ReadOnlySpan<byte> rest = _rest;
        if (length > rest.Length)
        {
            PacketError.ThrowMalformed(_packet, "cut off");
        }

        _rest = rest[length..];
        return rest[..length];
    }
}
