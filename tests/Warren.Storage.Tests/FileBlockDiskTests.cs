using Xunit;

namespace Warren.Storage.Tests;

/// <summary>The real disk, in a directory of its own that goes away with the test.</summary>
public sealed class FileBlockDiskTests : IDisposable
{
    private readonly string _directory = Directory.CreateTempSubdirectory("warren-disk-").FullName;
    private readonly FileBlockDisk _disk = FileBlockDisk.Instance;

    [Fact]
    public void What_was_written_is_read_back_after_sync_and_reopen()
    {
        string path = Path.Combine(_directory, "a");
        using (IBlockFile file = _disk.Open(path, BlockFileMode.CreateNew))
        {
            file.Write(10, "warren"u8);
            file.DataSync();
        }

        _disk.SyncDirectory(_directory);

        using IBlockFile again = _disk.Open(path, BlockFileMode.OpenRead);
        byte[] bytes = new byte[32];
        Assert.Equal(16, again.Length);
        Assert.Equal(16, again.Read(0, bytes));
        Assert.Equal("warren"u8.ToArray(), bytes[10..16]);
        Assert.Equal(["a"], _disk.List(_directory));
    }

    [Fact]
    public void A_range_given_back_reads_as_zeros_and_the_rest_stays()
    {
        using IBlockFile file = _disk.Open(_directory, BlockFileMode.Temporary);
        byte[] bytes = new byte[300_000];
        bytes.AsSpan().Fill(1);
        file.Write(0, bytes);

        if (file.TryDiscard(98_304, 98_304))
        {
            bytes.AsSpan(98_304, 98_304).Clear();
        }

        byte[] found = new byte[bytes.Length];
        Assert.Equal(bytes.Length, file.Read(0, found));
        Assert.Equal(bytes, found);
    }

    [Fact]
    public void Allocating_keeps_what_was_written_and_extends_with_zeros()
    {
        using IBlockFile file = _disk.Open(Path.Combine(_directory, "a"), BlockFileMode.CreateNew);
        file.Write(0, "x"u8);
        file.Allocate(0, 100_000);

        byte[] bytes = new byte[100_001];
        Assert.Equal(100_000, file.Read(0, bytes));
        Assert.Equal((byte)'x', bytes[0]);
        Assert.Equal(-1, bytes.AsSpan(1).IndexOfAnyExcept((byte)0));
    }

    [Fact]
    public void A_temporary_file_has_no_name()
    {
        using IBlockFile file = _disk.Open(_directory, BlockFileMode.Temporary);
        file.ZeroFill(0, 300_000);

        Assert.Equal(300_000, file.Length);
        if (!OperatingSystem.IsWindows())
        {
            Assert.Empty(_disk.List(_directory));
        }
    }

    [Fact]
    public void Errors_are_IOExceptions_with_the_systems_code()
    {
        Assert.ThrowsAny<IOException>(() => _disk.Open(Path.Combine(_directory, "none"), BlockFileMode.Open));
        IOException missing = Assert.ThrowsAny<IOException>(() => _disk.SyncDirectory(Path.Combine(_directory, "none")));
        Assert.Equal(2, missing.HResult);
    }

    [Fact]
    public void Renaming_replaces_and_deleting_what_is_gone_is_no_error()
    {
        foreach (string name in (string[])["a", "b"])
        {
            using IBlockFile file = _disk.Open(Path.Combine(_directory, name), BlockFileMode.CreateNew);
            file.Write(0, System.Text.Encoding.ASCII.GetBytes(name));
        }

        _disk.Rename(Path.Combine(_directory, "a"), Path.Combine(_directory, "b"));
        _disk.Delete(Path.Combine(_directory, "a"));

        Assert.Equal(["b"], _disk.List(_directory));
        Assert.True(_disk.FreeBytes(_directory) > 0);
        Assert.Empty(_disk.List(Path.Combine(_directory, "none")));
    }

    public void Dispose() => Directory.Delete(_directory, recursive: true);
}
