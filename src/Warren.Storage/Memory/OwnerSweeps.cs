using Warren.Storage.Format;

namespace Warren.Storage.Memory;

/// <summary>
/// References that are given back and not cleared yet: those of deleted owners and of large purges. They are cleared in
/// slices, one pass over the log for all owners that wait when it begins.
/// </summary>
/// <remarks>
/// Not thread-safe: the append lock, for a slice at a time. A checkpoint names what waits (<see cref="Pending"/>), so a start
/// clears it as well.
/// </remarks>
internal sealed class OwnerSweeps
{
    private Dictionary<uint, Sweep> _waiting = [];
    private Dictionary<uint, Sweep> _pass = [];
    private ulong[] _bits = [];
    private ulong _cursor;
    private ulong _end;

    /// <summary>References one slice looks at; more only when one record has more.</summary>
    internal int SliceReferences { get; set; } = 32 * 1024;

    internal bool Any => _waiting.Count > 0 || _pass.Count > 0;

    /// <summary>References looked at so far.</summary>
    internal long Visited { get; private set; }

    /// <summary>References cleared so far.</summary>
    internal long Cleared { get; private set; }

    /// <summary>What is not cleared yet, for a checkpoint.</summary>
    internal IEnumerable<PendingSweep> Pending =>
        _pass.Values.Concat(_waiting.Values).Select(static s => new PendingSweep(s.Owner, s.UpTo, s.KeepMarked));

    /// <summary>Adds an owner.</summary>
    /// <param name="number">The owner's number.</param>
    /// <param name="owner">Its id: the number may be another's before its turn comes.</param>
    /// <param name="from">No reference concerned is before this LSN.</param>
    /// <param name="upTo">The last LSN concerned.</param>
    /// <param name="keepMarked">Leave records marked <see cref="RecordDraft.KeepOnPurge"/> alone.</param>
    internal void Add(uint number, ulong owner, ulong from, ulong upTo, bool keepMarked)
    {
        if (_waiting.TryGetValue(number, out Sweep known) && known.Owner == owner)
        {
            from = Math.Min(from, known.From);
            upTo = Math.Max(upTo, known.UpTo);
            keepMarked &= known.KeepMarked;
        }

        _waiting[number] = new Sweep(owner, from, upTo, keepMarked);
    }

    /// <summary>Looks at some references; false when nothing waits any more.</summary>
    internal bool RunSlice(SegmentList segments, OwnerTable owners, ulong nextLsn)
    {
        if (_pass.Count == 0 && !Begin(owners))
        {
            return false;
        }

        long budget = SliceReferences;
        int position = segments.IndexFrom(_cursor);
        while (budget > 0 && _pass.Count > 0)
        {
            if (position >= segments.Count || segments[position].Index.Count == 0
                || segments[position].Index.FirstLsn > _end)
            {
                End(owners);
                break;
            }

            Segment segment = segments[position];
            SegmentIndex index = segment.Index;
            int record = index.LiveReferences == 0 ? index.Count : index.FindFrom(_cursor);
            int stop = record == index.Count ? record : LastOf(index, record, budget);
            int first = index.FirstReference(record);
            int end = index.FirstReference(stop);
            Clear(index, record, first, end, owners, nextLsn);
            Visited += end - first;
            budget -= Math.Max(1, end - first);
            if (stop == index.Count)
            {
                _cursor = segment.LastLsn + 1;
                position++;
            }
            else
            {
                _cursor = index.LsnAt(stop);
            }
        }

        return Any;
    }

    private bool Begin(OwnerTable owners)
    {
        (_pass, _waiting) = (_waiting, _pass);
        _cursor = ulong.MaxValue;
        _end = 0;
        Array.Clear(_bits);
        foreach ((uint number, Sweep sweep) in _pass)
        {
            _cursor = Math.Min(_cursor, sweep.From);
            _end = Math.Max(_end, Math.Min(sweep.UpTo, owners[number].LastLsn));
            int word = (int)(number >> 6);
            if (word >= _bits.Length)
            {
                Array.Resize(ref _bits, Math.Max(word + 1, _bits.Length * 2));
            }

            _bits[word] |= 1UL << (int)number;
        }

        return _pass.Count > 0;
    }

    private void End(OwnerTable owners)
    {
        foreach ((uint number, Sweep sweep) in _pass)
        {
            if (sweep.KeepMarked && owners[number].Id == sweep.Owner)
            {
                owners[number].PurgedThroughLsn = Math.Max(owners[number].PurgedThroughLsn, sweep.UpTo);
            }
        }

        _pass.Clear();
    }

    // The record behind the last one of this slice: whole records, at least one.
    private static int LastOf(SegmentIndex index, int record, long budget)
    {
        long limit = index.FirstReference(record) + budget;
        if (limit >= index.ReferenceCount)
        {
            return index.Count;
        }

        return Math.Max(record + 1, index.RecordOf((int)limit));
    }

    private void Clear(SegmentIndex index, int record, int reference, int end, OwnerTable owners, ulong nextLsn)
    {
        uint only = 0;
        bool isOne = _pass.Count == 1;
        foreach (uint number in _pass.Keys)
        {
            only = number;
        }

        for (; reference < end; reference++)
        {
            if (isOne)
            {
                int found = index.Owners[reference..end].IndexOf(only);
                if (found < 0)
                {
                    return;
                }

                reference += found;
            }

            uint owner = index.Owners[reference];
            if (!IsMeant(owner) || !index.IsLive(reference))
            {
                continue;
            }

            while (index.FirstReference(record + 1) <= reference)
            {
                record++;
            }

            ClearOne(index, record, reference, owner, owners, nextLsn);
        }
    }

    private bool IsMeant(uint number) =>
        number >> 6 < (uint)_bits.Length && (_bits[number >> 6] & (1UL << (int)number)) != 0;

    private void ClearOne(SegmentIndex index, int record, int reference, uint number, OwnerTable owners, ulong nextLsn)
    {
        if (!_pass.TryGetValue(number, out Sweep sweep))
        {
            return;
        }

        if (owners[number].Id != sweep.Owner)
        {
            // Everything was given back one by one meanwhile, and the number is another's now.
            Forget(number);
            return;
        }

        if (index.LsnAt(record) > sweep.UpTo || (sweep.KeepMarked && index.KeepsOnPurge(record)))
        {
            return;
        }

        index.Clear(record, reference);
        owners.Drop(number, nextLsn);
        Cleared++;
        if (owners[number].Live == 0)
        {
            Forget(number);
        }
    }

    private void Forget(uint number)
    {
        _pass.Remove(number);
        _bits[number >> 6] &= ~(1UL << (int)number);
    }

    private readonly record struct Sweep(ulong Owner, ulong From, ulong UpTo, bool KeepMarked);
}
