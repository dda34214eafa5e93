using RabbitMQ.Client;
using RabbitMQ.Client.Exceptions;

namespace Warren.Interop.Tests.Crash;

/// <summary>
/// Clients of one round beside those of <see cref="CrashLoad"/>: messages that expire, bodies that are paged out, wide
/// transactions, definitions that come and go, purges; until the kill.
/// </summary>
public sealed class CrashMix
{
    /// <summary>Dead letters of what expires.</summary>
    public const string Expired = "dead.ttl";

    /// <summary>The queue that is purged now and then.</summary>
    public const string PurgedQueue = "purge.0";

    /// <summary>Queues whose messages expire.</summary>
    public static readonly string[] ExpiringQueues = ["ttl.0", "ttl.1", "ttl.2", "ttl.3"];

    /// <summary>Queues that one transaction publishes to, all of them.</summary>
    public static readonly string[] WideQueues = [.. Enumerable.Range(0, 20).Select(static i => $"wide.{i}")];

    private const string PagedQueue = "page.0";
    private const int TtlMs = 400;

    private readonly CrashLedger _ledger;
    private readonly CrashPromises _promises;
    private readonly int _port;
    private readonly int _apiPort;
    private readonly int _seed;
    private readonly int _round;

    /// <summary>Prepares a round.</summary>
    public CrashMix(CrashLedger ledger, CrashPromises promises, int port, int apiPort, int seed, int round)
    {
        _ledger = ledger;
        _promises = promises;
        _port = port;
        _apiPort = apiPort;
        _seed = seed;
        _round = round;
    }

    /// <summary>Declares the queues.</summary>
    public static async Task DeclareAsync(IChannel channel)
    {
        ArgumentNullException.ThrowIfNull(channel);
        foreach (string queue in WideQueues.Append(Expired).Append(PurgedQueue).Append(PagedQueue))
        {
            await channel.QueueDeclareAsync(queue, durable: true, exclusive: false, autoDelete: false);
        }

        foreach (string queue in ExpiringQueues)
        {
            await channel.QueueDeclareAsync(queue, durable: true, exclusive: false, autoDelete: false, new Dictionary<string, object?>
            {
                ["x-message-ttl"] = TtlMs,
                ["x-dead-letter-exchange"] = "",
                ["x-dead-letter-routing-key"] = Expired,
            });
        }
    }

    /// <summary>Runs every client until its connection breaks.</summary>
    public Task RunUntilKilledAsync() => Task.WhenAll(
        UntilBrokenAsync(c => ExpireAsync(c, new Random(_seed))),
        UntilBrokenAsync(c => PageAsync(c, new Random(_seed + 1))),
        UntilBrokenAsync(c => TransactAsync(c, new Random(_seed + 2))),
        UntilBrokenAsync(c => PurgeAsync(c, new Random(_seed + 3))),
        UntilBrokenAsync(c => DefineAsync(c, new Random(_seed + 4))),
        UntilBrokenAsync(_ => OperateAsync(new Random(_seed + 5))));

    /// <summary>After a start: what was answered ok is so.</summary>
    public static async Task CheckAsync(CrashPromises promises, int apiPort, Func<string, Task<List<CrashMessage>>> take)
    {
        ArgumentNullException.ThrowIfNull(promises);
        ArgumentNullException.ThrowIfNull(take);
        using CrashApi api = new(apiPort);
        promises.CheckDefinitions(await api.DefinitionsAsync());
        promises.CheckPurged(await take(PurgedQueue));
    }

    /// <summary>Everything that expires is found once, among the dead or before.</summary>
    public static async Task CloseAsync(CrashPromises promises, Func<string, Task<List<CrashMessage>>> take)
    {
        ArgumentNullException.ThrowIfNull(promises);
        ArgumentNullException.ThrowIfNull(take);
        List<CrashMessage> found = [];
        for (int look = 0; look < 100; look++)
        {
            foreach (string queue in ExpiringQueues.Append(Expired))
            {
                found.AddRange(await take(queue));
            }

            if (promises.IsComplete(found))
            {
                break;
            }

            await Task.Delay(100); // some are on their way from one queue to the other
        }

        promises.CheckExpired(found);
    }

