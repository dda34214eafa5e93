using Warren.Buffers.Commits;
using Warren.Core.Queues;
using Warren.Storage;

namespace Warren.Core.Sessions;

/// <summary>Writes what sessions must not forget to the log.</summary>
/// <remarks>Thread-safe. Whoever appends asks for the commit.</remarks>
internal sealed class SessionStore
{
    private const uint IsConnected = 1; // annotation of a SessionState record

    private readonly Func<ShardLog> _log;

    public SessionStore(Func<ShardLog> log) => _log = log;

    private ShardLog Log => _log();

    /// <summary>Stores a new session; the record's number is its id.</summary>
    public StoreResult Save(StoredSession session) => Append(RecordType.Session, ShardLog.Self, SessionCodec.Write(session));

    /// <summary>Stores a subscription in the place of the record of the same one before; 0: there was none.</summary>
    public StoreResult Save(ClientSession session, SessionSubscription subscription, string queueName, ulong before) =>
        Replace(session, before, new RecordDraft
        {
            Type = RecordType.Subscription,
            Head = SessionCodec.Write(subscription, queueName),
            Owners = [session.Id],
        });

    /// <summary>Replaces what is known of a session's end.</summary>
    public StoreResult SaveState(ClientSession session, long awaySinceMs, uint expirySeconds)
    {
        StoreResult stored = Replace(session, session.StateLsn, new RecordDraft
        {
            Type = RecordType.SessionState,
            TagA = (ulong)awaySinceMs,
            TagB = expirySeconds,
            Owners = [session.Id],
        });
        session.StateLsn = stored.IsRefused ? session.StateLsn : stored.Lsn;
        return stored;
    }

    /// <summary>Says that the client is back, so that the stored time it went away at means nothing. Needs no room for a record.</summary>
    public void SayConnected(ClientSession session)
    {
        if (session.StateLsn != 0)
        {
            Log.Annotate(session.Id, session.StateLsn, IsConnected);
        }
    }

    /// <summary>Whether the stored time counts: no client has come back since.</summary>
    public static bool IsAway(in RecoveredRecord record) => record.Annotations[0] != IsConnected;

    /// <summary>Puts a will in the place of the one stored before, or takes that away.</summary>
    public StoreResult SaveWill(ClientSession session, SessionWill? will)
    {
        StoreResult stored =
            will is not null ? Replace(session, session.WillLsn, new RecordDraft
            {
                Type = RecordType.Will,
                Head = SessionCodec.Write(will),
                Owners = [session.Id],
            })
            : session.WillLsn != 0 ? Log.GiveBack(session.Id, session.WillLsn)
            : StoreResult.NothingToStore;
        if (!stored.IsRefused)
        {
            session.WillLsn = will is null ? 0 : stored.Lsn;
        }

        return stored;
    }

    /// <summary>What a reply waits for that relies on the will stored before.</summary>
    public CommitTicket WillTicket(ClientSession session) => Log.TicketOf(session.WillLsn);

    /// <summary>Whether the log takes nothing at all, and not only no record because the disk is full.</summary>
    public bool IsOver => Log.State is LogState.Failed or LogState.Closed;

    public void Release(ClientSession session, ulong lsn) => Log.Release(session.Id, lsn);

    /// <summary>Gives a record of a session back, and says what a reply waits for.</summary>
    public StoreResult GiveBack(ClientSession session, ulong lsn) => Log.GiveBack(session.Id, lsn);

    public StoreResult Delete(ClientSession session) => Log.DeleteOwner(session.Id);

    /// <summary>What everything done so far waits for.</summary>
    public CommitTicket Barrier() => Log.Barrier();

    /// <summary>Stores the number a delivery goes out under, or that the client has it.</summary>
    public void Number(ClientSession session, MessageQueue queue, ulong lsn, ushort number, bool received) =>
        Log.Annotate(queue.Id, lsn, EntryAnnotation.OfNumber(number, received, EntryAnnotation.MarkOf(session.Id)));

    /// <summary>Stores the number of a message handed in, as a part of a group.</summary>
    public static StoreResult StoreReceived(LogGroup group, ulong session, ushort number) => group.Store(new RecordDraft
    {
        Type = RecordType.Received,
        TagA = number,
        Owners = new ReadOnlySpan<ulong>(in session),
    });

    private StoreResult Append(RecordType type, ulong owner, byte[] payload) => Log.Store(new RecordDraft
    {
        Type = type,
        Head = payload,
        Owners = new ReadOnlySpan<ulong>(in owner),
    });

    // In one step: a crash leaves the one or the other.
    private StoreResult Replace(ClientSession session, ulong before, in RecordDraft draft)
    {
        using LogGroup group = Log.BeginGroup();
        StoreResult stored = group.Store(draft);
        if (stored.IsRefused)
        {
            return stored;
        }

        if (before != 0)
        {
            group.Release(session.Id, before);
        }

        return group.TryComplete(out _) ? stored : StoreResult.Refused;
    }
}
