using System.Buffers.Binary;
using System.Text;
using System.Text.Unicode;
using Warren.Buffers;
using Warren.Buffers.Commits;
using Warren.Core.Commits;
using Warren.Core.Messages;
using Warren.Core.Queues;
using Warren.Core.Sessions;
using Warren.Wire.Mqtt;

namespace Warren.Protocols.Mqtt;

/// <summary>Sends messages to one client: what its subscriptions say, which identifier a message gets, how it is written.</summary>
/// <remarks>
/// The lock of the connection's output guards all of it. Nothing is allocated for a message that came by MQTT; one of
/// another protocol is converted.
/// </remarks>
internal sealed class MessageSender
{
    private const int StackTopic = 512;
    private const int ExpirySize = 5;
    private const int IdentifierSize = 5;
    private const int AliasSize = 3;
    private const int FitsAnyPacket = PacketReader.MaxPacketSize / 2; // with whatever properties a message may have

    private readonly MqttConnection _connection;
    private readonly ClientSession _session;
    private readonly ClientLimits _limits;
    private readonly byte[] _exchange;
    private readonly ulong _origin;
    private readonly Queue<HeldPublish> _held = new();
    private readonly SubscriptionMatch _begun = new(2, false, []);
    private OutgoingAliases? _aliases;
    private bool _heldUnmarked;

    public MessageSender(MqttConnection connection, ClientSession session, ClientLimits limits, string exchange, ulong origin)
    {
        _connection = connection;
        _session = session;
        _limits = limits;
        _exchange = Encoding.UTF8.GetBytes(exchange);
        _origin = origin;
    }

    /// <summary>The subscriptions that are not shared.</summary>
    public SubscriptionMatcher Own { get; } = new();

    /// <summary>What the client has not settled.</summary>
    public InflightTable Inflight { get; } = new();

    /// <summary>Whether one more message that is to be acknowledged may go out.</summary>
    public bool HasCredit => Inflight.Sent < _limits.Window && Inflight.HasRoom;

    /// <summary>Whether messages wait for their identifiers to be on the disk.</summary>
    public bool IsHolding => _held.Count > 0;

    /// <summary>Sends a message, or says why not.</summary>
    /// <param name="delivery">The message.</param>
    /// <param name="matcher">The subscriptions of the queue it comes from.</param>
    /// <param name="keeps">True for the queue of subscriptions that want an acknowledgement.</param>
    public DeliveryOutcome Deliver(in Delivery delivery, SubscriptionMatcher matcher, bool keeps)
    {
        OutputBuffer output = _connection.Output;
        bool isResumed = false;
        if (Inflight.ResumedCount > 0)
        {
            ref Inflight resumed = ref Inflight.FindResumed(delivery.Queue, delivery.EntryId);
            isResumed = !System.Runtime.CompilerServices.Unsafe.IsNullRef(ref resumed);
            if (isResumed && resumed.IsReceived)
            {
                SendRelease(ref resumed);
                return DeliveryOutcome.Taken;
            }
        }

        if (output.IsFull)
        {
            return DeliveryOutcome.Refused;
        }

        Message message = delivery.Message;
        ReadOnlySpan<byte> key = message.RoutingKey;
        SubscriptionMatch match = FindMatch(message, matcher, keeps);
        if (match.MaxQoS < 0 && isResumed)
        {
            match = _begun; // it was sent before the client unsubscribed ([MQTT-3.10.4-3])
        }

        // Other protocols take any bytes as a routing key; a topic name that is no text would end the connection of
        // every subscriber, again and again.
        bool isMqtt = message.Format == MqttMessageFormat.FormatTag;
        if (match.MaxQoS < 0 || !TopicConversion.IsTopicName(key) || (!isMqtt && !Utf8.IsValid(key)))
        {
            Settle(delivery, isResumed);
            return DeliveryOutcome.Settled;
        }

        StoredProperties stored = isMqtt ? new StoredProperties(message.Properties) : default;
        int published = isMqtt ? stored.QoS : (message.Flags & MessageFlags.Persistent) != 0 ? 1 : 0;
        bool again = (message.Flags & MessageFlags.Retained) != 0;
        bool isOwn = match.Own is not null && !again && isMqtt && stored.Origin == _origin;
        match = isOwn ? match.Own! : match;
        int qos = Math.Min(published, match.MaxQoS);
        if (isOwn ? match.MaxQoS < 0 || keeps != match.MaxQoS > 0 : !keeps && !again && match.MaxQoS > 0)
        {
            // Not for itself; or what the other queue of this session brings as well, which is not sent twice.
            Settle(delivery, isResumed);
            return DeliveryOutcome.Settled;
        }

        if (qos > 0 && !isResumed && !HasCredit)
        {
            return DeliveryOutcome.Refused;
        }

        var outgoing = new HeldPublish
        {
            Payload = message.Payload,
            Match = match,
            Retain = again || (match.RetainAsPublished && isMqtt && stored.Retain),
            QoS = (byte)qos,
            Dup = qos > 0 && (isResumed || (qos == 1 && delivery.Redelivered)), // of quality 2 the log knows what was sent
        };
        if (IsTooLarge(outgoing, message))
        {
            Settle(delivery, isResumed);
            _connection.Counted.Dropped++;
            return DeliveryOutcome.Settled; // [MQTT-3.1.2-25]
        }

        if (qos == 0)
        {
            Settle(delivery, isResumed);
            Write(outgoing);
            return DeliveryOutcome.Settled;
        }

        return Send(delivery, ref outgoing, isResumed);
    }

