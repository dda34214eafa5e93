using System.Buffers;
using System.Diagnostics;

namespace Warren.Core.Queues;

/// <summary>The entries of one queue (or of one priority of it) in arrival order, addressed by a sequence number.</summary>
/// <remarks>
/// Not thread-safe: the queue's lock guards it. Entries live in chunks; a chunk goes when all its entries are gone, so
/// an acknowledgement is one array access and a requeue goes back to its place by just changing its state.
/// </remarks>
internal sealed class EntryRing
{
    private const int ChunkBits = 9;
    private const int ChunkSize = 1 << ChunkBits;
    private const int SmallestChunk = 16; // entries; a queue with few messages stays small

    // Ring of chunks; _chunks[(_firstChunk + i) & mask] holds the sequences from (_baseChunk + i) * ChunkSize.
    private Chunk[] _chunks = [];
    private int _firstChunk;
    private int _chunkCount;
    private long _baseChunk;
    private PriorityQueue<long, long>? _returned;

    /// <summary>The sequence the next entry gets.</summary>
    public long Tail { get; private set; }

    /// <summary>First sequence that was never handed out; what came back stands in <see cref="_returned"/>.</summary>
    public long Next { get; private set; }

    /// <summary>Entries in state ready.</summary>
    public long ReadyCount { get; private set; }

    /// <summary>Appends a ready entry and returns its sequence.</summary>
    public long Add(in QueueEntry entry)
    {
        long sequence = Append(entry);
        ReadyCount++;
        return sequence;
    }

    /// <summary>Appends an entry that already went to a consumer. Only while nothing is ready, so that order is kept.</summary>
    public long AddUnacked(in QueueEntry entry)
    {
        long sequence = Append(entry);
        if (Next == sequence)
        {
            Next++;
        }

        return sequence;
    }

    private long Append(in QueueEntry entry)
    {
        long sequence = Tail++;
        int at = (int)(sequence & (ChunkSize - 1));
        ref Chunk chunk = ref ChunkForAppend(sequence);
        if (at >= chunk.Entries!.Length)
        {
            chunk.Grow(at);
        }

        chunk.Entries![at] = entry;
        chunk.Live++;
        return sequence;
    }

    /// <summary>The entry, which must be one that <see cref="Contains"/> knows.</summary>
    public ref QueueEntry this[long sequence] =>
        ref _chunks[SlotOf(sequence)].Entries![sequence & (ChunkSize - 1)];

    /// <summary>Whether the sequence stands for an entry that is still here.</summary>
    public bool Contains(long sequence)
    {
        int slot = SlotOf(sequence);
        if (slot < 0 || sequence >= Tail)
        {
            return false;
        }

        QueueEntry[]? entries = _chunks[slot].Entries;
        return entries is not null && entries[sequence & (ChunkSize - 1)].State != EntryState.Gone;
    }

    /// <summary>Finds the oldest ready entry without taking it.</summary>
    public bool TryPeek(out long sequence)
    {
        while (_returned is not null && _returned.TryPeek(out long returned, out _))
        {
            if (Contains(returned) && this[returned].State == EntryState.Ready)
            {
                sequence = returned;
                return true;
            }

            _returned.Dequeue();
        }

        while (Next < Tail)
        {
            int slot = SlotOf(Next);
            if (slot < 0 || _chunks[slot].Entries is not { } entries)
            {
                Next = Math.Min(Tail, ((Next >> ChunkBits) + 1) << ChunkBits);
                continue;
            }

            if (entries[Next & (ChunkSize - 1)].State == EntryState.Ready)
            {
                sequence = Next;
                return true;
            }

            Next++;
        }

        sequence = -1;
        return false;
    }

    /// <summary>The entry <see cref="TryPeek"/> found goes to a consumer.</summary>
    public void MarkUnacked(long sequence)
    {
        ref QueueEntry entry = ref this[sequence];
        Debug.Assert(entry.State == EntryState.Ready, "only a ready entry is handed out");
        entry.State = EntryState.Unacked;
        ReadyCount--;
        Passed(sequence);
    }

    /// <summary>An unacknowledged entry comes back to its place.</summary>
    public void MarkReturned(long sequence)
    {
        ref QueueEntry entry = ref this[sequence];
        Debug.Assert(entry.State == EntryState.Unacked, "only an unacknowledged entry comes back");
        entry.State = EntryState.Ready;
        ReadyCount++;
        if (sequence < Next)
        {
            _returned ??= new PriorityQueue<long, long>();
            _returned.Enqueue(sequence, sequence);
        }
    }

