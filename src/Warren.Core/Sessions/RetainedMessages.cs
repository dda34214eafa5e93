using System.Text;
using Warren.Buffers;
using Warren.Buffers.Commits;
using Warren.Buffers.Scheduling;
using Warren.Core.Messages;
using Warren.Core.Queues;
using Warren.Storage;

namespace Warren.Core.Sessions;

/// <summary>What came of retaining a message.</summary>
public enum RetainOutcome
{
    /// <summary>It is kept, or, when it is empty, that of its topic is forgotten.</summary>
    Kept,

    /// <summary>There are too many already.</summary>
    NoRoom,

    /// <summary>The log takes nothing.</summary>
    Refused,
}

/// <summary>The last message of each topic that was published to be retained, of one virtual host (MQTT 5.0, 3.3.1.3).</summary>
/// <remarks>
/// Thread-safe. Topics are routing keys: words parted by dots. Held in memory and in the log; one lock, which is taken
/// after none and before that of the log. Looking for those that match a pattern takes no lock: it may be all of them.
/// </remarks>
public sealed class RetainedMessages
{
    private const int AtATime = 256; // messages forgotten in one hold of the lock

    private readonly Lock _lock = new();
    private readonly RetainedTree _tree = new();
    private readonly Broker _broker;
    private readonly string _name; // of the virtual host
    private readonly byte[] _virtualHost; // the same
    private readonly bool _stored;

    internal RetainedMessages(Broker broker, string virtualHost, bool stored = true)
    {
        _broker = broker;
        _stored = stored;
        _name = virtualHost;
        _virtualHost = Encoding.UTF8.GetBytes(virtualHost);
    }

    /// <summary>Messages that are not stored and belong to no virtual host.</summary>
    public static RetainedMessages InMemory(Broker broker)
    {
        ArgumentNullException.ThrowIfNull(broker);
        return new RetainedMessages(broker, "", stored: false);
    }

    /// <summary>Topics with a message.</summary>
    public int Count => _tree.Count;

    /// <summary>Bytes of the messages.</summary>
    public long Bytes => _tree.MessageBytes;

    /// <summary>Keeps a message, or forgets that of its topic when it is empty (MQTT 5.0, 3.3.1.3).</summary>
    /// <param name="message">The message.</param>
    /// <param name="source">Who published it; null: nobody asks later whether they still may.</param>
    /// <param name="ticket">What the reply waits for.</param>
    public RetainOutcome Keep(Message message, RetainedSource? source, out CommitTicket ticket) => message.BodyLength == 0
        ? Forget(message.RoutingKey, out ticket)
        : Set(message, source, out ticket);

    /// <summary>Keeps a message in the place of the one its topic had.</summary>
    /// <param name="message">The message.</param>
    /// <param name="source">Who published it; null: nobody asks later whether they still may.</param>
    /// <param name="ticket">What the reply waits for.</param>
    public RetainOutcome Set(Message message, RetainedSource? source, out CommitTicket ticket)
    {
        ticket = default;
        byte[] image = message.Payload.Span.ToArray();
        Message.AddFlags(image, MessageFlags.Retained);
        long expiresAtMs = (message.Flags & MessageFlags.HasTtl) != 0 ? message.PublishedAtMs + message.TtlMs : long.MaxValue;
        lock (_lock)
        {
            RetainedLimits limits = _broker.RetainedLimits;
            RetainedNode? known = _tree.Find(message.RoutingKey, out long more);
            more += image.Length - (known?.Entry?.Image.Length ?? 0);
            if ((known?.Entry is null && Count >= limits.MessagesMax) || (more > 0 && _tree.Bytes + more > limits.BytesMax))
            {
                return RetainOutcome.NoRoom;
            }

            StoreResult stored = _stored ? Store(image, source, expiresAtMs, known?.Entry?.Lsn ?? 0) : StoreResult.NothingToStore;
            if (stored.IsRefused)
            {
                return RetainOutcome.Refused;
            }

            _tree.Put(message.RoutingKey, new RetainedEntry(image, source, stored.Lsn, _broker.Clock.UptimeAt(expiresAtMs)));
            ticket = stored.Ticket;
            return RetainOutcome.Kept;
        }
    }

    /// <summary>Forgets the message of a topic.</summary>
    /// <returns>What the reply waits for, also when it is somebody else who has just forgotten it.</returns>
    /// <exception cref="Arguments.BrokerError">541: the log takes nothing.</exception>
    public CommitTicket Clear(ReadOnlySpan<byte> topic) =>
        Forget(topic, out CommitTicket ticket) == RetainOutcome.Kept ? ticket : throw BrokerErrors.NotStored();