    private static BasicProperties Persistent => new() { Persistent = true };

    private static Task<IChannel> ConfirmingAsync(IConnection connection) => connection.CreateChannelAsync(
        new CreateChannelOptions(publisherConfirmationsEnabled: true, publisherConfirmationTrackingEnabled: true));

    private async Task UntilBrokenAsync(Func<IConnection, Task> work)
    {
        ConnectionFactory factory = new()
        {
            Port = _port,
            AutomaticRecoveryEnabled = false,
            RequestedConnectionTimeout = TimeSpan.FromSeconds(10),
            ContinuationTimeout = TimeSpan.FromSeconds(20),
        };
        try
        {
            await using IConnection connection = await factory.CreateConnectionAsync();
            await work(connection);
        }
        catch (PublishException refused)
        {
            _ledger.Problem($"nack or return: {refused.Message}");
        }
        catch (OperationInterruptedException closed) when (closed.ShutdownReason is { Initiator: ShutdownInitiator.Peer } reason)
        {
            _ledger.Problem($"closed by the broker: {reason.ReplyText}");
        }
        catch (HttpRequestException refused) when (refused.StatusCode is not null)
        {
            _ledger.Problem($"the API answered {refused.StatusCode}");
        }
        catch (Exception broken) when (broken is OperationInterruptedException or BrokerUnreachableException
            or ObjectDisposedException or IOException or HttpRequestException or System.Net.Sockets.SocketException
            or OperationCanceledException or TimeoutException)
        {
            // killed
        }
    }

    private async Task ExpireAsync(IConnection connection, Random random)
    {
        IChannel channel = await ConfirmingAsync(connection);
        while (true)
        {
            List<Task> sent = [];
            for (int i = 0; i < 20; i++)
            {
                CrashMessage message = _ledger.Next(ExpiringQueues[random.Next(ExpiringQueues.Length)], "expiring");
                byte[] body = message.Encode(random.Next(2_000), random);
                sent.Add(SendAsync(channel, message, body));
            }

            await Task.WhenAll(sent);
            await Task.Delay(random.Next(50));
        }
    }

    private async Task SendAsync(IChannel channel, CrashMessage message, byte[] body)
    {
        await channel.BasicPublishAsync("", message.Queue, mandatory: true, Persistent, body);
        _promises.Expiring(message);
    }

    // Transient and large, more than the page budget: bodies go to the page file and come back from extents used before.
    private async Task PageAsync(IConnection connection, Random random)
    {
        IChannel publishing = await ConfirmingAsync(connection);
        IChannel consuming = await connection.CreateChannelAsync();
        while (true)
        {
            int count = 5 + random.Next(10);
            for (int i = 0; i < count; i++)
            {
                CrashMessage message = _ledger.Next(PagedQueue, "paged");
                int size = random.Next(3) == 0 ? 1_000_000 + random.Next(500_000) : random.Next(150_000);
                await publishing.BasicPublishAsync("", PagedQueue, mandatory: true, new BasicProperties(), message.Encode(size, random));
            }

            int left = random.Next(4); // some stay, so that what is free lies between what is not
            for (int taken = 0; taken < count - left && await consuming.BasicGetAsync(PagedQueue, autoAck: true) is { } got; taken++)
            {
                if (CrashMessage.Decode(got.Body.Span) is not { Queue: PagedQueue })
                {
                    _ledger.Problem($"altered in {PagedQueue}: {got.Body.Length} bytes");
                }
            }
        }
    }

    private async Task TransactAsync(IConnection connection, Random random)
    {
        IChannel channel = await connection.CreateChannelAsync();
        await channel.TxSelectAsync();
        while (true)
        {
            long number = _ledger.NextTransaction();
            for (int part = 0; part < WideQueues.Length; part++)
            {
                CrashMessage message = new(WideQueues[part], "wide", number, part, WideQueues.Length);
                await channel.BasicPublishAsync(
                    "", message.Queue, mandatory: false, Persistent, message.Encode(random.Next(5_000), random));
            }

            await channel.TxCommitAsync();
            _ledger.Ended(number, committed: true);
            await Task.Delay(random.Next(100));
        }
    }

