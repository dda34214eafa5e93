namespace Warren.Interop.Tests.Crash;

/// <summary>What MQTT clients sent, were promised and got, and from that: what went wrong.</summary>
/// <remarks>Thread-safe by one lock; every client of the load writes here.</remarks>
public sealed class MqttCrashLedger
{
    private readonly Lock _lock = new();
    private readonly Dictionary<string, long> _sent = new(StringComparer.Ordinal); // newest number by topic
    private readonly Dictionary<(string Subscriber, string Topic), long> _last = [];
    private readonly Dictionary<(string Group, string Topic), HashSet<long>> _seen = [];
    private readonly Dictionary<string, Retained> _retained = new(StringComparer.Ordinal);
    private readonly List<string> _problems = [];

    /// <summary>Everything that must not happen and did; the first 50.</summary>
    public IReadOnlyList<string> Problems
    {
        get
        {
            lock (_lock)
            {
                return [.. _problems];
            }
        }
    }

    /// <summary>Messages the broker has answered for.</summary>
    public long AcknowledgedTotal { get; private set; }

    /// <summary>Messages subscribers got.</summary>
    public long DeliveredTotal { get; private set; }

    /// <summary>Of these, those they had already.</summary>
    public long RepeatedTotal { get; private set; }

    /// <summary>The number of the next message to a topic.</summary>
    public long Next(string topic)
    {
        lock (_lock)
        {
            return _sent[topic] = _sent.GetValueOrDefault(topic) + 1;
        }
    }

    /// <summary>PUBACK or PUBREC came.</summary>
    public void Acknowledged()
    {
        lock (_lock)
        {
            AcknowledgedTotal++;
        }
    }

    /// <summary>A subscriber got a message for the first time under its packet identifier.</summary>
    /// <param name="subscriber">The subscriber, or the group that shares.</param>
    /// <param name="isShared">Whether it is a group: there the order says nothing.</param>
    /// <param name="topic">The topic.</param>
    /// <param name="body">The payload.</param>
    /// <param name="qos">With which quality of service it came.</param>
    public void Delivered(string subscriber, bool isShared, string topic, ReadOnlySpan<byte> body, int qos)
    {
        var message = CrashMessage.Decode(body);
        lock (_lock)
        {
            DeliveredTotal++;
            if (message is null || message.Queue != topic || qos != QoSOf(topic))
            {
                Problem($"{subscriber}: altered or misrouted in {topic}, quality {qos}: {message}, {body.Length} bytes");
                return;
            }

            long number = message.Sequence;
            if (isShared)
            {
                if (!Seen(subscriber, topic).Add(number))
                {
                    Repeated(subscriber, topic, number, qos);
                }

                return;
            }

            long last = _last.GetValueOrDefault((subscriber, topic));
            if (number <= last)
            {
                Repeated(subscriber, topic, number, qos);
                return;
            }

            if (number != last + 1)
            {
                Problem($"{subscriber}: {topic} {number} came after {last}");
            }

            _last[(subscriber, topic)] = number;
        }
    }

    /// <summary>What a subscriber or group has not got yet of what was sent; empty: nothing.</summary>
    public string Missing(string subscriber, bool isShared, Func<string, bool> takes)
    {
        lock (_lock)
        {
            foreach ((string topic, long sent) in _sent)
            {
                if (!takes(topic))
                {
                    continue;
                }

                long got = isShared ? Seen(subscriber, topic).Count : _last.GetValueOrDefault((subscriber, topic));
                if (got != sent)
                {
                    return $"{subscriber}: {got} of {sent} of {topic}";
                }
            }

            return "";
        }
    }

    /// <summary>A publisher sets or deletes a retained message.</summary>
    /// <returns>The number of the change.</returns>
    public long Retain(string topic, bool delete)
    {
        lock (_lock)
        {
            if (!_retained.TryGetValue(topic, out Retained? retained))
            {
                _retained.Add(topic, retained = new Retained());
            }

            retained.Deletions.Add(delete);
            return retained.Deletions.Count;
        }
    }

    /// <summary>The change of a retained message was acknowledged.</summary>
    public void RetainAcknowledged(string topic, long number)
    {
        lock (_lock)
        {
            AcknowledgedTotal++;
            Retained retained = _retained[topic];
            retained.Acknowledged = Math.Max(retained.Acknowledged, number);
        }
    }

    /// <summary>What is retained after a restart: each topic must be as after one of the changes from the last acknowledged on.</summary>
    public void CheckRetained(IReadOnlyDictionary<string, long> found)
    {
        ArgumentNullException.ThrowIfNull(found);
        lock (_lock)
        {
            foreach ((string topic, Retained retained) in _retained)
            {
                long from = Math.Max(retained.Acknowledged, 1);
                bool isRight = found.TryGetValue(topic, out long number)
                    ? number >= from && number <= retained.Deletions.Count && !retained.Deletions[(int)number - 1]
                    : retained.Acknowledged == 0 || retained.Deletions.Skip((int)from - 1).Contains(true);
                if (!isRight)
                {
                    Problem($"retained {topic}: {number} where {retained.Acknowledged} of {retained.Deletions.Count} were acknowledged");
                }
            }
        }
    }

    /// <summary>Something that must not happen.</summary>
    public void Problem(string text)
    {
        lock (_lock)
        {
            if (_problems.Count < 50)
            {
                _problems.Add(text);
            }
        }
    }

    /// <summary>The quality of service a topic of the load is published with: the last character.</summary>
    public static int QoSOf(string topic)
    {
        ArgumentNullException.ThrowIfNull(topic);
        return topic[^1] - '0';
    }

    private void Repeated(string subscriber, string topic, long number, int qos)
    {
        RepeatedTotal++;
        if (qos == 2)
        {
            Problem($"{subscriber}: {topic} {number} came twice");
        }
    }

    private HashSet<long> Seen(string group, string topic)
    {
        if (!_seen.TryGetValue((group, topic), out HashSet<long>? seen))
        {
            _seen.Add((group, topic), seen = []);
        }

        return seen;
    }

    private sealed class Retained
    {
        public List<bool> Deletions { get; } = [];

        public long Acknowledged { get; set; }
    }
}
