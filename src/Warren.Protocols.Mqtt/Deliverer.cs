using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Warren.Buffers;
using Warren.Core.Queues;
using Warren.Core.Sessions;
using Warren.Wire.Mqtt;

namespace Warren.Protocols.Mqtt;

/// <summary>The receiving half of a client: the queues it takes from and what it has not settled (MQTT 5.0, 4.3 and 4.4).</summary>
/// <remarks>
/// <see cref="OnAcknowledgement"/> and <see cref="EndBatch"/> are the read loop's; consumers come and go under the
/// session lock. The lock of the output guards <see cref="Sender"/>.
/// </remarks>
internal sealed class Deliverer
{
    private readonly MqttConnection _connection;
    private readonly ClientSession _session;
    private readonly List<SessionConsumer> _consumers = [];
    private readonly List<Inflight> _settled = [];
    private bool _isResumed;
    private long[] _ids = [];

    public Deliverer(MqttConnection connection, ClientSession session)
    {
        _connection = connection;
        _session = session;
        Origin = OriginOf(session);
        Sender = new MessageSender(connection, session, connection.Limits, connection.Options.Exchange, Origin);
    }

    /// <summary>Writes messages and keeps their identifiers.</summary>
    public MessageSender Sender { get; }

    /// <summary>What marks this client's messages for subscriptions that do not want them back.</summary>
    public ulong Origin { get; }

    /// <summary>Whether its messages are to be marked.</summary>
    public bool WantsOrigin => Sender.Own.AnyNoLocal;

    /// <summary>The queues it takes from.</summary>
    public IReadOnlyList<SessionConsumer> Consumers => _consumers;

    /// <summary>Takes from a queue from now on, unless it does already. Under the session lock.</summary>
    /// <exception cref="Warren.Core.Arguments.BrokerError">404: it was deleted meanwhile; 403: somebody has it for himself.</exception>
    public void Consume(MessageQueue queue, SubscriptionMatcher matcher, bool keeps, FlushSet flush)
    {
        if (_consumers.Exists(c => c.Queue == queue))
        {
            return;
        }

        var consumer = new SessionConsumer(_connection, Sender, queue, matcher, keeps);
        _consumers.Add(consumer);
        bool isSubscribed = false;
        try
        {
            queue.Subscribe(consumer, flush);
            isSubscribed = true;
        }
        finally
        {
            if (!isSubscribed)
            {
                _consumers.Remove(consumer);
            }
        }
    }

    /// <summary>Takes no more from a queue; what is under way is finished ([MQTT-3.10.4-3]). Under the session lock.</summary>
    public void Stop(MessageQueue queue, FlushSet flush)
    {
        if (_consumers.Find(c => c.Queue == queue) is { } consumer)
        {
            _consumers.Remove(consumer);
            lock (_connection.Output.Lock)
            {
                consumer.Stop();
            }

            queue.Unsubscribe(consumer, flush);
        }
    }

    /// <summary>The queue of a consumer is gone. Under the session lock.</summary>
    public void Forget(SessionConsumer consumer) => _consumers.Remove(consumer);

    /// <summary>The consumer of a queue; null: none.</summary>
    public SessionConsumer? Find(MessageQueue queue) => _consumers.Find(c => c.Queue == queue);

    /// <summary>Identifiers of an earlier connection stay with their messages (MQTT 5.0, 4.4). Before the first consumer.</summary>
    public void ResumeNumbers()
    {
        _isResumed = true;
        lock (_connection.Output.Lock)
        {
            foreach (NumberedDelivery delivery in _session.Unfinished)
            {
                Sender.Inflight.Resume(delivery);
            }
        }
    }

