using System.Text;
using System.Text.Json.Nodes;
using RabbitMQ.Client;
using Xunit;

namespace Warren.Management.Tests;

public sealed class MessageToolsTests(ManagedBroker broker) : IClassFixture<ManagedBroker>
{
    [Fact]
    public async Task Browsing_shows_messages_in_order_and_changes_nothing()
    {
        await FillAsync("looked", 5);

        JsonNode page = await broker.GetAsync("/queues/%2F/looked/messages?page_size=2&page=2");
        JsonNode again = await broker.GetAsync("/queues/%2F/looked/messages?position=4");
        (_, string got) = await broker.PostAsync(
            "/queues/%2F/looked/get", """{"count":1,"ackmode":"ack_requeue_false","encoding":"auto"}""");

        Assert.Equal(["m2", "m3"], page["messages"]!.AsArray().Select(m => (string?)m!["payload"]));
        Assert.Equal(2, (int)page["messages"]![0]!["position"]!);
        Assert.Equal(4, (int)page["next_position"]!);
        Assert.Equal("m4", (string?)again["messages"]![0]!["payload"]);
        Assert.Null(again["next_position"]);
        Assert.False((bool)JsonNode.Parse(got)![0]!["redelivered"]!);
    }

    [Fact]
    public async Task Browsing_shows_messages_that_a_consumer_holds()
    {
        await FillAsync("held", 3);
        await using IConnection connection = await ConnectAsync();
        await using IChannel channel = await connection.CreateChannelAsync();
        await channel.BasicGetAsync("held", autoAck: false);

        JsonNode all = await broker.GetAsync("/queues/%2F/held/messages");
        JsonNode unacked = await broker.GetAsync("/queues/%2F/held/messages?state=unacked");

        Assert.Equal(["unacked", "ready", "ready"], all["messages"]!.AsArray().Select(m => (string?)m!["state"]));
        Assert.Equal("m0", (string?)Assert.Single(unacked["messages"]!.AsArray())!["payload"]);
    }

    [Theory]
    [InlineData("header=n:3", "m3")]
    [InlineData("header=only1", "m1")]
    [InlineData("text=m2", "m2")]
    [InlineData("json_path=$.a[1].b&json_value=7", "{\"a\":[0,{\"b\":7}]}")]
    [InlineData("min_size=10", "{\"a\":[0,{\"b\":7}]}")]
    [InlineData("routing_key=filtered&header=n:1", "m1")]
    [InlineData("routing_key=*&header=n:1&younger_than=3600", "m1")]
    public async Task Browsing_filters(string query, string payload)
    {
        await FillAsync("filtered", 4);
        await broker.PostAsync(
            "/exchanges/%2F/amq.default/publish",
            """{"routing_key":"filtered","payload":"{\"a\":[0,{\"b\":7}]}","payload_encoding":"string","properties":{}}""");

        JsonNode found = await broker.GetAsync($"/queues/%2F/filtered/messages?{query}");

        Assert.Equal(payload, (string?)Assert.Single(found["messages"]!.AsArray())!["payload"]);
        await broker.DeleteAsync("/queues/%2F/filtered");
    }

