namespace Warren.Storage;

/// <summary>What a record is, for the log's own book-keeping and for the core that replays it. Values are the file format's.</summary>
public enum RecordType : byte
{
    /// <summary>A message with the queues that hold it.</summary>
    Publish = 1,

    /// <summary>References given back (acknowledged, expired, dropped).</summary>
    Release = 2,

    /// <summary>A number kept with one reference (delivery count, redelivered).</summary>
    Annotate = 3,

    /// <summary>A message that leaves one queue for others in one step (dead-lettering).</summary>
    Move = 4,

    /// <summary>A queue exists. The record's LSN is the queue's id.</summary>
    QueueDeclare = 5,

    /// <summary>An owner and all its references are gone.</summary>
    OwnerDelete = 6,

    /// <summary>All references of an owner up to an LSN are given back.</summary>
    Purge = 7,

    /// <summary>A binding of a queue.</summary>
    Bind = 8,

    /// <summary>A new leader's epoch begins.</summary>
    Epoch = 10,

    /// <summary>The number of a message that a client session has handed in and not yet let go of.</summary>
    Received = 12,

    /// <summary>A client session exists. The record's LSN is the session's id.</summary>
    Session = 13,

    /// <summary>A retained message, its own owner.</summary>
    Retained = 14,

    /// <summary>Nothing; fills.</summary>
    Noop = 18,

    /// <summary>A subscription of a client session.</summary>
    Subscription = 19,

    /// <summary>How a client session stands: when it ends, since when its client is away.</summary>
    SessionState = 20,

    /// <summary>What is published when the client of a session is lost.</summary>
    Will = 21,
}

/// <summary>What the log itself knows of types.</summary>
internal static class RecordTypes
{
    /// <summary>Without it other records lose their meaning: its payload is kept a second time, in the sidecar of its segment.</summary>
    internal static bool IsDefinition(RecordType type) =>
        type is RecordType.QueueDeclare or RecordType.Bind or RecordType.Session or RecordType.Subscription or RecordType.Will;
}