    /// <summary>Appends the messages whose identifiers are on the disk.</summary>
    /// <param name="isHolding">Whether some still wait.</param>
    /// <returns>False when identifiers will never be on the disk: the messages stay with their queues.</returns>
    public bool TryReleaseHeld(out bool isHolding)
    {
        bool failed = false;
        while (_held.TryPeek(out HeldPublish held) && !held.IsUnmarked)
        {
            CommitState state = held.Ticket.State;
            if (state == CommitState.Pending)
            {
                break;
            }

            _held.Dequeue();
            failed |= state == CommitState.Failed;
            if (!failed)
            {
                Write(held);
            }

            held.Payload.Release();
        }

        isHolding = _held.Count > 0;
        return !failed;
    }

    /// <summary>Gives the messages held since the last time something to wait for.</summary>
    /// <returns>False when there were none.</returns>
    public bool MarkHeld(CommitNotifier commits)
    {
        if (!_heldUnmarked)
        {
            return false;
        }

        _heldUnmarked = false;
        CommitTicket ticket = commits.Barrier();
        for (int i = _held.Count; i > 0; i--)
        {
            HeldPublish held = _held.Dequeue();
            _held.Enqueue(held.IsUnmarked ? held with { Ticket = ticket, IsUnmarked = false } : held);
        }

        return true;
    }

    /// <summary>The connection is gone: what was held back is given back.</summary>
    public void Drop()
    {
        while (_held.TryDequeue(out HeldPublish held))
        {
            held.Payload.Release();
        }
    }

    /// <summary>Sends a delivery of a shared subscription again that only this client may have.</summary>
    public void SendAgain(in NumberedDelivery delivery, Payload payload)
    {
        ref Inflight slot = ref Inflight.FindResumed(delivery.Queue, delivery.EntryId);
        if (System.Runtime.CompilerServices.Unsafe.IsNullRef(ref slot))
        {
            return;
        }

        if (delivery.IsReceived)
        {
            SendRelease(ref slot);
            return;
        }

        var again = new HeldPublish
        {
            Payload = payload,
            Match = _begun,
            QoS = 2,
            Dup = true,
            PacketId = slot.PacketId,
        };
        if (IsTooLarge(again, new Message(payload)))
        {
            // This connection takes less than the one before did: the client is done with it ([MQTT-3.1.2-25]).
            _connection.Counted.Dropped++;
            SendRelease(ref slot);
            return;
        }

        Inflight.Sending(ref slot, InflightStage.AwaitReceipt);
        Write(again);
    }

