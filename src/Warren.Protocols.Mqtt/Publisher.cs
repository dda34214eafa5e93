using System.Text;
using System.Text.Unicode;
using Warren.Buffers;
using Warren.Core;
using Warren.Core.Arguments;
using Warren.Core.Exchanges;
using Warren.Core.Messages;
using Warren.Core.Queues;
using Warren.Core.Routing;
using Warren.Core.Security;
using Warren.Core.Sessions;
using Warren.Wire.Mqtt;

namespace Warren.Protocols.Mqtt;

/// <summary>What a client publishes, and its will: from PUBLISH to the queues and to the acknowledgement (MQTT 5.0, 3.3).</summary>
/// <remarks>The read loop's, but for the will. Nothing here allocates for a message whose route is known.</remarks>
internal sealed class Publisher
{
    private readonly MqttConnection _connection;
    private readonly ClientSession _session;
    private readonly RouteSet _routes = new();
    private readonly RouteCache _cache = new();
    private readonly ExchangeTally _tally = new();
    private readonly string _exchangeName;
    private readonly byte[] _exchange;
    private byte[] _key = new byte[256];
    private byte[]?[]? _aliases; // routing keys by alias

    public Publisher(MqttConnection connection, ClientSession session)
    {
        _connection = connection;
        _session = session;
        _exchangeName = connection.Options.Exchange;
        _exchange = Encoding.UTF8.GetBytes(_exchangeName);
    }

    /// <summary>A PUBLISH.</summary>
    public void OnPublish(in Publish publish)
    {
        ReadOnlySpan<byte> key = KeyOf(publish); // of a message that was received before, too: it may set an alias
        if (publish.QoS == QoS.ExactlyOnce && _session.HasReceived(publish.PacketIdentifier))
        {
            // Sent again because our PUBREC was lost ([MQTT-4.3.3-10]); it may still be on its way to the disk.
            _connection.Commits.Reply(
                PacketType.PubRec,
                publish.PacketIdentifier,
                ReasonCode.Success,
                _session.IsStored ? Protocols.Mqtt.Reply.AtBatchEnd : 0);
            return;
        }

        ReasonCode refusal = Check(publish, key);
        if (refusal != ReasonCode.Success)
        {
            Refuse(publish, refusal);
            return;
        }

        Payload image = ImageOf(publish, key);
        try
        {
            Publish(publish, new Message(image), key);
        }
        finally
        {
            image.Release();
        }
    }

    /// <summary>A PUBREL: the number may be used again once that is on the disk.</summary>
    public void OnRelease(in Acknowledgement release)
    {
        bool known = _connection.Sessions.LetGo(_session, release.PacketIdentifier);
        _connection.Commits.Reply(
            PacketType.PubComp,
            release.PacketIdentifier,
            known ? ReasonCode.Success : ReasonCode.PacketIdentifierNotFound,
            known && _session.IsStored ? Protocols.Mqtt.Reply.AtBatchEnd : 0);
    }

    /// <summary>The read batch is over.</summary>
    public void EndBatch() => _tally.Flush();

    /// <summary>Publishes the will, if its client may by now (MQTT 5.0, 3.1.2.5). Any thread.</summary>
    public void PublishWill(WillRequest will)
    {
        var flush = new FlushSet();
        byte[] key = new byte[will.Topic.Length];
        TopicConversion.Swap(will.Topic, key);
        try
        {
            User user = _connection.Broker.Users.Find(_connection.User!.Name) ?? throw Authorizer.RefusedVirtualHost(
                _connection.VirtualHost!.Name, _connection.User!.Name);
            Exchange exchange = ExchangeFor(user, key);
            var publish = new Publish
            {
                QoS = (QoS)will.QoS,
                Retain = will.Retain,
                Topic = will.Topic,
                Properties = Properties.OfChecked(will.Properties),
                Payload = will.Payload,
                PayloadLength = will.Payload.Length,
            };
            Payload image = ImageOf(publish, key);
            var message = new Message(image);
            if (will.Retain && _connection.Options.RetainAvailable)
            {
                Retain(message);
            }

            var routes = new RouteSet();
            VirtualHost virtualHost = _connection.VirtualHost!;
            virtualHost.Publishing.Route(exchange, message, default, MqttMessageFormat.Instance, routes);
            Route route = Route.Of(routes, exchange);
            virtualHost.Publishing.Publish(message, route, flush, out _);
            exchange.Count(1, route.Queues.Length);
            image.Release();
        }
        catch (BrokerError error)
        {
            _connection.Log.WillRefused(_connection.Name, _connection.ClientId, error.Text);
        }

        _connection.Broker.Commits.Request();
        flush.FlushAll();
    }

