using System.Text.Json.Nodes;
using RabbitMQ.Client;
using RabbitMQ.Client.Events;
using Xunit;

namespace Warren.Management.Tests;

public sealed class ClientEndpointTests : IAsyncLifetime
{
    private readonly ManagedBroker _broker = new();

    public ValueTask InitializeAsync() => _broker.InitializeAsync();

    public ValueTask DisposeAsync() => _broker.DisposeAsync();

    [Fact]
    public async Task Connection_channel_and_consumer_are_shown_from_every_side()
    {
        await using IConnection connection = await ConnectAsync();
        await using IChannel channel = await connection.CreateChannelAsync();
        await channel.QueueDeclareAsync("watched", durable: false, exclusive: false, autoDelete: false);
        await channel.BasicQosAsync(0, 7, global: false);
        await channel.BasicConsumeAsync("watched", autoAck: false, "tag", new AsyncEventingBasicConsumer(channel));

        JsonNode shown = Assert.Single((await _broker.GetAsync("/connections")).AsArray())!;
        string name = Uri.EscapeDataString((string)shown["name"]!);
        JsonNode alone = await _broker.GetAsync($"/connections/{name}");
        JsonNode opened = Assert.Single((await _broker.GetAsync($"/connections/{name}/channels")).AsArray())!;
        JsonNode single = await _broker.GetAsync($"/channels/{Uri.EscapeDataString((string)opened["name"]!)}");
        JsonNode consumer = Assert.Single((await _broker.GetAsync("/consumers")).AsArray())!;
        JsonNode queue = await _broker.GetAsync("/queues/%2F/watched");

        Assert.Equal("guest", (string?)alone["user"]);
        Assert.Equal("running", (string?)alone["state"]);
        Assert.Equal("AMQP 0-9-1", (string?)alone["protocol"]);
        Assert.Equal("mine", (string?)alone["user_provided_name"]);
        Assert.Equal(1, (int)alone["channels"]!);
        Assert.True((long)alone["recv_oct"]! > 0);
        Assert.Equal(7, (int)single["consumer_details"]![0]!["prefetch_count"]!);
        Assert.Equal("watched", (string?)consumer["queue"]!["name"]);
        Assert.Equal("up", (string?)consumer["activity_status"]);
        Assert.NotNull(consumer["consumer_timeout"]);
        Assert.Equal("tag", (string?)queue["consumer_details"]![0]!["consumer_tag"]);
        Assert.Equal(1, (int)queue["consumers"]!);
        Assert.Single((await _broker.GetAsync("/vhosts/%2F/connections")).AsArray());
        Assert.Single((await _broker.GetAsync("/vhosts/%2F/channels")).AsArray());
        Assert.Single((await _broker.GetAsync("/connections/username/guest")).AsArray());
        Assert.Equal(1, (int)(await _broker.GetAsync("/overview"))["object_totals"]!["consumers"]!);
    }

    [Fact]
    public async Task Connection_is_closed_with_the_reason_given()
    {
        await using IConnection connection = await ConnectAsync();
        var closed = new TaskCompletionSource<string>(TaskCreationOptions.RunContinuationsAsynchronously);
        connection.ConnectionShutdownAsync += (_, shutdown) =>
        {
            closed.TrySetResult(shutdown.ReplyText);
            return Task.CompletedTask;
        };
        string name = (string)(await _broker.GetAsync("/connections"))[0]!["name"]!;

        using HttpResponseMessage reply = await _broker.SendAsync(
            HttpMethod.Delete, $"/connections/{Uri.EscapeDataString(name)}", headers: [("X-Reason", "tidying up")]);

        Assert.Equal(204, (int)reply.StatusCode);
        string text = await closed.Task.WaitAsync(TimeSpan.FromSeconds(30), TestContext.Current.CancellationToken);
        Assert.Contains("tidying up", text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Users_see_and_close_only_their_own_connections()
    {
        _broker.Broker.Users.Add("other", "pw", ["management"]);
        _broker.Broker.Users.SetPermissions("other", "/", ".*", ".*", ".*");
        await using IConnection connection = await ConnectAsync();
        string name = Uri.EscapeDataString((string)(await _broker.GetAsync("/connections"))[0]!["name"]!);

        Assert.Empty((await _broker.GetAsync("/connections", "other", "pw")).AsArray());
        Assert.Equal(401, (await _broker.DeleteAsync($"/connections/{name}", "other", "pw")).Status);
        Assert.True(connection.IsOpen);
    }

    // The client does not wait for connection.open-ok; once a channel is there, so is the connection.
    private async Task<IConnection> ConnectAsync()
    {
        IConnection connection = await new ConnectionFactory
        {
            HostName = "127.0.0.1",
            Port = _broker.AmqpPort,
            AutomaticRecoveryEnabled = false,
        }.CreateConnectionAsync("mine");
        await (await connection.CreateChannelAsync()).CloseAsync();
        return connection;
    }
}
