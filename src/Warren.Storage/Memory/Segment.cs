namespace Warren.Storage.Memory;

/// <summary>One segment: its file, its place in the log and its index.</summary>
/// <remarks>Fields belong to the append lock unless said otherwise.</remarks>
internal sealed class Segment
{
    private int _users = 1;

    internal SegmentIndex Index { get; set; } = new();

    /// <summary>Number in the file's name; 0 until the writer gives the segment a file.</summary>
    internal ulong Number { get; set; }

    /// <summary>Null until the writer gives the segment a file.</summary>
    internal IBlockFile? File { get; set; }

    /// <summary>Where the next batch will be planned.</summary>
    internal long PlannedEnd { get; set; } = Format.SegmentHeader.Size;

    /// <summary>Everything before is on the disk. Written by the writer, read by readers.</summary>
    internal long CommittedEnd { get => Volatile.Read(ref field); set => Volatile.Write(ref field, value); }

    /// <summary>Bytes the file has; the writer's.</summary>
    internal long Allocated { get; set; }

    /// <summary>Checksum of the last batch header; the writer's.</summary>
    internal uint ChainCrc { get; set; }

    /// <summary>No further batch will be planned here.</summary>
    internal bool IsClosed { get; set; }

    /// <summary>Closed, all committed, sidecar written.</summary>
    internal bool IsSealed { get; set; }

    internal bool IsCompacted { get; set; }

    /// <summary>Holds a record that cannot be read: left alone by compaction.</summary>
    internal bool IsDamaged { get; set; }

    /// <summary>First and last LSN the segment stands for; equal to the index's unless compacted.</summary>
    internal ulong FirstLsn { get => field != 0 ? field : Index.FirstLsn; set; }

    internal ulong LastLsn { get => field != 0 ? field : Index.LastLsn; set; }

    internal string FileName => NameOf(Number, ".log");

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
