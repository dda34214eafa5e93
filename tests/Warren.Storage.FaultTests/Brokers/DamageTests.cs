using System.Globalization;
using System.Text;
using Warren.Core.Queues;
using Warren.Storage.Directories;
using Xunit;

namespace Warren.Storage.FaultTests.Brokers;

/// <summary>Whatever happens to the files of a log: the loss is named, nothing intact is lost with it, nothing wrong is delivered.</summary>
public sealed class DamageTests
{
    private const int Queues = 3;
    private const int Messages = 240;

    private static readonly ShardLogOptions SmallSegments = new()
    {
        SegmentBytes = 16 * 1024,
        BatchBytesSoftMax = 2048,
        ReserveBytes = 32 * 1024,
        CheckpointInterval = TimeSpan.FromDays(1),
        ScrubBytesPerSecond = 0,
    };

    private static readonly Dictionary<string, Func<byte[], byte[]?>> Damages = new(StringComparer.Ordinal)
    {
        ["one byte changed"] = static bytes => Change(bytes, b => b[5000] ^= 0x40),
        ["a kilobyte zeroed"] = static bytes => Change(bytes, b => b.AsSpan(6000, 1024).Clear()),
        ["zeroed"] = static bytes => new byte[bytes.Length],
        ["cut in half"] = static bytes => bytes[..(bytes.Length / 2)],
        ["emptied"] = static _ => [],
        ["garbage"] = static bytes => Change(bytes, b => new Random(5).NextBytes(b)),
        ["missing"] = static _ => null,
        ["its header changed"] = static bytes => Change(bytes, b => b[70] ^= 1),
    };

