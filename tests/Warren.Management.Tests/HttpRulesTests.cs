using System.IO.Compression;
using System.Net;
using System.Text;
using Warren.Management.Hosting;
using Xunit;

namespace Warren.Management.Tests;

public sealed class HttpRulesTests : IAsyncLifetime
{
    private readonly ManagedBroker _broker = new()
    {
        Configure = static o => o with
        {
            Management = o.Management with { AllowedOrigins = ["https://admin.example"], MaxBodyBytes = 1000, PathPrefix = "/mq" },
        },
    };

    public ValueTask InitializeAsync() => _broker.InitializeAsync();

    public ValueTask DisposeAsync() => _broker.DisposeAsync();

    [Fact]
    public async Task Path_prefix_stands_before_the_api()
    {
        Assert.Equal(HttpStatusCode.OK, (await SendAsync(HttpMethod.Get, "/mq/api/whoami")).StatusCode);
        Assert.Equal(HttpStatusCode.NotFound, (await SendAsync(HttpMethod.Get, "/api/whoami")).StatusCode);
    }

    [Fact]
    public async Task Unknown_path_is_not_found()
    {
        using HttpResponseMessage reply = await SendAsync(HttpMethod.Get, "/mq/api/nonsense/x");

        Assert.Equal(HttpStatusCode.NotFound, reply.StatusCode);
        Assert.Equal("""{"error":"Object Not Found","reason":"Not Found"}""", await reply.Content.ReadAsStringAsync());
    }

    [Fact]
    public async Task Wrong_method_is_told_the_right_ones()
    {
        using HttpResponseMessage reply = await SendAsync(HttpMethod.Post, "/mq/api/whoami");

        Assert.Equal(HttpStatusCode.MethodNotAllowed, reply.StatusCode);
        Assert.Equal(["HEAD", "GET", "OPTIONS"], reply.Content.Headers.Allow);
        Assert.Empty(await reply.Content.ReadAsStringAsync());
    }

    [Fact]
    public async Task Head_is_get_without_the_body()
    {
        using HttpResponseMessage reply = await SendAsync(HttpMethod.Head, "/mq/api/whoami");

        Assert.Equal(HttpStatusCode.OK, reply.StatusCode);
        Assert.Equal("application/json", reply.Content.Headers.ContentType?.MediaType);
        Assert.Empty(await reply.Content.ReadAsStringAsync());
    }

    [Fact]
    public async Task Page_is_not_acceptable()
    {
        using HttpResponseMessage reply = await SendAsync(HttpMethod.Get, "/mq/api/whoami", ("Accept", "text/html"));

        Assert.Equal(HttpStatusCode.NotAcceptable, reply.StatusCode);
        Assert.Empty(await reply.Content.ReadAsStringAsync());
    }

    [Fact]
    public async Task Every_answer_says_how_to_cache_it()
    {
        using HttpResponseMessage reply = await SendAsync(HttpMethod.Get, "/mq/api/whoami");

        Assert.Equal("no-cache", reply.Headers.CacheControl?.ToString());
        Assert.Equal(["accept", "accept-encoding", "origin"], reply.Headers.Vary);
        Assert.True(reply.Headers.Contains("Content-Security-Policy"));
    }

