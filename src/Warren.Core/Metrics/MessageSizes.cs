using System.Runtime.CompilerServices;

namespace Warren.Core.Metrics;

/// <summary>How many published messages had a body of which size; the limits are those of RabbitMQ's histogram.</summary>
/// <remarks>One writer at a time, as <see cref="MessageCounts"/>. Counting must not allocate: it happens for every message.</remarks>
[InlineArray(Length)]
public struct MessageSizes
{
    private const int Sum = 9;
    private const int Length = Sum + 1;

    private long _first;

    /// <summary>The largest body in bytes of each group but the last, which has no limit.</summary>
    public static IReadOnlyList<int> Limits { get; } = [100, 1000, 10_000, 100_000, 1_000_000, 10_000_000, 50_000_000, 100_000_000];

    /// <summary>Bytes of all bodies.</summary>
    public readonly long TotalBytes => this[Sum];

    /// <summary>Messages in a group, counted from 0; the last has the number of <see cref="Limits"/>.</summary>
    public readonly long InGroup(int group) => this[group];

    /// <summary>Counts a message.</summary>
    public void Count(long bytes)
    {
        int group = bytes switch
        {
            <= 100 => 0,
            <= 1000 => 1,
            <= 10_000 => 2,
            <= 100_000 => 3,
            <= 1_000_000 => 4,
            <= 10_000_000 => 5,
            <= 50_000_000 => 6,
            <= 100_000_000 => 7,
            _ => 8,
        };
        this[group]++;
        this[Sum] += bytes;
    }

    /// <summary>Adds the numbers of another.</summary>
    public void Add(in MessageSizes other)
    {
        for (int i = 0; i < Length; i++)
        {
            this[i] += other[i];
        }
    }
}
