using System.Net;
using Warren.Buffers.Fields;
using Warren.Core.Connections;

namespace Warren.Core.Events;

/// <summary>The events of clients, for the protocols to tell: logins, connections, channels and consumers.</summary>
/// <remarks>Where RabbitMQ names an Erlang process, the name of the connection or channel stands.</remarks>
public static class ClientEvents
{
    /// <summary>A user has proven who it is.</summary>
    public static void LoginSucceeded(this BrokerEvents events, IClientConnection connection, string mechanism, string user)
    {
        ArgumentNullException.ThrowIfNull(events);
        ArgumentNullException.ThrowIfNull(connection);
        if (events.IsHeard)
        {
            events.Emit("user.authentication.success", [.. LoginDetails(connection, mechanism, user)]);
        }
    }

    /// <summary>Somebody has not; the client is not told why.</summary>
    public static void LoginFailed(
        this BrokerEvents events, IClientConnection connection, string mechanism, string user, string why)
    {
        ArgumentNullException.ThrowIfNull(events);
        ArgumentNullException.ThrowIfNull(connection);
        if (events.IsHeard)
        {
            events.Emit(
                "user.authentication.failure", [.. LoginDetails(connection, mechanism, user), BrokerEvents.Of("error", why)]);
        }
    }

    /// <summary>A client has entered a virtual host.</summary>
    public static void ConnectionCreated(this BrokerEvents events, IClientConnection connection)
    {
        ArgumentNullException.ThrowIfNull(events);
        ArgumentNullException.ThrowIfNull(connection);
        if (!events.IsHeard)
        {
            return;
        }

        ConnectionView view = connection.View();
        string user = connection.User?.Name ?? "";
        List<(string, FieldValue)> what =
        [
            BrokerEvents.Of("type", "network"),
            BrokerEvents.Of("pid", connection.Name),
            BrokerEvents.Of("name", connection.Name),
            .. Addresses(view),
            BrokerEvents.Of("peer_cert_subject", view.Tls?.PeerSubject ?? ""),
            BrokerEvents.Of("peer_cert_issuer", view.Tls?.PeerIssuer ?? ""),
            BrokerEvents.Of("peer_cert_validity", view.Tls?.PeerValidity ?? ""),
            BrokerEvents.Of("auth_mechanism", view.AuthMechanism),
            BrokerEvents.Of("ssl_protocol", view.Tls?.Protocol ?? ""),
            BrokerEvents.Of("ssl_cipher", view.Tls?.Cipher ?? ""),
            BrokerEvents.Of("protocol", ProtocolOf(view)),
            BrokerEvents.Of("user", user),
            BrokerEvents.Of("vhost", connection.VirtualHost?.Name ?? ""),
            BrokerEvents.Of("timeout", view.HeartbeatSeconds),
            BrokerEvents.Of("frame_max", view.FrameMax),
            BrokerEvents.Of("channel_max", view.ChannelMax),
            BrokerEvents.Of("client_properties", view.ClientProperties),
            BrokerEvents.Of("connected_at", view.ConnectedAtMs),
            BrokerEvents.Of("node", events.NodeName),
            events.By(user),
        ];
        if (view.UserProvidedName is { } given)
        {
            what.Add(BrokerEvents.Of("user_provided_name", given));
        }

        events.Emit("connection.created", [.. what]);
    }

    /// <summary>A client that had entered a virtual host is gone.</summary>
    public static void ConnectionClosed(this BrokerEvents events, IClientConnection connection)
    {
        ArgumentNullException.ThrowIfNull(events);
        ArgumentNullException.ThrowIfNull(connection);
        if (!events.IsHeard)
        {
            return;
        }

        ConnectionView view = connection.View();
        List<(string, FieldValue)> what =
        [
            BrokerEvents.Of("name", connection.Name),
            BrokerEvents.Of("pid", connection.Name),
            BrokerEvents.Of("node", events.NodeName),
            BrokerEvents.Of("client_properties", view.ClientProperties),
        ];
        if (view.UserProvidedName is { } given)
        {
            what.Add(BrokerEvents.Of("user_provided_name", given));
        }

        events.Emit("connection.closed", [.. what]);
    }

