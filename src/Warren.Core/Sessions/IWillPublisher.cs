namespace Warren.Core.Sessions;

/// <summary>Publishes wills: the protocol that has them. Thread-safe.</summary>
public interface IWillPublisher
{
    /// <summary>Publishes a will, if its client's user may by now. Throws nothing.</summary>
    void Publish(VirtualHost virtualHost, ClientSession session, SessionWill will);
}
