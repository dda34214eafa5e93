using System.Numerics;

namespace Warren.Storage.Memory;

/// <summary>Where a segment's records are and which references on them are live: about 17 bytes per record.</summary>
/// <remarks>Not thread-safe: the append lock, except while it is built and not yet shared.</remarks>
internal sealed class SegmentIndex
{
    private const int RowChunk = 4096;

    // Per record: place << 1 | keepOnPurge, payload length, first reference. LSNs only once they are not consecutive.
    private uint[] _places = [];
    private uint[] _lengths = [];
    private int[] _firstReferences = [];
    private uint[]? _lsnDeltas;

    // Per reference: the owner's number, and whether it is live.
    private uint[] _owners = [];
    private ulong[] _live = [];

    private Dictionary<int, uint>? _annotations;

    // Kept until the sidecar is written.
    private List<SidecarRow[]>? _rows = [];

    internal int Count { get; private set; }

    internal int ReferenceCount { get; private set; }

    internal ulong FirstLsn { get; private set; }

    internal ulong LastLsn => Count == 0 ? 0 : LsnAt(Count - 1);

    internal int LiveReferences { get; private set; }

    internal int LiveRecords { get; private set; }

    internal long LiveBytes { get; private set; }

    internal bool HasRows => _rows is not null;

    internal ReadOnlySpan<uint> Owners => _owners.AsSpan(0, ReferenceCount);

    internal ReadOnlySpan<ulong> LiveWords => _live.AsSpan(0, (ReferenceCount + 63) / 64);

    internal IReadOnlyDictionary<int, uint>? Annotations => _annotations;

    /// <summary>Bytes a record takes with its frame, near enough for deciding what to compact.</summary>
    internal static long Weight(uint payloadLength, int references) => 48L + payloadLength + (3L * references);

    internal ulong LsnAt(int record) => FirstLsn + (_lsnDeltas is null ? (uint)record : _lsnDeltas[record]);

    internal long OffsetAt(int record) => (long)(_places[record] >> 1) << 3;

    internal int PayloadLengthAt(int record) => (int)_lengths[record];

    internal bool KeepsOnPurge(int record) => (_places[record] & 1) != 0;

    internal int FirstReference(int record) => record == Count ? ReferenceCount : _firstReferences[record];

    internal bool IsLive(int reference) => (_live[reference >> 6] & (1UL << reference)) != 0;

    internal bool AnyLive(int record)
    {
        int end = FirstReference(record + 1);
        for (int i = FirstReference(record); i < end; i++)
        {
            if ((i & 63) == 0 && i + 64 <= end)
            {
                if (_live[i >> 6] != 0)
                {
                    return true;
                }

                i += 63;
            }
            else if (IsLive(i))
            {
                return true;
            }
        }

        return false;
    }

    internal uint AnnotationAt(int reference) =>
        _annotations is not null && _annotations.TryGetValue(reference, out uint value) ? value : 0;

    internal SidecarRow RowAt(int record) => _rows![record / RowChunk][record % RowChunk];

    /// <summary>The record's position, or -1.</summary>
    internal int Find(ulong lsn)
    {
        if (Count == 0 || lsn < FirstLsn || lsn - FirstLsn > uint.MaxValue)
        {
            return -1;
        }

        uint delta = (uint)(lsn - FirstLsn);
        if (_lsnDeltas is null)
        {
            return delta < (uint)Count ? (int)delta : -1;
        }

        int found = _lsnDeltas.AsSpan(0, Count).BinarySearch(delta);
        return found >= 0 ? found : -1;
    }

    /// <summary>The first record whose LSN is not below <paramref name="lsn"/>, or <see cref="Count"/>.</summary>
    internal int FindFrom(ulong lsn)
    {
        if (Count == 0 || lsn <= FirstLsn)
        {
            return 0;
        }

        if (lsn > LastLsn)
        {
            return Count;
        }

        uint delta = (uint)(lsn - FirstLsn);
        if (_lsnDeltas is null)
        {
            return (int)delta;
        }

        int found = _lsnDeltas.AsSpan(0, Count).BinarySearch(delta);
        return found >= 0 ? found : ~found;
    }

    /// <summary>Room for a known number of records and references.</summary>
    internal void Reserve(int records, int references)
    {
        Array.Resize(ref _places, Math.Max(records, _places.Length));
        Array.Resize(ref _lengths, _places.Length);
        Array.Resize(ref _firstReferences, _places.Length);
        Array.Resize(ref _owners, Math.Max((references + 63) & ~63, _owners.Length));
        Array.Resize(ref _live, (_owners.Length + 63) / 64);
        _rows = null;
    }

    /// <summary>Adds a record; its references follow with <see cref="AddReference"/>.</summary>
    internal void Add(ulong lsn, long offset, SidecarRow row, bool keepOnPurge)
    {
        if (Count == 0)
        {
            FirstLsn = lsn;
        }

        if (Count == _places.Length)
        {
            int size = Math.Max(64, Count * 2);
            Array.Resize(ref _places, size);
            Array.Resize(ref _lengths, size);
            Array.Resize(ref _firstReferences, size);
            if (_lsnDeltas is not null)
            {
                Array.Resize(ref _lsnDeltas, size);
            }
        }

        uint delta = checked((uint)(lsn - FirstLsn));
        if (_lsnDeltas is null && delta != (uint)Count)
        {
            _lsnDeltas = new uint[_places.Length];
            for (int i = 0; i < Count; i++)
            {
                _lsnDeltas[i] = (uint)i;
            }
        }

        if (_lsnDeltas is not null)
        {
            _lsnDeltas[Count] = delta;
        }

        row.Place = (uint)(offset >> 3);
        row.LsnDelta = delta;
        _places[Count] = (row.Place << 1) | (keepOnPurge ? 1u : 0u);
        _lengths[Count] = row.PayloadLength;
        _firstReferences[Count] = ReferenceCount;
        if (_rows is not null)
        {
            if (Count % RowChunk == 0)
            {
                _rows.Add(new SidecarRow[RowChunk]);
            }

            _rows[Count / RowChunk][Count % RowChunk] = row;
        }

        Count++;
    }

