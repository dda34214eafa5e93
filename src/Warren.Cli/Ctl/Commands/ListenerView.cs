using System.Globalization;
using System.Text.Json.Nodes;

namespace Warren.Cli.Ctl.Commands;

/// <summary>One listener as the tools show it.</summary>
internal sealed record ListenerView(string Node, string Interface, int Port, string Protocol)
{
    /// <summary>What it is for, in RabbitMQ's words.</summary>
    public string Purpose => Protocol switch
    {
        "amqp" => "AMQP 0-9-1 and AMQP 1.0",
        "amqp/ssl" => "AMQP 0-9-1 and AMQP 1.0 over TLS",
        "mqtt" => "MQTT",
        "mqtt/ssl" => "MQTT over TLS",
        "stomp" => "STOMP",
        "stomp/ssl" => "STOMP over TLS",
        "stream" => "stream",
        "stream/ssl" => "stream over TLS",
        "http" => "HTTP API",
        "https" => "HTTP API over TLS (HTTPS)",
        "http/web-mqtt" => "MQTT over WebSockets",
        "https/web-mqtt" => "MQTT over WebSockets and TLS (HTTPS)",
        "http/web-stomp" => "STOMP over WebSockets",
        "https/web-stomp" => "STOMP over WebSockets and TLS (HTTPS)",
        "http/prometheus" => "Prometheus exporter API over HTTP",
        "https/prometheus" => "Prometheus exporter API over TLS (HTTPS)",
        "clustering" => "inter-node and CLI tool communication",
        _ => Protocol,
    };

    /// <summary>The listeners of an overview.</summary>
    public static IReadOnlyList<ListenerView> Of(JsonObject overview) =>
    [
        .. (overview["listeners"] as JsonArray ?? []).OfType<JsonObject>().Select(l => new ListenerView(
            l["node"]?.ToString() ?? "",
            Address(l["ip_address"]?.ToString() ?? ""),
            l["port"]?.GetValue<int>() ?? 0,
            l["protocol"]?.ToString() ?? "")),
    ];

    /// <summary>The object of status --formatter json.</summary>
    public JsonObject ToJson() => new()
    {
        ["interface"] = Interface,
        ["node"] = Node,
        ["port"] = Port,
        ["protocol"] = Protocol,
        ["purpose"] = Purpose,
    };

    public override string ToString() => string.Create(
        CultureInfo.InvariantCulture, $"Interface: {Interface}, port: {Port}, protocol: {Protocol}, purpose: {Purpose}");

    private static string Address(string ip) => ip.Contains(':', StringComparison.Ordinal) ? $"[{ip}]" : ip;
}
