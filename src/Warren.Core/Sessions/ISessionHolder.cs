namespace Warren.Core.Sessions;

/// <summary>The connection a client session is attached to.</summary>
public interface ISessionHolder
{
    /// <summary>
    /// Another connection takes the session over: tells the client, gives the session back and closes. Blocks until the
    /// session is free; called outside every lock.
    /// </summary>
    void Displace();
}
