using System.Text;
using Warren.Core.Sessions;
using Warren.Wire.Mqtt;

namespace Warren.Protocols.Mqtt;

/// <summary>What the subscriptions that take in one message say together.</summary>
/// <param name="MaxQoS">Highest quality of service of them; -1: none takes it in.</param>
/// <param name="RetainAsPublished">One of them wants the retain flag as it was.</param>
/// <param name="Identifiers">Their identifiers.</param>
/// <param name="Own">What they say of a message of the client itself; null: the same.</param>
internal sealed record SubscriptionMatch(int MaxQoS, bool RetainAsPublished, uint[] Identifiers, SubscriptionMatch? Own = null)
{
    /// <summary>Nothing takes the message in.</summary>
    public static SubscriptionMatch None { get; } = new(-1, false, []);
}

/// <summary>Finds the subscriptions of a session that brought a message, from one queue.</summary>
/// <remarks>
/// Not thread-safe: the lock of the connection's output guards it. Answers are remembered for the topics seen last;
/// with a single subscription there is nothing to remember.
/// </remarks>
internal sealed class SubscriptionMatcher
{
    private const int Remembered = 64; // a power of two
    private const int FewRules = 8;

    private readonly List<Rule> _found = [];
    private Rule[] _rules = [];
    private FilterTree<Rule>? _tree; // of more than a few
    private ClientSession? _changed; // whose subscriptions are to be looked at before the next answer
    private (byte[]? Topic, SubscriptionMatch? Match)[]? _known;

    /// <summary>Whether any of them wants nothing of the client's own.</summary>
    public bool AnyNoLocal { get; private set; }

    /// <summary>Looks at these subscriptions from now on.</summary>
    public void Set(IEnumerable<SessionSubscription> subscriptions)
    {
        _rules = [.. subscriptions.Select(static s => new Rule(s))];
        AnyNoLocal = _rules.Any(static r => r.NoLocal);
        _known = null;
        _tree = null;
        if (_rules.Length > FewRules)
        {
            _tree = new FilterTree<Rule>();
            foreach (Rule rule in _rules)
            {
                _tree.Add(rule.Filter, rule);
            }
        }
    }

    /// <summary>Looks at the subscriptions of a session that are not shared, as they are when the next message comes.</summary>
    /// <remarks>A client may subscribe to thousands of filters before that.</remarks>
    public void Follow(ClientSession session, bool anyNoLocal)
    {
        _changed = session;
        _known = null;
        AnyNoLocal = anyNoLocal;
    }

    /// <summary>What they say of a message.</summary>
    /// <param name="topic">Its topic as a routing key.</param>
    public SubscriptionMatch Find(ReadOnlySpan<byte> topic)
    {
        if (_changed is { } session)
        {
            _changed = null;
            Set(session.ListSubscriptions().Where(static s => s.Group is null));
        }

        if (_rules.Length == 1)
        {
            return TopicConversion.Matches(_rules[0].Filter, topic) ? _rules[0].Alone : SubscriptionMatch.None;
        }

        _known ??= new (byte[]?, SubscriptionMatch?)[Remembered];
        ref (byte[]? Topic, SubscriptionMatch? Match) known = ref _known[SlotOf(topic)];
        if (known.Topic is null || !topic.SequenceEqual(known.Topic))
        {
            known = (topic.ToArray(), Ask(topic));
        }

        return known.Match!;
    }

    private static int SlotOf(ReadOnlySpan<byte> topic)
    {
        int hash = topic.Length;
        for (int i = topic.Length - 1; i >= 0 && i >= topic.Length - 16; i--)
        {
            hash = (hash * 31) + topic[i];
        }

        return (hash ^ (hash >> 8)) & (Remembered - 1);
    }

    private SubscriptionMatch Ask(ReadOnlySpan<byte> topic)
    {
        _found.Clear();
        if (_tree is not null)
        {
            _tree.Find(topic, _found);
        }
        else
        {
            foreach (Rule rule in _rules)
            {
                if (TopicConversion.Matches(rule.Filter, topic))
                {
                    _found.Add(rule);
                }
            }
        }

        SubscriptionMatch all = Sum(own: false);
        return AnyNoLocal ? all with { Own = Sum(own: true) } : all;
    }

    private SubscriptionMatch Sum(bool own)
    {
        int maxQoS = -1;
        bool asPublished = false;
        List<uint>? identifiers = null;
        foreach (Rule rule in _found)
        {
            if (!(own && rule.NoLocal))
            {
                maxQoS = Math.Max(maxQoS, rule.MaxQoS);
                asPublished |= rule.RetainAsPublished;
                if (rule.Identifier != 0)
                {
                    (identifiers ??= []).Add(rule.Identifier);
                }
            }
        }

        return maxQoS < 0 ? SubscriptionMatch.None : new SubscriptionMatch(maxQoS, asPublished, identifiers?.ToArray() ?? []);
    }

    private static byte[] Swapped(string filter)
    {
        byte[] from = Encoding.UTF8.GetBytes(filter);
        byte[] to = new byte[from.Length];
        TopicConversion.Swap(from, to);
        return to;
    }

    private sealed class Rule(SessionSubscription subscription)
    {
        // Not the binding key: there a star that the client wrote cannot be told from a plus.
        public byte[] Filter { get; } = Swapped(subscription.Filter);

        public int MaxQoS { get; } = subscription.MaxQoS;

        public bool RetainAsPublished { get; } = subscription.RetainAsPublished;

        public bool NoLocal { get; } = subscription.NoLocal;

        public uint Identifier { get; } = subscription.Identifier;

        public SubscriptionMatch Alone { get; } = new(
            subscription.MaxQoS,
            subscription.RetainAsPublished,
            subscription.Identifier == 0 ? [] : [subscription.Identifier],
            subscription.NoLocal ? SubscriptionMatch.None : null);
    }
}
