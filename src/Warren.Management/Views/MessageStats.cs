using System.Text.Json.Nodes;
using Warren.Core.Metrics;

namespace Warren.Management.Views;

/// <summary><c>message_stats</c> of any object.</summary>
internal static class MessageStats
{
    /// <summary>Of what was taken from a queue.</summary>
    public static readonly (string Name, int[] Series)[] Taken =
    [
        ("ack", [(int)MessageCounter.Ack]),
        ("deliver", [(int)MessageCounter.Deliver]),
        ("deliver_get",
        [
            (int)MessageCounter.Deliver, (int)MessageCounter.DeliverNoAck, (int)MessageCounter.Get, (int)MessageCounter.GetNoAck,
        ]),
        ("deliver_no_ack", [(int)MessageCounter.DeliverNoAck]),
        ("get", [(int)MessageCounter.Get]),
        ("get_empty", [(int)MessageCounter.GetEmpty]),
        ("get_no_ack", [(int)MessageCounter.GetNoAck]),
        ("redeliver", [(int)MessageCounter.Redeliver]),
    ];

    /// <summary>Of what came through an exchange.</summary>
    public static readonly (string Name, int[] Series)[] Published = [("publish", [(int)MessageCounter.Publish])];

    /// <summary>Of what a channel published to an exchange.</summary>
    public static readonly (string Name, int[] Series)[] Sent =
    [
        .. Published,
        ("return_unroutable", [(int)MessageCounter.ReturnUnroutable]),
        ("drop_unroutable", [(int)MessageCounter.DropUnroutable]),
    ];

    /// <summary>Of a queue.</summary>
    public static readonly (string Name, int[] Series)[] OfQueue = [.. Published, .. Taken];

    /// <summary>Of a channel, a virtual host or everything.</summary>
    public static readonly (string Name, int[] Series)[] OfChannel =
    [
        .. OfQueue,
        ("confirm", [(int)MessageCounter.Confirm]),
        ("return_unroutable", [(int)MessageCounter.ReturnUnroutable]),
        ("drop_unroutable", [(int)MessageCounter.DropUnroutable]),
    ];

    /// <summary>Of the whole broker.</summary>
    public static readonly (string Name, int[] Series)[] OfBroker =
    [
        .. OfChannel,
        ("disk_reads", [Series.DiskReads]),
        ("disk_writes", [Series.DiskWrites]),
    ];

    /// <summary>Of an exchange.</summary>
    public static readonly (string Name, int[] Series)[] OfExchange =
    [
        ("publish_in", [(int)MessageCounter.PublishIn]),
        ("publish_out", [(int)MessageCounter.PublishOut]),
    ];

    /// <summary>Adds <c>message_stats</c> unless nothing has happened yet.</summary>
    public static void Add(
        JsonObject json, (string Name, int[] Series)[] names, in MessageCounts counts, ObjectHistory history, SampleQuery samples)
    {
        if (counts.Sum != 0)
        {
            json["message_stats"] = Of(names, counts, history.Samples, samples);
        }
    }

    /// <summary>The statistics of numbers in the order of <see cref="Series"/>.</summary>
    public static JsonObject Of(
        (string Name, int[] Series)[] names, ReadOnlySpan<long> values, SampleHistory? history, SampleQuery samples)
    {
        var stats = new JsonObject();
        foreach ((string name, int[] series) in names)
        {
            long value = 0;
            foreach (int one in series)
            {
                value += values[one];
            }

            Details.Add(stats, name, value, history, series, samples.MessageRates, samples.NowMs);
        }

        return stats;
    }
}
