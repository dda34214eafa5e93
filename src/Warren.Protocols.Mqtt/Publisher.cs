using System.Text;
using System.Text.Unicode;
using Warren.Buffers;
using Warren.Buffers.Commits;
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

/// <summary>What a client publishes: from PUBLISH to the queues and to the acknowledgement (MQTT 5.0, 3.3).</summary>
/// <remarks>The read loop's. Nothing here allocates for a message whose route is known.</remarks>
internal sealed class Publisher
{
    private readonly MqttConnection _connection;
    private readonly ClientSession _session;
    private readonly RouteSet _routes = new();
    private readonly RouteCache _cache = new();
    private readonly ExchangeTally _tally = new();
    private readonly string _exchangeName;
    private readonly byte[] _exchange;
    private RetainedSource? _source;
    private byte[] _key = new byte[256];
    private byte[]?[]? _aliases; // routing keys by alias
    private bool _hasWarned; // that a message is not retained

    public Publisher(MqttConnection connection, ClientSession session)
    {
        _connection = connection;
        _session = session;
        _exchangeName = connection.Options.Exchange;
        _exchange = Encoding.UTF8.GetBytes(_exchangeName);
    }

    private RetainedSource Source => _source ??= new RetainedSource(_connection.User!.Name, _connection.ClientId);

    /// <summary>A PUBLISH.</summary>
    public void OnPublish(in Publish publish)
    {
        ReadOnlySpan<byte> key = KeyOf(publish); // of a message that was received before, too: it may set an alias
        if (publish.QoS == QoS.ExactlyOnce && _session.HasReceived(publish.PacketIdentifier))
        {
            // Sent again because our PUBREC was lost ([MQTT-4.3.3-10]); it may still be on its way to the disk.
            Answer(PacketType.PubRec, publish.PacketIdentifier, ReasonCode.Success, _session.IsStored);
            return;
        }

        ReasonCode refusal = Check(publish, key);
        if (refusal != ReasonCode.Success)
        {
            Refuse(publish, refusal);
            return;
        }

        // A retained message may meet a subscription that is made later.
        ulong origin = publish.Retain || _connection.Deliverer is { WantsOrigin: true } ? Deliverer.OriginOf(_session) : 0;
        Payload image = PublishImage.Of(_connection.Broker, publish, _exchange, key, origin);
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
        Answer(
            PacketType.PubComp,
            release.PacketIdentifier,
            known ? ReasonCode.Success : ReasonCode.PacketIdentifierNotFound,
            known && _session.IsStored);
    }

    private void Answer(PacketType type, ushort packetId, ReasonCode reason, bool atBatchEnd)
    {
        if (atBatchEnd)
        {
            _connection.Answers.Add(Reply.AtEnd(type, packetId, reason));
        }
        else
        {
            _connection.Answers.Add(Reply.Of(type, packetId, reason, default));
        }
    }

    /// <summary>The read batch is over.</summary>
    public void EndBatch() => _tally.Flush();

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

        if (publish.Payload.Length > options.MaxMessageSize)
        {
            return ReasonCode.QuotaExceeded;
        }

        if (publish.Retain && !options.RetainAvailable)
        {
            return ReasonCode.RetainNotSupported;
        }

        if (publish.QoS != QoS.AtMostOnce && options.ReceiveMaximum < ushort.MaxValue
            && _session.ReceivedCount + _connection.Answers.Pending >= options.ReceiveMaximum)
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
        CommitTicket retained = default;
        if (publish.Retain)
        {
            RetainOutcome kept = _connection.VirtualHost!.Retained.Keep(message, Source, out retained);
            _connection.Commits.Appended();
            if (kept == RetainOutcome.Refused && publish.QoS != QoS.AtMostOnce)
            {
                // Nobody gets it: sent again it is retained and delivered, and not delivered twice.
                Acknowledge(publish, PublishOutcome.Refused, route, reason, default);
                return;
            }

            reason = kept == RetainOutcome.NoRoom ? ReasonCode.QuotaExceeded : ReasonCode.Success;
            if (kept == RetainOutcome.NoRoom)
            {
                WarnOfNoRoom(publish);
            }
        }

