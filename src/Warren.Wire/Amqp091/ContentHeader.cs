using System.Buffers.Binary;

namespace Warren.Wire.Amqp091;

/// <summary>A content header frame's payload (AMQP 0-9-1, 4.2.6.1).</summary>
public readonly ref struct ContentHeader
{
    /// <summary>The only class with content.</summary>
    public const ushort BasicClass = 60;

    private const int FixedSize = 12;

    private ContentHeader(ushort classId, ulong bodySize, ReadOnlySpan<byte> properties)
    {
        ClassId = classId;
        BodySize = bodySize;
        Properties = properties;
    }

    /// <summary>The class.</summary>
    public ushort ClassId { get; }

    /// <summary>Bytes of the body that follows.</summary>
    public ulong BodySize { get; }

    /// <summary>Property flags and property list, checked to be well-formed when the class is basic.</summary>
    public ReadOnlySpan<byte> Properties { get; }

    /// <summary>Reads and checks a header.</summary>
    /// <exception cref="ConnectionError">501: too short; 502: malformed properties.</exception>
    public static ContentHeader Read(ReadOnlySpan<byte> payload)
    {
        if (payload.Length < FixedSize + sizeof(ushort))
        {
            throw new ConnectionError(
                ReplyCode.FrameError, $"cannot decode {FrameReader.Octets(payload)}", MethodId.BasicPublish);
        }

        ushort classId = BinaryPrimitives.ReadUInt16BigEndian(payload);
        ReadOnlySpan<byte> properties = payload[FixedSize..];
        if (classId == BasicClass && !BasicProperties.IsValid(properties))
        {
            throw new ConnectionError(ReplyCode.SyntaxError, "malformed basic properties", MethodId.BasicPublish);
        }

        return new ContentHeader(classId, BinaryPrimitives.ReadUInt64BigEndian(payload[4..]), properties);
    }
}
