using Warren.Storage.Paging;
using Warren.Storage.Tests.Directories;
using Xunit;

namespace Warren.Storage.Tests.Paging;

/// <summary>What is paged out comes back, and space comes back too.</summary>
public sealed class PageFileTests : IDisposable
{
    private readonly MemoryDisk _disk = new();
    private readonly PageFile _pages;

    public PageFileTests() => _pages = new PageFile(_disk, "/data/paging", keepFreeBytes: 0);

    public void Dispose() => _pages.Dispose();

    [Fact]
    public void What_was_written_is_read_before_and_after_it_reaches_the_file()
    {
        var random = new Random(1);
        var written = new List<(long Position, byte[] Bytes)>();
        for (int i = 0; i < 3000; i++)
        {
            byte[] bytes = new byte[random.Next(1, 4000)];
            random.NextBytes(bytes);
            long position = _pages.Write(bytes);
            written.Add((position, bytes));
            Assert.Equal(bytes, Read(position, bytes.Length));
        }

        foreach ((long position, byte[] bytes) in written)
        {
            Assert.Equal(bytes, Read(position, bytes.Length));
        }

        Assert.Equal(written.Sum(item => (long)item.Bytes.Length), _pages.LiveBytes);
    }

    [Theory]
    [InlineData((1024 * 1024) - 1)]
    [InlineData(1024 * 1024)]
    [InlineData(PageFile.ExtentSize)]
    [InlineData(PageFile.ExtentSize + 1)]
    [InlineData((2 * PageFile.ExtentSize) + 12_345)]
    public void A_large_body_is_kept_whole_between_small_ones(int length)
    {
        byte[] large = new byte[length];
        new Random(2).NextBytes(large);

        long before = _pages.Write([1, 2, 3]);
        long position = _pages.Write(large);
        long after = _pages.Write([4, 5, 6]);

        Assert.Equal([1, 2, 3], Read(before, 3));
        Assert.Equal(large, Read(position, length));
        Assert.Equal([4, 5, 6], Read(after, 3));
    }

    [Fact]
    public void Dead_extents_are_used_again()
    {
        byte[] body = new byte[1024 * 1024];
        var alive = new Queue<long>();
        for (int i = 0; i < 200; i++)
        {
            body[0] = (byte)i;
            alive.Enqueue(_pages.Write(body));
            if (alive.Count > 20)
            {
                long oldest = alive.Dequeue();
                Assert.Equal((byte)(i - 20), Read(oldest, body.Length)[0]);
                _pages.Release(oldest, body.Length);
            }
        }

        Assert.InRange(_pages.FileBytes, 20 * body.Length, 7 * PageFile.ExtentSize);
    }

    [Fact]
    public void A_large_body_in_an_extent_that_is_used_again_is_read_whole()
    {
        byte[] filler = new byte[PageFile.ExtentSize];
        long dead = _pages.Write(filler);
        long small = _pages.Write([1, 2, 3]);
        byte[] large = new byte[PageFile.ExtentSize - 10];
        large.AsSpan().Fill(7);
        long behind = _pages.Write(large);
        _pages.Release(dead, filler.Length);
        _pages.Release(small, 3);
        _pages.Release(behind, large.Length);
        var written = new List<long>();
        for (int i = 0; i < 4; i++)
        {
            written.Add(_pages.Write(large));
        }

        Assert.All(written, position => Assert.Equal(large, Read(position, large.Length)));
    }

    [Fact]
    public void Large_bodies_use_the_room_of_large_bodies_again()
    {
        byte[] body = new byte[(3 * PageFile.ExtentSize) - 5];
        long first = _pages.Write(body);
        for (int i = 0; i < 10; i++)
        {
            long second = _pages.Write(body);
            _pages.Release(first, body.Length);
            first = second;
        }

        Assert.InRange(_pages.FileBytes, body.Length, 6 * PageFile.ExtentSize);
    }

    [Fact]
    public void An_empty_file_is_given_back_whole()
    {
        int length = 3 * PageFile.ExtentSize;
        long position = _pages.Write(new byte[length]);
        _pages.Release(position, length);

        Assert.Equal(0, _pages.LiveBytes);
        Assert.Equal(length, _pages.Trim());

        Assert.Equal(0, _pages.FileBytes);
        Assert.Equal([9], Read(_pages.Write([9]), 1));
    }

    [Fact]
    public void Holes_are_given_back_and_filled_again()
    {
        byte[] body = new byte[PageFile.ExtentSize];
        List<long> written = [.. Enumerable.Range(0, 8).Select(_ => _pages.Write(body))];
        foreach (int dead in (int[])[1, 2, 4, 6])
        {
            _pages.Release(written[dead], body.Length);
        }

        Assert.Equal(3 * PageFile.ExtentSize, _pages.Trim(keepBytes: PageFile.ExtentSize));
        Assert.Equal(3 * PageFile.ExtentSize, _disk.DiscardedBytes);
        body.AsSpan().Fill(3);
        List<long> again = [.. Enumerable.Range(0, 4).Select(_ => _pages.Write(body))];

        Assert.All(again, position => Assert.Equal(body, Read(position, body.Length)));
        Assert.Equal(new byte[body.Length], Read(written[7], body.Length));
        Assert.Equal(8 * PageFile.ExtentSize, _pages.FileBytes);
    }

