namespace Warren.Storage.Memory;

/// <summary>One segment: its file, its place in the log and its index.</summary>
/// <remarks>Fields belong to the append lock unless said otherwise.</remarks>
internal sealed class Segment
{
    /// <summary>Room behind a segment's limit that is left to references given back, deletions and marks.</summary>
    internal const int SlackBytes = 512 * 1024;

    private int _users = 1;

    internal SegmentIndex Index { get; set; } = new();

    /// <summary>Number in the file's name.</summary>
    internal ulong Number { get; set; }

    /// <summary>Null only while the segment is being built.</summary>
    internal IBlockFile? File { get; set; }

    /// <summary>The file still has this name and no header; the writer's.</summary>
    internal string? ReservedName { get => Volatile.Read(ref field); set => Volatile.Write(ref field, value); }

    /// <summary>Where the next batch will be planned.</summary>
    internal long PlannedEnd { get; set; } = Format.SegmentHeader.Size;

    /// <summary>Everything before is on the disk. Written by the writer, read by readers.</summary>
    internal long CommittedEnd { get => Volatile.Read(ref field); set => Volatile.Write(ref field, value); }

    /// <summary>Bytes the file has: batches are planned only inside.</summary>
    internal long Allocated { get; set; }

    /// <summary>Where records with bodies end.</summary>
    internal long Limit => LimitOf(Allocated);

    /// <summary>Checksum of the last batch header; the writer's.</summary>
    internal uint ChainCrc { get; set; }

    /// <summary>No further batch will be planned here.</summary>
    internal bool IsClosed { get; set; }

    /// <summary>Closed, all committed, sidecar written.</summary>
    internal bool IsSealed { get; set; }

    internal bool IsCompacted { get; set; }

    /// <summary>Holds a record that cannot be read: left alone by compaction.</summary>
    internal bool IsDamaged { get; set; }

    /// <summary>Everything in it that cannot be read was reported: nobody needs to look again.</summary>
    internal bool IsNamed { get; set; }

    /// <summary>What a sidecar has kept of its definitions, when a start had to take it from there; null otherwise.</summary>
    internal Format.DefinitionCopies? Copies { get; set; }

    /// <summary>First and last LSN the segment stands for; equal to the index's unless compacted.</summary>
    internal ulong FirstLsn { get => field != 0 ? field : Index.FirstLsn; set; }

    internal ulong LastLsn { get => field != 0 ? field : Index.LastLsn; set; }

    internal string FileName => NameOf(Number, ".log");

    internal static long LimitOf(long allocated) => allocated - Math.Min(SlackBytes, allocated / 9);

    internal static string NameOf(ulong number, string extension) => $"seg-{number:x16}{extension}";

    /// <summary>A reader starts to use the file; called under the append lock.</summary>
    internal void Retain() => Interlocked.Increment(ref _users);

    /// <summary>The file closes with its last user; the log itself is one.</summary>
    internal void Release()
    {
        if (Interlocked.Decrement(ref _users) == 0)
        {
            File?.Dispose();
        }
    }
}