    /// <summary>The message of a delivery of an earlier connection is gone: the client is told to let go of it if it has it.</summary>
    public void SendNoMore(in NumberedDelivery delivery)
    {
        ref Inflight slot = ref Inflight.FindResumed(delivery.Queue, delivery.EntryId);
        if (System.Runtime.CompilerServices.Unsafe.IsNullRef(ref slot))
        {
            return;
        }

        if (delivery.IsReceived)
        {
            SendRelease(ref slot);
        }
        else
        {
            Inflight.Forget(delivery);
        }
    }

    private void SendRelease(ref Inflight slot)
    {
        Inflight.Sending(ref slot, InflightStage.AwaitCompletion);
        ControlPackets.WriteAcknowledgement(_connection, PacketType.PubRel, slot.PacketId, ReasonCode.Success);
    }

    private SubscriptionMatch FindMatch(Message message, SubscriptionMatcher matcher, bool keeps)
    {
        SubscriptionMatch match = matcher.Find(message.RoutingKey);
        if (match.MaxQoS < 0 && !message.Exchange.SequenceEqual(_exchange) && message.RoutingKey is not [(byte)'$', ..])
        {
            // Somebody has bound the queue to another exchange.
            return new SubscriptionMatch(keeps ? 1 : 0, false, []);
        }

        return match;
    }

    private void Settle(in Delivery delivery, bool isResumed)
    {
        if (isResumed)
        {
            Inflight.Remove(Inflight.FindResumed(delivery.Queue, delivery.EntryId).PacketId);
        }
    }

    private DeliveryOutcome Send(in Delivery delivery, ref HeldPublish outgoing, bool isResumed)
    {
        ref Inflight slot = ref isResumed ? ref Inflight.FindResumed(delivery.Queue, delivery.EntryId) : ref Inflight.Add();
        if (isResumed)
        {
            Inflight.Sending(ref slot, InflightStage.AwaitReceipt);
        }

        slot.Queue = delivery.Queue;
        slot.EntryId = delivery.EntryId;
        slot.Lsn = delivery.Lsn;
        slot.QoS = outgoing.QoS;
        outgoing.PacketId = slot.PacketId;
        if (outgoing.QoS == 2 && delivery.Lsn != 0 && _session.IsStored && !isResumed)
        {
            // The client must get the message under the same identifier after a crash, or it would take it twice.
            _connection.Sessions.Number(_session, delivery.Queue, delivery.Lsn, slot.PacketId, received: false);
            outgoing.Payload.Retain();
            outgoing.IsUnmarked = true;
            _held.Enqueue(outgoing);
            _heldUnmarked = true;
            return DeliveryOutcome.Taken;
        }

        Write(outgoing);
        return DeliveryOutcome.Taken;
    }

    // Other protocols take messages that no packet can hold.
    private bool IsTooLarge(in HeldPublish outgoing, Message message)
    {
        int most = Math.Min(_limits.MaxPacketSize, PacketReader.MaxPacketSize);
        return (most < PacketReader.MaxPacketSize || message.Length > FitsAnyPacket) && SizeOf(outgoing) > most;
    }

    // Exact but for a topic alias, which only saves.
    private long SizeOf(in HeldPublish outgoing)
    {
        var message = new Message(outgoing.Payload);
        int properties = 0;
        if (_limits.Is50)
        {
            Properties kept = Properties.OfChecked(KeptOf(message));
            properties = kept.Encoded.Length - (kept.Has(PropertyId.MessageExpiryInterval) ? ExpirySize : 0)
                + ((message.Flags & MessageFlags.HasTtl) != 0 ? ExpirySize : 0);
            foreach (uint identifier in IdentifiersOf(outgoing, message))
            {
                properties += 1 + VariableByteInteger.SizeOf((int)identifier);
            }
        }

        return PublishWriter.SizeOf(
            _limits.Version, (QoS)outgoing.QoS, message.RoutingKey.Length, properties, message.BodyLength);
    }

    // A retained message has the one it came for among its properties.
    private static ReadOnlySpan<uint> IdentifiersOf(in HeldPublish outgoing, Message message) =>
        (message.Flags & MessageFlags.Retained) != 0 ? [] : outgoing.Match.Identifiers;

    private ReadOnlySpan<byte> KeptOf(Message message) => message.Format == MqttMessageFormat.FormatTag
        ? new StoredProperties(message.Properties).Encoded
        : ForeignProperties.Convert(_connection.Broker.FindFormat(message.Format), message.Properties);

