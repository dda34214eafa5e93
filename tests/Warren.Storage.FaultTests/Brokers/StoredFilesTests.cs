using Warren.Core.Queues;
using Warren.Storage.Directories;
using Xunit;

namespace Warren.Storage.FaultTests.Brokers;

/// <summary>What the tools for damaged data do: name it, copy what is left, let a start go on.</summary>
public sealed class StoredFilesTests
{
    private static readonly ShardLogOptions SmallSegments = new()
    {
        SegmentBytes = 16 * 1024,
        BatchBytesSoftMax = 2048,
        ReserveBytes = 32 * 1024,
        ScrubBytesPerSecond = 0,
    };

    [Fact]
    public void Verifying_an_intact_directory_finds_nothing_and_changes_nothing()
    {
        using var broker = Filled();
        Dictionary<string, byte[]> before = Files(broker.Disk);

        StoredDataReport report = StoredFiles.Verify(broker.Disk, broker.DataPath);

        Assert.True(report.IsClean, string.Join("; ", report.Damage));
        Assert.Equal((2L, 200L, 0L), (report.Queues, report.Messages, report.LostMessages));
        AssertSame(before, broker.Disk);
    }

    [Fact]
    public void Verifying_a_damaged_directory_names_each_damage_and_counts_what_is_left_and_what_is_not()
    {
        using var broker = Filled();
        string path = Segment(broker.Disk);
        broker.Disk.Bytes(path).AsSpan(8000, 600).Clear();
        Dictionary<string, byte[]> before = Files(broker.Disk);

        StoredDataReport report = StoredFiles.Verify(broker.Disk, broker.DataPath);

        Assert.False(report.IsClean);
        Assert.Contains(report.Damage, d => d.File == Path.Combine("shard-0001", Path.GetFileName(path)) && d.Records > 0);
        Assert.True(report.LostMessages is > 0 and < 10);
        Assert.Equal(200, report.Messages + report.LostMessages);
        AssertSame(before, broker.Disk);
    }

    [Fact]
    public void A_salvaged_directory_has_everything_that_was_intact_in_its_order_and_nothing_else()
    {
        using var broker = Filled();
        List<string> all = [.. FaultBroker.Bodies(broker.Host.FindQueue("a")!), .. FaultBroker.Bodies(broker.Host.FindQueue("b")!)];
        string path = Segment(broker.Disk);
        broker.Disk.Bytes(path).AsSpan(8000, 600).Clear();
        int definition = broker.Disk.Bytes(path).AsSpan().IndexOf("definition-of-b"u8);
        broker.Disk.Bytes(path)[definition] ^= 1; // its second copy is in the sidecar
        Dictionary<string, byte[]> before = Files(broker.Disk);

        StoredDataReport report = StoredFiles.Salvage(broker.Disk, broker.DataPath, broker.DataPath + "-new", TimeProvider.System);

        AssertSame(before, broker.Disk);
        Assert.Throws<StorageException>(() => StoredFiles.Salvage(broker.Disk, broker.DataPath, broker.DataPath + "-new", TimeProvider.System));
        broker.MoveTo(broker.DataPath + "-new");
        List<string> left = [.. FaultBroker.Bodies(broker.Host.FindQueue("a")!), .. FaultBroker.Bodies(broker.Host.FindQueue("b")!)];
        Assert.Equal(report.Messages, left.Count);
        Assert.Equal(all.Where(left.Contains), left);
        Assert.Equal(200, left.Count + report.LostMessages);
        Assert.NotNull(broker.Broker.Users.Find("somebody"));
        Assert.True(StoredFiles.Verify(broker.Disk.Clone(1), broker.DataPath).IsClean);

        MessageQueue again = broker.Host.FindQueue("a")!;
        broker.Publish("more", [again], out var ticket);
        broker.Wait(ticket);
        broker.Restart();
        Assert.Contains("more", FaultBroker.Bodies(broker.Host.FindQueue("a")!));
    }

    [Fact]
    public void Accepting_the_loss_of_the_definitions_lets_the_next_start_go_on_with_the_defaults()
    {
        using var broker = Filled();
        SimulatedDisk disk = broker.Disk.Clone(1);
        string snapshot = disk.Paths().First(static p => p.EndsWith(".snap", StringComparison.Ordinal));
        disk.Bytes(snapshot).AsSpan().Clear();
        Assert.ThrowsAny<StorageException>(() => broker.OpenOver(disk));

        Assert.Equal(AcceptedLoss.Metadata, StoredFiles.AcceptLoss(disk, broker.DataPath));
        broker.OpenOver(disk);

        Assert.Null(broker.Broker.Users.Find("somebody"));
        Assert.Equal(100, FaultBroker.Bodies(broker.Host.FindQueue("a")!).Count);
        Assert.Contains(disk.Paths(), static p => p.Contains("quarantine", StringComparison.Ordinal) && p.EndsWith(".snap", StringComparison.Ordinal));
        broker.Restart();
        Assert.Equal(AcceptedLoss.None, StoredFiles.AcceptLoss(broker.Disk.Clone(1), broker.DataPath));
    }

    private static FaultBroker Filled()
    {
        var broker = new FaultBroker(new SimulatedDisk(1), SmallSegments);
        broker.Broker.Users.Add("somebody", "secret", []);
        MessageQueue a = broker.Declare("a");
        MessageQueue b = broker.Declare("b", ("x-mark", Buffers.Fields.FieldValue.Of("definition-of-b")));
        for (int i = 0; i < 100; i++)
        {
            broker.Publish($"a-{i:D3}-" + new string('x', 150), [a], out _);
            broker.Publish($"b-{i:D3}-" + new string('y', 150), [b], out var ticket);
            if (i % 5 == 4)
            {
                broker.Wait(ticket);
            }
        }

        broker.Restart();
        broker.Broker.Log.Abandon();
        return broker;
    }

    private static string Segment(SimulatedDisk disk) => disk.Paths().First(static p => p.Contains("seg-", StringComparison.Ordinal) && p.EndsWith(".log", StringComparison.Ordinal));

    private static Dictionary<string, byte[]> Files(SimulatedDisk disk) =>
        disk.Paths().ToDictionary(static p => p, p => (byte[])disk.Bytes(p).Clone());

    private static void AssertSame(Dictionary<string, byte[]> before, SimulatedDisk disk)
    {
        foreach ((string path, byte[] bytes) in before)
        {
            Assert.True(disk.Bytes(path).AsSpan().SequenceEqual(bytes), path);
        }

        Assert.DoesNotContain(disk.Paths().Except(before.Keys), static p => !p.Contains("-new", StringComparison.Ordinal));
    }
}
