using RabbitMQ.Client;

namespace Warren.Interop.Tests.Running;

/// <summary>One entry of the x-death header.</summary>
public sealed record Death(
    long Count, string Reason, string Queue, string Exchange, string RoutingKeys, string? OriginalExpiration)
{
    /// <summary>When it happened.</summary>
    public AmqpTimestamp Time { get; init; }

    /// <summary>All entries, newest first.</summary>
    public static List<Death> Of(Delivery message)
    {
        ArgumentNullException.ThrowIfNull(message);
        var entries = Assert.IsType<IList<object?>>(message.Headers["x-death"], exactMatch: false);
        return [.. entries.Select(Of)];
    }

    /// <summary>The newest entry.</summary>
    public static Death Newest(Delivery message) => Of(message)[0];

    private static Death Of(object? entry)
    {
        var table = Assert.IsType<IDictionary<string, object?>>(entry, exactMatch: false);
        var keys = Assert.IsType<IList<object?>>(table["routing-keys"], exactMatch: false);
        Assert.Equal(
            table.ContainsKey("original-expiration") ? 7 : 6,
            table.Count);
        return new Death(
            Assert.IsType<long>(table["count"]),
            Text.Of(table["reason"]),
            Text.Of(table["queue"]),
            Text.Of(table["exchange"]),
            string.Join(',', keys.Select(Text.Of)),
            table.TryGetValue("original-expiration", out object? expiration) ? Text.Of(expiration) : null)
        {
            Time = Assert.IsType<AmqpTimestamp>(table["time"]),
        };
    }
}
