using System.Buffers.Binary;
using Warren.Buffers.Fields;

namespace Warren.Wire.Amqp091;

/// <summary>The properties of a message: views into property flags and list (AMQP 0-9-1, basic class).</summary>
/// <remarks>Reading is one pass that notes where each property lies; nothing is allocated.</remarks>
public readonly ref struct BasicProperties
{
    internal const ushort ContentTypeFlag = 1 << 15;
    internal const ushort ContentEncodingFlag = 1 << 14;
    internal const ushort HeadersFlag = 1 << 13;
    internal const ushort DeliveryModeFlag = 1 << 12;
    internal const ushort PriorityFlag = 1 << 11;
    internal const ushort CorrelationIdFlag = 1 << 10;
    internal const ushort ReplyToFlag = 1 << 9;
    internal const ushort ExpirationFlag = 1 << 8;
    internal const ushort MessageIdFlag = 1 << 7;
    internal const ushort TimestampFlag = 1 << 6;
    internal const ushort TypeFlag = 1 << 5;
    internal const ushort UserIdFlag = 1 << 4;
    internal const ushort AppIdFlag = 1 << 3;
    internal const ushort ClusterIdFlag = 1 << 2;

    private const ushort UnknownFlags = 0b11; // bit 0 would continue the flags; class basic has no more properties

    private readonly ushort _flags;

    private BasicProperties(ReadOnlySpan<byte> encoded, out bool valid)
    {
        valid = false;
        if (encoded.Length < sizeof(ushort))
        {
            return;
        }

        _flags = BinaryPrimitives.ReadUInt16BigEndian(encoded);
        ReadOnlySpan<byte> rest = encoded[sizeof(ushort)..];
        if (_flags == 0)
        {
            valid = rest.IsEmpty;
            return;
        }

        valid = (_flags & UnknownFlags) == 0;
        if (Has(ContentTypeFlag))
        {
            ContentType = ShortString(ref rest, ref valid);
        }

        if (Has(ContentEncodingFlag))
        {
            ContentEncoding = ShortString(ref rest, ref valid);
        }

        if (Has(HeadersFlag))
        {
            ReadOnlySpan<byte> prefix = Take(ref rest, sizeof(uint), ref valid);
            uint size = valid ? BinaryPrimitives.ReadUInt32BigEndian(prefix) : 0;
            valid &= size <= (uint)rest.Length;
            Headers = valid ? Take(ref rest, (int)size, ref valid) : default;
        }

        if (Has(DeliveryModeFlag))
        {
            DeliveryMode = Octet(ref rest, ref valid);
        }

        if (Has(PriorityFlag))
        {
            Priority = Octet(ref rest, ref valid);
        }

        if ((_flags & (CorrelationIdFlag | ReplyToFlag | ExpirationFlag | MessageIdFlag | TimestampFlag | TypeFlag
            | UserIdFlag | AppIdFlag | ClusterIdFlag)) != 0)
        {
            CorrelationId = Has(CorrelationIdFlag) ? ShortString(ref rest, ref valid) : default;
            ReplyTo = Has(ReplyToFlag) ? ShortString(ref rest, ref valid) : default;
            Expiration = Has(ExpirationFlag) ? ShortString(ref rest, ref valid) : default;
            MessageId = Has(MessageIdFlag) ? ShortString(ref rest, ref valid) : default;
            if (Has(TimestampFlag))
            {
                ReadOnlySpan<byte> bytes = Take(ref rest, sizeof(ulong), ref valid);
                TimestampSeconds = valid ? BinaryPrimitives.ReadUInt64BigEndian(bytes) : 0;
            }

            Type = Has(TypeFlag) ? ShortString(ref rest, ref valid) : default;
            UserId = Has(UserIdFlag) ? ShortString(ref rest, ref valid) : default;
            AppId = Has(AppIdFlag) ? ShortString(ref rest, ref valid) : default;
            ClusterId = Has(ClusterIdFlag) ? ShortString(ref rest, ref valid) : default;
        }

        valid &= rest.IsEmpty;
    }

    /// <summary>content-type.</summary>
    public ReadOnlySpan<byte> ContentType { get; }

    /// <summary>content-encoding.</summary>
    public ReadOnlySpan<byte> ContentEncoding { get; }

    /// <summary>headers: an encoded table without its length.</summary>
    public ReadOnlySpan<byte> Headers { get; }

    /// <summary>delivery-mode: 2 is persistent; 0 when absent.</summary>
    public byte DeliveryMode { get; }

    /// <summary>priority; 0 when absent.</summary>
    public byte Priority { get; }

    /// <summary>correlation-id.</summary>
    public ReadOnlySpan<byte> CorrelationId { get; }

    /// <summary>reply-to.</summary>
    public ReadOnlySpan<byte> ReplyTo { get; }

    /// <summary>expiration: milliseconds in text.</summary>
    public ReadOnlySpan<byte> Expiration { get; }

    /// <summary>message-id.</summary>
    public ReadOnlySpan<byte> MessageId { get; }

    /// <summary>timestamp: seconds since the Unix epoch; 0 when absent.</summary>
    public ulong TimestampSeconds { get; }

    /// <summary>type.</summary>
    public ReadOnlySpan<byte> Type { get; }

    /// <summary>user-id.</summary>
    public ReadOnlySpan<byte> UserId { get; }

    /// <summary>app-id.</summary>
    public ReadOnlySpan<byte> AppId { get; }

    /// <summary>cluster-id, which AMQP 0-9-1 reserves.</summary>
    public ReadOnlySpan<byte> ClusterId { get; }

    /// <summary>Whether headers are there, maybe empty.</summary>
    public bool HasHeaders => Has(HeadersFlag);

    /// <summary>Whether reply-to is there.</summary>
    public bool HasReplyTo => Has(ReplyToFlag);

    /// <summary>Whether expiration is there.</summary>
    public bool HasExpiration => Has(ExpirationFlag);

    /// <summary>Whether user-id is there.</summary>
    public bool HasUserId => Has(UserIdFlag);

    /// <summary>Whether timestamp is there.</summary>
    public bool HasTimestamp => Has(TimestampFlag);

    internal ushort Flags => _flags;

    /// <summary>Reads properties that <see cref="IsValid"/> has accepted.</summary>
    public static BasicProperties Read(ReadOnlySpan<byte> encoded) => new(encoded, out _);

    /// <summary>Whether the bytes are well-formed, nested headers included.</summary>
    public static bool IsValid(ReadOnlySpan<byte> encoded)
    {
        var properties = new BasicProperties(encoded, out bool valid);
        return valid && (properties.Headers.IsEmpty || FieldTableReader.Validate(properties.Headers));
    }

    private bool Has(ushort flag) => (_flags & flag) != 0;

    private static ReadOnlySpan<byte> ShortString(scoped ref ReadOnlySpan<byte> rest, scoped ref bool valid)
    {
        int length = Octet(ref rest, ref valid);
        return Take(ref rest, length, ref valid);
    }

    private static byte Octet(scoped ref ReadOnlySpan<byte> rest, scoped ref bool valid)
    {
        ReadOnlySpan<byte> octet = Take(ref rest, 1, ref valid);
        return octet.IsEmpty ? (byte)0 : octet[0];
    }

    private static ReadOnlySpan<byte> Take(scoped ref ReadOnlySpan<byte> rest, int count, scoped ref bool valid)
    {
        if (rest.Length < count)
        {
            valid = false;
            return default;
        }

        ReadOnlySpan<byte> taken = rest[..count];
        rest = rest[count..];
        return taken;
    }
}