    /// <summary>Refuses a will that could not be published now.</summary>
    /// <exception cref="BrokerError">403.</exception>
    public static void CheckWill(VirtualHost virtualHost, string exchangeName, User user, string clientId, WillRequest will)
    {
        byte[] key = new byte[will.Topic.Length];
        TopicConversion.Swap(will.Topic, key);
        Exchange exchange = virtualHost.ExchangeToPublishTo(user, exchangeName);
        virtualHost.CheckTopic(user, exchange, Encoding.UTF8.GetString(key), PermissionKind.Write, clientId);
        if (will.Topic.AsSpan().StartsWith("$SYS"u8))
        {
            throw new BrokerError(BrokerErrorKind.AccessRefused, "a will to a topic of the server");
        }
    }

    private ReasonCode Check(in Publish publish, ReadOnlySpan<byte> key)
    {
        MqttOptions options = _connection.Options;
        if (key.StartsWith("$SYS"u8))
        {
            return ReasonCode.NotAuthorized; // topics of the server
        }

        if (TopicName.CountLevels(publish.Topic) > options.MaxTopicLevels)
        {
            return ReasonCode.TopicNameInvalid;
        }

        if (publish.Retain && !options.RetainAvailable)
        {
            return ReasonCode.RetainNotSupported;
        }

        if (publish.QoS != QoS.AtMostOnce && options.ReceiveMaximum < ushort.MaxValue
            && _session.ReceivedCount + _connection.Commits.RepliesPending >= options.ReceiveMaximum)
        {
            return ReasonCode.ReceiveMaximumExceeded;
        }

        return publish.Properties.Number(PropertyId.PayloadFormatIndicator, 0) == 1 && !Utf8.IsValid(publish.Payload)
            ? ReasonCode.PayloadFormatInvalid
            : ReasonCode.Success;
    }

    private void Publish(in Publish publish, Message message, ReadOnlySpan<byte> key)
    {
        Route route;
        try
        {
            route = FindRoute(message, key);
        }
        catch (BrokerError error) when (error.Kind == BrokerErrorKind.AccessRefused)
        {
            _connection.Log.PublishRefused(_connection.Name, _connection.ClientId, error.Text);
            Refuse(publish, ReasonCode.NotAuthorized);
            return;
        }

        _connection.Statistics.OnPublished(_exchangeName);
        _connection.Statistics.OnSize(message.BodyLength);
        _tally.Add(route.Source, route.Queues.Length);
        ReasonCode reason = ReasonCode.Success;
        ulong lsn = 0;
        if (publish.Retain)
        {
            RetainOutcome kept = Retain(message);
            lsn = publish.QoS == QoS.AtMostOnce ? 0 : kept.Lsn;
            reason = kept.IsKept ? ReasonCode.Success : ReasonCode.QuotaExceeded;
            _connection.Commits.Appended();
        }

        if (route.Queues.Length == 0)
        {
            _connection.Statistics.OnUnroutable(_exchangeName, returned: false);
        }

        PublishOutcome outcome;
        ulong stored;
        if (publish.QoS == QoS.ExactlyOnce)
        {
            outcome = _connection.Sessions.PublishOnce(
                _session, publish.PacketIdentifier, message, route, _connection.Flush, out stored);
        }
        else
        {
            outcome = _connection.VirtualHost!.Publishing.Publish(message, route, _connection.Flush, out stored);
        }

        if (stored != 0)
        {
            _connection.Commits.Appended();
        }

        if (publish.QoS != QoS.AtMostOnce)
        {
            Acknowledge(publish, outcome, route, reason, Math.Max(lsn, stored));
        }
    }

