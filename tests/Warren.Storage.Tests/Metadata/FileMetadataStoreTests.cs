using Warren.Storage.Directories;
using Warren.Storage.Metadata;
using Warren.Storage.Tests.Directories;
using Xunit;

namespace Warren.Storage.Tests.Metadata;

/// <summary>What survives crashes, full disks and damage.</summary>
public sealed class FileMetadataStoreTests
{
    private const string Root = "/data/meta";
    private const int LogHeaderSize = 32;

    private readonly MemoryDisk _disk = new();

    [Fact]
    public void Everything_is_there_after_a_restart()
    {
        using (FileMetadataStore store = Open())
        {
            Fill(store, 100);
            store.Delete("key-5");
        }

        _disk.Crash();
        using FileMetadataStore again = Open();

        Assert.Equal(101, again.Revision);
        Assert.Equal(99, again.List("key-").Count);
        Assert.True(again.TryGet("key-7", out MetadataEntry? entry));
        Assert.Equal((8, 8), (entry.CreateRevision, entry.ModRevision));
        Assert.Equal(0, again.CutBytes);
        Assert.Equal(102, again.Put("more", [1]));
    }

    [Fact]
    public void A_grown_log_is_replaced_by_a_snapshot()
    {
        byte[] value = new byte[100_000];
        using (FileMetadataStore store = Open())
        {
            for (int i = 0; i < 200; i++)
            {
                value[0] = (byte)i;
                store.Put($"key-{i % 10}", value);
            }

            Assert.Null(store.SnapshotFailure);
        }

        _disk.Crash();
        using FileMetadataStore again = Open();
        Assert.Equal(2, _disk.List(Root).Count);
        Assert.All(_disk.List(Root), name => Assert.True(_disk.Bytes(Path.Combine(Root, name)).Length < 6_000_000));
        Assert.Equal(200, again.Revision);
        Assert.True(again.TryGet("key-9", out MetadataEntry? entry));
        Assert.Equal((199, 10L, 200L), ((int)entry.Value.Span[0], entry.CreateRevision, entry.ModRevision));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void A_power_cut_at_any_step_keeps_what_was_confirmed(bool keepWritten)
    {
        int steps = Run(new MemoryDisk(), out int all);
        Assert.Equal(8, all);
        for (int failing = 0; failing < steps; failing++)
        {
            var disk = new MemoryDisk { FailsFrom = failing };
            Run(disk, out int confirmed);
            disk.Crash(keepWritten);

            using FileMetadataStore store = FileMetadataStore.Open(disk, Root);

            // A write that was under way may be there; nothing else, and nothing less.
            Assert.InRange(store.Revision, confirmed, confirmed + 1);
            Assert.Equal(
                Enumerable.Range(0, (int)store.Revision).Select(Key),
                store.List(string.Empty).Select(entry => entry.Key));
            Assert.Equal(store.Revision + 1, store.Put("after", [1]));
        }
    }

    [Fact]
    public void A_log_cut_at_any_byte_opens_with_the_writes_before()
    {
        using (FileMetadataStore store = Open())
        {
            Fill(store, 5);
        }

        string path = LogPath();
        byte[] whole = [.. _disk.Bytes(path)];
        int batch = (whole.Length - LogHeaderSize) / 5;
        for (int length = LogHeaderSize; length < whole.Length; length++)
        {
            _disk.SetBytes(path, whole[..length]);
            using FileMetadataStore store = Open();

            Assert.Equal((length - LogHeaderSize) / batch, store.Revision);
            Assert.Equal((length - LogHeaderSize) % batch, store.CutBytes);
        }
    }

    [Fact]
    public void A_changed_bit_before_the_last_write_is_reported_and_nothing_is_cut()
    {
        using (FileMetadataStore store = Open())
        {
            Fill(store, 3);
        }

        string path = LogPath();
        byte[] good = [.. _disk.Bytes(path)];
        int lastBatch = LogHeaderSize + ((good.Length - LogHeaderSize) / 3 * 2);
        for (int bit = 0; bit < lastBatch * 8; bit++)
        {
            byte[] bad = [.. good];
            bad[bit / 8] ^= (byte)(1 << (bit % 8));
            _disk.SetBytes(path, bad);

            Assert.ThrowsAny<StorageException>(Open);
            Assert.Equal(bad, _disk.Bytes(path));
        }
    }

    [Fact]
    public void A_changed_bit_in_a_snapshot_is_reported()
    {
        using (FileMetadataStore store = Open())
        {
            store.PutAll([.. Enumerable.Range(0, 5).Select(i => KeyValuePair.Create(Key(i), (ReadOnlyMemory<byte>)new byte[900_000]))]);
            store.Put("small", [1]);
        }

        string path = Path.Combine(Root, _disk.List(Root).Single(name => name.EndsWith(".snap", StringComparison.Ordinal)));
        byte[] bytes = _disk.Bytes(path);
        foreach (int at in new[] { 0, 9, 11, 17, 24, 33, 41, 45, 50, 60, 1000, 900_100, bytes.Length - 1 })
        {
            bytes[at] ^= 0x10;
            _disk.SetBytes(path, bytes);
            Assert.ThrowsAny<StorageException>(Open);
            bytes[at] ^= 0x10;
        }

        _disk.SetBytes(path, bytes);
        using FileMetadataStore good = Open();
        Assert.Equal(2, good.Revision);
    }

    [Theory]
    [InlineData(".snap")]
    [InlineData(".log")]
    public void A_missing_file_is_reported(string extension)
    {
        using (FileMetadataStore store = Open())
        {
            Fill(store, 3);
        }

        _disk.Delete(Path.Combine(Root, "meta-2" + extension)); // the stop has made a new pair

        Assert.Throws<DataDirectoryDamagedException>(() => FileMetadataStore.Open(_disk, Root, mustExist: true));
    }

    [Fact]
    public void A_write_that_finds_the_disk_full_fails_and_the_next_one_succeeds()
    {
        using FileMetadataStore store = Open();
        store.Put("a", [1]);
        _disk.IsFull = true;
        Assert.Throws<IOException>(() => store.Put("b", new byte[1000]));
        Assert.False(store.TryGet("b", out _));
        _disk.IsFull = false;

        Assert.Equal(2, store.Put("c", [3]));
        store.Dispose();

        using FileMetadataStore again = Open();
        Assert.Equal(["a", "c"], again.List(string.Empty).Select(entry => entry.Key));
        Assert.Equal(0, again.CutBytes);
    }

    [Fact]
    public void After_a_failed_sync_no_write_is_confirmed_any_more()
    {
        using FileMetadataStore store = Open();
        store.Put("a", [1]);
        _disk.SyncFails = true;
        Assert.Throws<IOException>(() => store.Put("b", [2]));
        _disk.SyncFails = false;

        Assert.Throws<IOException>(() => store.Put("c", [3]));
        Assert.True(store.TryGet("a", out _));
        Assert.False(store.TryGet("b", out _));
    }

    [Fact]
    public void Writers_at_once_each_get_a_revision_of_their_own()
    {
        using FileMetadataStore store = Open();
        var seen = new List<long>();
        using IDisposable watch = store.Watch(string.Empty, change => seen.Add(change.Revision));

        Parallel.For(0, 200, i => store.Put($"key-{i}", [1], expectedModRevision: 0));

        Assert.Equal(200, store.Revision);
        Assert.Equal(Enumerable.Range(1, 200).Select(i => (long)i), seen);
    }

    private static void Fill(FileMetadataStore store, int count)
    {
        for (int i = 0; i < count; i++)
        {
            store.Put($"key-{i}", [1, 2, 3]);
        }
    }

    private static string Key(int i) => $"key-{i:D3}";

    // Eight writes with a snapshot among them. Returns the steps it took; stops at the first that fails.
    private static int Run(MemoryDisk disk, out int confirmed)
    {
        confirmed = 0;
        try
        {
            using FileMetadataStore store = FileMetadataStore.Open(disk, Root);
            for (int i = 0; i < 8; i++)
            {
                store.Put(Key(i), new byte[i < 3 ? 1_500_000 : 100]);
                confirmed++;
            }
        }
        catch (IOException)
        {
            return disk.Operations;
        }

        return disk.Operations;
    }

    private FileMetadataStore Open() => FileMetadataStore.Open(_disk, Root);

    private string LogPath() =>
        Path.Combine(Root, _disk.List(Root).Single(name => name.EndsWith(".log", StringComparison.Ordinal)));
}
