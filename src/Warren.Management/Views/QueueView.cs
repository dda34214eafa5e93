using System.Text.Json.Nodes;
using Warren.Core.Arguments;
using Warren.Core.Metrics;
using Warren.Core.Policies;
using Warren.Core.Queues;

namespace Warren.Management.Views;

/// <summary>A queue as the HTTP API shows it.</summary>
internal static class QueueView
{
    private const int QueueMemoryBytes = 700; // an empty queue, measured
    private const int EntryMemoryBytes = 40;

    /// <summary>About how many bytes a queue takes, bodies not included.</summary>
    public static long MemoryOf(in QueueCounts counts) => QueueMemoryBytes + (EntryMemoryBytes * (counts.Ready + counts.Unacked));

    /// <summary>Everything a list shows of a queue.</summary>
    public static JsonObject Of(MessageQueue queue, string node, SampleQuery samples)
    {
        QueueCounts counts = queue.Counts;
        JsonObject json = Declared(queue, node);
        AddPolicies(json, queue.Policies);
        json["state"] = StateOf(queue);
        json["node"] = node;
        json["consumers"] = counts.Consumers;
        json["consumer_capacity"] = counts.Consumers == 0 ? 0 : counts.Ready == 0 ? 1.0 : 0.0;
        json["consumer_utilisation"] = counts.Consumers == 0 ? 0 : counts.Ready == 0 ? 1.0 : 0.0;
        json["exclusive_consumer_tag"] = queue.ExclusiveConsumerTag;
        json["single_active_consumer_tag"] = queue.SingleActiveConsumerTag;
        AddCounts(json, queue, counts, samples);
        json["message_bytes"] = counts.Bytes;
        json["message_bytes_ready"] = counts.ReadyBytes;
        json["message_bytes_unacknowledged"] = counts.Bytes - counts.ReadyBytes;
        json["memory"] = MemoryOf(counts);
        json["head_message_timestamp"] = null;
        json["messages_damaged"] = counts.Damaged;
        MessageStats.Add(json, MessageStats.OfQueue, queue.Statistics, queue.History, samples);
        AddKind(json, queue, node);
        if (queue.Definition.Owner is { } owner)
        {
            json["owner_pid_details"] = PeerNames.Of(owner.Name);
        }

        return json;
    }

    /// <summary>What <c>disable_stats=true&amp;enable_queue_totals=true</c> leaves: twelve keys.</summary>
    public static JsonObject Totals(MessageQueue queue, string node)
    {
        QueueCounts counts = queue.Counts;
        JsonObject json = Declared(queue, node);
        json["state"] = StateOf(queue);
        json["messages"] = counts.Ready + counts.Unacked;
        json["messages_ready"] = counts.Ready;
        json["messages_unacknowledged"] = counts.Unacked;
        return json;
    }

    /// <summary>How it was declared, and where it is.</summary>
    public static JsonObject Declared(MessageQueue queue, string node) => new()
    {
        ["name"] = queue.Name,
        ["vhost"] = queue.VirtualHostName,
        ["type"] = QueueArguments.NameOf(queue.Definition.Parsed.Kind),
        ["durable"] = queue.Definition.Durable,
        ["auto_delete"] = queue.Definition.AutoDelete,
        ["exclusive"] = queue.Definition.Exclusive,
        ["arguments"] = FieldJson.Of(queue.Definition.Arguments),
        ["node"] = node,
    };

    /// <summary><c>policy</c>, <c>operator_policy</c> and <c>effective_policy_definition</c>.</summary>
    public static void AddPolicies(JsonObject json, AppliedPolicies policies)
    {
        json["policy"] = policies.User?.Name;
        json["operator_policy"] = policies.Operators?.Name;
        json["effective_policy_definition"] = policies.Effective.ToJson();
    }

    private static string StateOf(MessageQueue queue) => queue.IsPaused ? "paused" : "running";

    private static void AddCounts(JsonObject json, MessageQueue queue, in QueueCounts counts, SampleQuery samples)
    {
        SampleHistory? history = queue.History.Samples;
        SampleRange? range = samples.Lengths;
        Details.Add(json, "messages", counts.Ready + counts.Unacked, history, [Series.Messages], range, samples.NowMs);
        Details.Add(json, "messages_ready", counts.Ready, history, [Series.Ready], range, samples.NowMs);
        Details.Add(json, "messages_unacknowledged", counts.Unacked, history, [Series.Unacknowledged], range, samples.NowMs);
        Details.AddStill(json, "reductions", 0, range, samples.NowMs);
    }

    private static void AddKind(JsonObject json, MessageQueue queue, string node)
    {
        if (queue.Definition.Parsed.Kind == QueueKind.Quorum)
        {
            json["leader"] = node;
            json["members"] = new JsonArray((JsonNode)node);
            json["online"] = new JsonArray((JsonNode)node);
            json["delivery_limit"] = queue.Limits.DeliveryLimit is { } limit ? limit : "unlimited";
        }
        else
        {
            json["storage_version"] = 2;
            json["recoverable_slaves"] = null;
        }

        json["internal"] = false;
        json["internal_owner"] = false;
    }
}
