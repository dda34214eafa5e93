using Warren.Core.Messages;

namespace Warren.Core.Queues;

/// <summary>What a queue holds at one moment.</summary>
/// <param name="Ready">Messages waiting.</param>
/// <param name="Unacked">Messages delivered and not acknowledged.</param>
/// <param name="ReadyBytes">Bytes of the bodies waiting.</param>
/// <param name="Consumers">Consumers subscribed.</param>
/// <param name="Damaged">Messages whose stored bytes no longer matched their checksum, and which were not delivered.</param>
/// <param name="Bytes">Bytes of all bodies, waiting or delivered.</param>
public readonly record struct QueueCounts(
    long Ready, long Unacked, long ReadyBytes, int Consumers, long Damaged, long Bytes);

/// <summary>A message taken by basic.get. The payload's reference is the taker's.</summary>
/// <param name="Message">The message.</param>
/// <param name="EntryId">What to acknowledge.</param>
/// <param name="Redelivered">True when it was delivered before.</param>
/// <param name="DeliveryCount">How often it came back.</param>
/// <param name="Remaining">Ready messages left.</param>
public readonly record struct TakenMessage(Message Message, long EntryId, bool Redelivered, int DeliveryCount, long Remaining);

/// <summary>The number the log keeps with a reference: delivery count and redelivered flag, or the number of a delivery
/// under way.</summary>
internal static class EntryAnnotation
{
    // bit 31 redelivered | 30 numbered | 29 received by the client | 28..16 mark of the session, when numbered |
    // 16 bits delivery count, or the delivery's number
    private const uint RedeliveredBit = 1u << 31;
    private const uint NumberedBit = 1u << 30;
    private const uint ReceivedBit = 1u << 29;
    private const int MarkShift = 16;

    public static uint Of(int deliveryCount, bool redelivered) => (uint)deliveryCount | (redelivered ? RedeliveredBit : 0);

    /// <param name="mark">Tells the sessions that share a queue apart; see <see cref="MarkOf"/>.</param>
    public static uint OfNumber(ushort number, bool received, uint mark) =>
        RedeliveredBit | NumberedBit | (received ? ReceivedBit : 0) | (mark << MarkShift) | number;

    /// <summary>Thirteen bits of a session's id: two of one group are alike once in eight thousand times.</summary>
    public static uint MarkOf(ulong session) => (uint)((session * 0x9E3779B97F4A7C15UL) >> 51);

    public static uint Mark(uint annotation) => (annotation & ~(RedeliveredBit | NumberedBit | ReceivedBit)) >> MarkShift;

    public static ushort DeliveryCount(uint annotation) => IsNumbered(annotation) ? (ushort)0 : (ushort)annotation;

    public static bool IsNumbered(uint annotation) => (annotation & NumberedBit) != 0;

    public static bool IsReceived(uint annotation) => (annotation & ReceivedBit) != 0;

    public static ushort Number(uint annotation) => (ushort)annotation;

    public static bool IsRedelivered(uint annotation) => (annotation & RedeliveredBit) != 0;
}
