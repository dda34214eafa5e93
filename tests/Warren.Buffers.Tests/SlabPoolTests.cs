using Xunit;

namespace Warren.Buffers.Tests;

/// <summary>All references come home, and then all bytes do.</summary>
public sealed class SlabPoolTests
{
    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(SlabPool.LargestShared)]
    [InlineData(SlabPool.LargestShared + 1)]
    [InlineData((SlabPool.SlabSize / 2) + 1)]
    [InlineData(SlabPool.SlabSize)]
    [InlineData(SlabPool.SlabSize + 1)]
    [InlineData(10_000_000)]
    public void A_payload_has_its_length_and_goes_home(int length)
    {
        var pool = new SlabPool();

        Payload payload = pool.Allocate(length);
        payload.Writable.Fill(1);
        Assert.Equal(length, payload.Span.Length);
        Assert.InRange(pool.RentedBytes, length, long.MaxValue);
        payload.Release();

        pool.Dispose();
        Assert.Equal(0, pool.RentedBytes);
    }

    [Fact]
    public void Neighbours_do_not_overlap()
    {
        var pool = new SlabPool();
        var payloads = new List<Payload>();
        for (int i = 0; i < 5000; i++)
        {
            payloads.Add(pool.CopyFrom([.. Enumerable.Repeat((byte)i, i % 300)]));
        }

        for (int i = 0; i < payloads.Count; i++)
        {
            Assert.Equal(i % 300, payloads[i].Length);
            Assert.Equal(-1, payloads[i].Span.IndexOfAnyExcept((byte)i));
            payloads[i].Release();
        }

        pool.Dispose();
        Assert.Equal(0, pool.RentedBytes);
    }

    [Fact]
    public void The_last_of_several_references_frees_the_bytes()
    {
        var pool = new SlabPool();
        Payload payload = pool.Allocate(100);
        payload.Retain();
        Payload part = payload.Slice(10, 20);
        pool.Dispose();

        payload.Release();
        Assert.Equal(SlabPool.SlabSize, pool.RentedBytes);
        part.Release();

        Assert.Equal(0, pool.RentedBytes);
    }

    [Fact]
    public void Slabs_are_used_again()
    {
        using var pool = new SlabPool();
        for (int i = 0; i < 1000; i++)
        {
            pool.Allocate(1000).Release();
        }

        long before = GC.GetAllocatedBytesForCurrentThread();
        for (int i = 0; i < 100_000; i++)
        {
            pool.Allocate(1000).Release();
        }

        // A slab's book-keeping is an object, its 64 KiB are not.
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 200_000);
    }

    [Fact]
    public void Medium_payloads_do_not_make_garbage()
    {
        using var pool = new SlabPool(keepBytes: 4 * SlabPool.SlabSize);
        pool.Allocate(50_000).Release();
        long before = GC.GetAllocatedBytesForCurrentThread();

        for (int i = 0; i < 1000; i++)
        {
            pool.Allocate(50_000).Release();
        }

        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 200_000);
    }

    [Fact]
    public void Free_slabs_of_a_size_no_longer_used_make_room_for_others()
    {
        using var pool = new SlabPool(keepBytes: 16 * SlabPool.SlabSize);
        List<Payload> before = [.. Enumerable.Range(0, 16).Select(_ => pool.Allocate(SlabPool.SlabSize))];
        before.ForEach(payload => payload.Release());

        Payload large = pool.Allocate(8 * SlabPool.SlabSize);
        byte[] bytes = large.Slab!.Bytes;
        large.Release();
        large = pool.Allocate(8 * SlabPool.SlabSize);

        Assert.Same(bytes, large.Slab!.Bytes);
        large.Release();
    }

    [Fact]
    public void What_nobody_needs_is_let_go_by_half_and_what_is_used_stays()
    {
        using var pool = new SlabPool();
        List<Payload> payloads = [.. Enumerable.Range(0, 16).Select(_ => pool.Allocate(SlabPool.SlabSize))];
        payloads.ForEach(payload => payload.Release());

        Assert.Equal(0, pool.Trim()); // all were in use since the last call
        Assert.Equal(8 * SlabPool.SlabSize, pool.Trim());
        payloads = [.. Enumerable.Range(0, 8).Select(_ => pool.Allocate(SlabPool.SlabSize))];
        payloads.ForEach(payload => payload.Release());
        Assert.Equal(0, pool.Trim());
        Assert.Equal(4 * SlabPool.SlabSize, pool.Trim());
    }

    [Fact]
    public void What_is_left_of_a_slab_moves_to_one_of_survivors()
    {
        using var pool = new SlabPool();
        var small = new List<Payload>();
        for (int i = 0; i < 100; i++)
        {
            small.Add(pool.CopyFrom([(byte)i, 1, 2]));
            List<Payload> large = [.. Enumerable.Range(0, 4).Select(_ => pool.Allocate(SlabPool.LargestShared - 64))];
            large.ForEach(static payload => payload.Release());
        }

        Assert.All(small.SkipLast(1), static payload => Assert.True(payload.PinsSparseSlab));
        List<Payload> moved = small.ConvertAll(pool.CopySurvivor);
        small.ForEach(static payload => payload.Release());

        Assert.All(moved, static payload => Assert.False(payload.PinsSparseSlab));
        Assert.Equal(Enumerable.Range(0, 100), moved.Select(static payload => (int)payload.Span[0]));
        Assert.InRange(pool.RentedBytes, SlabPool.SlabSize, 2 * SlabPool.SlabSize);
        moved.ForEach(static payload => payload.Release());
    }

    [Fact]
    public void Who_watches_is_told_once_when_more_is_out()
    {
        using var pool = new SlabPool();
        int told = 0;
        pool.Watch(3 * SlabPool.SlabSize, () => told++);

        List<Payload> payloads = [.. Enumerable.Range(0, 3).Select(_ => pool.Allocate(SlabPool.SlabSize))];
        Assert.Equal(0, told);
        payloads.Add(pool.Allocate(SlabPool.SlabSize));
        payloads.Add(pool.Allocate(SlabPool.SlabSize));
        Assert.Equal(1, told);
        pool.Watch(3 * SlabPool.SlabSize, () => told++);
        Assert.Equal(2, told);
        payloads.ForEach(static payload => payload.Release());
    }

    [Fact]
    public void Everything_free_is_let_go_at_once_when_it_is_to_be()
    {
        using var pool = new SlabPool();
        pool.Allocate(SlabPool.SlabSize).Release();
        pool.Allocate(5 * SlabPool.SlabSize).Release();

        Assert.Equal(6 * SlabPool.SlabSize, pool.Trim(everything: true));
        Assert.Equal(0, pool.FreeBytes);
    }

    [Fact]
    public void Empty_payloads_do_not_pin_one_slab_for_ever()
    {
        var pool = new SlabPool();
        var payloads = new List<Payload>();
        for (int i = 0; i < 3 * SlabPool.SlabSize / 8; i++)
        {
            payloads.Add(pool.Allocate(0));
        }

        Assert.Equal(3 * SlabPool.SlabSize, pool.RentedBytes);
        payloads.ForEach(payload => payload.Release());
        pool.Dispose();
        Assert.Equal(0, pool.RentedBytes);
    }

    [Fact]
    public void Payloads_cut_on_one_thread_may_be_released_on_others()
    {
        var pool = new SlabPool();
        Parallel.For(0, 8, worker =>
        {
            var mine = new List<Payload>();
            for (int i = 0; i < 20_000; i++)
            {
                mine.Add(pool.CopyFrom([(byte)worker, (byte)i]));
            }

            Parallel.ForEach(mine, payload =>
            {
                payload.Retain();
                Assert.Equal((byte)worker, payload.Span[0]);
                payload.Release();
                payload.Release();
            });
        });

        pool.Dispose();
        Assert.Equal(0, pool.RentedBytes);
    }

    [Fact]
    public void A_thread_that_has_ended_leaves_nothing_open()
    {
        var pool = new SlabPool();
        var thread = new Thread(() => pool.Allocate(100).Release());
        thread.Start();
        thread.Join();
        Assert.Equal(SlabPool.SlabSize, pool.RentedBytes);
        thread = null;

        for (int i = 0; i < 20 && pool.RentedBytes > 0; i++)
        {
            GC.Collect();
            GC.WaitForPendingFinalizers();
        }

        Assert.Equal(0, pool.RentedBytes);
        pool.Dispose();
    }
}
