using Warren.FaultTests.Books;
using Warren.FaultTests.Clients;
using Warren.FaultTests.Disks;
using Warren.Interop.Tests.Raw;

namespace Warren.FaultTests;

/// <summary>A whole broker on a real file system that becomes full, and has room again once messages are consumed.</summary>
public sealed class SmallDiskTests
{
    private const int BodyBytes = 100_000;
    private const int EnoughMessages = 20_000; // none of these disks holds so many

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Disk_that_was_full_takes_messages_again_without_a_restart_and_nothing_consumed_comes_back(bool isKilled)
    {
        using SmallFileSystem small = SmallFileSystem.Mount(300);
        string directory = Path.Combine(small.Path, "data");
        using FaultDisk disk = FaultDisk.Sound(reserves: true);
        FaultServer server = await FaultServer.StartAsync(directory, disk, TimeProvider.System);
        using RawClient publisher = Open(server, "full");
        (List<int> confirmed, int? open) = Fill(publisher, "full");
        Assert.True(confirmed.Count > 500, $"{confirmed.Count} messages of {BodyBytes} bytes");

        HashSet<int> consumed = Drain(server, "full");
        Assert.Empty(confirmed.Except(consumed));

        // The publisher hears of what it waits for, and is served again.
        if (open is { } waiting)
        {
            IsTaken(publisher, waiting);
        }

        List<int> later = [];
        for (int id = EnoughMessages; later.Count < 20; id++)
        {
            Send(publisher, "full", id);
            if (IsTaken(publisher, id))
            {
                later.Add(id);
            }

            Assert.True(id < EnoughMessages + 200, "the disk is empty and messages are still refused");
        }

        if (isKilled)
        {
            disk.Kill();
        }

        await server.StopAsync();
        using FaultDisk sound = FaultDisk.Sound(reserves: true);
        await using FaultServer again = await FaultServer.StartAsync(directory, sound, TimeProvider.System);
        HashSet<int> found = Drain(again, "full");
        Assert.Empty(later.Except(found));
        Assert.Empty(found.Intersect(consumed));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Queue_is_deleted_on_a_full_disk_and_stays_deleted(bool isKilled)
    {
        using SmallFileSystem small = SmallFileSystem.Mount(300);
        string directory = Path.Combine(small.Path, "data");
        using FaultDisk disk = FaultDisk.Sound(reserves: true);
        FaultServer server = await FaultServer.StartAsync(directory, disk, TimeProvider.System);
        using (RawClient publisher = Open(server, "full"))
        {
            Fill(publisher, "full");
            using AmqpClient other = AmqpClient.Connect(server.AmqpPort)!;

            Assert.Equal(Answer.Yes, other.Call(RawMethod.QueueDelete("full"), 41));
        }

        if (isKilled)
        {
            disk.Kill();
        }

        await server.StopAsync();
        using FaultDisk sound = FaultDisk.Sound(reserves: true);
        await using FaultServer again = await FaultServer.StartAsync(directory, sound, TimeProvider.System);
        using AmqpClient client = AmqpClient.Connect(again.AmqpPort)!;
        Assert.Null(client.Count("full"));
        Assert.Equal(Answer.Yes, client.Call(RawMethod.QueueDeclare("full", durable: true), 11));
        Assert.Equal([Answer.Yes], client.Publish([new Outgoing("", "full", Bodies.Make(1, BodyBytes))]));
    }

    [Fact]
    public async Task Space_that_bodies_of_transient_messages_took_comes_back_when_they_are_consumed()
    {
        const int Size = 1_000_000;
        const int Count = 250;
        const long Segments = 2 * (64L << 20); // the log's first segment and its spare
        using SmallFileSystem small = SmallFileSystem.Mount(800); // the page file leaves 256 MiB to the log
        string directory = Path.Combine(small.Path, "data");
        using FaultDisk disk = FaultDisk.Sound(reserves: true);
        long empty = disk.FreeBytes(small.Path);
        await using FaultServer server = await FaultServer.StartAsync(directory, disk, TimeProvider.System);
        using AmqpClient client = AmqpClient.Connect(server.AmqpPort)!;
        client.Call(RawMethod.QueueDeclare("t", durable: true), 11);
        await EventuallyAsync(() => disk.FreeBytes(small.Path) <= empty - Segments, () => "the log has set no segment aside");
        long before = disk.FreeBytes(small.Path);
        for (int id = 1; id <= Count; id++)
        {
            client.Publish([new Outgoing("", "t", Bodies.Make(id, Size), IsPersistent: false)]);
        }

        await EventuallyAsync(
            () => disk.FreeBytes(small.Path) < before - (200 * Size), () => "nothing went to the disk: the test shows nothing");
        List<int?> came = [];
        while (client.Get("t", noAck: true) is { } got)
        {
            came.Add(Bodies.Read(got.Body));
        }

        Assert.Equal(Enumerable.Range(1, Count).Select(static id => (int?)id), came);
        await EventuallyAsync(
            () => disk.FreeBytes(small.Path) > before - (20 * Size),
            () => $"{before - disk.FreeBytes(small.Path)} bytes are not given back");
        Assert.Equal([Answer.Yes], client.Publish([new Outgoing("", "t", Bodies.Make(Count + 1, BodyBytes))]));
    }

    private static async Task EventuallyAsync(Func<bool> holds, Func<string> otherwise)
    {
        long start = TimeProvider.System.GetTimestamp();
        while (!holds())
        {
            Assert.True(TimeProvider.System.GetElapsedTime(start) < FaultServer.Patience, otherwise());
            await Task.Delay(50);
        }
    }

    private static RawClient Open(FaultServer server, string queue)
    {
        var client = RawClient.Connect("127.0.0.1", server.AmqpPort);
        client.ReadTimeoutMs = (int)FaultServer.Patience.TotalMilliseconds;
        client.Login(capabilities: ["connection.blocked", "publisher_confirms", "basic.nack"]);
        client.OpenChannel(1);
        client.Call(1, RawMethod.ConfirmSelect(), 11);
        client.Call(1, RawMethod.QueueDeclare(queue, durable: true), 11);
        return client;
    }

    // One message after the other until there is no room: a nack, or a connection that is not read any more.
    private static (List<int> Confirmed, int? Open) Fill(RawClient publisher, string queue)
    {
        List<int> confirmed = [];
        for (int id = 1; id < EnoughMessages; id++)
        {
            Send(publisher, queue, id);
            RawFrame frame = publisher.ReadNoHeartbeat();
            if (frame.Is(10, 60))
            {
                return (confirmed, id); // blocked: the answer may come when there is room
            }

            if (frame.Is(60, 120))
            {
                return (confirmed, null);
            }

            Assert.True(frame.Is(60, 80), $"{frame}");
            confirmed.Add(id);
        }

        throw new InvalidOperationException("the disk is never full");
    }

    private static void Send(RawClient publisher, string queue, int id) =>
        publisher.Publish(1, "", queue, Bodies.Make(id, BodyBytes), flags: 0x1000, properties: [2]);

    // The answer to the one message that is open; blocked and unblocked on the way.
    private static bool IsTaken(RawClient publisher, int id)
    {
        while (true)
        {
            RawFrame frame = publisher.ReadNoHeartbeat();
            if (frame.Is(60, 80) || frame.Is(60, 120))
            {
                return frame.Is(60, 80);
            }

            Assert.True(frame.Is(10, 60) || frame.Is(10, 61), $"{frame} instead of an answer to message {id}");
        }
    }

    // Takes and acknowledges everything, then waits for an answer that covers it.
    private static HashSet<int> Drain(FaultServer server, string queue)
    {
        using AmqpClient consumer = AmqpClient.Connect(server.AmqpPort)!;
        HashSet<int> found = [];
        while (consumer.Get(queue) is { } got)
        {
            int? id = Bodies.Read(got.Body);
            Assert.True(id is not null, "altered");
            Assert.True(found.Add(id.Value), $"message {id} is there twice");
            consumer.Acknowledge(got);
        }

        Assert.True(consumer.IsOpen, "the connection ended");
        Assert.Equal(Answer.Yes, consumer.Call(RawMethod.QueueDeclare("mark", durable: true), 11));
        return found;
    }
}
