using Warren.Core.Queues;
using Xunit;

namespace Warren.Core.Tests.Queues;

public sealed class EntryRingTests
{
    [Fact]
    public void Entries_come_out_in_the_order_they_went_in()
    {
        var ring = new EntryRing();
        for (int i = 0; i < 2000; i++)
        {
            ring.Add(Entry(i));
        }

        for (int i = 0; i < 2000; i++)
        {
            Assert.True(ring.TryPeek(out long sequence));
            Assert.Equal((ulong)i, ring[sequence].Locator);
            ring.MarkUnacked(sequence);
            ring.Remove(sequence);
        }

        Assert.False(ring.TryPeek(out _));
        Assert.Equal(0, ring.ReadyCount);
    }

    [Fact]
    public void Returned_entries_come_before_later_ones_in_their_old_order()
    {
        var ring = new EntryRing();
        for (int i = 0; i < 10; i++)
        {
            ring.Add(Entry(i));
        }

        for (long s = 0; s < 6; s++)
        {
            ring.TryPeek(out long sequence);
            ring.MarkUnacked(sequence);
        }

        ring.MarkReturned(4);
        ring.MarkReturned(1);
        ring.Remove(0);

        Assert.Equal([1UL, 4, 6, 7, 8, 9], Drain(ring));
    }

    [Fact]
    public void Random_use_behaves_like_a_list()
    {
        var random = new Random(7);
        var ring = new EntryRing();
        var ready = new SortedSet<long>();
        var unacked = new List<long>();
        for (int step = 0; step < 200_000; step++)
        {
            switch (random.Next(5))
            {
                case 0 or 1:
                    ready.Add(ring.Add(Entry(step)));
                    break;
                case 2 when ready.Count > 0:
                    Assert.True(ring.TryPeek(out long first));
                    Assert.Equal(ready.Min, first);
                    ring.MarkUnacked(first);
                    ready.Remove(first);
                    unacked.Add(first);
                    break;
                case 3 when unacked.Count > 0:
                    int at = random.Next(unacked.Count);
                    ring.MarkReturned(unacked[at]);
                    ready.Add(unacked[at]);
                    unacked.RemoveAt(at);
                    break;
                case 4 when unacked.Count > 0:
                    int gone = random.Next(unacked.Count);
                    Assert.True(ring.Contains(unacked[gone]));
                    ring.Remove(unacked[gone]);
                    Assert.False(ring.Contains(unacked[gone]));
                    unacked.RemoveAt(gone);
                    break;
                default:
                    break;
            }

            Assert.Equal(ready.Count, ring.ReadyCount);
        }
    }

    [Fact]
    public void An_entry_added_unacknowledged_is_not_ready_until_it_returns()
    {
        var ring = new EntryRing();

        long sequence = ring.AddUnacked(new QueueEntry { Locator = 5, State = EntryState.Unacked });

        Assert.False(ring.TryPeek(out _));
        ring.MarkReturned(sequence);
        Assert.Equal([5UL], Drain(ring));
    }

    private static QueueEntry Entry(int value) => new() { Locator = (ulong)value, State = EntryState.Ready };

    private static List<ulong> Drain(EntryRing ring)
    {
        var drained = new List<ulong>();
        while (ring.TryPeek(out long sequence))
        {
            drained.Add(ring[sequence].Locator);
            ring.Remove(sequence);
        }

        return drained;
    }
}
