using Warren.Interop.Tests.Mqtt;
using Warren.Wire.Mqtt;

namespace Warren.Interop.Tests.Crash;

/// <summary>Publishes numbered messages with quality 1 and 2, and retained ones, and sends again whatever is not finished.</summary>
internal sealed class MqttCrashPublisher : MqttCrashClient
{
    private const int Window = 16;
    private const int RetainedTopics = 4;

    private readonly List<Pending> _pending = []; // as they were sent first
    private readonly Queue<ushort> _released = new(); // identifiers in the order of their PUBREC
    private ushort _lastId;

    public MqttCrashPublisher(string id, ProtocolVersion version, MqttCrashLedger ledger, int seed)
        : base(id, version, ledger, seed)
    {
    }

    protected override void Work(MqttRaw connection)
    {
        foreach (Pending pending in _pending)
        {
            if (!pending.IsReceived)
            {
                Send(connection, pending, dup: true);
            }
        }

        foreach (ushort id in _released)
        {
            connection.Acknowledge(PacketType.PubRel, id);
        }

        while (!IsDraining || _pending.Count > 0)
        {
            while (!IsDraining && _pending.Count < Window)
            {
                Pending next = New();
                _pending.Add(next);
                Send(connection, next, dup: false);
            }

            OnPacket(connection, connection.Next());
            MayLose(connection);
        }

        connection.Leave();
    }

    protected override string Wait() => string.Join(", ", _pending.Select(p => $"{p.Id} {p.Topic}{(p.IsReceived ? " PUBCOMP" : "")}"));

    private void OnPacket(MqttRaw connection, MqttPacket packet)
    {
        int qos = packet.Type == PacketType.PubAck ? 1 : 2;
        if (packet.Type is not (PacketType.PubAck or PacketType.PubRec or PacketType.PubComp)
            || _pending.Find(p => p.Id == packet.Id && p.QoS == qos) is not { } pending)
        {
            Ledger.Problem($"{Id}: unexpected {packet}");
            return;
        }

        bool isKnownGap = packet.Type == PacketType.PubComp && packet.Code == (byte)ReasonCode.PacketIdentifierNotFound;
        bool isUnheard = packet.Code == (byte)ReasonCode.NoMatchingSubscribers && pending.Topic.StartsWith("ret/", StringComparison.Ordinal);
        if (packet.Code != 0 && !isKnownGap && !isUnheard)
        {
            Ledger.Problem($"{Id}: {packet} for {pending.Topic}");
        }

        switch (packet.Type)
        {
            case PacketType.PubAck or PacketType.PubRec when !pending.IsReceived:
                if (_pending.First(p => p.QoS == qos && !p.IsReceived) != pending)
                {
                    Ledger.Problem($"{Id}: {packet} out of order");
                }

                if (pending.Retained > 0)
                {
                    Ledger.RetainAcknowledged(pending.Topic, pending.Retained);
                }
                else
                {
                    Ledger.Acknowledged();
                }

                if (qos == 1)
                {
                    _pending.Remove(pending);
                    break;
                }

                pending.IsReceived = true;
                _released.Enqueue(pending.Id);
                MayLose(connection);
                connection.Acknowledge(PacketType.PubRel, pending.Id);
                break;
            case PacketType.PubComp when pending.IsReceived:
                if (_released.Dequeue() != pending.Id)
                {
                    Ledger.Problem($"{Id}: {packet} out of order");
                }

                _pending.Remove(pending);
                break;
            default:
                Ledger.Problem($"{Id}: {packet} too early");
                break;
        }
    }

    private Pending New()
    {
        int qos = Random.Next(1, 3);
        do
        {
            _lastId = (ushort)(_lastId == 200 ? 1 : _lastId + 1); // identifiers are used again soon
        }
        while (_pending.Exists(p => p.Id == _lastId));

        if (Random.Next(20) == 0)
        {
            string kept = $"ret/{Id}/{Random.Next(RetainedTopics)}/{qos}";
            bool delete = Random.Next(4) == 0;
            long number = Ledger.Retain(kept, delete);
            return new Pending(_lastId, qos, kept, delete ? [] : Running.Text.Bytes($"{number}"), number);
        }

        string topic = $"crash/{Id}/{qos}";
        CrashMessage message = new(topic, Id, Ledger.Next(topic));
        return new Pending(_lastId, qos, topic, message.Encode(Random.Next(8) == 0 ? Random.Next(20_000) : Random.Next(200), Random), 0);
    }

    private static void Send(MqttRaw connection, Pending pending, bool dup) =>
        connection.Publish(pending.Topic, pending.Body, pending.QoS, pending.Id, dup, pending.Retained > 0);

    private sealed record Pending(ushort Id, int QoS, string Topic, byte[] Body, long Retained)
    {
        public bool IsReceived { get; set; }

        public bool Equals(Pending? other) => ReferenceEquals(this, other);

        public override int GetHashCode() => Id;
    }
}
