using System.Security.Cryptography;
using System.Text;
using Warren.Buffers;
using Warren.Buffers.Commits;
using Warren.Buffers.Fields;
using Warren.Core;
using Warren.Core.Arguments;
using Warren.Core.Queues;
using Warren.Core.Security;
using Warren.Core.Sessions;
using Warren.Wire.Mqtt;

namespace Warren.Protocols.Mqtt;

/// <summary>The subscriptions of a client: SUBSCRIBE, UNSUBSCRIBE, and what a new connection finds (MQTT 5.0, 3.8 to 3.11).</summary>
/// <remarks>
/// The read loop's, under the session lock. A session has a queue for what is to be acknowledged, which waits for the
/// client when the session does, and while it is connected one for the rest, in RabbitMQ's manner; a shared subscription
/// has a queue for all its members.
/// </remarks>
internal sealed class Subscriber
{
    private const int LongClientId = 180; // longer ones do not fit into the name of a queue

    private readonly MqttConnection _connection;
    private readonly ClientSession _session;
    private readonly Deliverer _deliverer;
    private MessageQueue? _fleeting; // of quality of service 0
    private readonly List<(SessionSubscription Of, RetainedReplay Replay)> _replays = [];

    public Subscriber(MqttConnection connection, ClientSession session, Deliverer deliverer)
    {
        _connection = connection;
        _session = session;
        _deliverer = deliverer;
    }

    private VirtualHost VirtualHost => _connection.VirtualHost!;

    private User User => _connection.User!;

    /// <summary>Name of the queue of a client for what is to be acknowledged.</summary>
    public static string QueueNameOf(string clientId) => $"mqtt-subscription-{Shortened(clientId)}qos1";

    /// <summary>
    /// Gives the subscriptions that the session has kept what they need: queues, which somebody may have deleted, and
    /// bindings. Before CONNACK, under the session lock.
    /// </summary>
    /// <remarks>
    /// One whose rights were taken away is dropped. One that cannot be served now, because its exchange is gone or its
    /// queue is somebody else's, stays and is tried again at the next connection.
    /// </remarks>
    /// <returns>What CONNACK waits for.</returns>
    /// <exception cref="BrokerError">541: the log takes nothing.</exception>
    public CommitTicket TakeUp(FlushSet flush)
    {
        CommitTicket ticket = default;
        _session.Queue = Living(_session.Queue);
        foreach (SessionSubscription subscription in _session.Subscriptions.ToArray())
        {
            try
            {
                Check(subscription);
                ticket = ticket.And(Attach(subscription, out _));
            }
            catch (BrokerError error) when (error.Kind == BrokerErrorKind.AccessRefused)
            {
                // The right was taken away while the client was not there.
                _connection.Log.SubscriptionRefused(_connection.Name, _connection.ClientId, subscription.Filter, error.Text);
                ticket = ticket.And(Drop(subscription, flush));
            }
            catch (BrokerError error) when (error.Kind != BrokerErrorKind.InternalError)
            {
                _connection.Log.SubscriptionIdle(_connection.Name, _connection.ClientId, subscription.Filter, error.Text);
                subscription.Queue = null;
            }
        }

        return ticket;
    }

    /// <summary>CONNACK is written: what was under way is finished, and the queues are taken from. Under the session lock.</summary>
    /// <exception cref="BrokerError">A queue was deleted since, or somebody has it for himself.</exception>
    public void Begin(FlushSet flush)
    {
        _deliverer.ResumeNumbers();
        Look();
        SendAgain(flush); // first, so that the client gets no more at a time than it takes
        Consume(flush);
    }

