using Warren.Buffers;
using Warren.Storage.Paging;

namespace Warren.Core.Queues;

/// <summary>How far a queue is to be let go of.</summary>
internal enum PageOutDepth : byte
{
    /// <summary>What lies behind its head and was not looked at yet: what a publisher does for its own queue.</summary>
    BehindHead,

    /// <summary>What is left in slabs that are almost empty: when nobody needs anything, it moves together.</summary>
    Sparse,

    /// <summary>All that costs no disk: also what the log holds, and what is left in slabs that are almost empty.</summary>
    Cheap,

    /// <summary>All but the few messages that consumers get next.</summary>
    Everything,
}

/// <summary>Bodies of one queue on their way out of memory: noted under its lock, moved outside, taken over under it again.</summary>
/// <remarks>Not thread-safe: belongs to whoever began the step. Holds a reference on each body, so that its bytes stay.</remarks>
internal sealed class PageOutBatch
{
    /// <summary>Bodies moved at most in one step.</summary>
    public const int EntriesMax = 128;

    private readonly Candidate[] _candidates = new Candidate[EntriesMax];

    /// <summary>Bodies noted.</summary>
    public int Count { get; private set; }

    /// <summary>Notes a body and takes a reference on it.</summary>
    /// <param name="id">Its entry.</param>
    /// <param name="payload">The body.</param>
    /// <param name="isCopied">Whether it goes to another slab, instead of to the page file.</param>
    public void Add(long id, Payload payload, bool isCopied)
    {
        payload.Retain();
        _candidates[Count++] = new Candidate(id, payload, isCopied);
    }

    /// <summary>Moves the bytes. Outside every lock: this may wait for the disk.</summary>
    public void Move(SlabPool slabs, PageFile pages)
    {
        bool hasRoom = true;
        foreach (ref Candidate candidate in _candidates.AsSpan(0, Count))
        {
            if (candidate.IsCopied)
            {
                candidate.Copy = slabs.CopySurvivor(candidate.Payload);
            }
            else if (hasRoom)
            {
                candidate.Address = pages.Write(candidate.Payload.Span);
                hasRoom = candidate.Address != PageFile.NoRoom;
            }
        }
    }

    /// <summary>Gives the entries that are still as they were what was moved for them. Under the queue's lock.</summary>
    /// <returns>How many were let go of.</returns>
    public int Install(PriorityRings rings, bool deleted)
    {
        int installed = 0;
        foreach (ref Candidate candidate in _candidates.AsSpan(0, Count))
        {
            // The reference kept the bytes in their place: the same place is the same body.
            if (!deleted && candidate.IsMoved && rings.Contains(candidate.Id)
                && rings[candidate.Id].Payload == candidate.Payload)
            {
                Install(ref rings[candidate.Id], ref candidate);
                installed++;
            }
        }

        return installed;
    }

    /// <summary>Gives back what was not installed, and the references. Outside every lock; whatever came between.</summary>
    public void Clear(PageFile pages)
    {
        foreach (ref Candidate candidate in _candidates.AsSpan(0, Count))
        {
            candidate.Payload.Release();
            candidate.Copy.Release();
            if (candidate.Address != PageFile.NoRoom)
            {
                pages.Release(candidate.Address, candidate.Payload.Length);
            }

            candidate = default;
        }

        Count = 0;
    }

    private static void Install(ref QueueEntry entry, ref Candidate candidate)
    {
        entry.Payload.Release();
        if (candidate.IsCopied)
        {
            entry.Payload = candidate.Copy;
            candidate.Copy = default;
            return;
        }

        entry.Payload = new Payload(null, 0, candidate.Payload.Length);
        entry.Locator = (ulong)candidate.Address;
        entry.Flags |= EntryFlags.InPageFile;
        candidate.Address = PageFile.NoRoom;
    }

    private struct Candidate(long id, Payload payload, bool isCopied)
    {
        public readonly long Id = id;
        public readonly Payload Payload = payload;
        public readonly bool IsCopied = isCopied;
        public Payload Copy;
        public long Address = PageFile.NoRoom;

        public readonly bool IsMoved => IsCopied ? !Copy.IsEmpty : Address != PageFile.NoRoom;
    }
}
