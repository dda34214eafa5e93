namespace Warren.Core.Queues;

/// <summary>What became of a delivery.</summary>
public enum SettlementKind
{
    /// <summary>It is done with.</summary>
    Accepted = 0,

    /// <summary>It was refused: dead-lettered, or dropped.</summary>
    Rejected = 1,

    /// <summary>It comes back to its place as if it had not been delivered: nobody is to blame.</summary>
    Released = 2,

    /// <summary>It comes back to its place as a failed delivery, which counts towards the delivery limit.</summary>
    Returned = 3,
}

/// <summary>What became of deliveries, and what the queue is to do about it.</summary>
/// <param name="Kind">What became of them.</param>
public readonly record struct Settlement(SettlementKind Kind)
{
    /// <summary>They are done with.</summary>
    public static Settlement Accepted => new(SettlementKind.Accepted);

    /// <summary>They were refused.</summary>
    public static Settlement Rejected => new(SettlementKind.Rejected);

    /// <summary>They come back without blame.</summary>
    public static Settlement Released => new(SettlementKind.Released);

    /// <summary>They come back as failed deliveries.</summary>
    public static Settlement Returned => new(SettlementKind.Returned);

    /// <summary>Of accepted ones: the caller has given them back in the log itself, as tx.commit does.</summary>
    public bool IsGivenBack { get; init; }

    /// <summary>
    /// Of released ones: they wait for a client that has been sent them and is to get them again, so that they expire no
    /// more ([MQTT-4.3.3-7]).
    /// </summary>
    public bool IsBegun { get; init; }

    /// <summary>
    /// Of released ones: the next delivery of them says that they were delivered before, also after a restart. Not for
    /// those that are under way with a number, which says so itself.
    /// </summary>
    public bool IsMarked { get; init; }
}
