using System.Globalization;
using System.Text.Json.Nodes;
using Warren.Core.Alarms;
using Warren.Management.Hosting;
using Warren.Management.Routing;
using Warren.Management.Views;

namespace Warren.Management.Endpoints;

/// <summary><c>/health/checks</c> and the older checks beside them: 200 when well, 503 when not.</summary>
internal static class HealthEndpoints
{
    public static void Map(ApiRoutes routes)
    {
        routes.At("/health/checks/alarms").Get(Guard.Any, Alarms).WhileStopped();
        routes.At("/health/checks/local-alarms").Get(Guard.Any, Alarms).WhileStopped();
        routes.At("/health/checks/port-listener/{port}").Get(Guard.Any, PortListener).WhileStopped();
        routes.At("/health/checks/protocol-listener/{protocol}").Get(Guard.Any, ProtocolListener).WhileStopped();
        routes.At("/health/checks/certificate-expiration/{within}/{unit}").Get(Guard.Any, CertificateExpiration).WhileStopped();
        routes.At("/health/checks/virtual-hosts").Get(Guard.Any, VirtualHosts).WhileStopped();
        foreach (string alone in (ReadOnlySpan<string>)["node-is-quorum-critical", "node-is-mirror-sync-critical"])
        {
            routes.At($"/health/checks/{alone}").Get(Guard.Any, static _ => Well(("reason", "single node cluster"))).WhileStopped();
        }

        foreach (string serving in (ReadOnlySpan<string>)["/health/checks/is-in-service", "/health/checks/ready-to-serve-clients", "/healthchecks/node"])
        {
            routes.At(serving).Get(Guard.Any, InService).WhileStopped();
        }

        // One node has its members and its metadata.
        foreach (string always in (ReadOnlySpan<string>)
        [
            "below-node-connection-limit", "reached-target-cluster-size", "metadata-store/initialized",
            "metadata-store/initialized/with-data", "quorum-queues-without-elected-leaders/all-vhosts",
            "quorum-queues-without-elected-leaders/all-vhosts/pattern/{pattern}",
        ])
        {
            routes.At($"/health/checks/{always}").Get(Guard.Any, static _ => Well()).WhileStopped();
        }

        routes.At("/health/checks/quorum-queues-without-elected-leaders/vhost/{vhost}").Get(Guard.VirtualHost, OfVirtualHost);
        routes.At("/health/checks/quorum-queues-without-elected-leaders/vhost/{vhost}/pattern/{pattern}").Get(Guard.VirtualHost, OfVirtualHost);
        routes.At("/aliveness-test/{vhost}").Get(Guard.VirtualHost, OfVirtualHost);
        routes.At("/healthchecks/node/{node}").Get(
            Guard.Any, static r => r.Name("node") == r.Context.NodeName ? InService(r) : throw ApiError.NotFound()).WhileStopped();
    }

    private static ApiReply InService(ApiRequest request) => request.Context.State switch
    {
        NodeState.Stopped => Ill("the broker is stopped"),
        NodeState.Drained => Ill("the node is under maintenance"),
        NodeState.Suspended => Ill("the listeners are suspended"),
        _ => Well(),
    };

    private static ApiReply Alarms(ApiRequest request)
    {
        AlarmKinds alarms = request.Broker.Alarms.Current;
        var on = new JsonArray();
        foreach ((AlarmKinds kind, string resource) in (ReadOnlySpan<(AlarmKinds, string)>)[(AlarmKinds.Memory, "memory"), (AlarmKinds.Disk, "disk")])
        {
            if ((alarms & kind) != 0)
            {
                on.Add(new JsonObject { ["node"] = request.Context.NodeName, ["resource"] = resource });
            }
        }

        if (request.Broker.Alarms.IsShortOfDescriptors)
        {
            on.Add(new JsonObject { ["node"] = request.Context.NodeName, ["resource"] = "file_descriptor_limit" });
        }

        return on.Count == 0
            ? Well()
            : Ill("There are alarms in effect in the cluster", ("alarms", on));
    }

    private static ApiReply PortListener(ApiRequest request)
    {
        if (!ushort.TryParse(request.Name("port"), NumberStyles.None, CultureInfo.InvariantCulture, out ushort port))
        {
            throw ApiError.BadRequest("Invalid port");
        }

        ListenerView[] listeners = [.. request.Context.Listeners()];
        return Array.Exists(listeners, l => l.EndPoint.Port == port)
            ? Well(("port", port))
            : Ill("No active listener", ("missing", port), ("ports", new JsonArray([.. listeners.Select(static l => (JsonNode)l.EndPoint.Port)])));
    }

