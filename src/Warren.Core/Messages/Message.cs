using System.Buffers.Binary;
using Warren.Buffers;

namespace Warren.Core.Messages;

/// <summary>What the core needs to know of a message, extracted once at the edge.</summary>
[Flags]
public enum MessageFlags : byte
{
    /// <summary>A transient message without anything special.</summary>
    None = 0,

    /// <summary>Goes to the log when it reaches a durable queue (delivery-mode 2).</summary>
    Persistent = 1,

    /// <summary><see cref="Message.TtlMs"/> is set.</summary>
    HasTtl = 2,

    /// <summary>The encoded properties hold at least one header.</summary>
    HasHeaders = 4,

    /// <summary>Went through a dead-letter exchange at least once.</summary>
    DeadLettered = 8,

    /// <summary>Sent because of a new subscription, not because somebody published.</summary>
    Retained = 16,
}

/// <summary>The envelope of a message before it is laid out: everything of fixed size.</summary>
public readonly record struct MessageEnvelope(
    byte Format,
    MessageFlags Flags,
    byte Priority,
    long PublishedAtMs,
    long TtlMs);

/// <summary>A message: one immutable run of bytes that is the same in memory, in the log and in the page file.</summary>
/// <remarks>
/// A view over a <see cref="Payload"/>; copying the struct takes no reference. Multi-byte numbers are little-endian.
/// </remarks>
public readonly struct Message
{
    /// <summary>Bytes before the exchange name.</summary>
    public const int HeaderSize = 32;

    // 0         4           8       10   11   12    13    14     16             24      32
    // +---------+-----------+-------+----+----+-----+-----+------+--------------+-------+----------+-----+-------+------+
    // | bodyLen | propsLen  | rkLen | xl | fmt|flags| prio| zero | publishedAtMs| ttlMs | exchange | key | props | body |
    // +---------+-----------+-------+----+----+-----+-----+------+--------------+-------+----------+-----+-------+------+
    //    u32        u32        u16    u8   u8   u8    u8    u16        i64         i64
    private readonly Payload _payload;

    /// <summary>A view of bytes laid out by <see cref="WriteHead"/>.</summary>
    public Message(Payload payload) => _payload = payload;

    /// <summary>The bytes, with their reference count.</summary>
    public Payload Payload => _payload;

    /// <summary>Length of the whole image in bytes.</summary>
    public int Length => _payload.Length;

    /// <summary>Length of the body in bytes.</summary>
    public int BodyLength => (int)BinaryPrimitives.ReadUInt32LittleEndian(_payload.Span);

    /// <summary>Encoding of <see cref="Properties"/>: a <see cref="MessageFormat.Tag"/>.</summary>
    public byte Format => _payload.Span[11];

    /// <summary>What is special about this message.</summary>
    public MessageFlags Flags => (MessageFlags)_payload.Span[12];

    /// <summary>Priority as published, 0 when none was given.</summary>
    public byte Priority => _payload.Span[13];

    /// <summary>When the broker received it or published it again, Unix time in milliseconds: its life counts from here.</summary>
    public long PublishedAtMs => BinaryPrimitives.ReadInt64LittleEndian(_payload.Span[16..]);

    /// <summary>Per-message time to live in milliseconds; meaningful with <see cref="MessageFlags.HasTtl"/>.</summary>
    public long TtlMs => BinaryPrimitives.ReadInt64LittleEndian(_payload.Span[24..]);

    /// <summary>Name of the exchange it was published to, UTF-8.</summary>
    public ReadOnlySpan<byte> Exchange => _payload.Span.Slice(HeaderSize, ExchangeLength);

    /// <summary>The routing key, UTF-8.</summary>
    public ReadOnlySpan<byte> RoutingKey => _payload.Span.Slice(HeaderSize + ExchangeLength, RoutingKeyLength);

    /// <summary>The properties as <see cref="Format"/> encodes them.</summary>
    public ReadOnlySpan<byte> Properties =>
        _payload.Span.Slice(HeaderSize + ExchangeLength + RoutingKeyLength, PropertiesLength);

    /// <summary>The body.</summary>
    public ReadOnlySpan<byte> Body => _payload.Span[(_payload.Length - BodyLength)..];

    private int ExchangeLength => _payload.Span[10];

    private int RoutingKeyLength => BinaryPrimitives.ReadUInt16LittleEndian(_payload.Span[8..]);

    private int PropertiesLength => (int)BinaryPrimitives.ReadUInt32LittleEndian(_payload.Span[4..]);

    /// <summary>Bytes an image with these parts takes.</summary>
    /// <returns>False: no image holds them. The exchange has more than 255 bytes, the key more than 65 535, or all too many.</returns>
    public static bool TrySizeOf(int exchange, int routingKey, int properties, long body, out int size)
    {
        long total = SizeOf(exchange, routingKey, properties, body);
        bool fits = exchange <= byte.MaxValue && routingKey <= ushort.MaxValue && total <= Array.MaxLength;
        size = fits ? (int)total : 0;
        return fits;
    }

    /// <summary>Bytes an image with these parts takes, if there is one: see <see cref="TrySizeOf"/>.</summary>
    public static long SizeOf(int exchange, int routingKey, int properties, long body) =>
        HeaderSize + (long)exchange + routingKey + properties + body;

    /// <summary>Sets <see cref="PublishedAtMs"/>. Only the one who allocated, before anyone else sees the image.</summary>
    public static void WritePublishedAt(Span<byte> image, long publishedAtMs) =>
        BinaryPrimitives.WriteInt64LittleEndian(image[16..], publishedAtMs);

    /// <summary>Adds flags. Only the one who allocated, before anyone else sees the image.</summary>
    public static void AddFlags(Span<byte> image, MessageFlags flags) => image[12] |= (byte)flags;

    /// <summary>Lays out everything but the body and returns the index where the body begins.</summary>
    /// <remarks>The parts must be ones that <see cref="TrySizeOf"/> has a size for.</remarks>
    public static int WriteHead(
        Span<byte> image,
        in MessageEnvelope envelope,
        ReadOnlySpan<byte> exchange,
        ReadOnlySpan<byte> routingKey,
        ReadOnlySpan<byte> properties,
        int bodyLength)
    {
        if (exchange.Length > byte.MaxValue || routingKey.Length > ushort.MaxValue)
        {
            throw new ArgumentException("the caller has not asked for the size first", nameof(routingKey));
        }

        BinaryPrimitives.WriteUInt32LittleEndian(image, (uint)bodyLength);
        BinaryPrimitives.WriteUInt32LittleEndian(image[4..], (uint)properties.Length);
        BinaryPrimitives.WriteUInt16LittleEndian(image[8..], (ushort)routingKey.Length);
        image[10] = (byte)exchange.Length;
        image[11] = envelope.Format;
        image[12] = (byte)envelope.Flags;
        image[13] = envelope.Priority;
        image[14] = 0;
        image[15] = 0;
        WritePublishedAt(image, envelope.PublishedAtMs);
        BinaryPrimitives.WriteInt64LittleEndian(image[24..], envelope.TtlMs);
        int at = HeaderSize;
        exchange.CopyTo(image[at..]);
        at += exchange.Length;
        routingKey.CopyTo(image[at..]);
        at += routingKey.Length;
        properties.CopyTo(image[at..]);
        return at + properties.Length;
    }
}
