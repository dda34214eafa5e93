namespace Warren.Core.Sessions;

/// <summary>What is published when the client of a session is lost (MQTT 5.0, 3.1.2.5).</summary>
/// <param name="DelaySeconds">How long it waits for the client to come back; no longer than the session lives.</param>
/// <param name="Content">The message, as the protocol of the session has written it for its <see cref="IWillPublisher"/>.</param>
public sealed record SessionWill(uint DelaySeconds, byte[] Content)
{
    /// <summary>Whether another one is the same to the byte.</summary>
    internal bool IsSameAs(SessionWill? other) =>
        other is not null && other.DelaySeconds == DelaySeconds && other.Content.AsSpan().SequenceEqual(Content);
}
