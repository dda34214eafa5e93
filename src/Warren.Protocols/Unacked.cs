using System.Runtime.InteropServices;
using Warren.Core.Queues;

namespace Warren.Protocols;

/// <summary>One delivery the client has not settled.</summary>
/// <typeparam name="TConsumer">What it came through.</typeparam>
[StructLayout(LayoutKind.Auto)]
public readonly record struct Unacked<TConsumer>
    where TConsumer : class
{
    /// <summary>Its tag: grows along the deliveries of one ring.</summary>
    public ulong DeliveryTag { get; init; }

    /// <summary>Its entry in the queue.</summary>
    public long EntryId { get; init; }

    /// <summary>The queue it came from; null: settled.</summary>
    public MessageQueue? Queue { get; init; }

    /// <summary>What it came through; null: it was asked for.</summary>
    public TConsumer? Consumer { get; init; }

    /// <summary>Seconds on the coarse clock, for the consumer time-out.</summary>
    public uint DeliveredAtSeconds { get; init; }
}
