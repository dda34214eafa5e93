using Microsoft.Extensions.Logging;
using Warren.Management.Hosting;
using Warren.Protocols.Mqtt;
using Warren.Transport;
using Warren.Transport.Tls;

namespace Warren.Server.WebSockets;

/// <summary>Opens the listeners of MQTT over WebSocket.</summary>
internal static class WebMqttListeners
{
    /// <summary>Binds what the options ask for and lets clients in from soon on.</summary>
    /// <returns>Null: nothing is asked for, or nothing can be had that nobody asked for by name.</returns>
    /// <exception cref="StartupError">An address cannot be had.</exception>
    public static WebSocketListeners? Start(
        WarrenServerOptions options, MqttProtocol mqtt, TransportResources transport, ServerCertificates certificates, ILogger log)
    {
        WebMqttOptions web = options.WebMqtt;
        var door = new WebSocketDoor(mqtt.OverWebSocket, ["mqtt", "mqttv3.1"], web, transport, options.Listener, log);
        var sites = new List<HttpSite>();
        try
        {
            ManagementListeners.AddPlain(sites, "http/web-mqtt", web.Address, web.Port, web.IsPortGiven, door.AnswerAsync, log);
            if (web.SslPort is { } port && certificates.WebMqtt is { } tls)
            {
                sites.Add(ManagementListeners.Bind("https/web-mqtt", web.SslAddress, port, door.AnswerAsync, SecureBy(door, tls)));
            }
        }
        catch
        {
            sites.ForEach(static s => s.Dispose());
            throw;
        }

        return sites.Count == 0 ? null : WebSocketListeners.Start(door, sites, Again, web, log);
    }

    private static SecureClient SecureBy(WebSocketDoor door, TlsContext tls) => (client, token) => door.SecureAsync(client, tls, token);

    private static HttpSite Again(HttpSite site) => ManagementListeners.Bind(site.Protocol, site.EndPoint, site.Answer, site.Secure);
}