    /// <summary>PUBACK, PUBREC or PUBCOMP.</summary>
    public void OnAcknowledgement(in Acknowledgement acknowledgement)
    {
        lock (_connection.Output.Lock)
        {
            ref Inflight slot = ref Sender.Inflight.Find(acknowledgement.PacketIdentifier);
            if (acknowledgement.Type == PacketType.PubRec)
            {
                OnReceived(ref slot, acknowledgement);
                return;
            }

            int qos = acknowledgement.Type == PacketType.PubAck ? 1 : 2;
            if (Unsafe.IsNullRef(ref slot) || slot.QoS != qos || slot.Stage == InflightStage.Settled)
            {
                return; // settled before, or never sent
            }

            if (qos == 2 && slot.Stage != InflightStage.AwaitCompletion && !slot.IsReceived)
            {
                throw new PacketError(ReasonCode.ProtocolError, "PubComp: before PUBREC");
            }

            SettleLater(ref slot);
        }
    }

    /// <summary>The read batch is over: what was settled leaves its queue, and the next messages come.</summary>
    /// <returns>Whether anything was settled.</returns>
    public bool EndBatch(FlushSet flush)
    {
        if (_settled.Count == 0)
        {
            return false;
        }

        Settle(flush);
        Resume(flush);
        return true;
    }

    /// <summary>There may be room again: the queues that were refused are told. Under the session lock.</summary>
    public void Resume(FlushSet flush)
    {
        foreach (SessionConsumer consumer in _consumers)
        {
            bool told;
            lock (_connection.Output.Lock)
            {
                told = consumer.TakeRefusal();
            }

            if (told)
            {
                consumer.Queue.Resume(consumer, flush);
            }
        }
    }

    /// <summary>The connection is gone: consumers go, and what is under way waits for the next one. Under the session lock.</summary>
    public void Detach(FlushSet flush)
    {
        if (_settled.Count > 0)
        {
            Settle(flush); // another connection of the client came before the batch was over, or it said good-bye in it
        }

        if (!_isResumed)
        {
            return; // lost before it had taken anything up: what is unfinished stays for the next one
        }

        _session.Unfinished.Clear();
        foreach (SessionConsumer consumer in _consumers)
        {
            Let(consumer, flush);
        }

        _consumers.Clear();
        Inflight[] left;
        lock (_connection.Output.Lock)
        {
            // What was not offered again keeps its identifier too, and what comes of subscriptions that are no more.
            left = [.. Sender.Inflight.All()];
            Keep(left.Where(i => i.Queue == _session.Queue || i.QoS == 2));
            Sender.Inflight.Clear();
            Sender.Drop();
        }

        foreach (Inflight one in left.Where(i => i.Queue != _session.Queue && i.QoS == 1))
        {
            one.Queue!.Requeue([one.EntryId], flush);
        }
    }

    /// <summary>What marks the messages of a session's client.</summary>
    public static ulong OriginOf(ClientSession session)
    {
        // FNV-1a: the same in every run, because messages outlive it.
        ulong hash = 14695981039346656037;
        foreach (char c in session.ClientId)
        {
            hash = (hash ^ c) * 1099511628211;
        }

        return hash | 1;
    }

    // Under the output's lock.
    private void SettleLater(ref Inflight slot)
    {
        _settled.Add(slot);
        if (slot.QoS == 1)
        {
            Sender.Inflight.Remove(slot.PacketId);
            return;
        }

        // The number is free when the log has the end of this message: two under one number could not be told apart after a crash.
        Sender.Inflight.Settle(ref slot);
    }

    // What the client has settled leaves the queues.
    private void Settle(FlushSet flush)
    {
        for (int at = 0; at < _settled.Count;)
        {
            MessageQueue queue = _settled[at].Queue!;
            int count = 0;
            if (_ids.Length < _settled.Count)
            {
                _ids = new long[_settled.Count];
            }

            while (at < _settled.Count && ReferenceEquals(_settled[at].Queue, queue))
            {
                _ids[count++] = _settled[at++].EntryId;
            }

            _connection.Statistics.OnAcknowledged(queue.Name, count);
            queue.Acknowledge(_ids.AsSpan(0, count), flush);
        }

        lock (_connection.Output.Lock)
        {
            foreach (Inflight settled in _settled)
            {
                if (settled.QoS == 2)
                {
                    Sender.Inflight.Remove(settled.PacketId);
                }
            }
        }

        _settled.Clear();
        _connection.Commits.Appended();
    }