    [Fact]
    public async Task Browsing_needs_the_right_to_read()
    {
        broker.Broker.Users.Add("writer", "pw", ["management"]);
        broker.Broker.Users.SetPermissions("writer", "/", ".*", ".*", "^$");
        await FillAsync("secret", 1);

        Assert.Equal(401, (await broker.TryGetAsync("/queues/%2F/secret/messages", "writer", "pw")).Status);
        Assert.Equal(401, (await broker.PostAsync("/queues/%2F/secret/messages/delete", "{}", "writer", "pw")).Status);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Browsing_and_moving_reach_messages_whose_bodies_are_on_the_disk(bool persistent)
    {
        const int Count = 1500;
        await using var own = new ManagedBroker { Configure = static o => o with { Broker = o.Broker with { PageBudgetBytes = 1 } } };
        await own.InitializeAsync();
        await own.PutAsync("/queues/%2F/long", """{"durable":true}""");
        await own.PutAsync("/queues/%2F/short", """{"durable":true}""");
        await using IConnection connection = await ConnectAsync(own);
        await using IChannel channel = await connection.CreateChannelAsync(
            new CreateChannelOptions(publisherConfirmationsEnabled: true, publisherConfirmationTrackingEnabled: true));
        for (int i = 0; i < Count; i++)
        {
            byte[] body = Encoding.UTF8.GetBytes($"m{i}".PadRight(2000));
            await channel.BasicPublishAsync("", "long", mandatory: false, new BasicProperties { Persistent = persistent }, body);
        }

        JsonNode page = await own.GetAsync($"/queues/%2F/long/messages?position={Count - 100}&page_size=100&truncate=5");
        (_, string moved) = await own.PostAsync(
            "/queues/%2F/long/messages/move", """{"destination":{"queue":"short"},"filter":{"text":"m1399 "}}""");
        JsonNode target = await own.GetAsync("/queues/%2F/short/messages?truncate=5");
        JsonNode queue = await own.GetAsync("/queues/%2F/long");

        Assert.Equal(
            Enumerable.Range(Count - 100, 100).Select(i => $"m{i}".PadRight(5)),
            page["messages"]!.AsArray().Select(m => (string?)m!["payload"]));
        Assert.Equal(1, (int)JsonNode.Parse(moved)!["done"]!);
        Assert.Equal("m1399", (string?)Assert.Single(target["messages"]!.AsArray())!["payload"]);
        Assert.Equal(Count - 1, (int)queue["messages_ready"]!);
        Assert.Equal((Count - 1) * 2000, (int)queue["message_bytes"]!);
    }

    [Fact]
    public async Task Move_by_filter_leaves_the_others_and_survives_a_restart()
    {
        await using var own = new ManagedBroker();
        await own.InitializeAsync();
        await FillAsync(own, "source", 4);
        await own.PutAsync("/queues/%2F/target", """{"durable":true}""");

        (_, string dry) = await own.PostAsync(
            "/queues/%2F/source/messages/move", """{"destination":{"queue":"target"},"filter":{"headers":{"n":2}},"dry_run":true}""");
        (_, string done) = await own.PostAsync(
            "/queues/%2F/source/messages/move", """{"destination":{"queue":"target"},"filter":{"headers":{"n":2}}}""");
        await own.RestartAsync();

        Assert.Equal((true, 1), ((bool)JsonNode.Parse(dry)!["dry_run"]!, (int)JsonNode.Parse(dry)!["done"]!));
        Assert.Equal(1, (int)JsonNode.Parse(done)!["done"]!);
        Assert.Equal(["m0", "m1", "m3"], await PayloadsAsync(own, "source"));
        Assert.Equal(["m2"], await PayloadsAsync(own, "target"));
    }

    [Fact]
    public async Task Copy_keeps_the_original_and_limit_ends_it()
    {
        await FillAsync("copied", 4);
        await broker.PutAsync("/queues/%2F/copies", "{}");

        (_, string done) = await broker.PostAsync(
            "/queues/%2F/copied/messages/copy", """{"destination":{"exchange":"amq.default","routing_key":"copies"},"limit":2}""");

        Assert.Equal(2, (int)JsonNode.Parse(done)!["done"]!);
        Assert.Equal(["m0", "m1", "m2", "m3"], await PayloadsAsync(broker, "copied"));
        Assert.Equal(["m0", "m1"], await PayloadsAsync(broker, "copies"));
    }

    [Fact]
    public async Task Delete_takes_only_what_the_filter_means()
    {
        await FillAsync("weeded", 3);

        (int unknown, _) = await broker.PostAsync("/queues/%2F/weeded/messages/delete", """{"filter":{"heeders":{"n":1}}}""");
        (_, string done) = await broker.PostAsync("/queues/%2F/weeded/messages/delete", """{"filter":{"text":"m1"}}""");

        Assert.Equal(400, unknown);
        Assert.Equal(1, (int)JsonNode.Parse(done)!["done"]!);
        Assert.Equal(["m0", "m2"], await PayloadsAsync(broker, "weeded"));
    }

    [Fact]
    public async Task Full_target_refuses_and_the_message_stays()
    {
        await FillAsync("overfull", 3);
        await broker.PutAsync("/queues/%2F/narrow", """{"arguments":{"x-max-length":1,"x-overflow":"reject-publish"}}""");

        (_, string done) = await broker.PostAsync("/queues/%2F/overfull/messages/move", """{"destination":{"queue":"narrow"}}""");

        JsonNode tally = JsonNode.Parse(done)!;
        Assert.Equal((1, 1, false), ((int)tally["done"]!, (int)tally["refused"]!, (bool)tally["complete"]!));
        Assert.Equal(["m1", "m2"], await PayloadsAsync(broker, "overfull"));
        Assert.Equal(["m0"], await PayloadsAsync(broker, "narrow"));
    }

    [Fact]
    public async Task Dead_letters_return_to_where_they_died()
    {
        await broker.PutAsync("/queues/%2F/graveyard", """{"durable":true}""");
        await broker.PutAsync(
            "/queues/%2F/alive",
            """{"durable":true,"arguments":{"x-dead-letter-exchange":"","x-dead-letter-routing-key":"graveyard"}}""");
        await FillAsync("alive", 2, declares: false);
        await broker.PostAsync("/queues/%2F/alive/get", """{"count":2,"ackmode":"reject_requeue_false","encoding":"auto"}""");
        Assert.Equal(["m0", "m1"], await PayloadsAsync(broker, "graveyard"));

        (_, string done) = await broker.PostAsync("/queues/%2F/graveyard/messages/move", """{"destination":"origin"}""");

        JsonNode returned = (await broker.GetAsync("/queues/%2F/alive/messages"))["messages"]!;
        Assert.Equal(2, (int)JsonNode.Parse(done)!["done"]!);
        Assert.Equal(["m0", "m1"], returned.AsArray().Select(m => (string?)m!["payload"]));
        Assert.Equal("alive", (string?)returned[0]!["routing_key"]);
        Assert.Null(returned[0]!["properties"]!["headers"]!["x-death"]);
        Assert.Empty(await PayloadsAsync(broker, "graveyard"));
    }

    [Fact]
    public async Task Paused_queue_delivers_nothing_until_it_is_resumed()
    {
        await broker.PutAsync("/queues/%2F/paused", "{}");
        await broker.PutAsync("/queues/%2F/paused/pause");
        await using IConnection connection = await ConnectAsync();
        await using IChannel channel = await connection.CreateChannelAsync();
        var delivered = new TaskCompletionSource<string>(TaskCreationOptions.RunContinuationsAsynchronously);
        var consumer = new RabbitMQ.Client.Events.AsyncEventingBasicConsumer(channel);
        consumer.ReceivedAsync += (_, message) =>
        {
            delivered.TrySetResult(Encoding.UTF8.GetString(message.Body.Span));
            return Task.CompletedTask;
        };
        await channel.BasicConsumeAsync("paused", autoAck: true, consumer);
        await FillAsync("paused", 1, declares: false);

        JsonNode during = await broker.GetAsync("/queues/%2F/paused");
        await broker.PutAsync("/queues/%2F/paused/resume");

        Assert.Equal(1, (int)during["messages_ready"]!);
        Assert.Equal("m0", await delivered.Task.WaitAsync(TimeSpan.FromSeconds(30), TestContext.Current.CancellationToken));
    }

    private Task FillAsync(string queue, int count, bool declares = true) => FillAsync(broker, queue, count, declares);

    private static async Task FillAsync(ManagedBroker broker, string queue, int count, bool declares = true)
    {
        if (declares)
        {
            await broker.PutAsync($"/queues/%2F/{queue}", """{"durable":true}""");
        }

        for (int i = 0; i < count; i++)
        {
            await broker.PostAsync(
                "/exchanges/%2F/amq.default/publish",
                $$"""
                {"routing_key":"{{queue}}","payload":"m{{i}}","payload_encoding":"string",
                 "properties":{"delivery_mode":2,"headers":{"n":{{i}},"only{{i}}":true} } }
                """);
        }
    }

    private static async Task<IEnumerable<string?>> PayloadsAsync(ManagedBroker broker, string queue)
    {
        JsonNode page = await broker.GetAsync($"/queues/%2F/{queue}/messages");
        return [.. page["messages"]!.AsArray().Select(m => (string?)m!["payload"])];
    }

    private Task<IConnection> ConnectAsync() => ConnectAsync(broker);

    private static Task<IConnection> ConnectAsync(ManagedBroker broker) =>
        new ConnectionFactory { HostName = "127.0.0.1", Port = broker.AmqpPort }.CreateConnectionAsync();
}
