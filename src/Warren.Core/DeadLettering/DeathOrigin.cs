using Warren.Buffers.Fields;

namespace Warren.Core.DeadLettering;

/// <summary>Where a dead letter was before it died for the first time.</summary>
/// <param name="Queue">The queue.</param>
/// <param name="Exchange">The exchange it was published to.</param>
/// <param name="RoutingKey">Its routing key, UTF-8; null: not known.</param>
public readonly record struct DeathOrigin(string Queue, string Exchange, byte[]? RoutingKey)
{
    private static readonly string[] HistoryHeaders =
    [
        "x-death",
        "x-first-death-exchange", "x-first-death-queue", "x-first-death-reason",
        "x-last-death-exchange", "x-last-death-queue", "x-last-death-reason",
    ];

    /// <summary>Reads the oldest entry of <c>x-death</c>.</summary>
    /// <returns>False: the message is no dead letter.</returns>
    public static bool TryRead(FieldTable headers, out DeathOrigin origin)
    {
        ArgumentNullException.ThrowIfNull(headers);
        origin = default;
        if (!headers.TryGet("x-death", out FieldValue deaths) || deaths.AsArray().IsEmpty)
        {
            return false;
        }

        FieldTable first = deaths.AsArray()[^1].AsTable();
        if (headers.TryGet("x-first-death-queue", out FieldValue firstQueue))
        {
            // an entry that counts up comes to the front of the list, so the oldest is not always the last
            foreach (FieldValue death in deaths.AsArray())
            {
                if (death.AsTable().TryGet("queue", out FieldValue queue) && queue.AsText() == firstQueue.AsText())
                {
                    first = death.AsTable();
                }
            }
        }

        if (!first.TryGet("queue", out FieldValue name) || !first.TryGet("exchange", out FieldValue exchange))
        {
            return false;
        }

        byte[]? key = first.TryGet("routing-keys", out FieldValue keys) && !keys.AsArray().IsEmpty
            ? keys.AsArray()[0].AsBytes().ToArray()
            : null;
        origin = new DeathOrigin(name.AsText(), exchange.AsText(), key);
        return true;
    }

    /// <summary>The headers as they would be had the message not died: else its next death would look like a circle.</summary>
    internal static FieldTable WithoutHistory(FieldTable headers)
    {
        var kept = new FieldTable();
        foreach (KeyValuePair<string, FieldValue> field in headers.Fields)
        {
            if (!HistoryHeaders.Contains(field.Key, StringComparer.Ordinal))
            {
                kept.Add(field.Key, field.Value);
            }
        }

        return kept;
    }
}
