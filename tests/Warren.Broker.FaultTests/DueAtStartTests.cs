using System.Net;
using System.Net.Sockets;
using Warren.FaultTests.Books;
using Warren.FaultTests.Clients;
using Warren.FaultTests.Disks;
using Warren.Interop.Tests.Raw;
using Warren.Server;

namespace Warren.FaultTests;

/// <summary>A broker that is started when everything that waits for a time is due: nothing is lost, forgotten or done twice.</summary>
public sealed class DueAtStartTests : IDisposable
{
    private const int Count = 100;
    private static readonly TimeSpan Away = TimeSpan.FromMinutes(30);

    private readonly string _root = Path.Combine(
        Directory.Exists("/dev/shm") ? "/dev/shm" : Path.GetTempPath(), $"warren-due-{Guid.NewGuid():N}");

    private readonly LaterTime _time = new();
    private FaultDisk _disk = FaultDisk.Sound();

    /// <summary>How a broker comes to its end and to its next start.</summary>
    public enum End
    {
        /// <summary>It is stopped.</summary>
        Stop,

        /// <summary>It is killed.</summary>
        Kill,

        /// <summary>It is stopped, and a start in between fails because its port is taken.</summary>
        StopAndTakenPort,

        /// <summary>It is killed, and a start in between fails because its port is taken.</summary>
        KillAndTakenPort,

        /// <summary>It is killed, and stopped and started once more.</summary>
        KillAndStop,
    }

    public static TheoryData<End> Ends => [.. Enum.GetValues<End>()];

    public void Dispose()
    {
        _disk.Dispose();
        if (Directory.Exists(_root))
        {
            Directory.Delete(_root, recursive: true);
        }
    }

    [Theory]
    [MemberData(nameof(Ends))]
    public async Task Messages_whose_time_was_up_are_dead_letters(End end)
    {
        FaultServer server = await StartAsync();
        using (AmqpClient client = Connect(server))
        {
            Declare(client, "dead");
            for (int i = 0; i < 5; i++)
            {
                Declare(client, $"ttl{i}", ("x-message-ttl", 60_000), ("x-dead-letter-exchange", ""), ("x-dead-letter-routing-key", "dead"));
            }

            Declare(client, "own", ("x-dead-letter-exchange", ""), ("x-dead-letter-routing-key", "dead"));
            Declare(client, "quorum", ("x-queue-type", "quorum"), ("x-message-ttl", 60_000), ("x-dead-letter-exchange", ""), ("x-dead-letter-routing-key", "dead"));
            Publish(client, [.. Enumerable.Range(0, 5 * Count).Select(i => new Outgoing("", $"ttl{i % 5}", Bodies.Make(i)))]);
            Publish(client, [.. Enumerable.Range(5 * Count, Count).Select(i => new Outgoing("", "own", Bodies.Make(i), Expiration: "60000"))]);
            Publish(client, [.. Enumerable.Range(6 * Count, Count).Select(i => new Outgoing("", "quorum", Bodies.Make(i)))]);
        }

        server = await EndAndStartAsync(server, end);
        await using (server)
        {
            using AmqpClient client = Connect(server);
            await EventuallyAsync(() => client.Count("dead") == 7 * Count, () => $"{client.Count("dead")} dead letters of {7 * Count}");
            List<int?> ids = [];
            while (client.Get("dead", noAck: true) is { } got)
            {
                ids.Add(Bodies.Read(got.Body));
            }

            Assert.Equal(Enumerable.Range(0, 7 * Count).Select(static i => (int?)i), ids.Order());
        }
    }

    [Theory]
    [MemberData(nameof(Ends))]
    public async Task Unused_queue_goes_and_the_broker_stays(End end)
    {
        FaultServer server = await StartAsync();
        using (AmqpClient client = Connect(server))
        {
            for (int i = 0; i < 50; i++)
            {
                Declare(client, $"unused{i}", ("x-expires", 60_000));
            }

            Publish(client, [new Outgoing("", "unused0", Bodies.Make(1))]);
        }

        server = await EndAndStartAsync(server, end);
        await using (server)
        {
            _time.Advance(Away); // the lease of a durable queue may begin anew with the start
            using AmqpClient client = Connect(server);
            await EventuallyAsync(
                () => Enumerable.Range(0, 50).All(i => client.Count($"unused{i}") is null), () => "a queue nobody used is still there");
            Declare(client, "other");
        }
    }

    [Theory]
    [MemberData(nameof(Ends))]
    public async Task Sessions_that_have_expired_are_gone_and_wills_are_published(End end)
    {
        FaultServer server = await StartAsync();
        using (var watcher = MqttClient.Connect(server.MqttPort, "watcher")!)
        {
            Assert.Equal(Answer.Yes, watcher.Subscribe("wills/#"));
            watcher.Leave();
        }

        using (MqttClient leaving = MqttClient.Connect(server.MqttPort, "short", l => l with { ExpirySeconds = 60 })!)
        {
            leaving.Subscribe("other/#");
            leaving.Leave();
        }

        foreach ((string id, uint delay) in new[] { ("soon", 600u), ("later", 80_000u) })
        {
            // lost without a DISCONNECT: the will is due
            using MqttClient lost = MqttClient.Connect(
                server.MqttPort, id, l => l with { WillTopic = $"wills/{id}", WillDelaySeconds = delay })!;
            lost.Subscribe("other/#");
        }

        // What ended is noticed, and a confirm covers that.
        await EventuallyAsync(() => !server.Server.Broker.Connections.All.Any(), () => "a connection that was closed is still there");
        using (AmqpClient client = Connect(server))
        {
            Declare(client, "mark");
            Publish(client, [new Outgoing("", "mark", Bodies.Make(1))]);
        }

        server = await EndAndStartAsync(server, end);
        await using (server)
        {
            if (end is not (End.Stop or End.StopAndTakenPort))
            {
                _time.Advance(Away); // nobody knows since when clients are away: it may count from the start
            }

            using MqttClient watcher = MqttClient.Connect(server.MqttPort, "watcher")!;
            Assert.True(watcher.HadSession);
            HashSet<string> wills = [];
            await EventuallyAsync(
                () =>
                {
                    watcher.Pending().ForEach(p => wills.Add(p.Topic));
                    return wills.Contains("wills/soon");
                },
                () => "the will that was due has not come");
            Assert.DoesNotContain("wills/later", wills);
            using MqttClient expired = MqttClient.Connect(server.MqttPort, "short")!;
            Assert.False(expired.HadSession);
            using MqttClient waiting = MqttClient.Connect(server.MqttPort, "later")!;
            Assert.True(waiting.HadSession);
        }
    }

