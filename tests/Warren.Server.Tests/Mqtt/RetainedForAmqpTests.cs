using System.Text;
using RabbitMQ.Client;
using Xunit;

namespace Warren.Server.Tests.Mqtt;

public sealed class RetainedForAmqpTests : MqttServer
{
    private static readonly Dictionary<string, object?> WithRetained = new() { ["x-retained"] = true };

    [Fact]
    public async Task Queue_bound_with_x_retained_gets_what_is_retained_once()
    {
        using MqttClient publisher = await EnterAsync("publisher");
        await publisher.SendAsync(MqttClient.Publish("home/kitchen/temperature", "21", retain: true));
        await publisher.SendAsync(MqttClient.Publish("home/cellar/temperature", "12", retain: true));
        await publisher.SendAsync(MqttClient.Publish("home/cellar/humidity", "70", retain: true));
        await PassAsync(publisher);
        await using IConnection connection = await ConnectAsync();
        await using IChannel channel = await connection.CreateChannelAsync();
        QueueDeclareOk queue = await channel.QueueDeclareAsync();

        await channel.QueueBindAsync(queue.QueueName, "amq.topic", "home.*.temperature", WithRetained);
        await channel.QueueBindAsync(queue.QueueName, "amq.topic", "home.*.temperature", WithRetained);

        Assert.Equal(["home.cellar.temperature 12", "home.kitchen.temperature 21"], await TakeAllAsync(channel, queue.QueueName));
    }

    [Theory]
    [InlineData("amq.topic", false)]
    [InlineData("amq.direct", true)]
    public async Task Binding_without_it_or_to_another_exchange_gets_nothing(string exchange, bool asks)
    {
        using MqttClient publisher = await EnterAsync("publisher");
        await publisher.SendAsync(MqttClient.Publish("a", "kept", retain: true));
        await PassAsync(publisher);
        await using IConnection connection = await ConnectAsync();
        await using IChannel channel = await connection.CreateChannelAsync();
        QueueDeclareOk queue = await channel.QueueDeclareAsync();

        await channel.QueueBindAsync(queue.QueueName, exchange, "a", asks ? WithRetained : null);

        Assert.Empty(await TakeAllAsync(channel, queue.QueueName));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Message_published_with_x_retain_is_retained_over_a_restart(bool inTransaction)
    {
        await using (IConnection connection = await ConnectAsync())
        {
            await using IChannel channel = await OpenAsync(connection, inTransaction);
            await PublishAsync(channel, "amq.topic", "state.door", "open", retain: true);
            if (inTransaction)
            {
                await channel.TxCommitAsync();
            }
        }

        await RestartAsync();
        using MqttClient subscriber = await EnterAsync("late");
        await subscriber.SubscribeAsync("state/+");

        Assert.Equal((1, "state/door", "open"), await subscriber.ReadMessageAsync());
    }

    [Fact]
    public async Task Empty_message_with_x_retain_ends_it()
    {
        await using IConnection connection = await ConnectAsync();
        await using IChannel channel = await OpenAsync(connection, inTransaction: false);
        await PublishAsync(channel, "amq.topic", "state.door", "open", retain: true);
        Assert.Equal(1, Server.Broker.FindVirtualHost("/")!.Retained.Count);

        await PublishAsync(channel, "amq.topic", "state.door", "", retain: true);

        Assert.Equal(0, Server.Broker.FindVirtualHost("/")!.Retained.Count);
    }

    [Theory]
    [InlineData("amq.topic", false)]
    [InlineData("amq.topic", "true")]
    [InlineData("amq.direct", true)]
    public async Task Other_messages_are_not_retained(string exchange, object retain)
    {
        await using IConnection connection = await ConnectAsync();
        await using IChannel channel = await OpenAsync(connection, inTransaction: false);

        await PublishAsync(channel, exchange, "a", "x", retain);

        Assert.Equal(0, Server.Broker.FindVirtualHost("/")!.Retained.Count);
    }

    // Everything sent before has been dealt with.
    private static async Task PassAsync(MqttClient client)
    {
        await client.SendAsync(0xC0, 0);
        Assert.Equal(0xD0, (await client.ReadAsync()).Header);
    }

    private static async Task<string[]> TakeAllAsync(IChannel channel, string queue)
    {
        var taken = new List<string>();
        while (await channel.BasicGetAsync(queue, autoAck: true) is { } got)
        {
            taken.Add($"{got.RoutingKey} {Encoding.UTF8.GetString(got.Body.Span)}");
        }

        return [.. taken.Order(StringComparer.Ordinal)];
    }

    private static async Task<IChannel> OpenAsync(IConnection connection, bool inTransaction)
    {
        if (!inTransaction)
        {
            return await connection.CreateChannelAsync(new CreateChannelOptions(true, true));
        }

        IChannel channel = await connection.CreateChannelAsync();
        await channel.TxSelectAsync();
        return channel;
    }

    private static async Task PublishAsync(IChannel channel, string exchange, string key, string body, object retain)
    {
        var properties = new BasicProperties { Headers = new Dictionary<string, object?> { ["x-retain"] = retain } };
        await channel.BasicPublishAsync(exchange, key, mandatory: false, properties, Encoding.UTF8.GetBytes(body));
    }

    private Task<IConnection> ConnectAsync() =>
        new ConnectionFactory { HostName = "127.0.0.1", Port = Server.EndPoints[0].Port, AutomaticRecoveryEnabled = false }.CreateConnectionAsync();
}
