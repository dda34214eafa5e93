using Warren.Storage.Directories;
using Warren.Storage.Metadata;
using Xunit;

namespace Warren.Storage.FaultTests;

/// <summary>Definitions of a broker that was stopped in order, and those of one whose directory is taken away.</summary>
public sealed class StoppedMetadataTests
{
    [Fact]
    public void Whatever_is_cut_off_after_a_stop_is_damage_and_not_an_unfinished_write()
    {
        var disk = new SimulatedDisk(1);
        using (var store = FileMetadataStore.Open(disk, "meta"))
        {
            store.Put("users/bob", new byte[50]);
            store.Delete("users/guest");
            store.Put("users/eve", new byte[50]);
        }

        foreach (string path in disk.Paths())
        {
            SimulatedDisk damaged = disk.Clone(2);
            byte[] bytes = damaged.Bytes(path);
            damaged.SetBytes(path, bytes[..(bytes.Length / 2)]);

            Assert.Throws<DataDirectoryDamagedException>(() => FileMetadataStore.Open(damaged, "meta"));
        }

        using var whole = FileMetadataStore.Open(disk, "meta");
        Assert.Equal(["users/bob", "users/eve"], whole.List("").Select(static e => e.Key));
    }

    [Fact]
    public void Nothing_is_answered_ok_that_went_into_a_removed_file()
    {
        var disk = new SimulatedDisk(1);
        using var store = FileMetadataStore.Open(disk, "meta");
        var failures = new List<Exception>();
        store.Failed += failures.Add;
        store.Put("a", [1]);
        foreach (string path in disk.Paths())
        {
            disk.Delete(path);
        }

        Assert.Throws<IOException>(() => store.Put("b", [1]));
        Assert.Throws<IOException>(() => store.Put("c", [1]));

        Assert.Single(failures);
        Assert.False(store.TryGet("b", out _));
    }
}
