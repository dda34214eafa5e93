using Warren.Interop.Tests.Mqtt;
using Warren.Wire.Mqtt;

namespace Warren.Interop.Tests.Crash;

/// <summary>Takes messages of quality 1 and 2 and remembers which of the latter it has; changes its subscriptions now and then.</summary>
internal sealed class MqttCrashSubscriber : MqttCrashClient
{
    private readonly string _reader; // who reads: itself or its group
    private readonly Func<string, bool> _takes;
    private readonly HashSet<ushort> _received = [];
    private readonly Queue<(string Filter, int QoS)> _wanted; // not acknowledged yet
    private readonly HashSet<string> _extra = new(StringComparer.Ordinal);
    private readonly HashSet<string> _dropped = new(StringComparer.Ordinal);
    private readonly HashSet<string> _probed = new(StringComparer.Ordinal);
    private (string Filter, bool Add, int QoS)? _asked;
    private int _extras;
    private volatile bool _ended;

    /// <param name="group">Its group when it shares; null when not.</param>
    /// <param name="takes">The topics of the load it takes in.</param>
    /// <param name="filters">What it subscribes to.</param>
    public MqttCrashSubscriber(
        string id, ProtocolVersion version, MqttCrashLedger ledger, int seed, string? group, Func<string, bool> takes, params (string Filter, int QoS)[] filters)
        : base(id, version, ledger, seed)
    {
        _reader = group ?? id;
        IsShared = group is not null;
        _takes = takes;
        _wanted = new Queue<(string, int)>(filters.Append((LastTopic, 1)));
    }

    /// <summary>Whether it is one of a group.</summary>
    public bool IsShared { get; }

    /// <summary>Topics it must get, by what was acknowledged.</summary>
    public IReadOnlyCollection<string> Extra => _extra;

    /// <summary>Topics it must not get any more.</summary>
    public IReadOnlyCollection<string> Dropped => _dropped;

    /// <summary>The topic whose message says that nothing more comes.</summary>
    public string LastTopic => $"extra/{Id}/end";

    /// <summary>Whether it drains until the message of <see cref="LastTopic"/>, rather than until it has the load.</summary>
    public bool WaitsForEnd { get; set; }

    /// <summary>What it lacks of the load.</summary>
    public string Missing() => Ledger.Missing(_reader, IsShared, _takes);

    /// <summary>Forgets what it was probed with.</summary>
    public void BeginProbe()
    {
        _probed.Clear();
        _ended = false;
    }

    /// <summary>All probes have come: compares them with the subscriptions.</summary>
    public void CheckProbe()
    {
        foreach (string topic in _extra.Except(_probed))
        {
            Ledger.Problem($"{Id}: the subscription to {topic} is gone");
        }

        foreach (string topic in _dropped.Intersect(_probed))
        {
            Ledger.Problem($"{Id}: the subscription to {topic} is back");
        }
    }

    protected override void Work(MqttRaw connection)
    {
        if (_asked is { } asked)
        {
            Ask(connection, asked);
        }

        while (true)
        {
            if (_asked is null && _wanted.TryDequeue(out (string Filter, int QoS) wanted))
            {
                Ask(connection, (wanted.Filter, true, wanted.QoS));
            }
            else if (_asked is null && !IsDraining && Random.Next(100) == 0)
            {
                bool drop = _extra.Count > 3;
                Ask(connection, drop ? (_extra.First(), false, 1) : ($"extra/{Id}/{++_extras}", true, 1));
            }

            if (connection.WaitForMore(20))
            {
                OnPacket(connection, connection.Next());
                MayLose(connection);
            }
            else if (IsDraining && _asked is null && _wanted.Count == 0 && (WaitsForEnd ? _ended : Missing().Length == 0))
            {
                break; // asked only when nothing comes: the ledger goes through every topic, which would slow each packet down
            }
        }

        connection.Leave();
    }

    protected override string Wait() => $"{_asked}, {Missing()}";

    private void Ask(MqttRaw connection, (string Filter, bool Add, int QoS) asked)
    {
        _asked = asked;
        if (asked.Add)
        {
            connection.SendSubscribe(asked.Filter, asked.QoS, 9);
        }
        else
        {
            connection.SendUnsubscribe(asked.Filter, 9);
        }
    }

    private void OnPacket(MqttRaw connection, MqttPacket packet)
    {
        switch (packet.Type)
        {
            case PacketType.SubAck or PacketType.UnsubAck when _asked is { } asked:
                OnAnswer(packet, asked);
                break;
            case PacketType.Publish when packet.QoS == 1:
                Take(packet);
                MayLose(connection);
                connection.Acknowledge(PacketType.PubAck, packet.Id);
                break;
            case PacketType.Publish when packet.QoS == 2:
                if (_received.Add(packet.Id))
                {
                    Take(packet);
                }
                else if (!packet.Dup)
                {
                    Ledger.Problem($"{Id}: identifier used again before its PUBREL: {packet}");
                }

                MayLose(connection);
                connection.Acknowledge(PacketType.PubRec, packet.Id);
                break;
            case PacketType.PubRel:
                _received.Remove(packet.Id);
                MayLose(connection);
                connection.Acknowledge(PacketType.PubComp, packet.Id);
                break;
            default:
                Ledger.Problem($"{Id}: unexpected {packet}");
                break;
        }
    }

    private void OnAnswer(MqttPacket packet, (string Filter, bool Add, int QoS) asked)
    {
        _asked = null;
        if (asked.Add && packet.Code != asked.QoS)
        {
            Ledger.Problem($"{Id}: {packet} for {asked.Filter}");
        }
        else if (asked.Filter.StartsWith($"extra/{Id}/", StringComparison.Ordinal) && asked.Filter != LastTopic)
        {
            (asked.Add ? _extra : _dropped).Add(asked.Filter);
            (asked.Add ? _dropped : _extra).Remove(asked.Filter);
        }
    }

    private void Take(MqttPacket packet)
    {
        if (packet.Topic == LastTopic)
        {
            _ended = true;
        }
        else if (packet.Topic.StartsWith("extra/", StringComparison.Ordinal))
        {
            _probed.Add(packet.Topic);
        }
        else
        {
            Ledger.Delivered(_reader, IsShared, packet.Topic, packet.Payload, packet.QoS);
        }
    }
}