    [Theory]
    [MemberData(nameof(Ends))]
    public async Task Messages_that_waited_to_be_tried_again_come(End end)
    {
        FaultServer server = await StartAsync();
        using (AmqpClient client = Connect(server))
        {
            Declare(client, "retry", ("x-queue-type", "quorum"), ("x-delayed-retry-type", "all"), ("x-delayed-retry-min", 60_000));
            Publish(client, [.. Enumerable.Range(1, 10).Select(static i => new Outgoing("", "retry", Bodies.Make(i)))]);
            Assert.Equal(Answer.Yes, client.Consume(
                "retry", 10, static got => [RawMethod.BasicNack(got[^1].Tag, multiple: true, requeue: true)]));
            Publish(client, [new Outgoing("", "retry", Bodies.Make(11))]); // covers what was given back
        }

        server = await EndAndStartAsync(server, end);
        await using (server)
        {
            using AmqpClient client = Connect(server);
            await EventuallyAsync(() => client.Count("retry") == 11, () => $"{client.Count("retry")} of 11 messages are ready");
            List<int?> ids = [];
            while (client.Get("retry", noAck: true) is { } got)
            {
                ids.Add(Bodies.Read(got.Body));
            }

            Assert.Equal(Enumerable.Range(1, 11).Select(static i => (int?)i), ids.Order());
        }
    }

    [Theory]
    [MemberData(nameof(Ends))]
    public async Task Message_that_was_delivered_comes_as_redelivered_however_often_the_broker_starts(End end)
    {
        FaultServer server = await StartAsync();
        using (AmqpClient client = Connect(server))
        {
            Declare(client, "q");
            Publish(client, [new Outgoing("", "q", Bodies.Make(1)), new Outgoing("", "q", Bodies.Make(2))]);
            Assert.NotNull(client.Get("q")); // delivered and never settled
            Publish(client, [new Outgoing("", "q", Bodies.Make(3))]);
        }

        for (int start = 0; start < 3; start++)
        {
            server = await EndAndStartAsync(server, start == 0 ? end : End.Stop);
        }

        await using (server)
        {
            using AmqpClient client = Connect(server);
            Incoming first = client.Get("q", noAck: true)!;
            Assert.Equal(1, Bodies.Read(first.Body));
            Assert.True(first.IsRedelivered);
            Assert.Equal([2, 3], [Bodies.Read(client.Get("q", noAck: true)!.Body), Bodies.Read(client.Get("q", noAck: true)!.Body)]);
        }
    }

    private static AmqpClient Connect(FaultServer server) =>
        AmqpClient.Connect(server.AmqpPort) ?? throw new InvalidOperationException("no way in");

    private static void Declare(AmqpClient client, string queue, params (string, object?)[] arguments) =>
        Assert.Equal(Answer.Yes, client.Call(RawMethod.QueueDeclare(queue, durable: true, arguments: arguments), 11));

    private static void Publish(AmqpClient client, IReadOnlyList<Outgoing> messages) =>
        Assert.All(client.Publish(messages), static answer => Assert.Equal(Answer.Yes, answer));

    private static async Task EventuallyAsync(Func<bool> holds, Func<string> otherwise)
    {
        long start = TimeProvider.System.GetTimestamp();
        while (!holds())
        {
            Assert.True(TimeProvider.System.GetElapsedTime(start) < FaultServer.Patience, otherwise());
            await Task.Delay(20);
        }
    }

    private async Task<FaultServer> StartAsync()
    {
        _disk.Dispose();
        _disk = FaultDisk.Sound();
        return await FaultServer.StartAsync(_root, _disk, _time);
    }

    private async Task<FaultServer> EndAndStartAsync(FaultServer server, End end)
    {
        if (end is End.Kill or End.KillAndTakenPort or End.KillAndStop)
        {
            _disk.Kill();
        }

        await server.StopAsync();
        _time.Advance(Away);
        if (end is End.StopAndTakenPort or End.KillAndTakenPort)
        {
            using var taken = new TcpListener(IPAddress.Loopback, 0);
            taken.Start();
            using FaultDisk disk = FaultDisk.Sound();
            await Assert.ThrowsAsync<StartupError>(() => FaultServer.StartAsync(
                _root, disk, _time, options => options with { TcpListeners = [(IPEndPoint)taken.LocalEndpoint] }));
        }

        if (end == End.KillAndStop)
        {
            await (await StartAsync()).StopAsync();
        }

        return await StartAsync();
    }
}