    [Fact]
    public void A_hole_is_not_filled_with_what_others_need()
    {
        byte[] body = new byte[PageFile.ExtentSize];
        List<long> written = [.. Enumerable.Range(0, 3).Select(_ => _pages.Write(body))];
        _pages.Release(written[1], body.Length);
        _pages.Trim();
        _disk.Free = PageFile.ExtentSize - 1;

        Assert.Equal(PageFile.NoRoom, _pages.Write(body));

        _disk.Free = PageFile.ExtentSize;
        Assert.NotEqual(PageFile.NoRoom, _pages.Write(body));
    }

    [Fact]
    public void What_dies_before_it_is_written_never_meets_the_disk()
    {
        for (int i = 0; i < 1000; i++)
        {
            _pages.Release(_pages.Write(new byte[50_000]), 50_000);
        }

        Assert.Equal(0, _disk.Operations);
    }

    [Fact]
    public void A_body_that_is_not_what_was_written_is_damaged()
    {
        byte[] body = new byte[PageFile.ExtentSize];
        long dead = _pages.Write(body);
        _pages.Write([1]);
        _pages.Release(dead, body.Length);
        body.AsSpan().Fill(1);
        _pages.Write(body);

        Assert.Equal(RecordReadResult.Damaged, _pages.Read(dead, new byte[body.Length]));
    }

    [Fact]
    public void A_file_whose_sync_has_failed_is_read_to_its_end_and_replaced()
    {
        byte[] body = new byte[PageFile.ExtentSize];
        body[^1] = 6;
        _disk.SyncFails = true;
        var kept = new List<long>();
        long position;
        while ((position = _pages.Write(body)) >= 0)
        {
            kept.Add(position);
        }

        _disk.SyncFails = false;
        Assert.Equal(PageFile.NoRoom, _pages.Write(body));
        foreach (long one in kept)
        {
            Assert.Equal(body, Read(one, body.Length));
            _pages.Release(one, body.Length);
        }

        Assert.Equal(body, Read(_pages.Write(body), body.Length));
    }

    [Fact]
    public void Trim_keeps_what_is_alive()
    {
        long first = _pages.Write(new byte[PageFile.ExtentSize]);
        long second = _pages.Write(new byte[PageFile.ExtentSize]);
        long third = _pages.Write([7]);
        _pages.Release(second, PageFile.ExtentSize);
        _pages.Release(first, PageFile.ExtentSize);

        _pages.Trim();

        Assert.Equal([7], Read(third, 1));
        Assert.Equal(1, _pages.LiveBytes);
    }

    [Fact]
    public void A_full_disk_is_an_answer_and_what_was_accepted_stays_readable()
    {
        byte[] body = new byte[600_000];
        body[^1] = 5;
        long accepted = _pages.Write(body);
        _disk.IsFull = true;

        Assert.Equal(PageFile.NoRoom, _pages.Write(body));
        Assert.Equal(body, Read(accepted, body.Length));
        Assert.NotNull(_pages.Failure);

        _disk.IsFull = false;
        long later = _pages.Write(body);
        Assert.NotEqual(PageFile.NoRoom, later);
        Assert.Equal(body, Read(accepted, body.Length));
        Assert.Equal(body, Read(later, body.Length));
    }

    [Fact]
    public void A_large_body_that_found_no_room_leaves_its_extents_to_others()
    {
        _disk.IsFull = true;
        Assert.Equal(PageFile.NoRoom, _pages.Write(new byte[3 * PageFile.ExtentSize]));
        _disk.IsFull = false;
        long file = _pages.FileBytes;

        for (int i = 0; i < 3; i++)
        {
            Assert.NotEqual(PageFile.NoRoom, _pages.Write(new byte[PageFile.ExtentSize]));
        }

        Assert.Equal(file, _pages.FileBytes);
    }

    [Fact]
    public void Space_kept_free_for_others_is_not_taken()
    {
        using var modest = new PageFile(_disk, "/data/paging", keepFreeBytes: 100_000_000);
        _disk.Free = 100_000_000 + PageFile.ExtentSize - 1;

        Assert.Equal(PageFile.NoRoom, modest.Write([1]));

        _disk.Free++;
        Assert.NotEqual(PageFile.NoRoom, modest.Write([1]));
    }

    [Fact]
    public void Writers_readers_and_releasers_at_once_do_not_disturb_each_other()
    {
        Parallel.For(0, 8, worker =>
        {
            var random = new Random(worker);
            for (int i = 0; i < 400; i++)
            {
                byte[] bytes = new byte[random.Next(1, 60_000)];
                random.NextBytes(bytes);
                long position = _pages.Write(bytes);
                Assert.Equal(bytes, Read(position, bytes.Length));
                _pages.Release(position, bytes.Length);
            }
        });

        Assert.Equal(0, _pages.LiveBytes);
    }

    private byte[] Read(long position, int length)
    {
        byte[] bytes = new byte[length];
        bytes.AsSpan().Fill(0xEE); // what was in memory before
        Assert.Equal(RecordReadResult.Ok, _pages.Read(position, bytes));
        return bytes;
    }
}
