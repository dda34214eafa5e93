using System.Text;
using Warren.Buffers;
using Warren.Buffers.Commits;
using Warren.Buffers.Scheduling;
using Warren.Core.Exchanges;
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
/// after none and before that of the log.
/// </remarks>
public sealed class RetainedMessages
{
    private readonly Lock _lock = new();
    private readonly Node _root = new(null, []);
    private readonly Broker _broker;
    private readonly string _name; // of the virtual host
    private readonly byte[] _virtualHost; // the same
    private int _count;
    private long _bytes;

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
    public int Count
    {
        get => Volatile.Read(ref _count);
        private set => Volatile.Write(ref _count, value);
    }

    /// <summary>Bytes of the messages.</summary>
    public long Bytes => Volatile.Read(ref _bytes);

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
            Node? known = Find(message.RoutingKey);
            long more = image.Length - (known?.Entry?.Image.Length ?? 0);
            if ((known?.Entry is null && Count >= limits.MessagesMax) || _bytes + more > limits.BytesMax)
            {
                return RetainOutcome.NoRoom;
            }

            StoreResult stored = _stored ? Store(image, source, expiresAtMs, known?.Entry?.Lsn ?? 0) : StoreResult.NothingToStore;
            if (stored.IsRefused)
            {
                return RetainOutcome.Refused;
            }

