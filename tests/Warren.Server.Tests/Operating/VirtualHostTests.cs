using System.Text.Json;
using RabbitMQ.Client;
using RabbitMQ.Client.Events;
using Warren.Core.Arguments;
using Warren.Core.Parameters;
using Warren.Core.VirtualHosts;
using Xunit;

namespace Warren.Server.Tests.Operating;

public sealed class VirtualHostTests : ServedBroker
{
    [Fact]
    public async Task A_new_one_is_a_name_space_of_its_own_and_survives_a_restart()
    {
        Assert.True(Broker.PutVirtualHost("b", new VirtualHostSettings { Description = "second", Tags = ["x"] }));
        Assert.False(Broker.PutVirtualHost("b", new VirtualHostSettings { Description = "changed" }));
        Broker.Users.SetPermissions("guest", "b", ".*", ".*", ".*");
        IChannel channel = await OpenAsync(await ConnectAsync(virtualHost: "b"));
        await channel.QueueDeclareAsync("q", durable: true, exclusive: false, autoDelete: false);
        await channel.BasicPublishAsync("", "q", mandatory: true, new BasicProperties { Persistent = true }, "m"u8.ToArray());

        await RestartAsync();

        Assert.Equal("changed", Broker.FindVirtualHost("b")!.Settings.Description);
        IChannel again = await OpenAsync(await ConnectAsync(virtualHost: "b"));
        Assert.Equal(1u, await again.MessageCountAsync("q"));
        IChannel elsewhere = await OpenAsync(await ConnectAsync());
        Assert.Contains("no queue 'q' in vhost '/'", await RefusalAsync(() => elsewhere.QueueDeclarePassiveAsync("q")), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Deleting_one_ends_its_connections_and_forgets_everything_in_it()
    {
        Broker.PutVirtualHost("b", VirtualHostSettings.Default);
        Broker.Users.SetPermissions("guest", "b", ".*", ".*", ".*");
        SetPolicy("p", ".*", """{"max-length":1}""", virtualHost: "b");
        IConnection connection = await ConnectAsync(virtualHost: "b");
        IChannel channel = await OpenAsync(connection);
        await channel.ExchangeDeclareAsync("x", "direct", durable: true);
        await channel.QueueDeclareAsync("q", durable: true, exclusive: false, autoDelete: false);
        await channel.QueueBindAsync("q", "x", "k");
        await channel.BasicPublishAsync("x", "k", mandatory: true, new BasicProperties { Persistent = true }, "m"u8.ToArray());
        Task<ShutdownEventArgs> closed = ClosedAsync(connection);

        Assert.True(Broker.DeleteVirtualHost("b"));

        Assert.Equal((ushort)320, (await closed).ReplyCode);
        Assert.Contains("vhost b not found", await RefusalAsync(() => ConnectAsync(virtualHost: "b")), StringComparison.Ordinal);
        Broker.PutVirtualHost("b", VirtualHostSettings.Default);
        Broker.Users.SetPermissions("guest", "b", ".*", ".*", ".*");
        await RestartAsync();
        IChannel empty = await OpenAsync(await ConnectAsync(virtualHost: "b"));
        Assert.Equal(0u, (await empty.QueueDeclareAsync("q", durable: true, exclusive: false, autoDelete: false)).MessageCount);
        Assert.Null(Broker.FindVirtualHost("b")!.FindExchange("x"));
        Assert.Empty(Broker.Policies.Of("b", isOperators: false));
    }

    [Fact]
    public void A_protected_one_stays()
    {
        Broker.PutVirtualHost("b", new VirtualHostSettings { ProtectedFromDeletion = true });

        Assert.Throws<BrokerError>(() => Broker.DeleteVirtualHost("b"));
        Assert.NotNull(Broker.FindVirtualHost("b"));
    }

    [Fact]
    public async Task Its_default_queue_type_is_that_of_durable_queues()
    {
        Broker.PutVirtualHost("b", new VirtualHostSettings { DefaultQueueType = "quorum" });
        Broker.Users.SetPermissions("guest", "b", ".*", ".*", ".*");
        IChannel channel = await OpenAsync(await ConnectAsync(virtualHost: "b"));

        await channel.QueueDeclareAsync("q", durable: true, exclusive: false, autoDelete: false);
        await channel.QueueDeclareAsync("q", durable: true, exclusive: false, autoDelete: false); // the same again

        Assert.Equal(QueueKind.Quorum, Broker.FindVirtualHost("b")!.Queues.Single().Definition.Parsed.Kind);
    }

    [Fact]
    public async Task Its_limits_hold()
    {
        Limit("/", """{"max-queues":1,"max-connections":1}""");
        IConnection connection = await ConnectAsync();
        IChannel channel = await OpenAsync(connection);
        await channel.QueueDeclareAsync("one", durable: true, exclusive: false, autoDelete: false);

        Assert.Contains(
            "cannot declare queue 'two': queue limit in vhost '/' (1) is reached",
            await RefusalAsync(() => channel.QueueDeclareAsync("two", durable: true, exclusive: false, autoDelete: false)),
            StringComparison.Ordinal);
        Assert.Contains(
            "access to vhost '/' refused for user 'guest': connection limit (1) is reached",
            await RefusalAsync(() => ConnectAsync()),
            StringComparison.Ordinal);

        Broker.Parameters.Remove("/", ParameterComponents.VirtualHostLimits, ParameterComponents.LimitsName);
        IChannel free = await OpenAsync(await ConnectAsync());
        await free.QueueDeclareAsync("two", durable: true, exclusive: false, autoDelete: false);
    }

    private void Limit(string virtualHost, string json) => Broker.Parameters.Put(new Parameter(
        virtualHost,
        ParameterComponents.VirtualHostLimits,
        ParameterComponents.LimitsName,
        JsonDocument.Parse(json).RootElement));

    private static Task<ShutdownEventArgs> ClosedAsync(IConnection connection)
    {
        var closed = new TaskCompletionSource<ShutdownEventArgs>(TaskCreationOptions.RunContinuationsAsynchronously);
        connection.ConnectionShutdownAsync += (_, reason) =>
        {
            closed.TrySetResult(reason);
            return Task.CompletedTask;
        };
        return closed.Task;
    }
}
