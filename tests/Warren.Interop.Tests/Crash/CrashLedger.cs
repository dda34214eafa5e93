namespace Warren.Interop.Tests.Crash;

/// <summary>What the broker promised and what clients saw, and from both: what went wrong.</summary>
/// <remarks>Thread-safe by one lock; every client of the load writes here.</remarks>
public sealed class CrashLedger
{
    private readonly Lock _lock = new();
    private readonly HashSet<CrashMessage> _confirmed = [];
    private readonly HashSet<CrashMessage> _seen = [];
    private readonly Dictionary<CrashMessage, Outcome> _last = [];
    private readonly Dictionary<(string Queue, string Publisher), long> _newest = [];
    private readonly Dictionary<(string Queue, string Publisher), long> _next = [];
    private readonly Dictionary<long, Transaction> _transactions = [];
    private readonly List<string> _problems = [];

    /// <summary>What a consumer did with a message last.</summary>
    public enum Outcome
    {
        /// <summary>Got it and did nothing, or gave it back.</summary>
        Open,

        /// <summary>Acknowledged it.</summary>
        Acked,

        /// <summary>Rejected it: it must be in the dead letter queue or come again.</summary>
        Rejected,
    }

    private enum Transaction
    {
        Open,
        Committed,
        RolledBack,
    }

    /// <summary>Everything that must not happen and did; the first 50.</summary>
    public IReadOnlyList<string> Problems
    {
        get
        {
            lock (_lock)
            {
                return [.. _problems];
            }
        }
    }

    /// <summary>Messages confirmed so far.</summary>
    public long ConfirmedTotal { get; private set; }

    /// <summary>Transactions committed so far.</summary>
    public long CommittedTotal { get; private set; }

    /// <summary>Deliveries so far.</summary>
    public long DeliveredTotal { get; private set; }

    /// <summary>Messages found in the dead letter queue so far.</summary>
    public long DeadTotal { get; private set; }

    /// <summary>The next message of a publisher to a queue.</summary>
    public CrashMessage Next(string queue, string publisher)
    {
        lock (_lock)
        {
            long sequence = _next.GetValueOrDefault((queue, publisher)) + 1;
            _next[(queue, publisher)] = sequence;
            return new CrashMessage(queue, publisher, sequence);
        }
    }

    /// <summary>The number of a new transaction.</summary>
    public long NextTransaction()
    {
        lock (_lock)
        {
            long number = _transactions.Count + 1;
            _transactions.Add(number, Transaction.Open);
            return number;
        }
    }

    /// <summary>The broker confirmed a message.</summary>
    public void Confirmed(CrashMessage message)
    {
        lock (_lock)
        {
            _confirmed.Add(message);
            ConfirmedTotal++;
        }
    }

    /// <summary>The broker answered commit-ok or rollback-ok.</summary>
    public void Ended(long transaction, bool committed)
    {
        lock (_lock)
        {
            _transactions[transaction] = committed ? Transaction.Committed : Transaction.RolledBack;
            CommittedTotal += committed ? 1 : 0;
        }
    }

    /// <summary>A consumer got a message: it must be whole, in its queue, and first deliveries in order.</summary>
    /// <returns>The message; null when it was altered.</returns>
    public CrashMessage? Delivered(string queue, ReadOnlySpan<byte> body)
    {
        var message = CrashMessage.Decode(body);
        lock (_lock)
        {
            DeliveredTotal++;
            if (message is null || message.Queue != queue)
            {
                Problem($"altered or misrouted in {queue}: {message}, {body.Length} bytes");
                return null;
            }

            if (_seen.Add(message) && message.Parts == 1)
            {
                (string, string) stream = (queue, message.Publisher);
                long newest = _newest.GetValueOrDefault(stream);
                if (message.Sequence <= newest)
                {
                    Problem($"out of order in {queue}: {message} came first after {newest}");
                }

                _newest[stream] = Math.Max(newest, message.Sequence);
            }

            _last[message] = Outcome.Open;
            return message;
        }
    }

    /// <summary>A consumer acknowledged or rejected a message.</summary>
    public void Settled(CrashMessage message, Outcome outcome)
    {
        lock (_lock)
        {
            _last[message] = outcome;
        }
    }

    /// <summary>All queues were emptied: whatever was promised must have turned up. Starts a new page.</summary>
    /// <param name="dead">What lay in the dead letter queue.</param>
    /// <param name="transactional">What lay in the queues of the transactions, each message as often as it did.</param>
    public void Close(IReadOnlyCollection<CrashMessage> dead, IReadOnlyCollection<(string Place, CrashMessage Message)> transactional)
    {
        lock (_lock)
        {
            DeadTotal += dead.Count;
            HashSet<CrashMessage> deadSet = [.. dead];
            foreach (CrashMessage message in _confirmed.Where(m => !_seen.Contains(m) && !deadSet.Contains(m)))
            {
                Problem($"confirmed and lost: {message}");
            }

            // what was delivered before it was confirmed may be lost with the kill
            foreach ((CrashMessage message, Outcome outcome) in _last)
            {
                if (outcome != Outcome.Acked && _confirmed.Contains(message) && !deadSet.Contains(message))
                {
                    Problem($"delivered, {outcome} and then lost: {message}");
                }
            }

            CloseTransactions(transactional);
            _confirmed.Clear();
            _last.Clear();
        }
    }

    /// <summary>Something else that must not happen.</summary>
    public void Problem(string text)
    {
        lock (_lock)
        {
            if (_problems.Count < 50)
            {
                _problems.Add(text);
            }
        }
    }

    private void CloseTransactions(IReadOnlyCollection<(string Place, CrashMessage Message)> found)
    {
        ILookup<long, (string Place, CrashMessage Message)> byTransaction = found.ToLookup(f => f.Message.Sequence);
        foreach ((long number, Transaction state) in _transactions)
        {
            List<(string Place, CrashMessage Message)> parts = [.. byTransaction[number]];
            int distinct = parts.Select(p => p.Message.Part).Distinct().Count();
            if (distinct != parts.Count)
            {
                string places = string.Join(", ", parts.OrderBy(p => p.Message.Part).Select(p => $"{p.Message.Part} in {p.Place}"));
                Problem($"transaction {number} {state}: a message is there twice: {places}");
            }

            int all = parts.Count == 0 ? 0 : parts[0].Message.Parts;
            bool right = state switch
            {
                Transaction.Committed => all > 0 && distinct == all,
                Transaction.RolledBack => distinct == 0,
                _ => distinct == 0 || distinct == all,
            };
            if (!right)
            {
                Problem($"transaction {number} {state}: {distinct} of {all} messages");
            }
        }

        // closed numbers stay known so that later transactions get others, but are not looked for again
        long used = _transactions.Count;
        _transactions.Clear();
        for (long number = 1; number <= used; number++)
        {
            _transactions.Add(number, Transaction.RolledBack);
        }
    }
}
