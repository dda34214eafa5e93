using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Warren.Cli.Ctl.Api;

/// <summary>The management HTTP API as commands use it: JSON in, JSON out, an <see cref="ApiError"/> for a refusal.</summary>
internal sealed class ManagementApi : IDisposable
{
    private readonly HttpClient _http;

    /// <param name="address">Where it is.</param>
    /// <param name="transport">Carries the requests; disposed with this.</param>
    /// <param name="timeout">For one answer; <see cref="Timeout.InfiniteTimeSpan"/> for none.</param>
    public ManagementApi(ApiAddress address, HttpMessageHandler transport, TimeSpan timeout)
    {
        Address = address;
        _http = new HttpClient(transport, disposeHandler: true) { BaseAddress = address.Url, Timeout = timeout };
        if (address.User is { } user)
        {
            _http.DefaultRequestHeaders.Authorization = Basic(user, address.Password ?? "");
        }
    }

    /// <summary>Where it is.</summary>
    public ApiAddress Address { get; }

    /// <summary>A path below <c>api/</c> of segments that may hold anything.</summary>
    public static string Path(params ReadOnlySpan<string> segments)
    {
        var path = new StringBuilder("api");
        foreach (string segment in segments)
        {
            path.Append('/').Append(Uri.EscapeDataString(segment));
        }

        return path.ToString();
    }

    /// <summary>Reads a resource; null for an empty body.</summary>
    public async Task<JsonNode?> GetAsync(string path, CancellationToken cancellationToken)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, path);
        return Parse(await SendAsync(request, cancellationToken));
    }

    /// <summary>Reads a list of objects.</summary>
    public async Task<IReadOnlyList<JsonObject>> ListAsync(string path, CancellationToken cancellationToken) =>
        await GetAsync(path, cancellationToken) is JsonArray items ? [.. items.OfType<JsonObject>()] : [];

    /// <summary>Reads a resource that may not be there.</summary>
    public async Task<JsonObject?> FindAsync(string path, CancellationToken cancellationToken)
    {
        try
        {
            return await GetAsync(path, cancellationToken) as JsonObject;
        }
        catch (ApiError e) when (e.IsNotFound)
        {
            return null;
        }
    }

    /// <summary>Reads a resource as the user given and says whether that was allowed; the reason if not.</summary>
    public async Task<ApiError?> TryAsAsync(string user, string password, string path, CancellationToken cancellationToken)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, path);
        request.Headers.Authorization = Basic(user, password);
        try
        {
            await SendAsync(request, cancellationToken);
            return null;
        }
        catch (ApiError e)
        {
            return e;
        }
    }

    /// <summary>Makes or replaces a resource.</summary>
    public async Task PutAsync(string path, JsonNode body, CancellationToken cancellationToken)
    {
        using HttpRequestMessage request = WithBody(HttpMethod.Put, path, body);
        await SendAsync(request, cancellationToken);
    }

    /// <summary>Asks for something to be done.</summary>
    public async Task<JsonNode?> PostAsync(string path, JsonNode body, CancellationToken cancellationToken)
    {
        using HttpRequestMessage request = WithBody(HttpMethod.Post, path, body);
        return Parse(await SendAsync(request, cancellationToken));
    }

    /// <summary>Removes a resource, with the reason a closed connection is told.</summary>
    public async Task DeleteAsync(string path, CancellationToken cancellationToken, string? reason = null)
    {
        using var request = new HttpRequestMessage(HttpMethod.Delete, path);
        if (reason is not null)
        {
            request.Headers.TryAddWithoutValidation("X-Reason", reason);
        }

        await SendAsync(request, cancellationToken);
    }

    public void Dispose() => _http.Dispose();

    private static HttpRequestMessage WithBody(HttpMethod method, string path, JsonNode body) =>
        new(method, path) { Content = new StringContent(body.ToJsonString(), Encoding.UTF8, "application/json") };

    private static AuthenticationHeaderValue Basic(string user, string password) =>
        new("Basic", Convert.ToBase64String(Encoding.UTF8.GetBytes($"{user}:{password}")));

    private static JsonNode? Parse(byte[] body)
    {
        try
        {
            return body.Length == 0 ? null : JsonNode.Parse(body);
        }
        catch (JsonException e)
        {
            throw new CtlError(CtlExit.Unavailable, $"the answer is no JSON, is this a management API? {e.Message}");
        }
    }

    private async Task<byte[]> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        try
        {
            using HttpResponseMessage response = await _http.SendAsync(request, cancellationToken);
            byte[] body = await response.Content.ReadAsByteArrayAsync(cancellationToken);
            return response.IsSuccessStatusCode ? body : throw new ApiError(response.StatusCode, Reason(response, body));
        }
        catch (HttpRequestException e)
        {
            throw new CtlError(
                CtlExit.Unavailable,
                $"unable to reach the broker at {Where()}: {e.InnerException?.Message ?? e.Message}\n" +
                "Is it running, and is this where its management API listens? See --url and --data-dir.");
        }
        catch (OperationCanceledException e) when (e.InnerException is TimeoutException)
        {
            throw new CtlError(CtlExit.TimeOut, $"no answer from {Where()} within {_http.Timeout.TotalSeconds:0.###} seconds");
        }
    }

    private string Where() => Address.SocketPath ?? Address.Url.GetLeftPart(UriPartial.Authority);

    // {"error":"bad_request","reason":"text"}; the reason may be a tuple as an array, the body may be empty.
    private static string Reason(HttpResponseMessage response, byte[] body)
    {
        JsonObject? answer = null;
        try
        {
            answer = body.Length == 0 ? null : JsonNode.Parse(body) as JsonObject;
        }
        catch (JsonException)
        {
            return Encoding.UTF8.GetString(body);
        }

        JsonNode? reason = answer?["reason"] ?? answer?["error"];
        return reason switch
        {
            JsonArray parts => string.Join(": ", parts.Select(p => p?.ToString())),
            // RabbitMQ escapes its texts for a web page.
            not null => WebUtility.HtmlDecode(reason.ToString()),
            null when response.StatusCode == HttpStatusCode.Unauthorized => "user name and password are needed or wrong",
            null => response.ReasonPhrase ?? response.StatusCode.ToString(),
        };
    }
}