    private async Task PurgeAsync(IConnection connection, Random random)
    {
        IChannel channel = await ConfirmingAsync(connection);
        while (true)
        {
            CrashMessage last = _ledger.Next(PurgedQueue, "purged");
            int count = random.Next(10);
            for (int i = 0; i <= count; i++)
            {
                await channel.BasicPublishAsync("", PurgedQueue, mandatory: true, Persistent, last.Encode(random.Next(500), random));
                _promises.Unpurged(last);
                last = i < count ? _ledger.Next(PurgedQueue, "purged") : last;
            }

            _promises.Purged(last.Sequence, isAnswered: false);
            await channel.QueuePurgeAsync(PurgedQueue);
            _promises.Purged(last.Sequence, isAnswered: true);
        }
    }

    private async Task DefineAsync(IConnection connection, Random random)
    {
        IChannel channel = await ConfirmingAsync(connection);
        for (int number = 0; ; number++)
        {
            string queue = $"def.{_round}.{number}";
            string name = $"queues / {queue}";
            string binding = $"bindings / amq.direct {queue} k";
            _promises.Asked(name);
            await channel.QueueDeclareAsync(queue, durable: true, exclusive: false, autoDelete: false);
            _promises.Answered(name, isThere: true);
            _promises.Asked(binding);
            await channel.QueueBindAsync(queue, "amq.direct", "k");
            _promises.Answered(binding, isThere: true);
            await channel.BasicPublishAsync("", queue, mandatory: true, Persistent, new byte[random.Next(1_000)]);
            if (random.Next(20) == 0)
            {
                continue; // stays
            }

            if (random.Next(3) == 0)
            {
                _promises.Asked(binding);
                await channel.QueueUnbindAsync(queue, "amq.direct", "k");
                _promises.Answered(binding, isThere: false);
            }

            _promises.Asked(binding);
            _promises.Asked(name);
            await channel.QueueDeleteAsync(queue);
            _promises.Answered(name, isThere: false);
            _promises.Answered(binding, isThere: false);
        }
    }

    // Policies and virtual hosts, with queues in them when they are deleted.
    private async Task OperateAsync(Random random)
    {
        using CrashApi api = new(_apiPort);
        for (int number = 0; ; number++)
        {
            string host = $"h{_round}.{number}";
            string policy = $"p{random.Next(5)}";
            _promises.Asked($"policies / {policy}");
            await api.PutAsync($"/policies/%2F/{policy}", """{"pattern":"^ttl\\.","definition":{"max-length":10000000},"apply-to":"queues"}""");
            _promises.Answered($"policies / {policy}", isThere: true);
            _promises.Asked($"vhosts {host}");
            await api.PutAsync($"/vhosts/{host}", "{}");
            _promises.Answered($"vhosts {host}", isThere: true);
            for (int i = 0; i < 10; i++)
            {
                string queue = $"queues {host} q{i}";
                _promises.Asked(queue);
                await api.PutAsync($"/queues/{host}/q{i}", """{"durable":true}""");
                _promises.Answered(queue, isThere: true);
            }

            if (random.Next(2) == 0)
            {
                _promises.Asked($"policies / {policy}");
                await api.DeleteAsync($"/policies/%2F/{policy}");
                _promises.Answered($"policies / {policy}", isThere: false);
            }

            if (random.Next(10) > 0)
            {
                _promises.Asked($"vhosts {host}");
                _promises.AnsweredBelow($"queues {host} ", isThere: null);
                await api.DeleteAsync($"/vhosts/{host}");
                _promises.Answered($"vhosts {host}", isThere: false);
                _promises.AnsweredBelow($"queues {host} ", isThere: false);
            }
        }
    }
}
