using System.Text.Json.Nodes;
using RabbitMQ.Client;
using Xunit;

namespace Warren.Management.Tests;

/// <summary>Messages that no answer in JSON can hold.</summary>
public sealed class LargePayloadTests : IAsyncLifetime
{
    private readonly ManagedBroker _broker = new()
    {
        Configure = static o => o with { Amqp091 = o.Amqp091 with { MaxMessageSize = 512 * 1024 * 1024 } },
    };

    public ValueTask InitializeAsync() => _broker.InitializeAsync();

    public ValueTask DisposeAsync() => _broker.DisposeAsync();

    [Fact]
    public async Task Message_that_is_too_large_for_an_answer_stays_in_its_queue_and_is_shown_in_part()
    {
        var factory = new ConnectionFactory { HostName = "127.0.0.1", Port = _broker.AmqpPort };
        await using IConnection connection = await factory.CreateConnectionAsync();
        await using IChannel channel = await connection.CreateChannelAsync(
            new CreateChannelOptions(publisherConfirmationsEnabled: true, publisherConfirmationTrackingEnabled: true));
        await channel.QueueDeclareAsync("large", durable: false, exclusive: false, autoDelete: false);
        await channel.BasicPublishAsync("", "large", new byte[65 * 1024 * 1024]);

        (int code, string refusal) = await _broker.PostAsync(
            "/queues/%2F/large/get", """{"count":1,"ackmode":"ack_requeue_false","encoding":"auto"}""");
        (_, string part) = await _broker.PostAsync(
            "/queues/%2F/large/get", """{"count":1,"ackmode":"ack_requeue_false","encoding":"auto","truncate":10}""");

        Assert.Equal(400, code);
        Assert.Contains("payload_too_large", refusal, StringComparison.Ordinal);
        Assert.Equal(65 * 1024 * 1024, (int)JsonNode.Parse(part)![0]!["payload_bytes"]!);
        Assert.False((bool)JsonNode.Parse(part)![0]!["redelivered"]!);
    }
}
