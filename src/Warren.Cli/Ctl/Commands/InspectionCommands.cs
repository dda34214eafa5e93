using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.NetworkInformation;
using System.Net.Sockets;
using System.Text;
using System.Text.Json.Nodes;
using Warren.Cli.Ctl.Api;
using Warren.Cli.Ctl.Line;
using Warren.Cli.Ctl.Output;

namespace Warren.Cli.Ctl.Commands;

/// <summary>rabbitmq-diagnostics beside the checks: logs, certificates, logins, names and addresses.</summary>
internal static class InspectionCommands
{
    private const int UsualLines = 50;
    private const int MostTailBytes = 16 * 1024 * 1024;
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(200);
    private static readonly CtlOption Lines = new("number", 'N', "lines");
    private static readonly CtlOption Duration = new("duration", 'd', "seconds");
    private static readonly CtlOption Within = new("within", null, "number");
    private static readonly CtlOption Unit = new("unit", null, "days|weeks|months|years");
    private static readonly CtlOption Family = new("address-family", null, "ipv4|ipv6");
    private static readonly CtlOption Used = new("used");
    private static readonly CtlOption BySource = new("by-source");
    private static readonly CtlOption Everywhere = new("across-all-vhosts");

    /// <summary>The commands.</summary>
    public static IReadOnlyList<CtlCommand> All { get; } =
    [
        new("log_tail", "", 0, 0, "Prints the last lines of the log", TailAsync) { Options = [Lines] },
        new("log_tail_stream", "", 0, 0, "Prints lines of the log as they come", StreamAsync) { Options = [Duration], TimeoutSeconds = 0 },
        new("check_certificate_expiration", "", 0, 0, "Health check that exits with an error if certificates expire soon", CertificatesAsync)
        {
            Options = [Within, Unit],
        },
        new("check_for_quorum_queues_without_an_elected_leader", "[<pattern>]", 0, 1, "Health check for quorum queues without a leader", LeadersAsync)
        {
            Options = [Everywhere],
        },
        new("list_node_auth_attempt_stats", "", 0, 0, "Lists successful and failed logins by protocol", LoginsAsync) { Options = [BySource] },
        new("list_deprecated_features", "[<column> ...]", 0, int.MaxValue, "Lists deprecated features", DeprecatedAsync) { Options = [Used] },
        new("metadata_store_status", "", 0, 0, "Displays the status of the store of definitions", StoreAsync),
        new("resolve_hostname", "<hostname>", 1, 1, "Resolves a host name from this machine", ResolveAsync) { Options = [Family, new CtlOption("offline")] },
        new("list_network_interfaces", "", 0, 0, "Lists network interfaces of this machine", InterfacesAsync) { Options = [new CtlOption("offline")] },
    ];

    private static async Task TailAsync(CtlSession session, CancellationToken cancellationToken)
    {
        string file = await FileAsync(session, cancellationToken);
        int count = session.Line.Number(Lines) ?? UsualLines;
        await using FileStream log = Open(file);
        log.Seek(Math.Max(0, log.Length - MostTailBytes), SeekOrigin.Begin);
        using var reader = new StreamReader(log, Encoding.UTF8);
        var last = new Queue<string>();
        while (await reader.ReadLineAsync(cancellationToken) is { } line)
        {
            last.Enqueue(line);
            if (last.Count > count)
            {
                last.Dequeue();
            }
        }

        session.Write(string.Concat(last.Select(l => $"{l}\n")));
    }

    private static async Task StreamAsync(CtlSession session, CancellationToken cancellationToken)
    {
        string file = await FileAsync(session, cancellationToken);
        TimeSpan most = session.Line.Number(Duration) is { } seconds ? TimeSpan.FromSeconds(seconds) : TimeSpan.MaxValue;
        long start = Stopwatch.GetTimestamp();
        await using FileStream log = Open(file);
        log.Seek(0, SeekOrigin.End);
        using var reader = new StreamReader(log, Encoding.UTF8);
        while (Stopwatch.GetElapsedTime(start) < most)
        {
            string more = await reader.ReadToEndAsync(cancellationToken);
            if (more.Length > 0)
            {
                session.Write(more);
                await session.Streams.Output.FlushAsync(cancellationToken);
            }

            await Task.Delay(Pause, cancellationToken);
        }
    }

    // The API tells where the log is, not what is in it.
    private static async Task<string> FileAsync(CtlSession session, CancellationToken cancellationToken)
    {
        NodeView view = await NodeView.ReadAsync(session, cancellationToken);
        return NodeView.Texts(view.Node, "log_files").FirstOrDefault(File.Exists)
            ?? throw new CtlError(CtlExit.Unavailable, $"node {view.Name} has no log file that can be read from here");
    }

