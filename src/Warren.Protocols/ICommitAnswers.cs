using Warren.Buffers;

namespace Warren.Protocols;

/// <summary>What a session answers once it is committed: confirms, acknowledgements, receipts.</summary>
/// <remarks>Implemented by each protocol, asked by its <see cref="CommitGate"/>.</remarks>
public interface ICommitAnswers
{
    /// <summary>Whether this read batch has anything to answer. The read loop's.</summary>
    bool HasBatch { get; }

    /// <summary>The read batch is over: its answers join those that wait, and what can be answered is. Under the output's lock.</summary>
    /// <returns>True when some wait.</returns>
    bool EndBatch();

    /// <summary>
    /// Writes what can be answered by now: yes for what is committed, no for what never will be, where the protocol has a
    /// word for it; where it has none it calls <see cref="Fail"/>. Under the output's lock.
    /// </summary>
    /// <returns>True when some still wait.</returns>
    bool Release();

    /// <summary>
    /// Something can never be committed that the client must not take for done: the connection ends. Under the output's
    /// lock, so it is only scheduled here.
    /// </summary>
    void Fail();

    /// <summary>Does what had to wait for the log, as a packet that has just come would. On a pool thread.</summary>
    void GoOn(Action<FlushSet> work, FlushSet flush);
}
