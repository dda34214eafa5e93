using Warren.Core.Messages;

namespace Warren.Core.Queues;

/// <summary>What recovery needs to know of a stored message without reading it, packed into the record's two tags.</summary>
/// <param name="PublishedAtMs">Unix time in milliseconds.</param>
/// <param name="Priority">Priority as published.</param>
/// <param name="BodyLength">Bytes of the body.</param>
/// <param name="TtlMs">Per-message time to live in milliseconds, or -1.</param>
internal readonly record struct MessageTags(long PublishedAtMs, byte Priority, int BodyLength, long TtlMs)
{
    // tag A: publishedAt 44 bits | priority 8 | hasTtl 1 | 3 zero | ttl, upper 8
    // tag B: ttl, lower 34 | body length 30
    private const int BodyBits = 30;
    private const long MaxTtlMs = (1L << 42) - 1;

    public static MessageTags Of(Message message) => new(
        message.PublishedAtMs,
        message.Priority,
        message.BodyLength,
        (message.Flags & MessageFlags.HasTtl) != 0 ? message.TtlMs : -1);

    public ulong TagA
    {
        get
        {
            ulong ttl = TtlMs < 0 ? 0 : (ulong)Math.Min(TtlMs, MaxTtlMs);
            return ((ulong)PublishedAtMs << 20) | ((ulong)Priority << 12) | (TtlMs < 0 ? 0UL : 1UL << 11) | (ttl >> 34);
        }
    }

    public ulong TagB
    {
        get
        {
            ulong ttl = TtlMs < 0 ? 0 : (ulong)Math.Min(TtlMs, MaxTtlMs);
            return (ttl << BodyBits) | ((ulong)BodyLength & ((1UL << BodyBits) - 1));
        }
    }

    public static MessageTags Unpack(ulong tagA, ulong tagB)
    {
        bool hasTtl = (tagA & (1UL << 11)) != 0;
        ulong ttl = (tagB >> BodyBits) | ((tagA & 0xFF) << 34);
        return new MessageTags(
            (long)(tagA >> 20),
            (byte)(tagA >> 12),
            (int)(tagB & ((1UL << BodyBits) - 1)),
            hasTtl ? (long)ttl : -1);
    }
}
