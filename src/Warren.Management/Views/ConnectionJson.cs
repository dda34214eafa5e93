using System.Text.Json.Nodes;
using Warren.Core.Connections;
using Warren.Core.Metrics;

namespace Warren.Management.Views;

/// <summary>A connection as the HTTP API shows it.</summary>
internal static class ConnectionJson
{
    /// <summary>Everything that is known of a connection.</summary>
    public static JsonObject Of(IClientConnection connection, string node, SampleQuery samples)
    {
        ConnectionView view = connection.View();
        var json = new JsonObject
        {
            ["name"] = connection.Name,
            ["node"] = node,
            ["vhost"] = connection.VirtualHost?.Name,
            ["user"] = connection.User?.Name,
            ["user_who_performed_action"] = connection.User?.Name,
            ["protocol"] = view.Protocol,
            ["type"] = "network",
            ["state"] = view.State,
            ["connected_at"] = view.ConnectedAtMs,
            ["channels"] = connection.ChannelCount,
            ["channel_max"] = view.ChannelMax,
            ["frame_max"] = view.FrameMax,
            ["timeout"] = view.HeartbeatSeconds,
            ["auth_mechanism"] = view.AuthMechanism,
        };
        if (view.UserProvidedName is { } given)
        {
            json["user_provided_name"] = given;
        }

        (json["host"], json["port"]) = PeerNames.HostAndPort(view.Local);
        (json["peer_host"], json["peer_port"]) = PeerNames.HostAndPort(view.Peer);
        AddTls(json, view.Tls);
        AddOctets(json, connection, view, samples);
        if (view.Variables.Count > 0)
        {
            json["variable_map"] = FieldJson.Of(view.Variables);
        }

        json["client_properties"] = FieldJson.Of(view.ClientProperties);
        json["garbage_collection"] = new JsonObject();
        return json;
    }

    private static void AddTls(JsonObject json, TlsView? tls)
    {
        json["ssl"] = tls is not null;
        json["ssl_protocol"] = tls?.Protocol;
        json["ssl_key_exchange"] = null;
        json["ssl_cipher"] = tls?.Cipher;
        json["ssl_hash"] = null;
        json["peer_cert_subject"] = tls?.PeerSubject;
        json["peer_cert_issuer"] = tls?.PeerIssuer;
        json["peer_cert_validity"] = tls?.PeerValidity;
    }

    private static void AddOctets(JsonObject json, IClientConnection connection, ConnectionView view, SampleQuery samples)
    {
        SampleHistory? history = connection.History.Samples;
        Details.Add(
            json, "recv_oct", view.ReceivedOctets, history, [Series.ConnectionReceived], samples.DataRates, samples.NowMs);
        Details.Add(json, "send_oct", view.SentOctets, history, [Series.ConnectionSent], samples.DataRates, samples.NowMs);
        Details.AddStill(json, "reductions", 0, samples.DataRates, samples.NowMs);
        json["recv_cnt"] = view.ReceivedCount;
        json["send_cnt"] = view.SentCount;
        json["send_pend"] = view.PendingOctets;
    }
}
