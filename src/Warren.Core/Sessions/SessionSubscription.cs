using Warren.Core.Queues;

namespace Warren.Core.Sessions;

/// <summary>What a client has subscribed to (MQTT 5.0, 3.8).</summary>
/// <param name="Filter">The topic filter as the client wrote it, its share name left out.</param>
/// <param name="Group">The share name; null: not shared.</param>
/// <param name="Exchange">The exchange it is bound to.</param>
/// <param name="Key">The binding key.</param>
/// <param name="Options">The subscription options octet.</param>
/// <param name="Identifier">The subscription identifier; 0: none.</param>
public sealed record SessionSubscription(
    string Filter, string? Group, string Exchange, string Key, byte Options, uint Identifier)
{
    /// <summary>The queue whose messages it brings; null while the client is away and nothing waits for it.</summary>
    public MessageQueue? Queue { get; set; }

    /// <summary>The queue of all members of its group, whether it is there or not; null: not a member of any.</summary>
    internal string? SharedQueueName { get; set; }

    /// <summary>The record that keeps it; 0 when it is not stored.</summary>
    internal ulong Lsn { get; set; }

    /// <summary>Highest quality of service the client wants.</summary>
    public int MaxQoS => Options & 3;

    /// <summary>The client's own messages do not come back (MQTT 5.0, 3.8.3.1).</summary>
    public bool NoLocal => (Options & 4) != 0;

    /// <summary>Messages keep their retain flag (MQTT 5.0, 3.8.3.1).</summary>
    public bool RetainAsPublished => (Options & 8) != 0;

    /// <summary>0: retained messages come with each subscription, 1: with a new one, 2: never.</summary>
    public int RetainHandling => (Options >> 4) & 3;
}