    private void Write(in HeldPublish outgoing)
    {
        var message = new Message(outgoing.Payload);
        ReadOnlySpan<byte> key = message.RoutingKey;
        byte[]? longTopic = key.Length > StackTopic ? new byte[key.Length] : null;
        Span<byte> topic = longTopic ?? stackalloc byte[StackTopic];
        topic = topic[..key.Length];
        TopicConversion.Swap(key, topic);
        Payload body = message.Payload.Slice(message.Length - message.BodyLength, message.BodyLength);
        if (!_limits.Is50)
        {
            var plain = new Publish
            {
                Dup = outgoing.Dup,
                QoS = (QoS)outgoing.QoS,
                Retain = outgoing.Retain,
                Topic = topic,
                PacketIdentifier = outgoing.PacketId,
            };
            PublishWriter.Write(_connection.Output, _limits.Version, plain, [], body);
            _connection.Statistics.OnDelivered(queue: null, outgoing.QoS == 0, outgoing.Dup);
            _connection.Counted.OnDelivered(body.Length);
            return;
        }

        WriteWithProperties(outgoing, message, topic, body);
    }

    private void WriteWithProperties(in HeldPublish outgoing, Message message, ReadOnlySpan<byte> topic, Payload body)
    {
        ReadOnlySpan<byte> kept = KeptOf(message);
        Properties properties = Properties.OfChecked(kept);
        byte[]? copy = null;
        if (properties.Has(PropertyId.MessageExpiryInterval))
        {
            copy = System.Buffers.ArrayPool<byte>.Shared.Rent(kept.Length);
            properties = Properties.OfChecked(
                copy.AsSpan(0, properties.CopyWithout(copy, PropertyId.MessageExpiryInterval)));
        }

        int identifiers = IdentifiersOf(outgoing, message).Length;
        int most = ExpirySize + AliasSize + (identifiers * IdentifierSize);
        Span<byte> added = most <= StackTopic ? stackalloc byte[StackTopic] : new byte[most];
        int at = WriteExpiry(added, message);
        foreach (uint identifier in IdentifiersOf(outgoing, message))
        {
            added[at++] = (byte)PropertyId.SubscriptionIdentifier;
            at += VariableByteInteger.Write(added[at..], (int)identifier);
        }

        if (_limits.TopicAliasMaximum > 0)
        {
            topic = (_aliases ??= new OutgoingAliases(_limits.TopicAliasMaximum)).Shorten(topic, added, ref at);
        }

        var publish = new Publish
        {
            Dup = outgoing.Dup,
            QoS = (QoS)outgoing.QoS,
            Retain = outgoing.Retain,
            Topic = topic,
            PacketIdentifier = outgoing.PacketId,
            Properties = properties,
        };
        PublishWriter.Write(_connection.Output, _limits.Version, publish, added[..at], body);
        _connection.Statistics.OnDelivered(queue: null, outgoing.QoS == 0, outgoing.Dup);
        _connection.Counted.OnDelivered(body.Length);
        if (copy is not null)
        {
            System.Buffers.ArrayPool<byte>.Shared.Return(copy);
        }
    }

    // What is left of its life, in whole seconds ([MQTT-3.3.2-6]).
    private int WriteExpiry(Span<byte> added, Message message)
    {
        if ((message.Flags & MessageFlags.HasTtl) == 0)
        {
            return 0;
        }

        long leftMs = message.PublishedAtMs + message.TtlMs - _connection.Broker.Clock.NowMs;
        added[0] = (byte)PropertyId.MessageExpiryInterval;
        BinaryPrimitives.WriteUInt32BigEndian(added[1..], (uint)Math.Clamp((leftMs + 999) / 1000, 1, uint.MaxValue));
        return ExpirySize;
    }

    /// <summary>A PUBLISH about to be sent, or held until its identifier is on the disk.</summary>
    private record struct HeldPublish
    {
        public Payload Payload;
        public SubscriptionMatch Match;
        public CommitTicket Ticket; // once it is not unmarked
        public bool IsUnmarked;
        public ushort PacketId;
        public byte QoS;
        public bool Dup;
        public bool Retain;
    }
}
