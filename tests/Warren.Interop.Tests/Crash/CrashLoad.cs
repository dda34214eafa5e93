using System.Collections.Concurrent;
using RabbitMQ.Client;
using RabbitMQ.Client.Events;
using RabbitMQ.Client.Exceptions;
using Warren.Interop.Tests.Running;

namespace Warren.Interop.Tests.Crash;

/// <summary>Clients of one round: confirming publishers, acknowledging consumers, transactions; until the kill.</summary>
public sealed class CrashLoad
{
    /// <summary>Dead letters of all queues.</summary>
    public const string Dead = "dead";

    /// <summary>Queues the transactions publish to.</summary>
    public static readonly string[] TransactionQueues = ["tx.a", "tx.b"];

    /// <summary>Where transactions move messages of tx.a to.</summary>
    public const string Moved = "tx.moved";

    /// <summary>Queues of confirming publishers.</summary>
    public static readonly string[] Queues = ["classic.0", "classic.1", "priority.0", "quorum.0", "quorum.1"];

    private const int Window = 300;
    private const int Publishers = 3;

    private readonly CrashLedger _ledger;
    private readonly int _port;
    private readonly int _seed;

    /// <summary>Prepares a round.</summary>
    public CrashLoad(CrashLedger ledger, int port, int seed)
    {
        _ledger = ledger;
        _port = port;
        _seed = seed;
    }

    /// <summary>Declares the queues; equal declares of later rounds show that arguments survived.</summary>
    public static async Task DeclareAsync(IChannel channel)
    {
        ArgumentNullException.ThrowIfNull(channel);
        await channel.QueueDeclareAsync(Dead, durable: true, exclusive: false, autoDelete: false);
        foreach (string queue in Queues)
        {
            Dictionary<string, object?> arguments = new(StringComparer.Ordinal)
            {
                ["x-dead-letter-exchange"] = "",
                ["x-dead-letter-routing-key"] = Dead,
            };
            if (queue.StartsWith("quorum", StringComparison.Ordinal))
            {
                arguments.Add("x-queue-type", "quorum");
            }
            else if (queue.StartsWith("priority", StringComparison.Ordinal))
            {
                arguments.Add("x-max-priority", 3);
            }

            await channel.QueueDeclareAsync(queue, durable: true, exclusive: false, autoDelete: false, arguments);
        }

        foreach (string queue in TransactionQueues.Append(Moved))
        {
            await channel.QueueDeclareAsync(queue, durable: true, exclusive: false, autoDelete: false);
        }
    }

