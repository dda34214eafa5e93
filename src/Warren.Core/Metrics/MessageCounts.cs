using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;

namespace Warren.Core.Metrics;

/// <summary>One number for each <see cref="MessageCounter"/>, since the object counted came into being.</summary>
/// <remarks>
/// Each number has one writer at a time, whoever holds the lock its place says; readers take them as they are, because a
/// number one message behind is as good.
/// </remarks>
[InlineArray(Length)]
public struct MessageCounts
{
    /// <summary>How many numbers there are.</summary>
    public const int Length = (int)MessageCounter.PublishOut + 1;

    private long _first;

    /// <summary>One number, to be read or counted up.</summary>
    [UnscopedRef]
    public ref long Of(MessageCounter counter) => ref this[(int)counter];

    /// <summary>One number.</summary>
    public readonly long Get(MessageCounter counter) => this[(int)counter];

    /// <summary>All numbers together: it stands still as long as each does.</summary>
    public readonly long Sum
    {
        get
        {
            long sum = 0;
            foreach (long count in (ReadOnlySpan<long>)this)
            {
                sum += count;
            }

            return sum;
        }
    }

    /// <summary>Adds the numbers of another.</summary>
    public void Add(in MessageCounts other)
    {
        for (int i = 0; i < Length; i++)
        {
            this[i] += other[i];
        }
    }

    /// <summary>Copies the numbers in the order of <see cref="MessageCounter"/>.</summary>
    public readonly void CopyTo(Span<long> destination) => ((ReadOnlySpan<long>)this).CopyTo(destination);
}