    /// <summary>SUBSCRIBE.</summary>
    public void OnSubscribe(in Subscribe subscribe)
    {
        ushort packetId = subscribe.PacketIdentifier;
        var reasons = new List<ReasonCode>(subscribe.Count);
        var retained = new List<SessionSubscription>();
        CommitTicket ticket = default;
        foreach (Subscription asked in subscribe)
        {
            reasons.Add(Add(asked, (uint)subscribe.SubscriptionIdentifier, retained, ref ticket));
        }

        Look();
        _connection.Commits.WhenCommitted(ticket, _connection.Flush, flush =>
        {
            Answer(PacketType.SubAck, packetId, reasons, flush);
            if (_connection.IsClosed)
            {
                return;
            }

            Consume(flush);
            foreach (SessionSubscription subscription in retained)
            {
                SendRetained(subscription, flush);
            }
        });
    }

    /// <summary>UNSUBSCRIBE.</summary>
    public void OnUnsubscribe(in Unsubscribe unsubscribe)
    {
        ushort packetId = unsubscribe.PacketIdentifier;
        var reasons = new List<ReasonCode>(unsubscribe.Count);
        CommitTicket ticket = default;
        foreach (ReadOnlySpan<byte> filter in unsubscribe)
        {
            (string name, string? group) = Parse(filter);
            SessionSubscription? known = _session.Find(name, group);
            reasons.Add(known is null ? ReasonCode.NoSubscriptionExisted : ReasonCode.Success);
            if (known is not null)
            {
                ticket = ticket.And(Drop(known, _connection.Flush));
            }
        }

        Look();
        _connection.Commits.WhenCommitted(ticket, _connection.Flush, flush =>
        {
            Answer(PacketType.UnsubAck, packetId, reasons, flush);
        });
    }

    /// <summary>Takes subscriptions away whose rights were. Under the session lock.</summary>
    public void LookAtRights(FlushSet flush)
    {
        foreach (SessionSubscription subscription in _session.Subscriptions.ToArray())
        {
            try
            {
                Check(subscription);
            }
            catch (BrokerError error) when (error.Kind == BrokerErrorKind.AccessRefused)
            {
                _connection.Log.SubscriptionRefused(_connection.Name, _connection.ClientId, subscription.Filter, error.Text);
                Drop(subscription, flush);
            }
        }

        Look();
    }

    private static string Shortened(string clientId)
    {
        byte[] bytes = Encoding.UTF8.GetBytes(clientId);
        return bytes.Length <= LongClientId ? clientId : Convert.ToHexStringLower(SHA256.HashData(bytes));
    }

    private static (string Filter, string? Group) Parse(ReadOnlySpan<byte> filter) =>
        TopicFilter.TrySplitShared(filter, out ReadOnlySpan<byte> group, out ReadOnlySpan<byte> inner)
            ? (Encoding.UTF8.GetString(inner), Encoding.UTF8.GetString(group))
            : (Encoding.UTF8.GetString(filter), null);

    private void Answer(PacketType type, ushort packetId, List<ReasonCode> reasons, FlushSet flush)
    {
        ReadOnlySpan<ReasonCode> codes = System.Runtime.InteropServices.CollectionsMarshal.AsSpan(reasons);
        byte[] packet = new byte[PacketWriter.SizeOf(0, default, codes.Length)];
        Warren.Wire.Mqtt.ProtocolVersion version = _connection.Limits.Version;
        int most = Math.Min(_connection.Limits.MaxPacketSize, PacketReader.MaxPacketSize);
        int length = type == PacketType.SubAck
            ? PacketWriter.WriteSubAck(packet, version, packetId, codes, default, most)
            : PacketWriter.WriteUnsubAck(packet, version, packetId, codes, default, most);
        if (length == 0)
        {
            // It has asked for more than it can be answered ([MQTT-3.1.2-24]).
            _connection.Close(ReasonCode.PacketTooLarge, $"the {type} is larger than the client takes", keepsWill: true);
            return;
        }

        lock (_connection.Output.Lock)
        {
            _connection.Output.Append(packet.AsSpan(0, length));
            _connection.Counted.PacketsOut++;
        }

        flush.Add(_connection.Output);
    }

