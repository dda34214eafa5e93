using System.Buffers.Binary;
using Warren.Wire.Mqtt;

namespace Warren.Protocols.Mqtt;

/// <summary>What is kept of a PUBLISH besides topic and payload, as the properties of a message in <see cref="MqttMessageFormat"/>.</summary>
/// <remarks>
/// <code>
/// 0        1            (8)           (4)       n             rest
/// +--------+-------------+------------+-----------------------+---------+
/// | flags  | origin u64  | length u32 | properties of PUBLISH | headers |
/// +--------+-------------+------------+-----------------------+---------+
/// </code>
/// What a flag does not announce is not there. Numbers are little-endian; properties are as MQTT 5.0 writes them, headers
/// a field table that stands for the user properties when there is one.
/// </remarks>
internal readonly ref struct StoredProperties
{
    private const int QoSMask = 3;
    private const int RetainFlag = 4;
    private const int OriginFlag = 8;
    private const int PropertiesFlag = 16;
    private const int HeadersFlag = 32;

    private readonly byte _flags;

    /// <summary>A view of stored bytes.</summary>
    public StoredProperties(ReadOnlySpan<byte> bytes)
    {
        _flags = bytes[0];
        int at = 1;
        if ((_flags & OriginFlag) != 0)
        {
            Origin = BinaryPrimitives.ReadUInt64LittleEndian(bytes[at..]);
            at += sizeof(ulong);
        }

        if ((_flags & PropertiesFlag) != 0)
        {
            int length = BinaryPrimitives.ReadInt32LittleEndian(bytes[at..]);
            at += sizeof(int);
            Encoded = bytes.Slice(at, length);
            at += length;
        }

        Headers = (_flags & HeadersFlag) != 0 ? bytes[at..] : default;
    }

    /// <summary>Quality of service it was published with.</summary>
    public int QoS => _flags & QoSMask;

    /// <summary>It was published to be retained.</summary>
    public bool Retain => (_flags & RetainFlag) != 0;

    /// <summary>Who published it, when that matters; 0 otherwise.</summary>
    public ulong Origin { get; }

    /// <summary>The properties of the PUBLISH, topic alias left out.</summary>
    public ReadOnlySpan<byte> Encoded { get; }

    /// <summary>Whether <see cref="Headers"/> stands for the user properties.</summary>
    public bool HasHeaders => (_flags & HeadersFlag) != 0;

    /// <summary>Headers the broker has added, user properties among them.</summary>
    public ReadOnlySpan<byte> Headers { get; }

    /// <summary>The properties of the PUBLISH, to look into.</summary>
    public Properties Properties => Properties.OfChecked(Encoded);

    /// <summary>Bytes these parts take.</summary>
    public static int SizeOf(ulong origin, int encoded, int headers) =>
        1 + (origin != 0 ? sizeof(ulong) : 0) + (encoded > 0 ? sizeof(int) + encoded : 0) + headers;

    /// <summary>Lays the parts out.</summary>
    /// <returns>Bytes written.</returns>
    public static int Write(
        Span<byte> to, int qos, bool retain, ulong origin, ReadOnlySpan<byte> encoded, ReadOnlySpan<byte> headers, bool hasHeaders)
    {
        int flags = qos | (retain ? RetainFlag : 0) | (origin != 0 ? OriginFlag : 0)
            | (encoded.IsEmpty ? 0 : PropertiesFlag) | (hasHeaders ? HeadersFlag : 0);
        to[0] = (byte)flags;
        int at = 1;
        if (origin != 0)
        {
            BinaryPrimitives.WriteUInt64LittleEndian(to[at..], origin);
            at += sizeof(ulong);
        }

        if (!encoded.IsEmpty)
        {
            BinaryPrimitives.WriteInt32LittleEndian(to[at..], encoded.Length);
            at += sizeof(int);
            encoded.CopyTo(to[at..]);
            at += encoded.Length;
        }

        headers.CopyTo(to[at..]);
        return at + headers.Length;
    }
}
