using System.Globalization;
using System.Net;
using System.Text.Json.Nodes;
using Warren.Core.Connections;

namespace Warren.Management.Views;

/// <summary>The <c>name</c>, <c>peer_host</c> and <c>peer_port</c> of connections in other objects.</summary>
internal static class PeerNames
{
    /// <summary>Of a connection of which only the name is known: <c>peer:port -> host:port</c>.</summary>
    public static JsonObject Of(string connection)
    {
        string peer = connection.Split(" -> ", 2)[0];
        int colon = peer.LastIndexOf(':');
        var json = new JsonObject { ["name"] = connection };
        if (colon > 0 && int.TryParse(peer.AsSpan(colon + 1), NumberStyles.None, CultureInfo.InvariantCulture, out int port))
        {
            json["peer_host"] = peer[..colon].Trim('[', ']');
            json["peer_port"] = port;
        }

        return json;
    }

    /// <summary>Of a connection.</summary>
    public static JsonObject Of(IClientConnection connection)
    {
        var json = new JsonObject { ["name"] = connection.Name };
        (json["peer_host"], json["peer_port"]) = HostAndPort(connection.View().Peer);
        return json;
    }

    /// <summary>An address as host and port.</summary>
    public static (string Host, int Port) HostAndPort(EndPoint? address) => address switch
    {
        IPEndPoint ip => ((ip.Address.IsIPv4MappedToIPv6 ? ip.Address.MapToIPv4() : ip.Address).ToString(), ip.Port),
        DnsEndPoint dns => (dns.Host, dns.Port),
        _ => (address?.ToString() ?? "unknown", 0),
    };
}