    private ReasonCode Add(in Subscription asked, uint identifier, List<SessionSubscription> retained, ref CommitTicket ticket)
    {
        MqttOptions options = _connection.Options;
        if (TopicFilter.IsShared(asked.Filter) && !TopicFilter.TrySplitShared(asked.Filter, out _, out _))
        {
            return ReasonCode.TopicFilterInvalid;
        }

        (string filter, string? group) = Parse(asked.Filter);
        if (TopicName.CountLevels(asked.Filter) > options.MaxTopicLevels)
        {
            return ReasonCode.TopicFilterInvalid;
        }

        byte octet = (byte)asked.Options;
        bool isSys = filter.StartsWith("$SYS/", StringComparison.Ordinal);
        string exchange = isSys ? SysTopics.ExchangeName : options.Exchange;
        var subscription = new SessionSubscription(
            filter, group, exchange, Encoding.UTF8.GetString(TopicConversion.ToBindingKey(Encoding.UTF8.GetBytes(filter))), octet, identifier);
        bool isNew = _session.Find(filter, group) is null;
        if (isNew && _session.Subscriptions.Count >= options.MaxSubscriptions)
        {
            return ReasonCode.QuotaExceeded;
        }

        try
        {
            Check(subscription);
            ticket = ticket.And(Attach(subscription, out bool isBound));
            ticket = ticket.And(Store(subscription, isBound, out SessionSubscription? replaced));
            if (replaced is not null && replaced.Queue != subscription.Queue)
            {
                Detach(replaced, _connection.Flush);
            }
        }
        catch (BrokerError error)
        {
            _connection.Log.SubscriptionRefused(_connection.Name, _connection.ClientId, filter, error.Text);
            return error.Kind switch
            {
                BrokerErrorKind.AccessRefused => ReasonCode.NotAuthorized,
                BrokerErrorKind.PreconditionFailed or BrokerErrorKind.ResourceError => ReasonCode.QuotaExceeded,
                _ => ReasonCode.UnspecifiedError,
            };
        }

        if (group is null && (subscription.RetainHandling == 0 || (subscription.RetainHandling == 1 && isNew)))
        {
            retained.Add(subscription);
        }

        return (ReasonCode)subscription.MaxQoS;
    }

    // The rights that binding does not ask for.
    private void Check(SessionSubscription subscription)
    {
        if (subscription.Exchange == SysTopics.ExchangeName)
        {
            SysTopics.EnsureExchange(VirtualHost);
            return;
        }

        Authorizer authorizer = _connection.Broker.Authorizer;
        if (!authorizer.Check(User, VirtualHost.Name, subscription.Exchange, PermissionKind.Read))
        {
            throw Authorizer.Refused(
                PermissionKind.Read, ResourceKind.Exchange, subscription.Exchange, VirtualHost.Name, User.Name);
        }

        string queue = QueueOf(subscription);
        if (!authorizer.Check(User, VirtualHost.Name, queue, PermissionKind.Read))
        {
            throw Authorizer.Refused(PermissionKind.Read, ResourceKind.Queue, queue, VirtualHost.Name, User.Name);
        }

        if (VirtualHost.FindExchange(subscription.Exchange) is { } exchange)
        {
            VirtualHost.CheckTopic(User, exchange, subscription.Key, PermissionKind.Read, _connection.ClientId);
        }
    }

    private string QueueOf(SessionSubscription subscription)
    {
        if (subscription.Group is { } group)
        {
            byte[] hash = SHA256.HashData(Encoding.UTF8.GetBytes(subscription.Filter));
            return $"mqtt-share-{Shortened(group)}-{Convert.ToHexStringLower(hash.AsSpan(0, 8))}";
        }

        return subscription.MaxQoS == 0
            ? $"mqtt-subscription-{Shortened(_connection.ClientId)}qos0"
            : _session.QueueName;
    }

    // The queue, unless it was deleted: then the session needs another one.
    private MessageQueue? Living(MessageQueue? queue) =>
        queue is not null && ReferenceEquals(VirtualHost.FindQueue(queue.Name), queue) ? queue : null;

