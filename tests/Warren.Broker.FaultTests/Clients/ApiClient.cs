using System.Net.Http.Headers;
using System.Text;
using System.Text.Json.Nodes;

namespace Warren.FaultTests.Clients;

/// <summary>An operator with the HTTP API.</summary>
internal sealed class ApiClient : IDisposable
{
    private readonly HttpClient _http = new() { Timeout = FaultServer.Patience };
    private readonly string _api;

    internal ApiClient(string api)
    {
        _api = api;
        _http.DefaultRequestHeaders.Authorization =
            new AuthenticationHeaderValue("Basic", Convert.ToBase64String("guest:guest"u8));
    }

    /// <summary>Sends; the path begins after <c>/api</c>.</summary>
    /// <returns>Yes too for a delete of what is not there.</returns>
    internal async Task<Answer> SendAsync(HttpMethod method, string path, string? body = null)
    {
        try
        {
            using var request = new HttpRequestMessage(
                method, new Uri(_api + path, new UriCreationOptions { DangerousDisablePathAndQueryCanonicalization = true }));
            if (body is not null)
            {
                request.Content = new StringContent(body, Encoding.UTF8, "application/json");
            }

            using HttpResponseMessage reply = await _http.SendAsync(request);
            bool isGone = method == HttpMethod.Delete && (int)reply.StatusCode == 404;
            return reply.IsSuccessStatusCode || isGone ? Answer.Yes : Answer.No;
        }
        catch (HttpRequestException)
        {
            return Answer.Lost;
        }
        catch (TaskCanceledException silent)
        {
            throw new SilenceException($"{method} {path}", silent);
        }
    }

    /// <summary>All definitions.</summary>
    internal async Task<JsonNode> DefinitionsAsync() => JsonNode.Parse(await _http.GetStringAsync(new Uri(_api + "/definitions")))!;

    /// <inheritdoc/>
    public void Dispose() => _http.Dispose();
}
