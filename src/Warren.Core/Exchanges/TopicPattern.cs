namespace Warren.Core.Exchanges;

/// <summary>A binding key of a topic exchange, cut into words and brought into one form.</summary>
/// <remarks>
/// Words are parted by dots; <c>*</c> stands for exactly one word, <c>#</c> for any number of them, none included; the
/// empty key has no words. A run of wildcards with a <c>#</c> in it says only "this many words or more" and becomes
/// its stars followed by one <c>#</c>: <c>#.#.*</c> and <c>*.#</c> are the same. So a <c>#</c> is followed by a word
/// or by nothing, and patterns that mean the same share one path in the trie.
/// </remarks>
internal static class TopicPattern
{
    public static readonly byte[] One = "*"u8.ToArray();
    public static readonly byte[] Any = "#"u8.ToArray();

    public const byte Separator = (byte)'.';

    /// <summary>The steps from the root; <see cref="One"/> and <see cref="Any"/> by identity, words by value.</summary>
    public static List<byte[]> Steps(byte[] key)
    {
        var steps = new List<byte[]>();
        if (key.Length == 0)
        {
            return steps;
        }

        bool pendingAny = false;
        foreach (Range range in key.AsSpan().Split(Separator))
        {
            ReadOnlySpan<byte> word = key.AsSpan(range);
            if (word.SequenceEqual(Any))
            {
                pendingAny = true;
            }
            else if (word.SequenceEqual(One))
            {
                steps.Add(One);
            }
            else
            {
                AddPending(steps, ref pendingAny);
                steps.Add(word.ToArray());
            }
        }

        AddPending(steps, ref pendingAny);
        return steps;
    }

    // A star met while a # is pending goes before it, which is what adding the # late does.
    private static void AddPending(List<byte[]> steps, ref bool pendingAny)
    {
        if (pendingAny)
        {
            steps.Add(Any);
            pendingAny = false;
        }
    }
}