    private void OnReceived(ref Inflight slot, in Acknowledgement received)
    {
        ushort packetId = received.PacketIdentifier;
        if (Unsafe.IsNullRef(ref slot) || slot.QoS != 2 || slot.Stage == InflightStage.Settled)
        {
            // After PUBCOMP was lost, or nonsense: in either case the client may forget it.
            _connection.Answers.Add(Reply.Of(PacketType.PubRel, packetId, ReasonCode.PacketIdentifierNotFound, default));
            return;
        }

        if (received.Reason.IsFailure())
        {
            SettleLater(ref slot); // the client does not want it, and sends no PUBCOMP
            return;
        }

        bool isStored = _session.IsStored && slot.Lsn != 0;
        if (slot.Stage == InflightStage.AwaitReceipt && isStored)
        {
            _connection.Sessions.Number(_session, slot.Queue!, slot.Lsn, packetId, received: true);
        }

        slot.Stage = slot.Stage == InflightStage.AwaitReceipt ? InflightStage.AwaitCompletion : slot.Stage;
        slot.IsReceived = true;
        if (isStored)
        {
            _connection.Answers.Add(Reply.AtEnd(PacketType.PubRel, packetId, ReasonCode.Success));
        }
        else
        {
            _connection.Answers.Add(Reply.Of(PacketType.PubRel, packetId, ReasonCode.Success, default));
        }
    }

    // Unacknowledged messages go back to their places; with them go the identifiers that must be used again.
    private void Let(SessionConsumer consumer, FlushSet flush)
    {
        var returned = new List<long>();
        var numbered = new List<long>(); // what says itself that it was sent
        var given = new List<long>();
        bool isOwn = consumer.Queue == _session.Queue;
        lock (_connection.Output.Lock)
        {
            consumer.Stop();
            InflightTable table = Sender.Inflight;
            Inflight[] own = [.. table.All().Where(i => i.Queue == consumer.Queue)];
            Keep(own.Where(i => isOwn || i.QoS == 2));
            foreach (Inflight inflight in own)
            {
                // A message of a shared subscription that this client may have with quality of service 2 is nobody else's.
                if ((isOwn || inflight.QoS == 1) && inflight.Stage != InflightStage.Resumed)
                {
                    (isOwn && inflight.QoS == 2 ? numbered : returned).Add(inflight.EntryId);
                }
                else if (!isOwn && inflight.QoS == 2 && _session.ExpirySeconds == 0)
                {
                    given.Add(inflight.EntryId); // the session ends with the connection ([MQTT-4.8.2-5])
                }

                table.Remove(inflight.PacketId);
            }
        }

        consumer.Queue.Unsubscribe(consumer, flush);
        if (!isOwn)
        {
            consumer.Queue.Acknowledge(CollectionsMarshal.AsSpan(given), flush);
            consumer.Queue.Requeue(CollectionsMarshal.AsSpan(returned), flush);
        }
        else
        {
            Settlement begun = Settlement.Released with { IsBegun = true };
            consumer.Queue.Settle(CollectionsMarshal.AsSpan(numbered), begun, flush);
            consumer.Queue.Settle(CollectionsMarshal.AsSpan(returned), begun with { IsMarked = true }, flush);
        }
    }

    private void Keep(IEnumerable<Inflight> inflight)
    {
        if (_session.ExpirySeconds == 0)
        {
            return;
        }

        foreach (Inflight one in inflight)
        {
            _session.Unfinished.Add(new NumberedDelivery(
                one.Queue!,
                one.EntryId,
                one.Lsn,
                one.PacketId,
                one.IsReceived || one.Stage == InflightStage.AwaitCompletion));
        }
    }
}