    [Fact]
    public async Task Answer_is_compressed_for_who_asks()
    {
        using HttpResponseMessage reply = await SendAsync(HttpMethod.Get, "/mq/api/whoami", ("Accept-Encoding", "gzip"));

        Assert.Equal(["gzip"], reply.Content.Headers.ContentEncoding);
        await using var unzipped = new GZipStream(await reply.Content.ReadAsStreamAsync(), CompressionMode.Decompress);
        using var reader = new StreamReader(unzipped);
        Assert.StartsWith("""{"name":"guest",""", await reader.ReadToEndAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Site_that_is_allowed_is_told_so()
    {
        using HttpResponseMessage reply = await SendAsync(
            HttpMethod.Options, "/mq/api/users/x", ("Origin", "https://admin.example"), ("Access-Control-Request-Headers", "authorization"));

        Assert.Equal(HttpStatusCode.OK, reply.StatusCode);
        Assert.Equal("https://admin.example", Header(reply, "Access-Control-Allow-Origin"));
        Assert.Equal("true", Header(reply, "Access-Control-Allow-Credentials"));
        Assert.Equal("HEAD, GET, PUT, DELETE, OPTIONS", Header(reply, "Access-Control-Allow-Methods"));
        Assert.Equal("authorization", Header(reply, "Access-Control-Allow-Headers"));
        Assert.Equal("1800", Header(reply, "Access-Control-Max-Age"));
    }

    [Fact]
    public async Task Other_sites_are_told_nothing()
    {
        using HttpResponseMessage reply = await SendAsync(HttpMethod.Get, "/mq/api/whoami", ("Origin", "https://evil.example"));

        Assert.False(reply.Headers.Contains("Access-Control-Allow-Origin"));
    }

    [Fact]
    public async Task Body_that_is_too_large_is_refused()
    {
        using var http = new HttpClient();
        using var request = Request(HttpMethod.Put, "/mq/api/users/x");
        request.Content = new StringContent($$"""{"tags":"{{new string('x', 2000)}}"}""", Encoding.UTF8);

        using HttpResponseMessage reply = await http.SendAsync(request);

        Assert.Equal(HttpStatusCode.BadRequest, reply.StatusCode);
        Assert.Contains("Exceeded HTTP request body size limit", await reply.Content.ReadAsStringAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Cookie_of_a_login_is_good_for_the_same_site_only()
    {
        using var form = new FormUrlEncodedContent([new("username", "guest"), new("password", "guest")]);
        using var http = new HttpClient(new SocketsHttpHandler { UseCookies = false });
        using HttpResponseMessage login = await http.PostAsync(new Uri($"{_broker.Url}/mq/api/login"), form);
        string cookie = Header(login, "Set-Cookie").Split(';')[0];

        async Task<HttpStatusCode> StatusAsync(params (string, string)[] headers)
        {
            using HttpRequestMessage request = Request(HttpMethod.Get, "/mq/api/whoami", [("Cookie", cookie), .. headers]);
            request.Headers.Authorization = null;
            using HttpResponseMessage reply = await http.SendAsync(request);
            return reply.StatusCode;
        }

        Assert.Equal("\"ok\"", await login.Content.ReadAsStringAsync());
        Assert.Equal(HttpStatusCode.OK, await StatusAsync());
        Assert.Equal(HttpStatusCode.OK, await StatusAsync(("Origin", _broker.Url)));
        Assert.Equal(HttpStatusCode.Unauthorized, await StatusAsync(("Origin", "http://127.0.0.1:1")));
        Assert.Equal(HttpStatusCode.Unauthorized, await StatusAsync(("Sec-Fetch-Site", "cross-site")));
    }

    [Fact]
    public async Task Site_is_free_again_when_the_server_has_stopped()
    {
        int port = _broker.Server.HttpSites[0].EndPoint.Port;

        await _broker.Server.StopAsync();

        using HttpSite again = HttpSite.Bind("http", new IPEndPoint(IPAddress.Loopback, port), static _ => Task.CompletedTask);
        Assert.Equal(port, again.EndPoint.Port);
    }

    private static string Header(HttpResponseMessage reply, string name) => Assert.Single(reply.Headers.GetValues(name));

    private HttpRequestMessage Request(HttpMethod method, string path, params (string Name, string Value)[] headers)
    {
        var request = new HttpRequestMessage(method, new Uri(_broker.Url + path));
        request.Headers.Authorization = new("Basic", Convert.ToBase64String("guest:guest"u8));
        foreach ((string name, string value) in headers)
        {
            request.Headers.TryAddWithoutValidation(name, value);
        }

        return request;
    }

    private async Task<HttpResponseMessage> SendAsync(HttpMethod method, string path, params (string Name, string Value)[] headers)
    {
        using var http = new HttpClient();
        using HttpRequestMessage request = Request(method, path, headers);
        return await http.SendAsync(request);
    }
}