    private static FileStream Open(string file)
    {
        try
        {
            return new FileStream(file, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new CtlError(CtlExit.Unavailable, $"cannot read {file}: {e.Message}");
        }
    }

    private static async Task CertificatesAsync(CtlSession session, CancellationToken cancellationToken)
    {
        string unit = session.Line.Value(Unit) ?? "weeks";
        int within = session.Line.Number(Within) ?? 4;
        string node = await session.NodeAsync(cancellationToken);
        session.Banner($"Checking if any certificates on node {node} expire in {within} {unit}...");
        try
        {
            string path = string.Create(CultureInfo.InvariantCulture, $"api/health/checks/certificate-expiration/{within}/{Uri.EscapeDataString(unit)}");
            await session.Api.GetAsync(path, cancellationToken);
        }
        catch (ApiError e) when (e.Status == HttpStatusCode.ServiceUnavailable)
        {
            throw new CtlError(CtlExit.Unavailable, $"Certificates on node {node} have expired or are expiring within {within} {unit}");
        }

        session.Done($"No certificates on node {node} expire in {within} {unit}");
    }

    private static async Task LeadersAsync(CtlSession session, CancellationToken cancellationToken)
    {
        string scope = session.Line.Has(Everywhere) ? "all-vhosts" : $"vhost/{Uri.EscapeDataString(session.VirtualHost)}";
        string pattern = session.Arguments.Count > 0 ? $"/pattern/{Uri.EscapeDataString(session.Arguments[0])}" : "";
        string where = session.Line.Has(Everywhere) ? "all virtual hosts" : $"virtual host '{session.VirtualHost}'";
        session.Banner($"Checking for quorum queues without an elected leader in {where}...");
        await session.Api.GetAsync($"api/health/checks/quorum-queues-without-elected-leaders/{scope}{pattern}", cancellationToken);
        session.Done("Reported zero quorum queues without an elected leader");
    }

    private static async Task LoginsAsync(CtlSession session, CancellationToken cancellationToken)
    {
        string node = await session.NodeAsync(cancellationToken);
        session.Banner($"Listing authentication attempts for node \"{node}\" ...");
        string[] columns = ["protocol", "auth_attempts", "auth_attempts_failed", "auth_attempts_succeeded"];
        string source = session.Line.Has(BySource) ? "/source" : "";
        IReadOnlyList<JsonObject> attempts = await session.Api.ListAsync(ManagementApi.Path("auth", "attempts", node) + source, cancellationToken);
        session.Show(Table(columns, attempts));
    }

    private static async Task DeprecatedAsync(CtlSession session, CancellationToken cancellationToken)
    {
        session.Banner("Listing deprecated features ...");
        string[] known = ["name", "deprecation_phase", "provided_by", "desc", "doc_url", "state"];
        string[] columns = session.Arguments.Count == 0 ? known[..2] : [.. session.Arguments];
        if (columns.Except(known, StringComparer.Ordinal).FirstOrDefault() is { } unknown)
        {
            throw CtlError.Usage($"Info key(s) {unknown} are not supported");
        }

        string path = session.Line.Has(Used) ? "api/deprecated-features/used" : "api/deprecated-features";
        session.Show(Table(columns, await session.Api.ListAsync(path, cancellationToken)));
    }

    private static async Task StoreAsync(CtlSession session, CancellationToken cancellationToken)
    {
        string node = await session.NodeAsync(cancellationToken);
        session.Banner($"Status of metadata store on node {node} ...");
        await session.Api.GetAsync("api/health/checks/metadata-store/initialized", cancellationToken);
        session.Show(new ResultTable(["Node Name", "Raft State", "Membership"], [[node, "leader", "voter"]]));
    }

    private static async Task ResolveAsync(CtlSession session, CancellationToken cancellationToken)
    {
        string name = session.Arguments[0];
        AddressFamily family = (session.Line.Value(Family) ?? "ipv4").ToLowerInvariant() switch
        {
            "ipv4" or "inet" => AddressFamily.InterNetwork,
            "ipv6" or "inet6" => AddressFamily.InterNetworkV6,
            { } unknown => throw CtlError.Usage($"'{unknown}' is no address family: ipv4 or ipv6 is needed"),
        };
        try
        {
            IPAddress[] addresses = await Dns.GetHostAddressesAsync(name, family, cancellationToken);
            session.Show(string.Concat(addresses.Select(a => $"{a}\n")), new JsonObject { ["result"] = "ok", ["value"] = Texts(addresses) });
        }
        catch (SocketException e)
        {
            throw new CtlError(CtlExit.Unavailable, $"cannot resolve {name}: {e.Message}");
        }
    }

    private static Task InterfacesAsync(CtlSession session, CancellationToken cancellationToken)
    {
        var text = new StringBuilder();
        var json = new JsonObject();
        foreach (NetworkInterface card in NetworkInterface.GetAllNetworkInterfaces())
        {
            IPAddress[] addresses = [.. card.GetIPProperties().UnicastAddresses.Select(a => a.Address)];
            text.Append(CultureInfo.InvariantCulture, $"Interface {card.Name}: {string.Join(", ", addresses.Select(a => a.ToString()))}\n");
            json[card.Name] = Texts(addresses);
        }

        session.Show(text.ToString(), json);
        return Task.CompletedTask;
    }

    private static JsonArray Texts(IEnumerable<IPAddress> addresses) => [.. addresses.Select(a => (JsonNode)a.ToString())];

    private static ResultTable Table(IReadOnlyList<string> columns, IReadOnlyList<JsonObject> rows) =>
        new(columns, [.. rows.Select(r => (IReadOnlyList<JsonNode?>)[.. columns.Select(c => r[c]?.DeepClone())])]);
}
