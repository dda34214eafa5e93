using System.Text;
using Warren.Buffers.Fields;
using Warren.Core.Messages;
using Warren.Core.Queues;

namespace Warren.Core.DeadLettering;

/// <summary>The x-death headers of a message: where it died, how often and why.</summary>
/// <remarks>Not thread-safe; built for one dead-lettering and thrown away.</remarks>
internal sealed class DeathHistory
{
    private const string XDeath = "x-death";

    private readonly List<FieldTable> _deaths = []; // newest first

    private DeathHistory(FieldTable headers) => Headers = headers;

    /// <summary>All headers of the message, with this history in them.</summary>
    public FieldTable Headers { get; }

    /// <summary>Reads the history of a message and adds one death to it.</summary>
    public static DeathHistory Extend(
        Message message,
        MessageFormat format,
        string queue,
        DeadLetterReason reason,
        long nowMs,
        bool replacesRoutingKey)
    {
        FieldTable headers = Copy(format.ReadHeaders(message.Properties));
        var history = new DeathHistory(headers);
        if (headers.TryGet(XDeath, out FieldValue old))
        {
            foreach (FieldValue death in old.AsArray())
            {
                if (death.Type == FieldType.Table)
                {
                    history._deaths.Add(death.AsTable());
                }
            }
        }

        string exchange = Encoding.UTF8.GetString(message.Exchange);
        history.Add(message, format, queue, exchange, WireName(reason), nowMs);
        headers.Set(XDeath, FieldValue.Of(history._deaths.ConvertAll(FieldValue.Of).ToArray()));
        if (!headers.TryGet("x-first-death-reason", out _))
        {
            headers.Set("x-first-death-exchange", FieldValue.Of(exchange));
            headers.Set("x-first-death-queue", FieldValue.Of(queue));
            headers.Set("x-first-death-reason", FieldValue.Of(WireName(reason)));
        }

        headers.Set("x-last-death-exchange", FieldValue.Of(exchange));
        headers.Set("x-last-death-queue", FieldValue.Of(queue));
        headers.Set("x-last-death-reason", FieldValue.Of(WireName(reason)));
        if (replacesRoutingKey)
        {
            headers.Remove("CC");
        }

        headers.Remove("BCC");
        return history;
    }

    /// <summary>
    /// True when the message has been in <paramref name="queue"/> before and got from there to here without anyone
    /// rejecting it: it would go round for ever.
    /// </summary>
    public bool IsCycleThrough(string queue)
    {
        int last = _deaths.FindIndex(d => Text(d, "queue") == queue);
        for (int i = 0; i <= last; i++)
        {
            if (Text(_deaths[i], "reason") == "rejected")
            {
                return false;
            }
        }

        return last >= 0;
    }

    private void Add(Message message, MessageFormat format, string queue, string exchange, string reason, long nowMs)
    {
        int known = _deaths.FindIndex(d => Text(d, "queue") == queue && Text(d, "reason") == reason);
        FieldTable death;
        if (known >= 0)
        {
            death = Copy(_deaths[known]);
            death.TryGet("count", out FieldValue count);
            death.Set("count", FieldValue.Of(count.AsInteger() + 1));
            _deaths.RemoveAt(known);
        }
        else
        {
            death = new FieldTable();
            death.Add("count", FieldValue.Of(1L));
            death.Add("reason", FieldValue.Of(reason));
            death.Add("queue", FieldValue.Of(queue));
            death.Add("time", FieldValue.OfTimestamp(nowMs / 1000));
            death.Add("exchange", FieldValue.Of(exchange));
            death.Add("routing-keys", FieldValue.Of(RoutingKeys(message)));
            if (format.ReadExpiration(message.Properties) is { } expiration)
            {
                death.Add("original-expiration", FieldValue.Of(expiration));
            }
        }

        _deaths.Insert(0, death);
    }

    private FieldValue[] RoutingKeys(Message message)
    {
        var keys = new List<FieldValue> { FieldValue.OfString(message.RoutingKey.ToArray()) };
        if (Headers.TryGet("CC", out FieldValue cc))
        {
            foreach (FieldValue key in cc.AsArray())
            {
                keys.Add(key);
            }
        }

        return [.. keys];
    }

    private static string WireName(DeadLetterReason reason) => reason switch
    {
        DeadLetterReason.Rejected => "rejected",
        DeadLetterReason.Expired => "expired",
        DeadLetterReason.MaxLength => "maxlen",
        _ => "delivery_limit",
    };

    private static string Text(FieldTable death, string name) =>
        death.TryGet(name, out FieldValue value) ? value.AsText() : string.Empty;

    private static FieldTable Copy(FieldTable table)
    {
        var copy = new FieldTable();
        foreach (KeyValuePair<string, FieldValue> field in table.Fields)
        {
            copy.Add(field.Key, field.Value);
        }

        return copy;
    }
}