    /// <summary>Adds a reference to the record added last. <see cref="RecordAdded"/> must follow the last one.</summary>
    internal void AddReference(uint owner, bool live)
    {
        if (ReferenceCount == _owners.Length)
        {
            int size = Math.Max(64, ((ReferenceCount * 2) + 63) & ~63);
            Array.Resize(ref _owners, size);
            Array.Resize(ref _live, size / 64);
        }

        _owners[ReferenceCount] = owner;
        if (live)
        {
            _live[ReferenceCount >> 6] |= 1UL << ReferenceCount;
            LiveReferences++;
        }

        ReferenceCount++;
    }

    /// <summary>Counts the record added last once its references are there.</summary>
    internal void RecordAdded()
    {
        int record = Count - 1;
        if (AnyLive(record))
        {
            LiveRecords++;
            LiveBytes += Weight(_lengths[record], FirstReference(record + 1) - FirstReference(record));
        }
    }

    /// <summary>The live reference of an owner on a record, or -1.</summary>
    internal int FindReference(int record, uint owner)
    {
        int first = FirstReference(record);
        int end = FirstReference(record + 1);
        while (first < end)
        {
            int found = _owners.AsSpan(first, end - first).IndexOf(owner);
            if (found < 0)
            {
                return -1;
            }

            first += found;
            if (IsLive(first))
            {
                return first;
            }

            first++;
        }

        return -1;
    }

    /// <summary>Gives one live reference back.</summary>
    internal void Clear(int record, int reference)
    {
        _live[reference >> 6] &= ~(1UL << reference);
        LiveReferences--;
        _annotations?.Remove(reference);
        if (!AnyLive(record))
        {
            LiveRecords--;
            LiveBytes -= Weight(_lengths[record], FirstReference(record + 1) - FirstReference(record));
        }
    }

    internal void Annotate(int reference, uint value) => (_annotations ??= [])[reference] = value;

    /// <summary>The record a reference belongs to.</summary>
    internal int RecordOf(int reference)
    {
        int low = 0;
        int high = Count - 1;
        while (low < high)
        {
            int middle = (low + high + 1) >>> 1;
            if (_firstReferences[middle] <= reference)
            {
                low = middle;
            }
            else
            {
                high = middle - 1;
            }
        }

        return low;
    }

    /// <summary>The last records move to the next segment, because their group does not fit here.</summary>
    internal void MoveTail(int from, SegmentIndex target, long offsetShift)
    {
        for (int i = from; i < Count; i++)
        {
            target.Add(LsnAt(i), OffsetAt(i) + offsetShift, RowAt(i), KeepsOnPurge(i));
            int end = FirstReference(i + 1);
            for (int r = FirstReference(i); r < end; r++)
            {
                target.AddReference(_owners[r], IsLive(r));
                if (_annotations is not null && _annotations.Remove(r, out uint value))
                {
                    target.Annotate(target.ReferenceCount - 1, value);
                }
            }

            target.RecordAdded();
        }

        Truncate(from);
    }

    /// <summary>Forgets the sidecar rows and spare room; only the sidecar file has tags from now on.</summary>
    internal void Seal()
    {
        _rows = null;
        Array.Resize(ref _places, Count);
        Array.Resize(ref _lengths, Count);
        Array.Resize(ref _firstReferences, Count);
        if (_lsnDeltas is not null)
        {
            Array.Resize(ref _lsnDeltas, Count);
        }

        Array.Resize(ref _owners, ReferenceCount);
        Array.Resize(ref _live, (ReferenceCount + 63) / 64);
    }

    /// <summary>Counts everything anew, for tests of the counters.</summary>
    internal (int References, int Records, long Bytes) Recount()
    {
        int references = 0;
        foreach (ulong word in LiveWords)
        {
            references += BitOperations.PopCount(word);
        }

        int records = 0;
        long bytes = 0;
        for (int i = 0; i < Count; i++)
        {
            if (AnyLive(i))
            {
                records++;
                bytes += Weight(_lengths[i], FirstReference(i + 1) - FirstReference(i));
            }
        }

        return (references, records, bytes);
    }

    /// <summary>Forgets the last records; who holds them is the caller's business.</summary>
    internal void Truncate(int count)
    {
        int references = FirstReference(count);
        for (int i = count; i < Count; i++)
        {
            if (AnyLive(i))
            {
                LiveRecords--;
                LiveBytes -= Weight(_lengths[i], FirstReference(i + 1) - FirstReference(i));
            }
        }

        for (int r = references; r < ReferenceCount; r++)
        {
            _annotations?.Remove(r);
            if (IsLive(r))
            {
                _live[r >> 6] &= ~(1UL << r);
                LiveReferences--;
            }
        }

        ReferenceCount = references;
        Count = count;
        int chunks = (count + RowChunk - 1) / RowChunk;
        _rows!.RemoveRange(chunks, _rows.Count - chunks);
    }
}