    private void Acknowledge(in Publish publish, PublishOutcome outcome, Route route, ReasonCode reason, ulong lsn)
    {
        PacketType type = publish.QoS == QoS.AtLeastOnce ? PacketType.PubAck : PacketType.PubRec;
        if (outcome is PublishOutcome.Rejected or PublishOutcome.Refused)
        {
            if (!_connection.Limits.Is50)
            {
                return; // no word for it: the client sends the message again
            }

            reason = outcome == PublishOutcome.Rejected ? ReasonCode.QuotaExceeded : ReasonCode.ImplementationSpecificError;
        }
        else if (reason == ReasonCode.Success && route.Queues.Length == 0)
        {
            reason = ReasonCode.NoMatchingSubscribers;
        }

        if (reason.IsFailure() && publish.QoS == QoS.ExactlyOnce)
        {
            _connection.Sessions.LetGo(_session, publish.PacketIdentifier);
        }

        _connection.Commits.Reply(type, publish.PacketIdentifier, reason, lsn);
    }

    // Whatever can be said of one message alone is said on its acknowledgement.
    private void Refuse(in Publish publish, ReasonCode code)
    {
        bool isOwnFault = code is ReasonCode.ReceiveMaximumExceeded or ReasonCode.RetainNotSupported;
        bool ends = isOwnFault || (code == ReasonCode.NotAuthorized && _connection.Options.DisconnectOnUnauthorized);
        if (ends || (publish.QoS == QoS.AtMostOnce && code != ReasonCode.NotAuthorized) || (!_connection.Limits.Is50 && code != ReasonCode.NotAuthorized))
        {
            _connection.Close(code, $"publish refused: {code}", keepsWill: true);
        }
        else if (publish.QoS != QoS.AtMostOnce)
        {
            PacketType type = publish.QoS == QoS.AtLeastOnce ? PacketType.PubAck : PacketType.PubRec;
            _connection.Commits.Reply(type, publish.PacketIdentifier, code, 0);
            if (!_connection.Limits.Is50 && type == PacketType.PubRec)
            {
                // An older client goes on with PUBREL, which is answered.
                _connection.Commits.Appended();
            }
        }
    }

    private RetainOutcome Retain(Message message)
    {
        RetainedMessages retained = _connection.VirtualHost!.Retained;
        return message.BodyLength == 0
            ? new RetainOutcome(true, retained.Clear(message.RoutingKey))
            : retained.Set(message);
    }

    // The routing key of the topic, or of the topic behind the alias (MQTT 5.0, 3.3.2.3.4).
    private ReadOnlySpan<byte> KeyOf(in Publish publish)
    {
        ReadOnlySpan<byte> topic = publish.Topic;
        int alias = _connection.Limits.Is50 && publish.Properties.Has(PropertyId.TopicAlias) ? publish.TopicAlias : 0;
        if (alias > _connection.Options.TopicAliasMaximum)
        {
            throw new PacketError(ReasonCode.TopicAliasInvalid, $"Publish: topic alias {alias}");
        }

        if (topic.IsEmpty)
        {
            return _aliases?[alias] ?? throw new PacketError(ReasonCode.ProtocolError, $"Publish: topic alias {alias} is not set");
        }

        if (_key.Length < topic.Length)
        {
            _key = new byte[topic.Length];
        }

        TopicConversion.Swap(topic, _key);
        ReadOnlySpan<byte> key = _key.AsSpan(0, topic.Length);
        if (alias != 0)
        {
            _aliases ??= new byte[]?[_connection.Options.TopicAliasMaximum + 1];
            if (_aliases[alias] is not { } known || !key.SequenceEqual(known))
            {
                _aliases[alias] = key.ToArray();
            }
        }

        return key;
    }

