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
        Assert.Equal(large.AsSpan(length / 2).ToArray(), Read(position + (length / 2), length - (length / 2)));
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
                Assert.Equal((byte)(i - 20), Read(oldest, 1)[0]);
                _pages.Release(oldest, body.Length);
            }
        }

        Assert.InRange(_pages.FileBytes, 20 * body.Length, 4 * PageFile.ExtentSize);
    }

    [Fact]
    public void A_body_released_in_parts_frees_its_extents()
    {
        int length = 3 * PageFile.ExtentSize;
        long position = _pages.Write(new byte[length]);

        for (int offset = 0; offset < length; offset += PageFile.ExtentSize / 2)
        {
            _pages.Release(position + offset, PageFile.ExtentSize / 2);
        }

        Assert.Equal(0, _pages.LiveBytes);
        _pages.Trim();
        Assert.Equal(0, _pages.FileBytes);
        Assert.Equal([9], Read(_pages.Write([9]), 1));
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
        _pages.Read(position, bytes);
        return bytes;
    }
}
