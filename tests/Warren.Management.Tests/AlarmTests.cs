using Xunit;

namespace Warren.Management.Tests;

public sealed class AlarmTests
{
    [Fact]
    public async Task Publishing_is_refused_while_memory_is_short_and_taking_goes_on()
    {
        await using var broker = new ManagedBroker
        {
            Configure = static o => o with { Broker = o.Broker with { MemoryWatermarkBytes = 1 } },
        };
        await broker.InitializeAsync();
        await broker.PutAsync("/queues/%2F/q", "{}");

        (int status, string body) = await broker.PostAsync(
            "/exchanges/%2F/amq.default/publish",
            """{"routing_key":"q","payload":"","payload_encoding":"string","properties":{}}""");
        (int got, _) = await broker.PostAsync(
            "/queues/%2F/q/get", """{"count":1,"ackmode":"ack_requeue_false","encoding":"auto"}""");

        Assert.Equal(503, status);
        Assert.Equal("publishers are blocked: low on memory", ManagedBroker.ReasonOf(body));
        Assert.Equal(200, got);
    }
}
