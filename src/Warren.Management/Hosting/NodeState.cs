namespace Warren.Management.Hosting;

/// <summary>Whether a node serves clients.</summary>
public enum NodeState
{
    /// <summary>Clients are served.</summary>
    Running,

    /// <summary>No new clients are let in; those connected are served.</summary>
    Suspended,

    /// <summary>Maintenance: no clients at all, but the node is in working order.</summary>
    Drained,

    /// <summary>The broker was stopped and only management answers.</summary>
    Stopped,
}
