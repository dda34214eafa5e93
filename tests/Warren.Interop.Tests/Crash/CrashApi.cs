using System.Net.Http.Headers;
using System.Text;
using System.Text.Json.Nodes;

namespace Warren.Interop.Tests.Crash;

/// <summary>The HTTP API of the broker that is killed.</summary>
public sealed class CrashApi : IDisposable
{
    private readonly HttpClient _http;

    /// <summary>Says where it is.</summary>
    public CrashApi(int port)
    {
        _http = new HttpClient { BaseAddress = new Uri($"http://127.0.0.1:{port}"), Timeout = TimeSpan.FromSeconds(30) };
        _http.DefaultRequestHeaders.Authorization =
            new AuthenticationHeaderValue("Basic", Convert.ToBase64String("guest:guest"u8));
    }

    /// <summary>PUT; throws unless it is done.</summary>
    public async Task PutAsync(string path, string body)
    {
        using var content = new StringContent(body, Encoding.UTF8, "application/json");
        using HttpResponseMessage reply = await _http.PutAsync(new Uri("/api" + path, UriKind.Relative), content);
        reply.EnsureSuccessStatusCode();
    }

    /// <summary>DELETE; throws unless it is done.</summary>
    public async Task DeleteAsync(string path)
    {
        using HttpResponseMessage reply = await _http.DeleteAsync(new Uri("/api" + path, UriKind.Relative));
        reply.EnsureSuccessStatusCode();
    }

    /// <summary>The names of all definitions, as <see cref="CrashPromises"/> has them.</summary>
    public async Task<HashSet<string>> DefinitionsAsync()
    {
        JsonNode all = JsonNode.Parse(await _http.GetStringAsync(new Uri("/api/definitions", UriKind.Relative)))!;
        IEnumerable<string> Names(string kind, params string[] parts) =>
            all[kind]!.AsArray().Select(item => $"{kind} {string.Join(' ', parts.Select(part => item![part]!.ToString()))}");
        return
        [
            .. Names("vhosts", "name"),
            .. Names("policies", "vhost", "name"),
            .. Names("queues", "vhost", "name"),
            .. Names("bindings", "vhost", "source", "destination", "routing_key"),
        ];
    }

    /// <inheritdoc/>
    public void Dispose() => _http.Dispose();
}
