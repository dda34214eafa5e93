using System.Buffers.Binary;
using System.Diagnostics.CodeAnalysis;

namespace Warren.Wire.Amqp091;

/// <summary>A content header (AMQP 0-9-1, 4.2.6.1): a view into the frame's payload.</summary>
public readonly ref struct ContentHeader
{
    /// <summary>The only class with content.</summary>
    public const ushort BasicClass = 60;

    /// <summary>Bytes before the property flags.</summary>
    public const int FixedSize = 12;

    // 0          2        4            12               14
    // +----------+--------+------------+----------------+----------------+
    // | class-id | weight | body size  | property flags | property list… |
    // +----------+--------+------------+----------------+----------------+
    //   u16        u16 = 0  u64          u16              what the flags name
    private ContentHeader(ulong bodySize, BasicProperties basic)
    {
        BodySize = bodySize;
        Basic = basic;
    }

    /// <summary>The class the content belongs to: always <see cref="BasicClass"/>.</summary>
    [SuppressMessage("Performance", "CA1822", Justification = "A field of the header.")]
    public ushort ClassId => BasicClass;

    /// <summary>Bytes of the whole body, as the client claims.</summary>
    public ulong BodySize { get; }

    /// <summary>Property flags and property list as they came, checked.</summary>
    public ReadOnlySpan<byte> Properties => Basic.Encoded;

    /// <summary>The single properties.</summary>
    public BasicProperties Basic { get; }

    /// <summary>Reads the payload of a content header frame.</summary>
    /// <exception cref="ConnectionError">
    /// 501 FRAME_ERROR: truncated. 505 UNEXPECTED_FRAME: another class. 502 SYNTAX_ERROR: malformed properties.
    /// </exception>
    public static ContentHeader Read(ReadOnlySpan<byte> payload)
    {
        if (payload.Length < FixedSize)
        {
            ConnectionError.ThrowCannotDecode(MethodId.BasicPublish, payload);
        }

        ushort classId = BinaryPrimitives.ReadUInt16BigEndian(payload);
        ushort weight = BinaryPrimitives.ReadUInt16BigEndian(payload[2..]);
        if (classId != BasicClass || weight != 0)
        {
            ThrowNotThisHeader(classId);
        }

        ulong bodySize = BinaryPrimitives.ReadUInt64BigEndian(payload[4..]);
        return new ContentHeader(bodySize, BasicProperties.Read(payload[FixedSize..]));
    }

    // RabbitMQ's words; a weight that is not zero is "non content header" there as well.
    [DoesNotReturn]
    private static void ThrowNotThisHeader(ushort classId) =>
        throw new ConnectionError(
            ReplyCode.UnexpectedFrame,
            classId == BasicClass
                ? "expected content header for class 60, got non content header frame instead"
                : $"expected content header for class 60, got one for class {classId} instead",
            MethodId.BasicPublish);
}
