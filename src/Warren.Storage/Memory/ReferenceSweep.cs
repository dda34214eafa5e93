namespace Warren.Storage.Memory;

/// <summary>Gives back an owner's references over a range of LSNs, looking only at the segments that can hold them.</summary>
/// <remarks>Not thread-safe: the append lock.</remarks>
internal static class ReferenceSweep
{
    /// <summary>Clears the owner's references up to an LSN; returns how many there were.</summary>
    /// <param name="segments">The log's segments.</param>
    /// <param name="owners">The log's owners.</param>
    /// <param name="owner">Whose references.</param>
    /// <param name="upToLsn">The last LSN concerned.</param>
    /// <param name="nextLsn">The log's next LSN.</param>
    /// <param name="keepMarked">Leave records marked <see cref="RecordDraft.KeepOnPurge"/> alone.</param>
    internal static int Clear(
        SegmentList segments, OwnerTable owners, ulong owner, ulong upToLsn, ulong nextLsn, bool keepMarked)
    {
        if (!owners.TryFind(owner, out uint number))
        {
            return 0;
        }

        int cleared = 0;
        ulong from = owners[number].FirstLsn;
        ulong to = Math.Min(upToLsn, owners[number].LastLsn);
        int remaining = owners[number].Live;
        for (int i = segments.IndexFrom(from); i < segments.Count && remaining > 0; i++)
        {
            SegmentIndex index = segments[i].Index;
            if (index.Count == 0 || index.FirstLsn > to)
            {
                break;
            }

            if (index.LiveReferences == 0)
            {
                continue;
            }

            int reference = index.FirstReference(index.FindFrom(from));
            int end = index.FirstReference(to == ulong.MaxValue ? index.Count : index.FindFrom(to + 1));
            while (reference < end && remaining > 0)
            {
                int found = index.Owners[reference..end].IndexOf(number);
                if (found < 0)
                {
                    break;
                }

                reference += found;
                int record = index.RecordOf(reference);
                if (index.IsLive(reference) && !(keepMarked && index.KeepsOnPurge(record)))
                {
                    index.Clear(record, reference);
                    owners.Drop(number, nextLsn);
                    remaining--;
                    cleared++;
                }

                reference++;
            }
        }

        return cleared;
    }
}
