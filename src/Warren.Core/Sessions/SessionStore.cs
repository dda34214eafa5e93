using Warren.Core.Queues;
using Warren.Storage;

namespace Warren.Core.Sessions;

/// <summary>Writes what sessions must not forget to the log.</summary>
/// <remarks>Thread-safe. An LSN answered is one a reply can wait for; whoever appends asks for the commit.</remarks>
internal sealed class SessionStore
{
    private readonly Func<ShardLog> _log;

    public SessionStore(Func<ShardLog> log) => _log = log;

    private ShardLog Log => _log();

    /// <summary>Stores a new session; its LSN is its id.</summary>
    /// <exception cref="Arguments.BrokerError">541: the log takes nothing.</exception>
    public ulong Save(StoredSession session) => Append(RecordType.Session, ShardLog.Self, SessionCodec.Write(session));

    public ulong Save(ClientSession session, SessionSubscription subscription, string queueName) =>
        Append(RecordType.Subscription, session.Id, SessionCodec.Write(subscription, queueName));

    /// <summary>Replaces what is known of a session's end.</summary>
    public ulong SaveState(ClientSession session)
    {
        ulong owner = session.Id;
        using LogGroup group = Log.BeginGroup();
        ulong lsn = group.Append(new RecordDraft
        {
            Type = RecordType.SessionState,
            TagA = (ulong)session.AwaySinceMs,
            TagB = session.ExpirySeconds,
            Owners = new ReadOnlySpan<ulong>(in owner),
        });
        if (lsn != 0 && session.StateLsn != 0)
        {
            group.Release(session.Id, session.StateLsn);
        }

        session.StateLsn = lsn == 0 ? session.StateLsn : lsn;
        return lsn;
    }

    /// <summary>Puts the session's will in the place of the one stored before, or takes that away.</summary>
    /// <returns>The LSN a reply waits for; 0 when there was none and is none.</returns>
    /// <exception cref="Arguments.BrokerError">541: the log takes nothing.</exception>
    public ulong SaveWill(ClientSession session)
    {
        ulong before = session.WillLsn;
        session.WillLsn = session.Will is null ? 0 : Append(RecordType.Will, session.Id, SessionCodec.Write(session.Will));
        if (before != 0)
        {
            Release(session, before);
        }

        return session.WillLsn;
    }

    public void Release(ClientSession session, ulong lsn) => Log.Release(session.Id, lsn);

    public ulong Delete(ClientSession session)
    {
        Log.DeleteOwner(session.Id);
        return Mark();
    }

    /// <summary>A record behind everything appended so far, for what has no LSN of its own.</summary>
    public ulong Mark() => Log.Append(new RecordDraft { Type = RecordType.Noop });

    /// <summary>Stores the number a delivery goes out under, or that the client has it.</summary>
    public void Number(ClientSession session, MessageQueue queue, ulong lsn, ushort number, bool received) =>
        Log.Annotate(queue.Id, lsn, EntryAnnotation.OfNumber(number, received, EntryAnnotation.MarkOf(session.Id)));

    /// <summary>Appends the number of a message handed in, as a part of a group.</summary>
    public static ulong AppendReceived(LogGroup group, ulong session, ushort number) => group.Append(new RecordDraft
    {
        Type = RecordType.Received,
        TagA = number,
        Owners = new ReadOnlySpan<ulong>(in session),
    });

    private ulong Append(RecordType type, ulong owner, byte[] payload)
    {
        ulong lsn = Log.Append(new RecordDraft
        {
            Type = type,
            Head = payload,
            Owners = new ReadOnlySpan<ulong>(in owner),
        });
        return lsn != 0 ? lsn : throw BrokerErrors.NotStored();
    }
}