            Put(message.RoutingKey, new RetainedEntry(image, source, stored.Lsn, _broker.Clock.UptimeAt(expiresAtMs)));
            ticket = stored.Ticket;
            return RetainOutcome.Kept;
        }
    }

    /// <summary>Forgets the message of a topic.</summary>
    /// <returns>What the reply waits for.</returns>
    public CommitTicket Clear(ReadOnlySpan<byte> topic)
    {
        lock (_lock)
        {
            if (Find(topic) is not { Entry: not null } node)
            {
                return CommitTicket.None;
            }

            Drop(node);
        }

        return _stored ? _broker.Log.Barrier() : CommitTicket.None;
    }

    /// <summary>The message of a topic as it was published, with a reference for the caller.</summary>
    public bool TryGet(ReadOnlySpan<byte> topic, out Payload payload)
    {
        lock (_lock)
        {
            if (Find(topic)?.Entry is { } entry && entry.ExpiresAt > _broker.Clock.Uptime)
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
    /// <returns>How many.</returns>
    public int ClearAll(string filter)
    {
        int cleared = 0;
        foreach (RetainedMessage message in List(filter))
        {
            Clear(RetainedMessage.KeyOf(message.Topic));
            cleared++;
        }

        _broker.Commits.Request();
        return cleared;
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

    /// <summary>The messages whose topics match a pattern.</summary>
    internal List<RetainedEntry> Match(ReadOnlySpan<byte> pattern)
    {
        List<byte[]> steps = TopicPattern.Steps(pattern.ToArray());
        var found = new List<RetainedEntry>();
        var expired = new List<Node>();
        lock (_lock)
        {
            var seen = new HashSet<(Node, int)>();
            var open = new Stack<(Node Node, int Step)>();
            open.Push((_root, 0));
            Uptime now = _broker.Clock.Uptime;
            while (open.TryPop(out (Node Node, int Step) at))
            {
                if (at.Step == steps.Count)
                {
                    Take(at.Node, now, found, expired);
                    continue;
                }

                byte[] step = steps[at.Step];
                if (ReferenceEquals(step, TopicPattern.Any))
                {
                    Push((at.Node, at.Step + 1));
                    foreach (Node child in ChildrenOf(at.Node))
                    {
                        Push((child, at.Step));
                    }
                }
                else if (ReferenceEquals(step, TopicPattern.One))
                {
                    foreach (Node child in ChildrenOf(at.Node))
                    {
                        Push((child, at.Step + 1));
                    }
                }
                else if (at.Node.Children is { } children && children.TryGet(step, out Node? child))
                {
                    Push((child, at.Step + 1));
                }
            }

            foreach (Node node in expired)
            {
                Drop(node);
            }

            // A # before a word reaches a node by more than one way.
            void Push((Node, int) next)
            {
                if (seen.Add(next))
                {
                    open.Push(next);
                }
            }
        }

        return found;
    }

    /// <summary>Forgets all: the virtual host is going away.</summary>
    internal void DeleteAll()
    {
        lock (_lock)
        {
            DropBelow(_root);
        }
    }

    /// <summary>Brings a stored message back. Only while the broker starts.</summary>
    internal void Restore(RetainedEntry entry)
    {
        var payload = new Message(_broker.Slabs.CopyFrom(entry.Image));
        lock (_lock)
        {
            Put(payload.RoutingKey, entry);
        }

        payload.Payload.Release();
    }

    /// <summary>The record of a retained message was given back, and nothing is stored of that. Before the broker is active.</summary>
    internal void ForgetRecord(ulong lsn)
    {
        lock (_lock)
        {
            var waiting = new Stack<Node>([_root]);
            while (waiting.TryPop(out Node? node))
            {
                if (node.Entry is { } entry && entry.Lsn == lsn)
                {
                    node.Entry = null;
                    Count--;
                    _bytes -= entry.Image.Length;
                    return;
                }

                foreach (Node child in node.Children?.Values() ?? [])
                {
                    waiting.Push(child);
                }
            }
        }
    }

    private static IEnumerable<Node> ChildrenOf(Node node) => node.Children is null ? [] : node.Children.Values()
        .Where(child => node.Parent is not null || child.Word is not [(byte)'$', ..]);

    private static void Take(Node node, Uptime now, List<RetainedEntry> found, List<Node> expired)
    {
        if (node.Entry is not { } entry)
        {
            return;
        }

        if (entry.ExpiresAt > now)
        {
            found.Add(entry);
        }
        else
        {
            expired.Add(node);
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
        ticket = default;
        lock (_lock)
        {
            if (Find(topic) is not { Entry: { } entry } node)
            {
                return RetainOutcome.Kept;
            }

            StoreResult forgotten = _stored ? _broker.Log.GiveBack(entry.Lsn, entry.Lsn) : StoreResult.NothingToStore;
            if (forgotten.IsRefused)
            {
                return RetainOutcome.Refused;
            }

            ticket = forgotten.Ticket;
            Drop(node);
            return RetainOutcome.Kept;
        }
    }

    // An empty word is a word: "a..b" has three.
    private Node? Find(ReadOnlySpan<byte> topic)
    {
        Node node = _root;
        foreach (Range range in topic.Split(TopicPattern.Separator))
        {
            if (node.Children is not { } children || !children.TryGet(topic[range], out Node? child))
            {
                return null;
            }

            node = child;
        }

        return node;
    }

    private void Put(ReadOnlySpan<byte> topic, RetainedEntry entry)
    {
        Node node = _root;
        foreach (Range range in topic.Split(TopicPattern.Separator))
        {
            Utf8Map<Node> children = node.Children ??= new Utf8Map<Node>();
            if (!children.TryGet(topic[range], out Node? child))
            {
                child = new Node(node, topic[range].ToArray());
                children.TryAdd(child.Word, child);
            }

            node = child;
        }

        Count += node.Entry is null ? 1 : 0;
        _bytes += entry.Image.Length - (node.Entry?.Image.Length ?? 0);
        node.Entry = entry;
    }

    private void Drop(Node node)
    {
        RetainedEntry entry = node.Entry!;
        node.Entry = null;
        Count--;
        _bytes -= entry.Image.Length;
        for (Node at = node; at.Parent is { } parent && at is { Entry: null, Children: null or { Count: 0 } }; at = parent)
        {
            parent.Children!.Remove(at.Word);
        }

        if (_stored)
        {
            _broker.Log.Release(entry.Lsn, entry.Lsn);
        }
    }

    private void DropBelow(Node node)
    {
        if (node.Children is { } children)
        {
            foreach (Node child in children.Values().ToArray())
            {
                DropBelow(child);
            }
        }

        if (node.Entry is not null)
        {
            Drop(node);
        }
    }

    private sealed class Node(Node? parent, byte[] word)
    {
        public Node? Parent { get; } = parent;

        public byte[] Word { get; } = word;

        public Utf8Map<Node>? Children { get; set; }

        public RetainedEntry? Entry { get; set; }
    }
}
