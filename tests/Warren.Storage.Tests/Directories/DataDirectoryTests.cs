using System.Text;
using Warren.Storage.Directories;
using Xunit;

namespace Warren.Storage.Tests.Directories;

/// <summary>What opening a data directory promises, on a real directory for the lock and in memory for crashes.</summary>
public sealed class DataDirectoryTests : IDisposable
{
    private const string Root = "/nowhere/warren-data";

    private readonly string _path = Path.Combine(Path.GetTempPath(), "warren-test-" + Guid.NewGuid().ToString("N"));
    private readonly MemoryDisk _memory = new();

    public void Dispose()
    {
        if (Directory.Exists(_path))
        {
            Directory.Delete(_path, recursive: true);
        }
    }

    [Fact]
    public void A_directory_keeps_its_identity()
    {
        using DataDirectory first = OpenReal();
        Guid cluster = first.ClusterUuid;
        Guid disk = first.DiskUuid;
        Assert.True(first.IsNew);
        first.Dispose();

        using DataDirectory second = OpenReal();

        Assert.False(second.IsNew);
        Assert.Equal((cluster, disk, (ushort)1), (second.ClusterUuid, second.DiskUuid, second.NodeId));
        Assert.NotEqual(cluster, disk);
        Assert.StartsWith("warren-data 1\n", File.ReadAllText(Path.Combine(_path, "FORMAT")), StringComparison.Ordinal);
    }

    [Fact]
    public void Two_brokers_cannot_share_a_directory()
    {
        using (DataDirectory first = OpenReal())
        {
            Assert.Throws<DataDirectoryLockedException>(OpenReal);
            Assert.NotEqual(Guid.Empty, first.DiskUuid);
        }

        OpenReal().Dispose();
    }

    [Fact]
    public void A_refused_directory_is_unlocked_and_unchanged()
    {
        OpenReal().Dispose();
        string format = Path.Combine(_path, "FORMAT");
        File.WriteAllText(format, "warren-data 1\ngarbage\n");

        Assert.Throws<DataDirectoryDamagedException>(OpenReal);

        Assert.Equal("warren-data 1\ngarbage\n", File.ReadAllText(format));
        File.Delete(format);
        OpenReal().Dispose();
    }

    [Fact]
    public void A_crash_at_any_step_leaves_a_directory_that_opens()
    {
        OpenMemory().Dispose();
        int steps = _memory.Operations;
        for (int failing = 0; failing < steps; failing++)
        {
            var disk = new MemoryDisk { FailsFrom = failing };
            Assert.Throws<IOException>(() => DataDirectory.Open(disk, Root, TimeProvider.System));

            disk.Crash();

            using DataDirectory opened = DataDirectory.Open(disk, Root, TimeProvider.System);
            Assert.NotEqual(Guid.Empty, opened.DiskUuid);
        }
    }

    [Fact]
    public void Any_changed_bit_of_the_format_is_noticed()
    {
        OpenMemory().Dispose();
        string path = Path.Combine(Root, "FORMAT");
        byte[] good = [.. _memory.Bytes(path)];
        for (int bit = 0; bit < good.Length * 8; bit++)
        {
            byte[] bad = [.. good];
            bad[bit / 8] ^= (byte)(1 << (bit % 8));
            _memory.SetBytes(path, bad);

            Assert.Throws<DataDirectoryDamagedException>(OpenMemory);
        }
    }

    [Fact]
    public void A_newer_format_opens_if_it_says_so_and_is_refused_if_not()
    {
        OpenMemory().Dispose();
        string path = Path.Combine(Root, "FORMAT");
        var format = DirectoryFormat.Decode(path, _memory.Bytes(path));

        _memory.SetBytes(path, (format with { Version = 7 }).Encode());
        using (DataDirectory opened = OpenMemory())
        {
            Assert.Equal(7, opened.Format.Version);
        }

        _memory.SetBytes(path, (format with { Version = 7, MinReader = 2 }).Encode());
        Assert.Throws<NewerFormatException>(OpenMemory);
    }

    [Theory]
    [InlineData("")]
    [InlineData("something else")]
    public void A_file_that_is_not_a_format_is_refused(string text)
    {
        OpenMemory().Dispose();
        _memory.SetBytes(Path.Combine(Root, "FORMAT"), Encoding.UTF8.GetBytes(text));

        Assert.Throws<DataDirectoryDamagedException>(OpenMemory);
    }

    [Fact]
    public void Data_without_a_format_is_not_taken_for_a_new_directory()
    {
        _memory.Open(Path.Combine(Root, "meta", "meta-1.snap"), BlockFileMode.CreateNew).Dispose();

        Assert.Throws<DataDirectoryDamagedException>(OpenMemory);
    }

    private DataDirectory OpenReal() => DataDirectory.Open(FileBlockDisk.Instance, _path, TimeProvider.System);

    private DataDirectory OpenMemory() => DataDirectory.Open(_memory, Root, TimeProvider.System);
}
