using RabbitMQ.Client;
using RabbitMQ.Client.Exceptions;
using Warren.Interop.Tests.Raw;

namespace Warren.Interop.Tests.Running;

/// <summary>What a test against the shared broker needs: connections that close with it, names nobody else uses.</summary>
public abstract class BrokerTest : IAsyncLifetime
{
    /// <summary>How long anything that must happen may take on a busy machine.</summary>
    protected static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    private static int _names;

    private readonly List<IConnection> _connections = [];
    private readonly List<RawClient> _raw = [];

    /// <summary>Remembers the broker.</summary>
    protected BrokerTest(SharedBroker broker)
    {
        ArgumentNullException.ThrowIfNull(broker);
        Broker = broker;
    }

    /// <summary>The broker under test.</summary>
    protected SharedBroker Broker { get; }

    /// <inheritdoc/>
    public virtual ValueTask InitializeAsync() => ValueTask.CompletedTask;

    /// <inheritdoc/>
    public virtual async ValueTask DisposeAsync()
    {
        foreach (RawClient raw in _raw)
        {
            raw.Dispose();
        }

        foreach (IConnection connection in _connections)
        {
            await connection.AbortAsync();
            await connection.DisposeAsync();
        }

        GC.SuppressFinalize(this);
    }

    /// <summary>A name that no other test of this or an earlier run uses.</summary>
    protected static string Unique(string kind) =>
        $"{kind}-{Environment.ProcessId:x}-{DateTime.UtcNow.Ticks & 0xFFFFFF:x}-{Interlocked.Increment(ref _names):x}";

    /// <summary>A connection of RabbitMQ.Client, closed at the end of the test.</summary>
    protected async Task<IConnection> ConnectAsync(Action<ConnectionFactory>? configure = null)
    {
        ConnectionFactory factory = new()
        {
            HostName = Broker.Host,
            Port = Broker.Port,
            AutomaticRecoveryEnabled = false,
            ConsumerDispatchConcurrency = 1,
        };
        configure?.Invoke(factory);
        IConnection connection = await factory.CreateConnectionAsync();
        lock (_connections)
        {
            _connections.Add(connection);
        }

        return connection;
    }

    /// <summary>A channel on a connection of its own.</summary>
    protected async Task<IChannel> OpenAsync() => await (await ConnectAsync()).CreateChannelAsync();

    /// <summary>A channel in confirm mode on a connection of its own; publishing returns when confirmed.</summary>
    protected async Task<IChannel> OpenConfirmingAsync() =>
        await (await ConnectAsync()).CreateChannelAsync(new CreateChannelOptions(
            publisherConfirmationsEnabled: true,
            publisherConfirmationTrackingEnabled: true));

    /// <summary>A raw client after the handshake, with channel 1 open.</summary>
    protected RawClient OpenRaw()
    {
        RawClient client = ConnectRaw();
        client.Login();
        client.OpenChannel(1);
        return client;
    }

    /// <summary>A raw client that has sent nothing yet.</summary>
    protected RawClient ConnectRaw() => ConnectRaw(Broker.Port);

    /// <summary>A raw client to a broker of the test's own.</summary>
    protected RawClient ConnectRaw(int port)
    {
        var client = RawClient.Connect(Broker.Host, port);
        _raw.Add(client);
        return client;
    }

    /// <summary>A queue of this connection, named by the server; it lives as long as the connection.</summary>
    protected static async Task<string> QueueAsync(IChannel channel, params (string Key, object? Value)[] arguments) =>
        (await channel.QueueDeclareAsync(
            "", durable: false, exclusive: true, autoDelete: false, Arguments(arguments))).QueueName;

    /// <summary>Asserts that a connection of somebody else can still declare, publish and get.</summary>
    protected async Task OthersGoOnAsync()
    {
        IChannel channel = await OpenAsync();
        string queue = await QueueAsync(channel);
        await channel.BasicPublishAsync("", queue, Text.Bytes("still here"));
        Delivery got = await GetAsync(channel, queue);
        Assert.Equal("still here", got.Body);
    }

    /// <summary>basic.get until there is a message.</summary>
    protected static async Task<Delivery> GetAsync(IChannel channel, string queue, bool autoAck = true)
    {
        Delivery? got = null;
        await EventuallyAsync(
            async () => (got = await TryGetAsync(channel, queue, autoAck)) is not null, $"a message in {queue}");
        return got!;
    }

    /// <summary>One basic.get; null when the queue was empty.</summary>
    protected static async Task<Delivery?> TryGetAsync(IChannel channel, string queue, bool autoAck = true) =>
        await channel.BasicGetAsync(queue, autoAck) is { } got ? Delivery.Of(got) : null;

    /// <summary>Takes all ready messages of a queue.</summary>
    protected static async Task<List<string>> DrainAsync(IChannel channel, string queue)
    {
        List<string> bodies = [];
        while (await TryGetAsync(channel, queue) is { } got)
        {
            bodies.Add(got.Body);
        }

        return bodies;
    }

    /// <summary>Waits until a queue has this many ready messages.</summary>
    protected static Task ReadyAsync(IChannel channel, string queue, uint count) =>
        EventuallyAsync(async () => await channel.MessageCountAsync(queue) == count, $"{count} ready in {queue}");

    /// <summary>Polls until something holds; fails with its description after <see cref="Patience"/>.</summary>
    protected static async Task EventuallyAsync(Func<Task<bool>> holds, string what, int everyMs = 20)
    {
        DateTime end = DateTime.UtcNow + Patience;
        while (!await holds())
        {
            Assert.True(DateTime.UtcNow < end, $"did not happen: {what}");
            await Task.Delay(everyMs);
        }
    }

    /// <summary>Asserts that a command ends its channel or connection with this code and text.</summary>
    protected static async Task<OperationInterruptedException> RefusedAsync(int code, string text, Func<Task> command)
    {
        OperationInterruptedException error = await Assert.ThrowsAnyAsync<OperationInterruptedException>(command);
        Assert.Equal(text, error.ShutdownReason?.ReplyText);
        Assert.Equal(code, (int?)error.ShutdownReason?.ReplyCode);
        return error;
    }

    /// <summary>Arguments of a declare, with the client's types kept.</summary>
    protected static Dictionary<string, object?> Arguments(params (string Key, object? Value)[] pairs) =>
        pairs.ToDictionary(p => p.Key, p => p.Value, StringComparer.Ordinal);
}
