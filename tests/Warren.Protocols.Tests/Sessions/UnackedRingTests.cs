using FsCheck;
using FsCheck.Fluent;
using Warren.Core.Queues;
using Warren.Protocols.Tests.Amqp091.InMemory;
using Xunit;

namespace Warren.Protocols.Tests.Sessions;

/// <summary>Unacknowledged deliveries against a sorted list, and what the ring takes for them.</summary>
public sealed class UnackedRingTests : IDisposable
{
    private readonly InMemoryBroker _broker = new();
    private readonly MessageQueue _queue;

    public UnackedRingTests()
    {
        using InMemoryClient client = _broker.Connect();
        client.DeclareQueue("q"u8, durable: false);
        _queue = _broker.VirtualHost.FindQueue("q")!;
    }

    private enum Step
    {
        Add,
        Take,
        TakeWrong,
        TakeOldest,
        TakeUpTo,
        Restore,
        Trim,
    }

    public void Dispose() => _broker.Dispose();

    [Fact]
    public void It_does_what_a_sorted_list_does()
    {
        Gen<(Step, int)[]> steps =
            from many in Gen.Choose(1, 1000)
            from all in Gen.Frequency(
                (12, Gen.Constant(Step.Add)),
                (8, Gen.Constant(Step.Take)),
                (1, Gen.Constant(Step.TakeWrong)),
                (2, Gen.Constant(Step.TakeOldest)),
                (1, Gen.Constant(Step.TakeUpTo)),
                (1, Gen.Constant(Step.Restore)),
                (1, Gen.Constant(Step.Trim))).Zip(Gen.Choose(0, int.MaxValue - 1)).ArrayOf(many)
            select all;

        Prop.ForAll(steps.ToArbitrary(), all => Check(all)).Check(Config.QuickThrowOnFailure.WithMaxTest(300));
    }

    [Fact]
    public void One_delivery_that_is_never_settled_costs_nothing_of_those_behind_it()
    {
        var ring = new UnackedRing<object>();
        ring.Add(Item(1));
        for (ulong tag = 2; tag <= 1_000_000; tag++)
        {
            ring.Add(Item(tag));
            Assert.True(tag < 100 || ring.TryTake(tag - 50, out _));
        }

        Assert.InRange(ring.Capacity, 1, 4 * 101);
        Assert.True(ring.TryPeekOldest(out Unacked<object> oldest));
        Assert.Equal(1UL, oldest.DeliveryTag);
    }

    [Fact]
    public void What_a_burst_has_taken_is_given_up_when_it_was_not_needed_since_the_last_look()
    {
        var ring = new UnackedRing<object>();
        for (ulong tag = 1; tag <= 100_000; tag++)
        {
            ring.Add(Item(tag));
        }

        Assert.True(ring.TryTake(5, out _));
        Assert.True(ring.TryTake(99_000, out _));
        for (ulong tag = 10; tag < 90_000; tag++)
        {
            Assert.True(ring.TryTake(tag, out _));
        }

        ring.Trim();
        Assert.InRange(ring.Capacity, 100_000, 400_000);
        while (ring.Count > 5 && ring.TryTakeOldest(ulong.MaxValue, out _))
        {
        }

        ring.Trim();
        ring.Trim();

        Assert.InRange(ring.Capacity, 5, 64);
        Assert.True(ring.TryTake(99_998, out _));
        Assert.Equal(4, ring.Count);
    }

    [Fact]
    public void Nothing_is_allocated_while_the_number_of_unsettled_deliveries_stays_as_it_is()
    {
        var ring = new UnackedRing<object>();
        ulong tag = 0;
        Run(10_000);
        long before = GC.GetAllocatedBytesForCurrentThread();

        Run(1_000_000);

        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);

        void Run(int count)
        {
            for (int i = 0; i < count; i++)
            {
                ring.Add(Item(++tag));
                if (tag % 200 == 0)
                {
                    // every other one, and the rest a little later
                    for (ulong back = 0; back < 200; back += 2)
                    {
                        ring.TryTake(tag - back, out _);
                    }

                    ring.TryTakeOldest(tag, out _);
                    while (ring.Count > 100)
                    {
                        ring.TryTakeOldest(tag, out _);
                    }

                    ring.Trim();
                }
            }
        }
    }

    private void Check((Step Step, int Number)[] steps)
    {
        var ring = new UnackedRing<object>();
        var model = new SortedList<ulong, Unacked<object>>();
        var taken = new List<Unacked<object>>();
        ulong last = 0;
        int most = 0;
        foreach ((Step step, int number) in steps)
        {
            switch (step)
            {
                case Step.Add:
                    last += 1 + (ulong)(number % 20 == 0 ? 3 : 0); // basic.get of another queue: tags have gaps
                    ring.Add(Item(last));
                    model.Add(last, Item(last));
                    break;
                case Step.Take when model.Count > 0:
                    ulong one = model.Keys[number % model.Count];
                    Assert.True(ring.Contains(one));
                    Assert.True(ring.TryTake(one, out Unacked<object> item));
                    Assert.Equal(model[one], item);
                    taken.Add(item);
                    model.Remove(one);
                    break;
                case Step.TakeWrong:
                    ulong wrong = (ulong)number % (last + 3);
                    if (!model.ContainsKey(wrong))
                    {
                        Assert.False(ring.Contains(wrong));
                        Assert.False(ring.TryTake(wrong, out _));
                    }

                    break;
                case Step.TakeOldest:
                    TakeUpTo(ulong.MaxValue, 1);
                    break;
                case Step.TakeUpTo when model.Count > 0:
                    TakeUpTo(model.Keys[number % model.Count], int.MaxValue);
                    break;
                case Step.Restore:
                    ring.Restore(taken);
                    taken.ForEach(back => model.Add(back.DeliveryTag, back));
                    taken.Clear();
                    break;
                case Step.Trim:
                    ring.Trim();
                    break;
                default:
                    break;
            }

            most = Math.Max(most, model.Count);
            Assert.Equal(model.Count, ring.Count);
            Assert.Equal(model.Count > 0, ring.TryPeekOldest(out Unacked<object> oldest));
            Assert.Equal(model.Count > 0 ? model.Keys[0] : 0, oldest.DeliveryTag);
            Assert.InRange(ring.Capacity, 0, Math.Max(16, 4 * most));
        }

        void TakeUpTo(ulong tag, int count)
        {
            while (count-- > 0 && model.Count > 0 && model.Keys[0] <= tag)
            {
                Assert.True(ring.TryTakeOldest(tag, out Unacked<object> item));
                Assert.Equal(model.Values[0], item);
                taken.Add(item);
                model.RemoveAt(0);
            }

            Assert.False(count > 0 && ring.TryTakeOldest(tag, out _));
        }
    }

    private Unacked<object> Item(ulong tag) => new() { DeliveryTag = tag, EntryId = (long)tag * 7, Queue = _queue };
}