    /// <summary>The message of a topic as it was published, with a reference for the caller.</summary>
    public bool TryGet(ReadOnlySpan<byte> topic, out Payload payload)
    {
        lock (_lock)
        {
            if (_tree.Find(topic)?.Entry is { } entry && entry.ExpiresAt > _broker.Clock.Uptime)
            {
                payload = _broker.Slabs.CopyFrom(entry.Image);
                return true;
            }
        }

        payload = default;
        return false;
    }

    /// <summary>The messages whose topics match a filter, written with slashes and <c>+</c>; expired ones are not there.</summary>
    public IReadOnlyList<RetainedMessage> List(string filter)
    {
        ArgumentNullException.ThrowIfNull(filter);
        var found = new List<RetainedMessage>();
        foreach (RetainedEntry entry in Match(RetainedMessage.KeyOf(filter)))
        {
            Payload payload = _broker.Slabs.CopyFrom(entry.Image);
            found.Add(RetainedMessage.Of(new Message(payload)));
            payload.Release();
        }

        return found;
    }

    /// <summary>Forgets the messages whose topics match a filter, written with slashes and <c>+</c>.</summary>
    /// <param name="filter">The filter.</param>
    /// <param name="cleared">How many.</param>
    /// <returns>What the reply waits for, also when it is somebody else who has just forgotten them.</returns>
    /// <exception cref="Arguments.BrokerError">541: the log takes nothing more.</exception>
    public CommitTicket ClearAll(string filter, out int cleared)
    {
        ArgumentNullException.ThrowIfNull(filter);
        var found = new List<(RetainedNode Node, RetainedEntry Entry)>();
        Uptime now = _broker.Clock.Uptime;
        var walk = new RetainedWalk(_tree.Root, RetainedMessage.KeyOf(filter));
        while (walk.TryNext(out RetainedNode? node))
        {
            if (node.Entry is { } entry && entry.ExpiresAt > now)
            {
                found.Add((node, entry));
            }
        }

        cleared = ForgetAll(found) ?? throw BrokerErrors.NotStored();
        return Barrier();
    }

    /// <summary>Gathers the messages whose topics match a pattern, to put them into a queue as if they were published now, marked as retained.</summary>
    /// <param name="pattern">Words, <c>*</c> for one, <c>#</c> for any number; at the front neither stands for one that begins with <c>$</c>.</param>
    /// <param name="queue">The queue.</param>
    /// <param name="copy">Makes the copy that is put into the queue, of the retained message; empty: it is left out.</param>
    public RetainedReplay Replay(ReadOnlySpan<byte> pattern, MessageQueue queue, Func<Message, Payload> copy)
    {
        ArgumentNullException.ThrowIfNull(queue);
        ArgumentNullException.ThrowIfNull(copy);
        return new RetainedReplay(_broker, this, Match(pattern), queue, copy);
    }

    /// <summary>Puts the messages that an exchange would have routed to a queue by a key into it, marked as retained.</summary>
    /// <returns>What is committed when all of them are.</returns>
    /// <exception cref="Arguments.BrokerError">541: the log did not take them all.</exception>
    internal CommitTicket SendTo(MessageQueue queue, string exchange, string key)
    {
        var flush = new FlushSet();
        byte[] source = Encoding.UTF8.GetBytes(exchange);
        MessageQueue[] target = [queue];
        CommitTicket all = default;
        bool taken = true;
        foreach (RetainedEntry entry in Match(Encoding.UTF8.GetBytes(key)))
        {
            Payload payload = _broker.Slabs.CopyFrom(entry.Image);
            var message = new Message(payload);
            if (message.Exchange.SequenceEqual(source) && MayBeSeen(entry, message))
            {
                taken &= _broker.Messages.Write(message, target, default, flush, out CommitTicket ticket) != PublishOutcome.Refused;
                all = all.And(ticket);
            }

            payload.Release();
        }

        _broker.Commits.Request();
        flush.FlushAll();
        return taken ? all : throw BrokerErrors.NotStored();
    }

    /// <summary>Whether who published the message still might: what was planted does not outlive the right to.</summary>
    internal bool MayBeSeen(RetainedEntry entry, Message message) =>
        entry.Source is null || !_broker.RetainedLimits.ChecksSource
        || _broker.FindVirtualHost(_name) is not { } virtualHost
        || virtualHost.MayStillPublish(entry.Source, message);

