namespace Warren.Interop.Tests.Crash;

/// <summary>Definitions, purges and messages that expire: what was answered ok, and after a start what is not so.</summary>
/// <remarks>Thread-safe by one lock; every client of the load writes here.</remarks>
public sealed class CrashPromises
{
    private readonly Lock _lock = new();
    private readonly CrashLedger _ledger;
    private readonly Dictionary<string, bool?> _definitions = new(StringComparer.Ordinal); // null: asked for and not answered
    private readonly HashSet<CrashMessage> _expiring = [];
    private readonly HashSet<CrashMessage> _unpurged = [];
    private long _purgeAskedUpTo;
    private long _purgedUpTo;

    /// <summary>Problems go to the ledger of the run.</summary>
    public CrashPromises(CrashLedger ledger) => _ledger = ledger;

    /// <summary>Answers so far.</summary>
    public long AnsweredTotal { get; private set; }

    /// <summary>A definition is asked for or deleted: whether it is there is not known until the answer.</summary>
    public void Asked(string definition)
    {
        lock (_lock)
        {
            _definitions[definition] = null;
        }
    }

    /// <summary>The answer was yes.</summary>
    public void Answered(string definition, bool isThere)
    {
        lock (_lock)
        {
            _definitions[definition] = isThere;
            AnsweredTotal++;
        }
    }

    /// <summary>What is below something that was deleted goes with it.</summary>
    /// <param name="prefix">How their names begin.</param>
    /// <param name="isThere">False when the answer was yes; null before.</param>
    public void AnsweredBelow(string prefix, bool? isThere)
    {
        lock (_lock)
        {
            foreach (string definition in _definitions.Keys.Where(d => d.StartsWith(prefix, StringComparison.Ordinal)).ToArray())
            {
                _definitions[definition] = isThere;
            }
        }
    }

    /// <summary>A message that expires into the dead letters was confirmed.</summary>
    public void Expiring(CrashMessage message)
    {
        lock (_lock)
        {
            _expiring.Add(message);
            AnsweredTotal++;
        }
    }

    /// <summary>A message to the queue that is purged now and then was confirmed.</summary>
    public void Unpurged(CrashMessage message)
    {
        lock (_lock)
        {
            _unpurged.Add(message);
        }
    }

    /// <summary>A purge of all messages up to this one: asked for, and then answered.</summary>
    public void Purged(long upTo, bool isAnswered)
    {
        lock (_lock)
        {
            _purgeAskedUpTo = upTo;
            _unpurged.RemoveWhere(m => m.Sequence <= upTo);
            if (isAnswered)
            {
                _purgedUpTo = upTo;
                AnsweredTotal++;
            }
        }
    }

    /// <summary>Compares the definitions after a start with the answers before it.</summary>
    public void CheckDefinitions(IReadOnlySet<string> found)
    {
        lock (_lock)
        {
            foreach ((string definition, bool? isThere) in _definitions.ToArray())
            {
                if (isThere is { } expected && expected != found.Contains(definition))
                {
                    _ledger.Problem($"{definition}: answered ok and {(expected ? "not there" : "back")}");
                }

                _definitions[definition] = found.Contains(definition); // goes on from what is
            }
        }
    }

    /// <summary>Compares what lay in the purged queue.</summary>
    public void CheckPurged(IReadOnlyCollection<CrashMessage> found)
    {
        lock (_lock)
        {
            foreach (CrashMessage message in found.Where(m => m.Sequence <= _purgedUpTo))
            {
                _ledger.Problem($"purged ok and back: {message}");
            }

            foreach (CrashMessage message in _unpurged.Except(found).Where(m => m.Sequence > _purgeAskedUpTo))
            {
                _ledger.Problem($"confirmed, not purged and lost: {message}");
            }

            _unpurged.Clear();
        }
    }

    /// <summary>Whether all that expires has been found, at its place or among the dead.</summary>
    public bool IsComplete(IReadOnlyCollection<CrashMessage> found)
    {
        lock (_lock)
        {
            return _expiring.IsSubsetOf(found);
        }
    }

    /// <summary>Closes the page of what expires.</summary>
    public void CheckExpired(IReadOnlyCollection<CrashMessage> found)
    {
        lock (_lock)
        {
            foreach (CrashMessage message in _expiring.Except(found))
            {
                _ledger.Problem($"confirmed, to expire, and in neither queue: {message}");
            }

            foreach (IGrouping<CrashMessage, CrashMessage> twice in found.GroupBy(static m => m).Where(static g => g.Count() > 1))
            {
                _ledger.Problem($"expired and there {twice.Count()} times: {twice.Key}");
            }

            _expiring.Clear();
        }
    }
}