    // Bound before it is stored, since binding may be refused for many reasons and storing only by the log. A binding that
    // nobody has asked for would fill the queue until the next start; the queue itself is used by the next subscription.
    private CommitTicket Store(SessionSubscription subscription, bool isBound, out SessionSubscription? replaced)
    {
        try
        {
            return _connection.Sessions.Add(_session, subscription, QueueOf(subscription), out replaced);
        }
        catch (BrokerError) when (isBound && (subscription.Group is null || !_connection.Sessions.IsShared(subscription.Queue!.Name)))
        {
            VirtualHost.UnbindSession(subscription.Exchange, subscription.Queue!, subscription.Key);
            throw;
        }
    }

    // Declares the queue of a subscription and binds it, if nobody else has.
    private CommitTicket Attach(SessionSubscription subscription, out bool isBound)
    {
        CommitTicket ticket = default;
        MessageQueue queue;
        if (subscription.Group is not null)
        {
            queue = Declare(QueueOf(subscription), isKept: true, _connection.Options.MaxQueuedMessages, out ticket);
        }
        else if (subscription.MaxQoS == 0)
        {
            queue = _fleeting = Living(_fleeting) ?? Declare(QueueOf(subscription), isKept: false, _connection.Options.MailboxSoftLimit, out _);
        }
        else
        {
            queue = _session.Queue = Living(_session.Queue) ?? Declare(
                _session.QueueName, _session.ExpirySeconds > 0, _connection.Options.MaxQueuedMessages, out ticket);
        }

        User user = subscription.Exchange == SysTopics.ExchangeName ? User.Internal : User;
        isBound = VirtualHost.BindSession(user, subscription.Exchange, queue, subscription.Key, _connection.ClientId);
        subscription.Queue = queue;
        return ticket;
    }

    private MessageQueue Declare(string name, bool isKept, int maxLength, out CommitTicket ticket)
    {
        var arguments = new FieldTable();
        arguments.Set(QueueArgumentNames.QueueType, FieldValue.Of(isKept ? _connection.Options.DurableQueueType : "classic"));
        if (maxLength > 0)
        {
            arguments.Set(QueueArgumentNames.MaxLength, FieldValue.Of((long)maxLength));
        }

        if (isKept && VirtualHost.FindQueue(name) is { Definition.Exclusive: false } existing)
        {
            ticket = _connection.Broker.Commits.Barrier(); // it may still be on its way to the disk
            return existing; // declared under other settings, perhaps
        }

        return VirtualHost.DeclareQueue(
            User,
            new QueueDeclaration(name, ServerNamed: false, Durable: isKept, AutoDelete: false, arguments, isKept ? null : _connection),
            _connection,
            out ticket);
    }

    // Unsubscribes; answers what to wait for.
    private CommitTicket Drop(SessionSubscription subscription, FlushSet flush)
    {
        if (subscription is { Group: not null, Queue: { } shared })
        {
            _deliverer.Stop(shared, flush); // before the last member takes the queue with it, which would end its consumers
        }

        ForgetReplay(subscription);
        CommitTicket ticket = _connection.Sessions.Remove(_session, subscription);
        Detach(subscription, flush);
        return ticket;
    }

    private void Detach(SessionSubscription subscription, FlushSet flush)
    {
        if (subscription.Queue is not { } queue)
        {
            return;
        }

        bool isShared = subscription.Group is not null;
        bool isBoundElse = _session.Subscriptions.Any(s => s.Queue == queue && s.Key == subscription.Key && s.Exchange == subscription.Exchange);
        if (isShared)
        {
            _deliverer.Stop(queue, flush);
        }
        else if (!isBoundElse)
        {
            VirtualHost.UnbindSession(subscription.Exchange, queue, subscription.Key);
        }
    }

    // Tells the matchers of a change.
    private void Look()
    {
        lock (_connection.Output.Lock)
        {
            _deliverer.Sender.Own.Follow(_session, _session.Subscriptions.Any(static s => s is { Group: null, NoLocal: true }));
            foreach (SessionSubscription shared in _session.Subscriptions.Where(static s => s is { Group: not null, Queue: not null }))
            {
                _deliverer.Find(shared.Queue!)?.Matcher.Set([shared]);
            }
        }
    }

