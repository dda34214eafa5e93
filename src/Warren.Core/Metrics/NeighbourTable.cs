using System.Text;

namespace Warren.Core.Metrics;

/// <summary>What an object counts apart for each of those it exchanges messages with: a queue for each exchange, a channel for each queue.</summary>
/// <remarks>
/// Neighbours are added by one thread at a time, the object's own; read and sampled by any. Counting for the neighbour of
/// the message before is one comparison. Only the first <see cref="Most"/> are told apart, which bounds what it takes.
/// </remarks>
public sealed class NeighbourTable
{
    /// <summary>How many are told apart.</summary>
    public const int Most = 64;

    private static readonly SampleSpan Span = new(60, 5);

    private volatile Neighbour[] _all = [];
    private Neighbour? _last;

    /// <summary>Those seen so far.</summary>
    public IReadOnlyList<Neighbour> All => _all;

    /// <summary>One by name; null: it was never seen. Any thread.</summary>
    public Neighbour? Find(string name)
    {
        foreach (Neighbour known in _all)
        {
            if (known.Name == name)
            {
                return known;
            }
        }

        return null;
    }

    /// <summary>The one of a name, added if it is new; null: there are too many.</summary>
    public Neighbour? Of(string name)
    {
        ArgumentNullException.ThrowIfNull(name);
        if (_last is { } last && (ReferenceEquals(last.Name, name) || last.Name == name))
        {
            return last;
        }

        return _last = Find(name) ?? Add(name);
    }

    /// <summary>The one of a name in UTF-8, added if it is new; null: there are too many.</summary>
    public Neighbour? Of(ReadOnlySpan<byte> name)
    {
        if (_last is { } last && name.SequenceEqual(last.Utf8))
        {
            return last;
        }

        foreach (Neighbour known in _all)
        {
            if (name.SequenceEqual(known.Utf8))
            {
                return _last = known;
            }
        }

        return _last = _all.Length < Most ? Add(Encoding.UTF8.GetString(name)) : null;
    }

    /// <summary>Keeps a sample of each for the rates. On the collector's thread.</summary>
    internal void Sample(long nowMs)
    {
        Span<long> numbers = stackalloc long[MessageCounts.Length];
        foreach (Neighbour neighbour in _all)
        {
            MessageCounts counts = neighbour.Counts;
            if (neighbour.History.IsDue(counts.Sum))
            {
                counts.CopyTo(numbers);
                neighbour.History.Add(nowMs, numbers, Span);
            }
        }
    }

    /// <summary>Forgets the samples, as <see cref="ObjectHistory.Clear"/> does.</summary>
    internal void ClearHistories()
    {
        foreach (Neighbour neighbour in _all)
        {
            neighbour.History.Clear();
        }
    }

    private Neighbour? Add(string name)
    {
        if (_all.Length >= Most)
        {
            return null;
        }

        var added = new Neighbour(name);
        _all = [.. _all, added];
        return added;
    }
}

/// <summary>What was counted for one neighbour.</summary>
/// <remarks>Each number has one writer at a time, as those of the object itself.</remarks>
public sealed class Neighbour
{
    private MessageCounts _counts;

    internal Neighbour(string name)
    {
        Name = name;
        Utf8 = Encoding.UTF8.GetBytes(name);
    }

    /// <summary>Its name.</summary>
    public string Name { get; }

    /// <summary>The counts, perhaps one message behind.</summary>
    public MessageCounts Counts => _counts;

    /// <summary>The rates of the last minute.</summary>
    public ObjectHistory History { get; } = new(MessageCounts.Length);

    internal byte[] Utf8 { get; }

    /// <summary>Counts.</summary>
    public void Count(MessageCounter counter, long by = 1) => _counts.Of(counter) += by;

    /// <summary>Counts a message that was handed out.</summary>
    public void CountTaken(MessageCounter counter, bool redelivered)
    {
        _counts.Of(counter)++;
        _counts.Of(MessageCounter.Redeliver) += redelivered ? 1 : 0;
    }
}