    public static TheoryData<string, string, bool> Cases()
    {
        var cases = new TheoryData<string, string, bool>();
        foreach (string place in (string[])["first", "middle", "last"])
        {
            foreach (string damage in Damages.Keys)
            {
                foreach (bool hasCheckpoint in (bool[])[true, false])
                {
                    // Of a newest file that no checkpoint names yet, nothing tells that it was there: the next one comes with it.
                    if (hasCheckpoint || place != "last" || damage != "missing")
                    {
                        cases.Add(place, damage, hasCheckpoint);
                    }
                }
            }
        }

        return cases;
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public void A_damaged_segment_costs_what_was_in_it_and_says_so(string place, string damage, bool hasCheckpoint)
    {
        using var broker = new FaultBroker(new SimulatedDisk(1), SmallSegments);
        Dictionary<string, ulong> published = Fill(broker);
        if (hasCheckpoint)
        {
            broker.Broker.Log.Checkpoint();
        }

        // The last one that holds something; a spare follows it.
        List<string> segments = [.. broker.Disk.Paths().Where(p => p.EndsWith(".log", StringComparison.Ordinal) && p.Contains("seg-", StringComparison.Ordinal)
            && broker.Disk.Bytes(p).AsSpan(4096).IndexOfAnyExcept((byte)0) >= 0)];
        Assert.True(segments.Count > 4, $"{segments.Count} segments");
        string path = segments[place switch { "first" => 0, "middle" => segments.Count / 2, _ => segments.Count - 1 }];
        bool isSealed = broker.Disk.Exists(Path.ChangeExtension(path, ".idx"));

        broker.KillAndStartOver(disk => Apply(disk, path, Damages[damage]));

        string said = $"{place} {damage}: {string.Join("; ", broker.Broker.StorageDamage)}";
        HashSet<string> found = Found(broker);
        Assert.True(isSealed || place != "first", said);
        for (int q = 0; q < Queues; q++)
        {
            Assert.True(broker.Host.FindQueue($"q{q}") is not null, $"no q{q}, {said}");
        }

        foreach ((string body, ulong lsn) in published)
        {
            Assert.True(found.Contains(body) || IsNamed(broker, lsn), $"{body} at {lsn} lost, {said}");
        }

        Assert.True(found.IsSubsetOf(published.Keys), said);
        Assert.True(found.Count >= Messages / 2, $"{found.Count} left, {said}");
        Assert.True(found.Count == Messages || broker.Broker.StorageDamage.Count > 0, said);

        broker.Restart();
        broker.Restart();
        Assert.True(found.IsSubsetOf(Found(broker)), $"intact messages went with a later start, {said}");
    }

    [Theory]
    [InlineData("emptied")]
    [InlineData("zeroed")]
    [InlineData("garbage")]
    [InlineData("missing")]
    [InlineData("cut in half")]
    public void Where_the_only_segment_is_gone_the_start_is_refused_and_names_it(string damage)
    {
        using var broker = new FaultBroker(new SimulatedDisk(1), SmallSegments);
        MessageQueue queue = broker.Declare("q");
        broker.Publish("m", [queue], out var ticket);
        broker.Wait(ticket);
        string path = broker.Disk.Paths().First(static p => p.Contains("seg-", StringComparison.Ordinal));
        broker.Broker.Log.Abandon();
        SimulatedDisk disk = broker.Disk.Clone(1);
        Apply(disk, path, damage == "cut in half" ? static bytes => bytes[..4100] : Damages[damage]);
        string[] before = [.. disk.Paths()];

        var refused = Assert.ThrowsAny<StorageException>(() => broker.OpenOver(disk));

        Assert.Contains(Path.GetFileName(path), refused.Message, StringComparison.Ordinal);
        Assert.Contains("accept-loss", refused.Message, StringComparison.Ordinal);
        Assert.Empty(before.Except(disk.Paths()));
        using (DataDirectory directory = DataDirectory.OpenExisting(disk, broker.DataPath))
        {
            directory.Accept(AcceptedLoss.Log);
        }

        broker.OpenOver(disk);
        Assert.Null(broker.Host.FindQueue("q"));
        Assert.True(damage is "missing" or "cut in half" || disk.Paths().Any(static p => p.Contains("quarantine", StringComparison.Ordinal)), string.Join(' ', disk.Paths()));
    }

    [Fact]
    public void A_shard_directory_that_is_gone_after_a_clean_stop_refuses_the_start()
    {
        using var broker = new FaultBroker(new SimulatedDisk(1), SmallSegments);
        broker.Declare("q");
        broker.Restart();
        broker.Broker.Log.Abandon();
        SimulatedDisk disk = broker.Disk.Clone(1);
        foreach (string path in disk.Paths().Where(static p => p.Contains("shard-", StringComparison.Ordinal)))
        {
            disk.Delete(path);
        }

        var refused = Assert.ThrowsAny<StorageException>(() => broker.OpenOver(disk));

        Assert.Contains("shard-0001", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Definitions_that_are_gone_refuse_the_start_and_bring_no_default_user_back()
    {
        using var broker = new FaultBroker(new SimulatedDisk(1), SmallSegments);
        broker.Declare("q");
        broker.Broker.Users.Remove("guest");
        broker.Broker.Log.Abandon();
        foreach (bool onlySnapshot in (bool[])[true, false])
        {
            SimulatedDisk disk = broker.Disk.Clone(1);
            foreach (string path in disk.Paths().Where(p => p.Contains("meta-", StringComparison.Ordinal) && (!onlySnapshot || p.EndsWith(".snap", StringComparison.Ordinal))))
            {
                disk.Delete(path);
            }

            var refused = Assert.ThrowsAny<StorageException>(() => broker.OpenOver(disk));

            Assert.Contains("meta", refused.Message, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void A_flipped_bit_in_the_definition_of_a_queue_stops_no_start_and_costs_neither_its_messages_nor_others()
    {
        using var broker = new FaultBroker(new SimulatedDisk(1), SmallSegments);
        MessageQueue orders = broker.Declare("orders");
        MessageQueue other = broker.Declare("other");
        broker.Publish("one", [orders], out _);
        broker.Publish("two", [other], out var ticket);
        broker.Wait(ticket);
        string path = broker.Disk.Paths().First(static p => p.Contains("seg-", StringComparison.Ordinal));
        int at = broker.Disk.Bytes(path).AsSpan().IndexOf("orders"u8);

        broker.KillAndStartOver(disk => disk.Bytes(path)[at] ^= 1);

        Assert.Null(broker.Host.FindQueue("orders"));
        Assert.Equal(["two"], FaultBroker.Bodies(broker.Host.FindQueue("other")!));
        Assert.NotEmpty(broker.Broker.StorageDamage);
        broker.Restart();
        broker.Restart();
        foreach (string file in broker.Disk.Paths().Where(p => p.Contains("seg-", StringComparison.Ordinal)))
        {
            int wrong = broker.Disk.Bytes(file).AsSpan().IndexOf("nrders"u8);
            if (wrong >= 0)
            {
                broker.KillAndStartOver(disk => disk.Bytes(file)[wrong] ^= 1);
                break;
            }
        }

        // Who mends the byte has the queue back, and everything in it.
        Assert.Equal(["one"], FaultBroker.Bodies(broker.Host.FindQueue("orders")!));
    }

    [Fact]
    public void A_flipped_bit_in_the_definition_of_a_queue_in_a_closed_segment_costs_nothing()
    {
        using var broker = new FaultBroker(new SimulatedDisk(1), SmallSegments);
        Fill(broker);
        broker.Restart();
        string path = broker.Disk.Paths().First(static p => p.Contains("seg-", StringComparison.Ordinal) && p.EndsWith(".log", StringComparison.Ordinal));
        int at = broker.Disk.Bytes(path).AsSpan().IndexOf("q1"u8);
        Assert.True(at > 0);

        broker.KillAndStartOver(disk => disk.Bytes(path)[at] ^= 1);

        Assert.Equal(Messages, Found(broker).Count);
        Assert.NotNull(broker.Host.FindQueue("q1"));
    }

    [Fact]
    public void I12_any_flipped_bit_of_any_file_is_named_or_harms_nothing() => Seeded.Run(2, seed =>
    {
        using var broker = new FaultBroker(new SimulatedDisk(seed), SmallSegments);
        Dictionary<string, ulong> published = Fill(broker);
        broker.Restart();
        broker.Broker.Log.Abandon();
        var random = new Random(seed);
        foreach (string path in broker.Disk.Paths())
        {
            byte[] bytes = broker.Disk.Bytes(path);
            int end = bytes.AsSpan().LastIndexOfAnyExcept((byte)0) + 1;
            for (int i = 0; i < 6 && end > 0; i++)
            {
                SimulatedDisk disk = broker.Disk.Clone(seed);
                int at = random.Next(end);
                disk.Bytes(path)[at] ^= (byte)(1 << random.Next(8));
                CheckFlip(broker, disk, published, $"{Path.GetFileName(path)} byte {at}");
            }
        }
    });

    [Fact]
    public void The_scrubber_names_a_damaged_record_before_anybody_reads_it()
    {
        using var broker = new FaultBroker(new SimulatedDisk(1), SmallSegments);
        Dictionary<string, ulong> published = Fill(broker);
        broker.Restart();
        string path = broker.Disk.Paths().First(static p => p.Contains("seg-", StringComparison.Ordinal) && p.EndsWith(".log", StringComparison.Ordinal));
        string body = published.Keys.First();
        int at = broker.Disk.Bytes(path).AsSpan().IndexOf(Encoding.UTF8.GetBytes(body));
        broker.Disk.Bytes(path)[at + 3] ^= 1;

        while (broker.Broker.Log.Scrubber.Step(out _))
        {
        }

        DamageReport named = Assert.Single(broker.Broker.StorageDamage);
        Assert.Equal((DamageKind.DamagedRecord, published[body], published[body], 1L), (named.Kind, named.FirstLsn, named.LastLsn, named.Records));
    }

    private static void CheckFlip(FaultBroker broker, SimulatedDisk disk, Dictionary<string, ulong> published, string place)
    {
        try
        {
            broker.OpenOver(disk);
        }
        catch (Exception refused) when (refused is StorageException or InvalidDataException)
        {
            return; // by name
        }

        HashSet<string> found = Found(broker);
        string said = $"{place}: {string.Join("; ", broker.Broker.StorageDamage)}";
        Assert.True(found.IsSubsetOf(published.Keys), said);
        foreach ((string body, ulong lsn) in published)
        {
            Assert.True(found.Contains(body) || IsNamed(broker, lsn), $"{body} at {lsn} lost, {said}");
        }

        broker.Broker.Log.Abandon();
    }

    // Bodies are as long as their numbers are large, and each queue has its own.
    private static Dictionary<string, ulong> Fill(FaultBroker broker)
    {
        MessageQueue[] queues = [.. Enumerable.Range(0, Queues).Select(i => broker.Declare($"q{i}"))];
        var published = new Dictionary<string, ulong>(StringComparer.Ordinal);
        for (int i = 0; i < Messages; i++)
        {
            string body = string.Create(CultureInfo.InvariantCulture, $"q{i % Queues}-{i:D5}-") + new string((char)('a' + (i % 26)), 280);
            broker.Publish(body, [queues[i % Queues]], out var ticket);
            published.Add(body, broker.Broker.Log.LastLsn);
            if (i % 5 == 4)
            {
                broker.Wait(ticket);
            }
        }

        broker.Wait(broker.Broker.Log.Barrier());
        Assert.True(SpinWait.SpinUntil(() => AllSealed(broker), TimeSpan.FromSeconds(30)), "the keeper has sealed nothing");
        return published;
    }

    private static bool AllSealed(FaultBroker broker)
    {
        lock (broker.Broker.Log.Memory.Lock)
        {
            return broker.Broker.Log.Memory.Segments.All(static s => s.IsSealed || !s.IsClosed);
        }
    }

    private static HashSet<string> Found(FaultBroker broker)
    {
        var found = new HashSet<string>(StringComparer.Ordinal);
        for (int q = 0; q < Queues; q++)
        {
            foreach (string body in broker.Host.FindQueue($"q{q}") is { } queue ? FaultBroker.Bodies(queue) : [])
            {
                Assert.StartsWith($"q{q}-", body, StringComparison.Ordinal);
                Assert.True(found.Add(body), "twice");
            }
        }

        return found;
    }

    private static bool IsNamed(FaultBroker broker, ulong lsn) => broker.Broker.StorageDamage.Any(d =>
        d.Kind is DamageKind.LostRecords or DamageKind.DamagedRecord or DamageKind.TornTail
        && d.FirstLsn <= lsn && (d.LastLsn == 0 || d.LastLsn >= lsn));

    private static void Apply(SimulatedDisk disk, string path, Func<byte[], byte[]?> damage)
    {
        if (damage(disk.Bytes(path)) is { } bytes)
        {
            disk.SetBytes(path, bytes);
        }
        else
        {
            disk.Delete(path);
        }
    }

    private static byte[] Change(byte[] bytes, Action<byte[]> change)
    {
        byte[] changed = (byte[])bytes.Clone();
        change(changed);
        return changed;
    }
}
