using System.Text.Json.Nodes;
using Warren.Core;
using Warren.Core.Metrics;
using Warren.Core.VirtualHosts;

namespace Warren.Management.Views;

/// <summary>A virtual host as the HTTP API shows it.</summary>
internal static class VirtualHostView
{
    /// <summary>Everything a list shows of a virtual host; its numbers are those of the last sample.</summary>
    public static JsonObject Of(Broker broker, VirtualHost virtualHost, string node, SampleQuery samples)
    {
        JsonObject json = Described(virtualHost);
        json["cluster_state"] = new JsonObject { [node] = "running" };
        if (broker.Statistics.Totals(virtualHost) is { } totals)
        {
            SampleHistory? history = broker.Statistics.HistoryOf(virtualHost);
            AddNumbers(json, totals, history, samples);
        }

        return json;
    }

    /// <summary>What is known of it besides numbers.</summary>
    public static JsonObject Described(VirtualHost virtualHost)
    {
        VirtualHostSettings settings = virtualHost.Settings;
        string type = settings.DefaultQueueType ?? "classic";
        return new JsonObject
        {
            ["name"] = virtualHost.Name,
            ["description"] = settings.Description,
            ["tags"] = Tags(settings),
            ["default_queue_type"] = type,
            ["protected_from_deletion"] = settings.ProtectedFromDeletion,
            ["metadata"] = new JsonObject
            {
                ["description"] = settings.Description,
                ["tags"] = Tags(settings),
                ["default_queue_type"] = type,
            },
            ["tracing"] = settings.Tracing,
        };
    }

    private static JsonArray Tags(VirtualHostSettings settings) => [.. settings.Tags.Select(t => (JsonNode)t)];

    private static void AddNumbers(JsonObject json, long[] totals, SampleHistory? history, SampleQuery samples)
    {
        foreach ((string name, int series) in Lengths)
        {
            Details.Add(json, name, totals[series], history, [series], samples.Lengths, samples.NowMs);
        }

        Details.Add(
            json, "recv_oct", totals[Series.ReceivedOctets], history, [Series.ReceivedOctets], samples.DataRates, samples.NowMs);
        Details.Add(json, "send_oct", totals[Series.SentOctets], history, [Series.SentOctets], samples.DataRates, samples.NowMs);
        if (totals.AsSpan(0, MessageCounts.Length).ContainsAnyExcept(0L))
        {
            json["message_stats"] = MessageStats.Of(MessageStats.OfChannel, totals, history, samples);
        }
    }

    private static readonly (string Name, int Series)[] Lengths =
    [
        ("messages", Series.Messages),
        ("messages_ready", Series.Ready),
        ("messages_unacknowledged", Series.Unacknowledged),
    ];
}
