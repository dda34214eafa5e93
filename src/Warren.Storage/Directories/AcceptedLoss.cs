namespace Warren.Storage.Directories;

/// <summary>Parts of a data directory whose loss an operator has accepted, so that a start goes on without them.</summary>
[Flags]
public enum AcceptedLoss
{
    /// <summary>Nothing.</summary>
    None = 0,

    /// <summary>The log of the shards: queues, bindings, sessions and messages.</summary>
    Log = 1,

    /// <summary>The definitions in meta/: users, virtual hosts, exchanges, policies.</summary>
    Metadata = 2,
}