        if (route.Queues.Length == 0)
        {
            _connection.Statistics.OnUnroutable(_exchangeName, returned: false);
        }

        PublishOutcome outcome;
        CommitTicket stored;
        if (publish.QoS == QoS.ExactlyOnce)
        {
            outcome = _connection.Sessions.PublishOnce(
                _session, publish.PacketIdentifier, message, route, _connection.Flush, out stored);
        }
        else
        {
            outcome = _connection.VirtualHost!.Publishing.Publish(message, route, _connection.Flush, out stored);
        }

        if (!stored.IsNone)
        {
            _connection.Commits.Appended();
        }

        if (publish.QoS != QoS.AtMostOnce)
        {
            Acknowledge(publish, outcome, route, reason, stored.And(retained));
        }
    }

    // An older client has an acknowledgement all the same, for its message has gone to the subscribers: without one it would
    // send it again and again, and they would get it as often. That it is not retained is for who runs the broker to
    // read, once for a connection.
    private void WarnOfNoRoom(in Publish publish)
    {
        if (!_hasWarned && (!_connection.Limits.Is50 || publish.QoS == QoS.AtMostOnce))
        {
            _hasWarned = true;
            _connection.Log.NotRetained(_connection.Name, _connection.ClientId, Encoding.UTF8.GetString(publish.Topic));
        }
    }

    private void Acknowledge(in Publish publish, PublishOutcome outcome, Route route, ReasonCode reason, CommitTicket ticket)
    {
        PacketType type = publish.QoS == QoS.AtLeastOnce ? PacketType.PubAck : PacketType.PubRec;
        if (outcome is PublishOutcome.Rejected or PublishOutcome.Refused)
        {
            if (!_connection.Limits.Is50)
            {
                // There is no word for it. A full queue is the publisher's to wait for; a log that takes nothing is not.
                if (outcome == PublishOutcome.Refused)
                {
                    _connection.Close(ReasonCode.ImplementationSpecificError, "the message cannot be stored", keepsWill: true);
                }

                return;
            }

            reason = outcome == PublishOutcome.Rejected ? ReasonCode.QuotaExceeded : ReasonCode.ImplementationSpecificError;
        }
        else if (reason == ReasonCode.Success && route.Queues.Length == 0)
        {
            reason = ReasonCode.NoMatchingSubscribers;
        }

        // MQTT 3.1.1 knows no PUBREC that refuses: there the number stays until PUBREL.
        if (reason.IsFailure() && publish.QoS == QoS.ExactlyOnce && _connection.Limits.Is50)
        {
            _connection.Sessions.LetGo(_session, publish.PacketIdentifier);
        }

        _connection.Answers.Add(Reply.Of(type, publish.PacketIdentifier, reason, ticket));
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
            _connection.Answers.Add(Reply.Of(type, publish.PacketIdentifier, code, default));
            if (!_connection.Limits.Is50 && type == PacketType.PubRec)
            {
                // An older client goes on with PUBREL, which is answered.
                _connection.Commits.Appended();
            }
        }
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

    private Route FindRoute(Message message, ReadOnlySpan<byte> key)
    {
        VirtualHost virtualHost = _connection.VirtualHost!;
        long version = virtualHost.RoutingVersion;
        if (_cache.Find(_exchange, key, version) is { } known)
        {
            return known;
        }

        Exchange exchange = virtualHost.ExchangeToPublishTo(_connection.User!, _exchangeName);
        virtualHost.CheckTopic(_connection.User!, exchange, Encoding.UTF8.GetString(key), PermissionKind.Write, _connection.ClientId);
        _routes.Clear();
        virtualHost.Publishing.Route(exchange, message, default, MqttMessageFormat.Instance, _routes);
        Route route = Route.Of(_routes, exchange);
        if (!_routes.DependsOnHeaders)
        {
            _cache.Add(_exchange, key, version, route);
        }

        return route;
    }
}
