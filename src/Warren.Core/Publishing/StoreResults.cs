using Warren.Buffers.Commits;
using Warren.Storage;

namespace Warren.Core.Publishing;

/// <summary>What a refusal of the log means for who asked for something to be stored.</summary>
public static class StoreResults
{
    /// <summary>What to wait for.</summary>
    /// <exception cref="Arguments.BrokerError">541: the log takes nothing.</exception>
    public static CommitTicket OrThrow(this StoreResult result) =>
        result.IsRefused ? throw BrokerErrors.NotStored() : result.Ticket;
}