    /// <summary>The entry leaves the queue; its payload and its log reference are the caller's to give back.</summary>
    public void Remove(long sequence)
    {
        int slot = SlotOf(sequence);
        ref Chunk chunk = ref _chunks[slot];
        ref QueueEntry entry = ref chunk.Entries![sequence & (ChunkSize - 1)];
        Debug.Assert(entry.State != EntryState.Gone, "removed twice");
        if (entry.State == EntryState.Ready)
        {
            ReadyCount--;
            Passed(sequence);
        }

        entry = default;
        chunk.Live--;
        if (chunk.Live == 0 && sequence >> ChunkBits != Tail >> ChunkBits)
        {
            Drop(slot);
        }
    }

    /// <summary>Calls <paramref name="visit"/> with each entry that is not gone, oldest first, until it answers false.</summary>
    /// <remarks>The visitor may change or remove the entry it is shown, nothing else.</remarks>
    public void Visit(long from, EntryVisitor visit)
    {
        for (long sequence = Math.Max(from, _baseChunk << ChunkBits); sequence < Tail;)
        {
            int slot = SlotOf(sequence);
            if (slot < 0 || _chunks[slot].Entries is not { } entries)
            {
                sequence = ((sequence >> ChunkBits) + 1) << ChunkBits;
                continue;
            }

            ref QueueEntry entry = ref entries[sequence & (ChunkSize - 1)];
            if (entry.State != EntryState.Gone && !visit(sequence, ref entry))
            {
                return;
            }

            sequence++;
        }
    }

    private void Passed(long sequence)
    {
        if (sequence == Next)
        {
            Next++;
        }
        else if (_returned is not null && _returned.TryPeek(out long returned, out _) && returned == sequence)
        {
            _returned.Dequeue();
        }
    }

    private int SlotOf(long sequence)
    {
        long index = (sequence >> ChunkBits) - _baseChunk;
        return (ulong)index < (ulong)_chunkCount ? (_firstChunk + (int)index) & (_chunks.Length - 1) : -1;
    }

    private ref Chunk ChunkForAppend(long sequence)
    {
        int slot = SlotOf(sequence);
        if (slot < 0)
        {
            if (_chunkCount == 0)
            {
                _baseChunk = sequence >> ChunkBits;
                _firstChunk = 0;
            }

            if (_chunkCount == _chunks.Length)
            {
                var larger = new Chunk[Math.Max(2, _chunks.Length * 2)];
                for (int i = 0; i < _chunkCount; i++)
                {
                    larger[i] = _chunks[(_firstChunk + i) & (_chunks.Length - 1)];
                }

                _chunks = larger;
                _firstChunk = 0;
            }

            slot = (_firstChunk + _chunkCount) & (_chunks.Length - 1);
            _chunkCount++;
            int first = (sequence & (ChunkSize - 1)) == 0 && _chunkCount > 1 ? ChunkSize : SmallestChunk;
            _chunks[slot].Entries = ArrayPool<QueueEntry>.Shared.Rent(first);
        }

        return ref _chunks[slot];
    }

    private void Drop(int slot)
    {
        // Every entry was cleared when it was removed, so the array goes back clean.
        ArrayPool<QueueEntry>.Shared.Return(_chunks[slot].Entries!);
        _chunks[slot] = default;
        while (_chunkCount > 0 && _chunks[_firstChunk].Entries is null)
        {
            _firstChunk = (_firstChunk + 1) & (_chunks.Length - 1);
            _baseChunk++;
            _chunkCount--;
        }
    }

    private struct Chunk
    {
        public QueueEntry[]? Entries;
        public int Live;

        public void Grow(int at)
        {
            QueueEntry[] larger = ArrayPool<QueueEntry>.Shared.Rent(Math.Min(ChunkSize, (at + 1) * 2));
            Entries!.CopyTo(larger, 0);
            Array.Clear(Entries);
            ArrayPool<QueueEntry>.Shared.Return(Entries);
            Entries = larger;
        }
    }
}

/// <summary>Sees one entry; answers false to stop.</summary>
internal delegate bool EntryVisitor(long sequence, ref QueueEntry entry);
