using RabbitMQ.Client;
using RabbitMQ.Client.Exceptions;
using Warren.Core.Security;
using Warren.Interop.Tests.Running;

namespace Warren.Interop.Tests.Security;

/// <summary>Rights that are taken away while they are in use: reliability, 44. The limit is 5 s.</summary>
public sealed class RevocationTests
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(5);

    [Fact]
    public async Task Consumer_of_a_queue_that_may_not_be_read_any_more_is_cancelled()
    {
        await using OwnServer server = await StartAsync();
        await using IConnection connection = await server.ConnectAsync("worker", "pass");
        IChannel channel = await connection.CreateChannelAsync();
        await channel.QueueDeclareAsync("kept", durable: true, exclusive: false, autoDelete: false);
        await channel.QueueDeclareAsync("lost", durable: true, exclusive: false, autoDelete: false);
        Inbox lost = await Inbox.OnAsync(channel, "lost", autoAck: true);
        Inbox kept = await Inbox.OnAsync(channel, "kept", autoAck: true);

        server.Broker.Users.SetPermissions("worker", "/", ".*", ".*", "^kept$");

        Assert.Equal(lost.Tag, await lost.Cancelled.Task.WaitAsync(Limit));
        await channel.BasicPublishAsync("", "lost", Text.Bytes("secret"));
        await channel.BasicPublishAsync("", "kept", Text.Bytes("fine"));
        Assert.Equal("fine", (await kept.NextAsync()).Body);
        Assert.Equal(0, lost.Waiting);
        Assert.False(kept.Cancelled.Task.IsCompleted);
    }

    [Fact]
    public async Task Connection_in_a_virtual_host_that_is_closed_to_its_user_ends()
    {
        await using OwnServer server = await StartAsync();
        await using IConnection connection = await server.ConnectAsync("worker", "pass");
        Task<string> ended = EndOf(connection);

        server.Broker.Users.ClearPermissions("worker", "/");

        Assert.Equal("NOT_ALLOWED - access to vhost '/' refused for user 'worker'", await ended.WaitAsync(Limit));
    }

    [Fact]
    public async Task Connection_of_a_deleted_user_ends()
    {
        await using OwnServer server = await StartAsync();
        await using IConnection connection = await server.ConnectAsync("worker", "pass");
        Task<string> ended = EndOf(connection);

        server.Broker.Users.Remove("worker");

        Assert.Equal("CONNECTION_FORCED - user 'worker' is deleted", await ended.WaitAsync(Limit));
    }

    [Fact]
    public async Task Publishing_where_one_has_published_before_is_refused_from_the_next_message_on()
    {
        await using OwnServer server = await StartAsync();
        await using IConnection connection = await server.ConnectAsync("worker", "pass");
        IChannel channel = await connection.CreateChannelAsync(new CreateChannelOptions(true, true));
        await channel.QueueDeclareAsync("q", durable: true, exclusive: false, autoDelete: false);
        await channel.BasicPublishAsync("", "q", Text.Bytes("one")); // its way is remembered

        server.Broker.Users.SetPermissions("worker", "/", ".*", "^$", ".*");

        await Assert.ThrowsAnyAsync<Exception>(async () => await channel.BasicPublishAsync("", "q", Text.Bytes("two")));
        Assert.Equal("ACCESS_REFUSED - write access to exchange 'amq.default' in vhost '/' refused for user 'worker'", channel.CloseReason?.ReplyText);
        Assert.Equal(1, server.Broker.FindVirtualHost("/")!.FindQueue("q")!.Counts.Ready);
    }

    [Fact]
    public async Task Topic_that_is_taken_away_is_refused_from_the_next_message_on()
    {
        await using OwnServer server = await StartAsync();
        await using IConnection connection = await server.ConnectAsync("worker", "pass");
        IChannel channel = await connection.CreateChannelAsync(new CreateChannelOptions(true, true));
        await channel.BasicPublishAsync("amq.topic", "a.b", Text.Bytes("one"));

        server.Broker.Users.SetTopicPermissions("worker", "/", "amq.topic", "^c", ".*");

        await Assert.ThrowsAnyAsync<Exception>(async () => await channel.BasicPublishAsync("amq.topic", "a.b", Text.Bytes("two")));
        Assert.Equal(403, (int?)channel.CloseReason?.ReplyCode);
    }

    [Fact]
    public async Task Administrator_who_is_none_any_more_is_refused_at_once()
    {
        await using OwnServer server = await StartAsync();
        Assert.Equal(200, (await server.SendAsync(HttpMethod.Get, "/users", (HttpContent?)null, "boss", "pass")).Status);

        server.Broker.Users.Put(server.Broker.Users.Find("boss")! with { Tags = ["management"] });

        Assert.Equal(401, (await server.SendAsync(HttpMethod.Get, "/users", (HttpContent?)null, "boss", "pass")).Status);
    }

    [Fact]
    public async Task Name_of_another_user_in_a_message_is_refused_once_the_tag_that_allows_it_is_gone()
    {
        await using OwnServer server = await StartAsync();
        User worker = server.Broker.Users.Find("worker")!;
        server.Broker.Users.Put(worker with { Tags = ["impersonator"] });
        await using IConnection connection = await server.ConnectAsync("worker", "pass");
        IChannel channel = await connection.CreateChannelAsync(new CreateChannelOptions(true, true));
        var asGuest = new BasicProperties { UserId = "guest" };
        await channel.BasicPublishAsync("amq.direct", "", false, asGuest, Text.Bytes("one"));

        server.Broker.Users.Put(worker);

        DateTime end = DateTime.UtcNow + Limit;
        while (channel.IsOpen && DateTime.UtcNow < end)
        {
            try
            {
                await channel.BasicPublishAsync("amq.direct", "", false, asGuest, Text.Bytes("two"));
                await Task.Delay(50);
            }
            catch (Exception e) when (e is OperationInterruptedException or PublishException)
            {
                // refused, as it must be
            }
        }

        Assert.Equal("PRECONDITION_FAILED - user_id property set to 'guest' but authenticated user was 'worker'", channel.CloseReason?.ReplyText);
    }

    private static async Task<OwnServer> StartAsync()
    {
        OwnServer server = await OwnServer.StartAsync();
        server.Broker.Users.Add("worker", "pass", []);
        server.Broker.Users.SetPermissions("worker", "/", ".*", ".*", ".*");
        server.Broker.Users.Add("boss", "pass", ["administrator"]);
        return server;
    }

    private static Task<string> EndOf(IConnection connection)
    {
        TaskCompletionSource<string> ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
        connection.ConnectionShutdownAsync += (_, e) =>
        {
            ended.TrySetResult(e.ReplyText);
            return Task.CompletedTask;
        };
        return ended.Task;
    }
}