    private Payload ImageOf(in Publish publish, ReadOnlySpan<byte> key)
    {
        var flags = MessageFlags.None;
        long ttlMs = -1;
        int length = 0;
        byte[]? without = null;
        ReadOnlySpan<byte> encoded = publish.Properties.Encoded;
        if (!encoded.IsEmpty)
        {
            if (publish.Properties.Has(PropertyId.MessageExpiryInterval))
            {
                ttlMs = publish.Properties.Number(PropertyId.MessageExpiryInterval, 0) * 1000L;
                flags |= MessageFlags.HasTtl;
            }

            if (publish.Properties.Has(PropertyId.UserProperty))
            {
                flags |= MessageFlags.HasHeaders;
            }

            if (publish.Properties.Has(PropertyId.TopicAlias))
            {
                without = System.Buffers.ArrayPool<byte>.Shared.Rent(encoded.Length);
                length = publish.Properties.CopyWithout(without, PropertyId.TopicAlias);
                encoded = without.AsSpan(0, length);
            }
        }

        flags |= publish.QoS == QoS.AtMostOnce ? MessageFlags.None : MessageFlags.Persistent;
        // A retained message may meet a subscription that is made later.
        ulong origin = publish.Retain || _connection.Deliverer is { WantsOrigin: true } ? Deliverer.OriginOf(_session) : 0;
        Span<byte> head = stackalloc byte[16];
        int size = StoredProperties.SizeOf(origin, encoded.Length, 0);
        byte[]? rented = size > head.Length ? System.Buffers.ArrayPool<byte>.Shared.Rent(size) : null;
        Span<byte> properties = (rented ?? head)[..size];
        StoredProperties.Write(properties, (int)publish.QoS, publish.Retain, origin, encoded, [], hasHeaders: false);
        var envelope = new MessageEnvelope(MessageFormat.Mqtt, flags, 0, _connection.Broker.Clock.NowMs, ttlMs);
        int body = publish.Payload.Length;
        Payload image = _connection.Broker.Slabs.Allocate((int)Message.SizeOf(_exchange.Length, key.Length, size, body));
        int at = Message.WriteHead(image.Writable, envelope, _exchange, key, properties, body);
        publish.Payload.CopyTo(image.Writable[at..]);
        if (rented is not null)
        {
            System.Buffers.ArrayPool<byte>.Shared.Return(rented);
        }

        if (without is not null)
        {
            System.Buffers.ArrayPool<byte>.Shared.Return(without);
        }

        return image;
    }

    private Route FindRoute(Message message, ReadOnlySpan<byte> key)
    {
        VirtualHost virtualHost = _connection.VirtualHost!;
        long version = virtualHost.RoutingVersion;
        if (_cache.Find(_exchange, key, version) is { } known)
        {
            return known;
        }

        Exchange exchange = ExchangeFor(_connection.User!, key);
        _routes.Clear();
        virtualHost.Publishing.Route(exchange, message, default, MqttMessageFormat.Instance, _routes);
        Route route = Route.Of(_routes, exchange);
        if (!_routes.DependsOnHeaders)
        {
            _cache.Add(_exchange, key, version, route);
        }

        return route;
    }

    private Exchange ExchangeFor(User user, ReadOnlySpan<byte> key)
    {
        VirtualHost virtualHost = _connection.VirtualHost!;
        Exchange exchange = virtualHost.ExchangeToPublishTo(user, _exchangeName);
        virtualHost.CheckTopic(user, exchange, Encoding.UTF8.GetString(key), PermissionKind.Write, _connection.ClientId);
        return exchange;
    }
}
