namespace Warren.Management.Listing;

/// <summary>The first few of very many in order, without putting all of them in order.</summary>
internal static class Leading
{
    /// <summary>The first items in order.</summary>
    /// <param name="items">All items; not changed.</param>
    /// <param name="count">How many are wanted.</param>
    /// <param name="comparison">The order.</param>
    public static int[] Of(int[] items, int count, Comparison<int> comparison)
    {
        if (count >= items.Length / 2)
        {
            int[] sorted = [.. items];
            Array.Sort(sorted, comparison);
            return sorted;
        }

        // What may still be among the first, cut down each time there are twice as many as wanted.
        var kept = new List<int>((count * 2) + 1);
        int? last = null;
        foreach (int item in items)
        {
            if (last is { } worst && comparison(item, worst) >= 0)
            {
                continue;
            }

            kept.Add(item);
            if (kept.Count > count * 2)
            {
                Cut(kept, count, comparison);
                last = count == 0 ? item : kept[^1];
            }
        }

        Cut(kept, count, comparison);
        return [.. kept];
    }

    private static void Cut(List<int> kept, int count, Comparison<int> comparison)
    {
        kept.Sort(comparison);
        if (kept.Count > count)
        {
            kept.RemoveRange(count, kept.Count - count);
        }
    }
}