    private void Consume(FlushSet flush)
    {
        if (_fleeting is not null)
        {
            _deliverer.Consume(_fleeting, _deliverer.Sender.Own, keeps: false, flush);
        }

        if (_session.Queue is { } kept)
        {
            _deliverer.Consume(kept, _deliverer.Sender.Own, keeps: true, flush);
        }

        foreach (SessionSubscription shared in _session.Subscriptions.Where(static s => s is { Group: not null, Queue: not null }))
        {
            var matcher = new SubscriptionMatcher();
            matcher.Set([shared]);
            _deliverer.Consume(shared.Queue!, matcher, keeps: true, flush);
        }
    }

    private void SendRetained(SessionSubscription subscription, FlushSet flush)
    {
        if (subscription.Queue is not { } queue || !_connection.Options.RetainAvailable)
        {
            return;
        }

        byte[] key = Encoding.UTF8.GetBytes(subscription.Key);
        RetainedMessages retained = subscription.Exchange == SysTopics.ExchangeName
            ? _connection.Protocol.Sys.Messages
            : VirtualHost.Retained;
        ForgetReplay(subscription); // all of it comes again
        _replays.Add((subscription, retained.Replay(key, queue, message =>
            MayRead(subscription, Encoding.UTF8.GetString(message.RoutingKey))
                ? RetainedCopy.For(subscription, message, _deliverer.Origin, _connection.Broker.Slabs)
                : default)));
        ContinueReplay(flush);
    }

    /// <summary>There may be room for more retained messages. Under the session lock.</summary>
    public void ContinueReplay(FlushSet flush)
    {
        CommitTicket ticket = default;
        while (_replays.Count > 0 && _replays[0].Replay.Advance(flush, all: false, ref ticket))
        {
            _replays.RemoveAt(0);
        }

        if (!ticket.IsNone)
        {
            _connection.Broker.Commits.Request();
        }
    }

    /// <summary>The client is gone and its session stays: the retained messages it has not got yet wait for it.</summary>
    public void FinishReplay(FlushSet flush)
    {
        CommitTicket ticket = default;
        foreach ((_, RetainedReplay replay) in _replays.Where(r => r.Replay.Queue == _session.Queue))
        {
            replay.Advance(flush, all: true, ref ticket);
        }

        _replays.Clear();
    }

    private void ForgetReplay(SessionSubscription subscription) =>
        _replays.RemoveAll(r => r.Of.Group == subscription.Group && r.Of.Filter == subscription.Filter);

    private bool MayRead(SessionSubscription subscription, string topic) =>
        subscription.Exchange == SysTopics.ExchangeName
        || _connection.Broker.Authorizer.CheckTopic(
            User, VirtualHost.Name, subscription.Exchange, topic, PermissionKind.Read, _connection.ClientId);

    // Deliveries of shared subscriptions that only this client may have are still where they were, and those of the
    // session's own queue come by themselves. What is not there any more is not waited for: its number would never be free.
    private void SendAgain(FlushSet flush)
    {
        foreach (NumberedDelivery delivery in _session.Unfinished)
        {
            Payload payload = default;
            bool isOwn = delivery.Queue == _session.Queue;
            bool isThere = isOwn && delivery.Lsn != 0
                ? delivery.Queue.FindLsn(delivery.EntryId) == delivery.Lsn
                : delivery.Queue.TryRead(delivery.EntryId, out payload);
            lock (_connection.Output.Lock)
            {
                if (!isThere)
                {
                    _deliverer.Sender.SendNoMore(delivery);
                }
                else if (!isOwn)
                {
                    _deliverer.Sender.SendAgain(delivery, payload);
                }
            }

            payload.Release();
        }

        _session.Unfinished.Clear();
        flush.Add(_connection.Output);
    }
}