    private static ApiReply ProtocolListener(ApiRequest request)
    {
        string[] wanted = [.. request.Name("protocol").Split(',', StringSplitOptions.RemoveEmptyEntries).Select(ProtocolOf)];
        string[] spoken = [.. request.Context.Listeners().Select(static l => l.Protocol).Distinct(StringComparer.Ordinal)];
        string[] missing = [.. wanted.Except(spoken, StringComparer.Ordinal)];
        if (missing.Length == 0)
        {
            return wanted.Length == 1
                ? Well(("protocol", wanted[0]), ("protocols", JsonArrays.Of(wanted)))
                : Well(("protocols", JsonArrays.Of(wanted)));
        }

        return Ill("No active listener", ("missing", JsonArrays.Of(missing)), ("protocols", JsonArrays.Of(spoken)));
    }

    private static string ProtocolOf(string name) => name.Trim() switch
    {
        "amqp091" or "amqp0.9.1" or "amqp0-9-1" or "amqp0_9_1" or "amqp10" or "amqp1.0" or "amqp1-0" or "amqp1_0" => "amqp",
        "amqps" => "amqp/ssl",
        "mqtts" => "mqtt/ssl",
        "stomps" => "stomp/ssl",
        "streams" => "stream/ssl",
        "web-mqtt" => "http/web-mqtt",
        "web-stomp" => "http/web-stomp",
        "prometheus" => "http/prometheus",
        "prometheus-tls" or "prometheus/ssl" => "https/prometheus",
        { } known => known,
    };

    private static ApiReply CertificateExpiration(ApiRequest request)
    {
        if (!int.TryParse(request.Name("within"), NumberStyles.None, CultureInfo.InvariantCulture, out int within))
        {
            throw ApiError.BadRequest($"Invalid expiration period: {request.Name("within")}");
        }

        int days = request.Name("unit") switch
        {
            "days" => 1,
            "weeks" => 7,
            "months" => 30,
            "years" => 365,
            _ => throw ApiError.BadRequest("Time unit not recognised. Supported units: days, weeks, months, years."),
        };
        DateTimeOffset until = request.Broker.Time.GetUtcNow().AddDays(Math.Min((long)within * days, 1_000_000));
        var expired = new JsonArray();
        foreach (ListenerView listener in request.Context.Listeners())
        {
            if (request.Context.CertificateFor(listener.Protocol) is { } certificate && certificate.NotAfter < until)
            {
                expired.Add(new JsonObject
                {
                    ["node"] = request.Context.NodeName,
                    ["interface"] = listener.EndPoint.Address.ToString(),
                    ["port"] = listener.EndPoint.Port,
                    ["protocol"] = listener.Protocol,
                    ["certfile"] = certificate.File,
                    ["certfile_expires_on"] = certificate.NotAfter.UtcDateTime.ToString("u", CultureInfo.InvariantCulture),
                });
            }
        }

        return expired.Count == 0 ? Well() : Ill("Certificates expiring", ("expired", expired));
    }

    private static ApiReply VirtualHosts(ApiRequest request)
    {
        string[] leaving = [.. request.Broker.VirtualHosts.Where(static v => v.Settings.IsBeingDeleted).Select(static v => v.Name)];
        return leaving.Length == 0 ? Well() : Ill("Some virtual hosts are down", ("virtual-hosts", JsonArrays.Of(leaving)));
    }

    private static ApiReply OfVirtualHost(ApiRequest request) => request.VirtualHost.Settings.IsBeingDeleted ? throw ApiError.NotFound() : Well();

    private static ApiReply Well(params ReadOnlySpan<(string Name, JsonNode? Value)> more) => ApiReply.Json(With("ok", more));

    private static ApiReply Ill(string reason, params ReadOnlySpan<(string Name, JsonNode? Value)> more)
    {
        JsonObject body = With("failed", more);
        body["reason"] = reason;
        return ApiReply.Json(body, status: 503);
    }

    private static JsonObject With(string status, ReadOnlySpan<(string Name, JsonNode? Value)> more)
    {
        var body = new JsonObject { ["status"] = status };
        foreach ((string name, JsonNode? value) in more)
        {
            body[name] = value;
        }

        return body;
    }
}
