using RabbitMQ.Client;
using RabbitMQ.Client.Events;
using Warren.Core.Security;
using Xunit;

namespace Warren.Server.Tests.Operating;

public sealed class UserTests : ServedBroker
{
    [Fact]
    public async Task A_deleted_user_is_disconnected_and_does_not_come_back()
    {
        AddUser("anna");
        IConnection connection = await ConnectAsync("anna");
        Task<ShutdownEventArgs> closed = ClosedAsync(connection);

        Assert.True(Broker.Users.Remove("anna"));

        Assert.Equal((ushort)320, (await closed).ReplyCode);
        Assert.Contains("ACCESS_REFUSED", await RefusalAsync(() => ConnectAsync("anna")), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_user_shut_out_of_a_virtual_host_loses_its_connections_there()
    {
        AddUser("anna");
        IConnection connection = await ConnectAsync("anna");
        Task<ShutdownEventArgs> closed = ClosedAsync(connection);

        Broker.Users.ClearPermissions("anna", "/");

        Assert.Equal((ushort)530, (await closed).ReplyCode);
    }

    [Fact]
    public async Task A_right_taken_away_counts_from_the_next_publish_on()
    {
        AddUser("anna");
        IChannel channel = await OpenAsync(await ConnectAsync("anna"));
        await channel.QueueDeclareAsync("q", durable: true, exclusive: false, autoDelete: false);
        await channel.BasicPublishAsync("", "q", "first"u8.ToArray());

        Broker.Users.SetPermissions("anna", "/", ".*", "^$", ".*");

        Assert.Contains(
            "write access to exchange 'amq.default' in vhost '/' refused for user 'anna'",
            await RefusalAsync(() => channel.BasicPublishAsync("", "q", "second"u8.ToArray()).AsTask()),
            StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_consumer_ends_with_the_right_to_read_its_queue()
    {
        AddUser("anna");
        IChannel channel = await OpenAsync(await ConnectAsync("anna"));
        await channel.QueueDeclareAsync("q", durable: true, exclusive: false, autoDelete: false);
        var consumer = new AsyncEventingBasicConsumer(channel);
        var cancelled = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        consumer.UnregisteredAsync += (_, _) =>
        {
            cancelled.TrySetResult();
            return Task.CompletedTask;
        };
        await channel.BasicConsumeAsync("q", autoAck: true, consumer);

        Broker.Users.SetPermissions("anna", "/", ".*", ".*", "^$");

        await cancelled.Task.WaitAsync(TimeSpan.FromSeconds(60), TestContext.Current.CancellationToken);
        Assert.Equal(0u, await channel.ConsumerCountAsync("q"));
    }

    [Fact]
    public async Task Topic_permissions_limit_the_keys_of_a_topic_exchange()
    {
        AddUser("anna");
        Broker.Users.SetTopicPermissions("anna", "/", "amq.topic", "^{username}\\.", "^(news|{username})\\.");
        IConnection connection = await ConnectAsync("anna");
        IChannel channel = await OpenAsync(connection);
        await channel.QueueDeclareAsync("q", durable: true, exclusive: false, autoDelete: false);
        await channel.QueueBindAsync("q", "amq.topic", "news.#");
        await channel.QueueBindAsync("q", "amq.topic", "anna.#");

        await channel.BasicPublishAsync("amq.topic", "anna.hello", "own"u8.ToArray());
        await channel.BasicPublishAsync("amq.direct", "bob.hello", "no topic exchange"u8.ToArray());

        Assert.Equal(1u, await channel.MessageCountAsync("q"));
        Assert.Contains(
            "write access to topic 'bob.hello' in exchange 'amq.topic' in vhost '/' refused for user 'anna'",
            await RefusalAsync(() => channel.BasicPublishAsync("amq.topic", "bob.hello", "theirs"u8.ToArray()).AsTask()),
            StringComparison.Ordinal);
        IChannel second = await OpenAsync(connection);
        Assert.Contains(
            "read access to topic 'bob.#' in exchange 'amq.topic' in vhost '/' refused for user 'anna'",
            await RefusalAsync(() => second.QueueBindAsync("q", "amq.topic", "bob.#")),
            StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_users_limits_hold()
    {
        AddUser("anna", new UserLimits(MaxConnections: 1, MaxChannels: 2));
        IConnection connection = await ConnectAsync("anna");
        await OpenAsync(connection);
        await OpenAsync(connection);

        Assert.Contains(
            "connection refused for user 'anna': user connection limit (1) is reached",
            await RefusalAsync(() => ConnectAsync("anna")),
            StringComparison.Ordinal);
        Assert.Contains(
            "number of channels opened for user 'anna' has reached the maximum allowed user limit of (2)",
            await RefusalAsync(() => OpenAsync(connection)),
            StringComparison.Ordinal);
    }

    private void AddUser(string name, UserLimits? limits = null)
    {
        Broker.Users.Add(name, name, []);
        Broker.Users.Put(Broker.Users.Find(name)! with { Limits = limits ?? UserLimits.None });
        Broker.Users.SetPermissions(name, "/", ".*", ".*", ".*");
    }

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