    /// <summary>The messages whose topics match a pattern. One that is there all the time is among them once.</summary>
    internal List<RetainedEntry> Match(ReadOnlySpan<byte> pattern)
    {
        var found = new List<RetainedEntry>();
        var expired = new List<(RetainedNode, RetainedEntry)>();
        Uptime now = _broker.Clock.Uptime;
        var walk = new RetainedWalk(_tree.Root, pattern);
        while (walk.TryNext(out RetainedNode? node))
        {
            if (node.Entry is not { } entry)
            {
                continue;
            }

            if (entry.ExpiresAt > now)
            {
                found.Add(entry);
            }
            else
            {
                expired.Add((node, entry));
            }
        }

        _ = ForgetAll(expired); // what a log that has failed keeps has expired at the next start, too
        return found;
    }

    /// <summary>Forgets all: the virtual host is going away.</summary>
    internal void DeleteAll()
    {
        _ = ForgetAll([.. _tree.All()]);
    }

    /// <summary>Brings a stored message back. Only while the broker starts.</summary>
    internal void Restore(RetainedEntry entry)
    {
        var payload = new Message(_broker.Slabs.CopyFrom(entry.Image));
        lock (_lock)
        {
            _tree.Put(payload.RoutingKey, entry);
        }

        payload.Payload.Release();
    }

    /// <summary>The record of a retained message was given back, and nothing is stored of that. Before the broker is active.</summary>
    internal void ForgetRecord(ulong lsn)
    {
        lock (_lock)
        {
            if (_tree.All().FirstOrDefault(one => one.Entry.Lsn == lsn).Node is { } node)
            {
                _tree.Remove(node);
            }
        }
    }

    private StoreResult Store(byte[] image, RetainedSource? source, long expiresAtMs, ulong replaced)
    {
        byte[] head = RetainedEntry.WriteHead(_virtualHost, source);
        ulong self = ShardLog.Self;
        using LogGroup group = _broker.Log.BeginGroup();
        StoreResult stored = group.Store(new RecordDraft
        {
            Type = RecordType.Retained,
            TagA = (ulong)expiresAtMs,
            TagB = RetainedEntry.Layout,
            Head = head,
            Body = image,
            Owners = new ReadOnlySpan<ulong>(in self),
        });
        if (stored.IsRefused)
        {
            return stored;
        }

        if (replaced != 0)
        {
            group.Release(replaced, replaced);
        }

        return group.TryComplete(out _) ? stored : StoreResult.Refused;
    }

    private RetainOutcome Forget(ReadOnlySpan<byte> topic, out CommitTicket ticket)
    {
        lock (_lock)
        {
            if (_tree.Find(topic) is { Entry: not null } node)
            {
                return TryForget(node, out ticket) ? RetainOutcome.Kept : RetainOutcome.Refused;
            }

            ticket = Barrier(); // somebody else may just have forgotten it
            return RetainOutcome.Kept;
        }
    }

    // Those that have not been replaced since they were found. Who publishes meanwhile gets his turn.
    private int? ForgetAll(List<(RetainedNode Node, RetainedEntry Entry)> found)
    {
        int forgotten = 0;
        for (int at = 0; at < found.Count;)
        {
            lock (_lock)
            {
                for (int end = Math.Min(at + AtATime, found.Count); at < end; at++)
                {
                    if (!ReferenceEquals(found[at].Node.Entry, found[at].Entry))
                    {
                        continue;
                    }

                    if (!TryForget(found[at].Node, out _))
                    {
                        return null;
                    }

                    forgotten++;
                }
            }
        }

        if (_stored && forgotten > 0)
        {
            _broker.Commits.Request(); // nobody may wait for it
        }

        return forgotten;
    }

    // Under the lock. False: the log has failed, and nothing has changed.
    private bool TryForget(RetainedNode node, out CommitTicket ticket)
    {
        RetainedEntry entry = node.Entry!;
        StoreResult forgotten = _stored ? _broker.Log.GiveBack(entry.Lsn, entry.Lsn) : StoreResult.NothingToStore;
        ticket = forgotten.IsRefused ? default : forgotten.Ticket;
        if (!forgotten.IsRefused)
        {
            _tree.Remove(node);
        }

        return !forgotten.IsRefused;
    }

    private CommitTicket Barrier() => _stored ? _broker.Log.Barrier() : CommitTicket.None;
}
