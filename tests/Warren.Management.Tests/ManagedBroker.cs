using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.Extensions.Logging.Abstractions;
using Warren.Core;
using Warren.Management.Hosting;
using Warren.Server.WebSockets;
using Warren.Server;
using Xunit;

namespace Warren.Management.Tests;

/// <summary>A broker with its HTTP API on a free port, and a client of it.</summary>
public sealed class ManagedBroker : IAsyncLifetime
{
    private readonly string _directory = Directory.CreateTempSubdirectory("warren-management-").FullName;
    private readonly HttpClient _http = new(new SocketsHttpHandler { UseCookies = false });

    /// <summary>What it is started with, besides places.</summary>
    public Func<WarrenServerOptions, WarrenServerOptions> Configure { get; init; } = static o => o;

    /// <summary>The server.</summary>
    public WarrenServer Server { get; private set; } = null!;

    /// <summary>The broker.</summary>
    public Broker Broker => Server.Broker;

    /// <summary>Where the API is, without <c>/api</c>.</summary>
    public string Url => $"http://127.0.0.1:{Server.HttpSites[0].EndPoint.Port}";

    /// <summary>The port of AMQP.</summary>
    public int AmqpPort => Server.EndPoints[0].Port;

    /// <summary>A directory of the test's own.</summary>
    public string DirectoryPath => _directory;

    public async ValueTask InitializeAsync() => Server = await WarrenServer.StartAsync(
        Configure(new WarrenServerOptions
        {
            DataDirectory = Path.Combine(_directory, "data"),
            TcpListeners = [new IPEndPoint(IPAddress.Loopback, 0)],
            MqttTcpListeners = [],
            WebMqtt = new WebMqttOptions { Port = null },
            Management = new ManagementOptions { Port = 0, Address = "127.0.0.1" },
            Prometheus = new PrometheusOptions { Port = null },
            Loggers = NullLoggerFactory.Instance,
        }),
        CancellationToken.None);

    public async ValueTask DisposeAsync()
    {
        _http.Dispose();
        await Server.DisposeAsync();
        Directory.Delete(_directory, recursive: true);
    }

    /// <summary>Stops it and starts it again on the same data.</summary>
    public async Task RestartAsync()
    {
        await Server.DisposeAsync();
        await InitializeAsync();
    }

    /// <summary>Sends a request; the path begins after <c>/api</c>.</summary>
    public async Task<HttpResponseMessage> SendAsync(
        HttpMethod method, string path, string? body = null, string? user = "guest", string password = "guest", params (string Name, string Value)[] headers)
    {
        using var request = new HttpRequestMessage(method, new Uri($"{Url}/api{path}", new UriCreationOptions { DangerousDisablePathAndQueryCanonicalization = true }));
        if (user is not null)
        {
            request.Headers.Authorization = new AuthenticationHeaderValue("Basic", Convert.ToBase64String(Encoding.UTF8.GetBytes($"{user}:{password}")));
        }

        if (body is not null)
        {
            request.Content = new StringContent(body, Encoding.UTF8, "application/json");
        }

        foreach ((string name, string value) in headers)
        {
            request.Headers.TryAddWithoutValidation(name, value);
        }

        return await _http.SendAsync(request);
    }

    /// <summary>Reads metrics as guest from the port of the API.</summary>
    public async Task<string> ReadMetricsAsync(string path)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, new Uri(Url + path));
        request.Headers.Authorization = new AuthenticationHeaderValue("Basic", Convert.ToBase64String("guest:guest"u8));
        using HttpResponseMessage reply = await _http.SendAsync(request);
        return await reply.EnsureSuccessStatusCode().Content.ReadAsStringAsync();
    }

    /// <summary>Reads JSON that has to be there.</summary>
    public async Task<JsonNode> GetAsync(string path, string user = "guest", string password = "guest")
    {
        using HttpResponseMessage reply = await SendAsync(HttpMethod.Get, path, null, user, password);
        string text = await reply.Content.ReadAsStringAsync();
        Assert.True(reply.StatusCode == HttpStatusCode.OK, $"GET {path}: {(int)reply.StatusCode} {text}");
        return JsonNode.Parse(text)!;
    }

    /// <summary>PUT; the status and the body.</summary>
    public Task<(int Status, string Body)> PutAsync(string path, string? body = null, string user = "guest", string password = "guest") =>
        ReadAsync(SendAsync(HttpMethod.Put, path, body, user, password));

    /// <summary>POST; the status and the body.</summary>
    public Task<(int Status, string Body)> PostAsync(string path, string? body = null, string user = "guest", string password = "guest") =>
        ReadAsync(SendAsync(HttpMethod.Post, path, body, user, password));

    /// <summary>DELETE; the status and the body.</summary>
    public Task<(int Status, string Body)> DeleteAsync(string path, string user = "guest", string password = "guest") =>
        ReadAsync(SendAsync(HttpMethod.Delete, path, null, user, password));

    /// <summary>GET; the status and the body.</summary>
    public Task<(int Status, string Body)> TryGetAsync(string path, string? user = "guest", string password = "guest") =>
        ReadAsync(SendAsync(HttpMethod.Get, path, null, user, password));

    /// <summary>The reason of a refusal.</summary>
    public static string ReasonOf(string body)
    {
        using JsonDocument json = JsonDocument.Parse(body);
        JsonElement reason = json.RootElement.GetProperty("reason");
        return reason.ValueKind == JsonValueKind.String ? reason.GetString()! : reason.GetRawText();
    }

    private static async Task<(int Status, string Body)> ReadAsync(Task<HttpResponseMessage> sending)
    {
        using HttpResponseMessage reply = await sending;
        return ((int)reply.StatusCode, await reply.Content.ReadAsStringAsync());
    }
}