    /// <summary>Runs every client until its connection breaks.</summary>
    public async Task RunUntilKilledAsync()
    {
        List<Task> clients = [];
        for (int i = 0; i < Publishers; i++)
        {
            string publisher = $"p{i}";
            int seed = _seed + i;
            clients.Add(UntilBrokenAsync(connection => PublishAsync(connection, publisher, new Random(seed))));
        }

        for (int i = 0; i < Queues.Length; i++)
        {
            string queue = Queues[i];
            int seed = _seed + 100 + i;
            clients.Add(UntilBrokenAsync(connection => ConsumeAsync(connection, queue, new Random(seed))));
        }

        clients.Add(UntilBrokenAsync(connection => TransactAsync(connection, new Random(_seed + 200))));
        clients.Add(UntilBrokenAsync(MoveAsync));
        await Task.WhenAll(clients);
    }

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
            connection.ConnectionShutdownAsync += (_, e) =>
            {
                // only the kill may end a connection, and it does so without a word
                if (e.Initiator == ShutdownInitiator.Peer)
                {
                    _ledger.Problem($"closed by the broker: {e.ReplyText}");
                }

                return Task.CompletedTask;
            };
            await work(connection);
        }
        catch (Exception broken) when (broken is OperationInterruptedException or BrokerUnreachableException
            or ObjectDisposedException or IOException or System.Net.Sockets.SocketException
            or OperationCanceledException)
        {
            // killed
        }
    }

    private async Task PublishAsync(IConnection connection, string publisher, Random random)
    {
        IChannel channel = await connection.CreateChannelAsync(new CreateChannelOptions(
            publisherConfirmationsEnabled: true, publisherConfirmationTrackingEnabled: false));
        ConcurrentDictionary<ulong, CrashMessage> open = new();
        using SemaphoreSlim window = new(Window);
        ulong settled = 0;
        channel.BasicAcksAsync += (_, e) =>
        {
            for (ulong tag = e.Multiple ? settled + 1 : e.DeliveryTag; tag <= e.DeliveryTag; tag++)
            {
                if (open.TryRemove(tag, out CrashMessage? message))
                {
                    _ledger.Confirmed(message);
                    window.Release();
                }
            }

            settled = e.Multiple ? e.DeliveryTag : settled;
            return Task.CompletedTask;
        };
        channel.BasicNacksAsync += (_, e) =>
        {
            _ledger.Problem($"nack of {e.DeliveryTag}");
            return Task.CompletedTask;
        };
        CancellationToken ended = EndOf(channel);
        while (true)
        {
            await window.WaitAsync(ended);
            CrashMessage message = _ledger.Next(Queues[random.Next(Queues.Length)], publisher);
            int filling = random.Next(100) == 0 ? random.Next(300_000) : random.Next(2_000);
            ulong tag = await channel.GetNextPublishSequenceNumberAsync(ended);
            open[tag] = message;
            await channel.BasicPublishAsync(
                "", message.Queue, mandatory: true, new BasicProperties { Persistent = true },
                message.Encode(filling, random), ended);
        }
    }

    private async Task ConsumeAsync(IConnection connection, string queue, Random random)
    {
        IChannel channel = await connection.CreateChannelAsync();
        await channel.BasicQosAsync(0, (ushort)(1 + random.Next(100)), global: false);
        AsyncEventingBasicConsumer consumer = new(channel);
        int given = 0;
        consumer.ReceivedAsync += async (_, e) =>
        {
            CrashMessage? message = _ledger.Delivered(queue, e.Body.Span);
            if (message is null)
            {
                return;
            }

            int dice = random.Next(100);
            if (dice < 75)
            {
                await channel.BasicAckAsync(e.DeliveryTag, multiple: false);
                _ledger.Settled(message, CrashLedger.Outcome.Acked);
            }
            else if (dice < 85)
            {
                await channel.BasicRejectAsync(e.DeliveryTag, requeue: false);
                _ledger.Settled(message, CrashLedger.Outcome.Rejected);
            }
            else if (dice < 97 || given > 0)
            {
                await channel.BasicNackAsync(e.DeliveryTag, multiple: false, requeue: true);
            }
            else
            {
                // one message stays open until the kill
                given++;
            }
        };
        await channel.BasicConsumeAsync(queue, autoAck: false, consumer);
        await Task.Delay(Timeout.Infinite, EndOf(channel));
    }

    private async Task TransactAsync(IConnection connection, Random random)
    {
        IChannel channel = await connection.CreateChannelAsync();
        await channel.TxSelectAsync();
        CancellationToken ended = EndOf(channel);
        while (true)
        {
            long number = _ledger.NextTransaction();
            int parts = 2 + random.Next(8);
            for (int part = 0; part < parts; part++)
            {
                string queue = TransactionQueues[part % 2];
                CrashMessage message = new(queue, "tx", number, part, parts);
                await channel.BasicPublishAsync(
                    "", queue, mandatory: false, new BasicProperties { Persistent = true },
                    message.Encode(random.Next(3_000), random), ended);
            }

            bool commit = random.Next(10) > 0;
            if (commit)
            {
                await channel.TxCommitAsync(ended);
            }
            else
            {
                await channel.TxRollbackAsync(ended);
            }

            _ledger.Ended(number, commit);
        }
    }

    // Takes from tx.a and publishes to tx.moved; both happen or neither.
    private static async Task MoveAsync(IConnection connection)
    {
        IChannel channel = await connection.CreateChannelAsync();
        await channel.TxSelectAsync();
        await channel.BasicQosAsync(0, 20, global: false);
        Inbox inbox = await Inbox.OnAsync(channel, TransactionQueues[0]);
        CancellationToken ended = EndOf(channel);
        while (true)
        {
            do
            {
                Delivery taken = await inbox.NextAsync().WaitAsync(ended);
                await channel.BasicPublishAsync(
                    "", Moved, mandatory: false, new BasicProperties { Persistent = true }, taken.Bytes, ended);
                await channel.BasicAckAsync(taken.Tag, multiple: false, ended);
            }
            while (inbox.Waiting > 0);

            await channel.TxCommitAsync(ended);
        }
    }

    private static CancellationToken EndOf(IChannel channel)
    {
        CancellationTokenSource ended = new();
        channel.ChannelShutdownAsync += (_, _) => ended.CancelAsync();
        if (channel.IsClosed)
        {
            ended.Cancel();
        }

        return ended.Token;
    }
}
