using Xunit;

namespace Warren.Storage.FaultTests;

/// <summary>What a log must hold, kept by brute force, and the judge of what a restart brings back.</summary>
public sealed class LogModel
{
    private readonly Dictionary<ulong, ModelRecord> _records = [];
    private readonly List<(ulong First, ulong Last)> _groups = [];

    /// <summary>The highest LSN the log has said to be committed.</summary>
    public ulong Committed { get; set; }

    public IReadOnlyDictionary<ulong, ModelRecord> Records => _records;

    public void Append(ulong lsn, RecordType type, byte flags, byte[] payload, IEnumerable<ulong> owners)
    {
        Assert.True(lsn > Committed, "an LSN that was committed is given again");
        _records[lsn] = new ModelRecord(type, flags, payload, owners.ToDictionary(o => o == ShardLog.Self ? lsn : o, _ => new ModelReference()));
    }

    public void Group(ulong first, ulong last) => _groups.Add((first, last));

    /// <summary>A reference is given back; <paramref name="with"/> is the record that does it, 0 when it rides along.</summary>
    public void Release(ulong owner, ulong lsn, ulong with, string how = "released")
    {
        if (_records.TryGetValue(lsn, out ModelRecord? entry) && entry.Owners.TryGetValue(owner, out ModelReference? reference)
            && reference.State == HoldState.Held)
        {
            reference.State = HoldState.Returned;
            reference.ReturnedWith = with;
            reference.How = how + (with > 0 ? $" with {with}" : string.Empty);
        }
    }

    public void Purge(ulong owner, ulong upTo)
    {
        foreach ((ulong lsn, ModelRecord entry) in _records)
        {
            if (lsn <= upTo && (entry.Flags & RecordDraft.KeepOnPurge) == 0)
            {
                Release(owner, lsn, 0, $"purged up to {upTo}");
            }
        }
    }

    public void DeleteOwner(ulong owner)
    {
        foreach (ulong lsn in _records.Keys)
        {
            Release(owner, lsn, 0, "owner deleted");
        }
    }

    public void Annotate(ulong owner, ulong lsn, uint value)
    {
        if (_records.TryGetValue(lsn, out ModelRecord? entry) && entry.Owners.TryGetValue(owner, out ModelReference? reference)
            && reference.State == HoldState.Held)
        {
            reference.Annotation = value;
            reference.AnnotationDurable = false;
        }
    }

    /// <summary>Everything asked for is on the disk.</summary>
    public void AllDurable()
    {
        foreach (ModelRecord entry in _records.Values)
        {
            foreach (ModelReference reference in entry.Owners.Values)
            {
                reference.AnnotationDurable = true;
                if (reference.State == HoldState.Returned)
                {
                    reference.State = HoldState.ReturnedDurably;
                }
            }
        }
    }

    /// <summary>References somebody should hold now.</summary>
    public IEnumerable<(ulong Owner, ulong Lsn)> Held() =>
        from record in _records
        from owner in record.Value.Owners
        where owner.Value.State == HoldState.Held
        select (owner.Key, record.Key);

    public bool IsHeld(ulong owner, ulong lsn) =>
        _records.TryGetValue(lsn, out ModelRecord? entry) && entry.Owners.TryGetValue(owner, out ModelReference? reference)
        && reference.State == HoldState.Held;

    /// <summary>Judges a recovered log and goes on with what it says.</summary>
    /// <param name="found">What recovery handed over.</param>
    /// <param name="lastLsn">The last LSN of the recovered log.</param>
    public void Judge(IReadOnlyList<FoundRecord> found, ulong lastLsn)
    {
        Assert.True(lastLsn >= Committed, $"I1: LSN {Committed} was confirmed, the log ends at {lastLsn}");
        Assert.Equal(found.Select(f => f.Lsn).Order(), found.Select(f => f.Lsn));
        Assert.Equal(found.Count, found.Select(f => f.Lsn).Distinct().Count());
        foreach ((ulong first, ulong last) in _groups)
        {
            Assert.False(first <= lastLsn && last > lastLsn, $"I9: the group {first}..{last} was cut at {lastLsn}");
        }

        var byLsn = found.ToDictionary(f => f.Lsn);
        foreach (FoundRecord record in found)
        {
            Assert.True(record.Lsn <= lastLsn, "I3: a record after the end");
            Assert.True(_records.TryGetValue(record.Lsn, out ModelRecord? known), $"record {record.Lsn} was never appended");
            Assert.Equal(known.Type, record.Type);
            Assert.True(record.Payload is not null && known.Payload.AsSpan().SequenceEqual(record.Payload), $"I12: record {record.Lsn} was altered");
            Assert.All(record.Owners, o => Assert.Contains(o, known.Owners.Keys));
        }

        foreach ((ulong lsn, ModelRecord entry) in _records)
        {
            byLsn.TryGetValue(lsn, out FoundRecord? record);
            foreach ((ulong owner, ModelReference reference) in entry.Owners)
            {
                bool there = record is not null && record.Owners.Contains(owner);
                bool moved = reference.ReturnedWith > 0;
                if (lsn > lastLsn)
                {
                    Assert.False(there);
                }
                else if (reference.State == HoldState.Held || (moved && reference.ReturnedWith > lastLsn))
                {
                    Assert.True(there, $"I1/I9: {owner} holds {lsn} and lost it");
                    Assert.True(
                        !reference.AnnotationDurable || reference.Annotation == record!.Annotations[Array.IndexOf(record.Owners, owner)],
                        $"the number kept with ({owner}, {lsn}) is lost");
                }
                else if (reference.State == HoldState.ReturnedDurably || moved)
                {
                    Assert.False(there, $"I2: {owner} gave {lsn} back durably and holds it again: {reference.How}");
                }
            }
        }

        Adopt(byLsn, lastLsn);
    }

    private void Adopt(Dictionary<ulong, FoundRecord> found, ulong lastLsn)
    {
        _groups.RemoveAll(g => g.First > lastLsn);
        foreach (ulong lsn in _records.Keys.ToList())
        {
            if (!found.TryGetValue(lsn, out FoundRecord? record))
            {
                _records.Remove(lsn);
                continue;
            }

            ModelRecord entry = _records[lsn];
            foreach (ulong owner in entry.Owners.Keys.ToList())
            {
                int position = Array.IndexOf(record.Owners, owner);
                entry.Owners[owner] = new ModelReference
                {
                    How = "gone at the last start",
                    State = position >= 0 ? HoldState.Held : HoldState.ReturnedDurably,
                    Annotation = position >= 0 ? record.Annotations[position] : 0,
                    AnnotationDurable = true,
                };
            }
        }

        Committed = lastLsn;
    }
}
