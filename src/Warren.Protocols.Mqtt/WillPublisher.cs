using System.Text;
using Microsoft.Extensions.Logging;
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

/// <summary>Publishes the wills of clients that are lost (MQTT 5.0, 3.1.2.5).</summary>
/// <remarks>Thread-safe.</remarks>
internal sealed class WillPublisher(Broker broker, MqttProtocol protocol, ILogger log) : IWillPublisher
{
    /// <inheritdoc/>
    public void Publish(VirtualHost virtualHost, ClientSession session, SessionWill will)
    {
        var flush = new FlushSet();
        try
        {
            User user = broker.Users.Find(session.UserName)
                ?? throw Authorizer.RefusedVirtualHost(virtualHost.Name, session.UserName);
            Publish(virtualHost, user, session, WillMessage.Of(will), flush);
        }
        catch (Exception error) when (error is BrokerError or InvalidDataException)
        {
            log.WillRefused(session.ClientId, error.Message);
        }

        broker.Commits.Request();
        flush.FlushAll();
    }

    /// <summary>Refuses a will that could not be published now.</summary>
    /// <exception cref="BrokerError">403.</exception>
    public static Exchange Check(VirtualHost virtualHost, string exchangeName, User user, string clientId, WillMessage will)
    {
        Exchange exchange = virtualHost.ExchangeToPublishTo(user, exchangeName);
        virtualHost.CheckTopic(user, exchange, Encoding.UTF8.GetString(KeyOf(will)), PermissionKind.Write, clientId);
        return will.Topic.AsSpan().StartsWith("$SYS"u8)
            ? throw new BrokerError(BrokerErrorKind.AccessRefused, "a will to a topic of the server")
            : exchange;
    }

    private static byte[] KeyOf(WillMessage will)
    {
        byte[] key = new byte[will.Topic.Length];
        TopicConversion.Swap(will.Topic, key);
        return key;
    }

    // Not for the one who catches errors here: the will is kept and published later.
    private static IOException NotTaken() => new("the log takes nothing");

    private void Publish(VirtualHost virtualHost, User user, ClientSession session, WillMessage will, FlushSet flush)
    {
        MqttOptions options = protocol.Options;
        Exchange exchange = Check(virtualHost, options.Exchange, user, session.ClientId, will);
        var publish = new Publish
        {
            QoS = will.QoS,
            Retain = will.Retain,
            Topic = will.Topic,
            Properties = Properties.OfChecked(will.Properties),
            Payload = will.Payload,
            PayloadLength = will.Payload.Length,
        };
        Payload image = PublishImage.Of(
            broker, publish, Encoding.UTF8.GetBytes(options.Exchange), KeyOf(will), will.Retain ? Deliverer.OriginOf(session) : 0);
        try
        {
            var message = new Message(image);
            RetainOutcome kept = will.Retain && options.RetainAvailable
                ? virtualHost.Retained.Keep(message, new RetainedSource(user.Name, session.ClientId), out _)
                : RetainOutcome.Kept;
            if (kept == RetainOutcome.Refused)
            {
                throw NotTaken();
            }

            if (kept == RetainOutcome.NoRoom)
            {
                log.WillNotRetained(session.ClientId);
            }

            var routes = new RouteSet();
            virtualHost.Publishing.Route(exchange, message, default, MqttMessageFormat.Instance, routes);
            Route route = Route.Of(routes, exchange);
            if (virtualHost.Publishing.Publish(message, route, flush, out _) == PublishOutcome.Refused)
            {
                throw NotTaken();
            }

            exchange.Count(1, route.Queues.Length);
        }
        finally
        {
            image.Release();
        }
    }
}