    /// <summary>A channel was opened.</summary>
    public static void ChannelCreated(this BrokerEvents events, IClientChannel channel)
    {
        ArgumentNullException.ThrowIfNull(events);
        ArgumentNullException.ThrowIfNull(channel);
        if (events.IsHeard)
        {
            string user = channel.Connection.User?.Name ?? "";
            events.Emit(
                "channel.created",
                BrokerEvents.Of("pid", NameOf(channel)),
                BrokerEvents.Of("name", NameOf(channel)),
                BrokerEvents.Of("connection", channel.Connection.Name),
                BrokerEvents.Of("number", channel.Number),
                BrokerEvents.Of("user", user),
                BrokerEvents.Of("vhost", channel.Connection.VirtualHost?.Name ?? ""),
                events.By(user));
        }
    }

    /// <summary>A channel is closed.</summary>
    public static void ChannelClosed(this BrokerEvents events, IClientChannel channel, int consumers)
    {
        ArgumentNullException.ThrowIfNull(events);
        ArgumentNullException.ThrowIfNull(channel);
        if (events.IsHeard)
        {
            events.Emit(
                "channel.closed",
                BrokerEvents.Of("pid", NameOf(channel)),
                events.By(channel.Connection.User?.Name),
                BrokerEvents.Of("consumer_count", consumers));
        }
    }

    /// <summary>A consumer has begun.</summary>
    public static void ConsumerCreated(this BrokerEvents events, IClientChannel channel, ConsumerView consumer)
    {
        ArgumentNullException.ThrowIfNull(events);
        ArgumentNullException.ThrowIfNull(channel);
        ArgumentNullException.ThrowIfNull(consumer);
        if (events.IsHeard)
        {
            events.Emit(
                "consumer.created",
                BrokerEvents.Of("consumer_tag", consumer.Tag),
                BrokerEvents.Of("exclusive", consumer.Exclusive),
                BrokerEvents.Of("ack_required", consumer.AckRequired),
                BrokerEvents.Of("channel", NameOf(channel)),
                BrokerEvents.Of("queue", consumer.Queue),
                BrokerEvents.Of("vhost", channel.Connection.VirtualHost?.Name ?? ""),
                BrokerEvents.Of("prefetch_count", consumer.PrefetchCount),
                BrokerEvents.Of("arguments", consumer.Arguments),
                events.By(channel.Connection.User?.Name));
        }
    }

    /// <summary>A consumer has ended.</summary>
    public static void ConsumerDeleted(this BrokerEvents events, IClientChannel channel, string tag, string queue)
    {
        ArgumentNullException.ThrowIfNull(events);
        ArgumentNullException.ThrowIfNull(channel);
        if (events.IsHeard)
        {
            events.Emit(
                "consumer.deleted",
                BrokerEvents.Of("consumer_tag", tag),
                BrokerEvents.Of("channel", NameOf(channel)),
                BrokerEvents.Of("queue", queue),
                BrokerEvents.Of("vhost", channel.Connection.VirtualHost?.Name ?? ""),
                events.By(channel.Connection.User?.Name));
        }
    }

    private static string NameOf(IClientChannel channel) => $"{channel.Connection.Name} ({channel.Number})";

    private static List<(string Name, FieldValue Value)> LoginDetails(IClientConnection connection, string mechanism, string user)
    {
        ConnectionView view = connection.View();
        List<(string, FieldValue)> what =
        [
            BrokerEvents.Of("connection_type", "network"),
            BrokerEvents.Of("connection_name", connection.Name),
            .. Addresses(view),
            BrokerEvents.Of("protocol", ProtocolOf(view)),
            BrokerEvents.Of("auth_mechanism", mechanism),
        ];
        (string Name, string? Value)[] known =
        [
            ("name", user),
            ("ssl_protocol", view.Tls?.Protocol),
            ("ssl_cipher", view.Tls?.Cipher),
            ("peer_cert_subject", view.Tls?.PeerSubject),
            ("peer_cert_issuer", view.Tls?.PeerIssuer),
            ("peer_cert_validity", view.Tls?.PeerValidity),
        ];
        what.AddRange(known.Where(static k => !string.IsNullOrEmpty(k.Value)).Select(static k => BrokerEvents.Of(k.Name, k.Value!)));
        return what;
    }

    private static (string Name, FieldValue Value)[] Addresses(ConnectionView view)
    {
        var local = view.Local as IPEndPoint;
        var peer = view.Peer as IPEndPoint;
        return
        [
            BrokerEvents.Of("host", local?.Address),
            BrokerEvents.Of("port", local?.Port ?? 0),
            BrokerEvents.Of("peer_host", peer?.Address),
            BrokerEvents.Of("peer_port", peer?.Port ?? 0),
            BrokerEvents.Of("ssl", view.Tls is not null),
        ];
    }

    private static string ProtocolOf(ConnectionView view) => view.ProtocolTerm ?? view.Protocol;
}
