using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;
using System.Text.Json.Nodes;
using Xunit;

namespace Warren.Management.Tests;

/// <summary>What somebody may try who means no good.</summary>
public sealed class HttpHardeningTests : IAsyncLifetime
{
    private const string Login = "Authorization: Basic Z3Vlc3Q6Z3Vlc3Q=\r\n";

    private readonly ManagedBroker _broker = new()
    {
        Configure = static o => o with
        {
            Management = o.Management with
            {
                AllowedOrigins = ["*"],
                MaxBodyBytes = 400_000,
                ContentSecurityPolicy = "default-src 'self'",
                StrictTransportSecurity = "max-age=60",
                FrameOptions = "DENY",
                XssProtection = "1; mode=block",
                ReferrerPolicy = "no-referrer",
            },
        },
    };

    public ValueTask InitializeAsync() => _broker.InitializeAsync();

    public async ValueTask DisposeAsync()
    {
        // Whatever was tried, others are still answered.
        Assert.Equal(200, (await _broker.TryGetAsync("/whoami")).Status);
        await _broker.DisposeAsync();
    }

    [Theory]
    [InlineData("Content-Length: 500000\r\n")]
    [InlineData("Content-Length: 99999999999999\r\n")]
    [InlineData("Content-Length: 99999999999999999999999\r\n")]
    [InlineData("Content-Length: -1\r\n")]
    [InlineData("Content-Length: 5\r\nContent-Length: 6\r\n")]
    [InlineData("Content-Length: 5, 6\r\n")]
    [InlineData("Transfer-Encoding: identity\r\n")]
    [InlineData("Transfer-Encoding: chunked, gzip\r\n")]
    public async Task Length_that_cannot_be_is_refused(string header)
    {
        string reply = await TalkAsync($"PUT /api/users/x HTTP/1.1\r\nHost: h\r\n{Login}{header}\r\nhello");

        Assert.Contains(StatusOf(reply), (int[])[400, 413, 501]);
    }

    [Fact]
    public async Task Chunks_beyond_the_limit_are_refused()
    {
        string chunk = $"10000\r\n{new string('x', 0x10000)}\r\n";

        string reply = await TalkAsync(
            $"PUT /api/users/x HTTP/1.1\r\nHost: h\r\n{Login}Transfer-Encoding: chunked\r\n\r\n{string.Concat(Enumerable.Repeat(chunk, 20))}0\r\n\r\n");

        Assert.Contains(StatusOf(reply), (int[])[400, 413]);
    }

    [Theory]
    [InlineData("Content-Length: 6\r\nTransfer-Encoding: chunked\r\n")]
    [InlineData("Transfer-Encoding: chunked\r\nContent-Length: 6\r\n")]
    public async Task Request_with_two_lengths_is_refused_and_what_follows_is_not_another(string headers)
    {
        string reply = await TalkAsync(
            $"PUT /api/vhosts/first HTTP/1.1\r\nHost: h\r\n{Login}{headers}\r\n0\r\n\r\nPUT /api/vhosts/smuggled HTTP/1.1\r\nHost: h\r\n{Login}Content-Length: 0\r\n\r\n");

        Assert.Equal(400, StatusOf(reply));
        Assert.Equal(404, (await _broker.TryGetAsync("/vhosts/first")).Status);
        Assert.Equal(404, (await _broker.TryGetAsync("/vhosts/smuggled")).Status);
    }

    [Theory]
    [InlineData("PUT /api/users/x HTTP/1.1\r\nHost: h\r\nTransfer-Encoding : chunked\r\n\r\n")]
    [InlineData("PUT /api/users/x HTTP/1.1\r\nHost: h\r\n Folded: x\r\n\r\n")]
    [InlineData("PUT /api/users/x HTTP/1.1\r\n\r\n")]
    [InlineData("PUT /api/users/x HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n")]
    [InlineData("PUT /api/users/\0x HTTP/1.1\r\nHost: h\r\n\r\n")]
    [InlineData("NONSENSE\r\n\r\n")]
    public async Task What_is_not_HTTP_is_refused(string request)
    {
        Assert.Equal(400, StatusOf(await TalkAsync(request)));
    }

    [Fact]
    public async Task Body_that_ends_early_changes_nothing()
    {
        string reply = await TalkAsync($"PUT /api/vhosts/half HTTP/1.1\r\nHost: h\r\n{Login}Content-Length: 100\r\n\r\n{{", isEnd: true);

        Assert.True(reply.Length == 0 || StatusOf(reply) == 400, reply);
        Assert.Equal(404, (await _broker.TryGetAsync("/vhosts/half")).Status);
    }

    [Fact]
    public async Task Compressed_body_is_not_unpacked()
    {
        using HttpResponseMessage reply = await _broker.SendAsync(
            HttpMethod.Put, "/users/x", "\u001f\u008b", headers: ("Content-Encoding", "gzip"));

        Assert.Equal(HttpStatusCode.BadRequest, reply.StatusCode);
    }

    [Fact]
    public async Task Very_many_headers_are_refused()
    {
        string headers = string.Concat(Enumerable.Range(0, 100_000).Select(static i => string.Create(CultureInfo.InvariantCulture, $"H{i}: x\r\n")));

        Assert.Contains(StatusOf(await TalkAsync($"GET /api/whoami HTTP/1.1\r\nHost: h\r\n{headers}\r\n")), (int[])[400, 413, 431]);
    }

    [Fact]
    public async Task Very_long_address_is_refused()
    {
        Assert.Contains(StatusOf(await TalkAsync($"GET /api/{new string('x', 1_000_000)} HTTP/1.1\r\nHost: h\r\n\r\n")), (int[])[400, 414]);
    }

    [Fact]
    public async Task Requests_that_come_at_once_are_answered_in_their_order()
    {
        const string One = $"GET /api/whoami HTTP/1.1\r\nHost: h\r\n{Login}\r\n";

        string reply = await TalkAsync($"{One}GET /api/nonsense HTTP/1.1\r\nHost: h\r\n\r\nGET /api/version HTTP/1.1\r\nHost: h\r\n{Login}Connection: close\r\n\r\n");

        Assert.Equal(["200", "404", "200"], reply.Split("HTTP/1.1 ").Skip(1).Select(static r => r[..3]));
    }

    [Fact]
    public async Task Expression_made_to_take_for_ever_is_answered()
    {
        await _broker.PutAsync($"/queues/%2F/{new string('a', 200)}!", "{}");

        (int status, string body) = await _broker.TryGetAsync("/queues?page=1&use_regex=true&name=%5E(a%2B)%2B%24");

        Assert.Equal(200, status);
        Assert.Equal(0, (int)JsonNode.Parse(body)!["filtered_count"]!);
        Assert.Equal(0, (int)(await _broker.GetAsync("/queues?page=1&use_regex=true&name=("))["filtered_count"]!);
        string large = string.Concat(Enumerable.Repeat("(a{1000}){1000}", 20));
        Assert.Contains((await _broker.TryGetAsync($"/queues?page=1&use_regex=true&name={large}")).Status, (int[])[200, 400]);
    }

    [Theory]
    [InlineData("?page=1&page_size=1000000000")]
    [InlineData("?page=1000000000")]
    [InlineData("?page=-1")]
    [InlineData("?page=1&page_size=99999999999999999999")]
    public async Task Page_out_of_proportion_is_refused(string query)
    {
        Assert.Equal(400, (await _broker.TryGetAsync("/queues" + query)).Status);
    }

    [Theory]
    [InlineData("?sort=nonsense")]
    [InlineData("?sort=a.b.c.d.e&sort_reverse=maybe")]
    [InlineData("?columns=nonsense,,.,a..b")]
    public async Task Unknown_columns_do_no_harm(string query)
    {
        await _broker.PutAsync("/queues/%2F/q1", "{}");
        await _broker.PutAsync("/queues/%2F/q2", "{}");

        Assert.Equal(2, (await _broker.GetAsync("/queues" + query)).AsArray().Count);
    }

    [Theory]
    [InlineData("[")]
    [InlineData("""{"a":""")]
    public async Task Nesting_without_end_is_refused(string piece)
    {
        string body = $$"""{"arguments":{{string.Concat(Enumerable.Repeat(piece, 50_000))}}""";

        (int status, string reply) = await _broker.PutAsync("/queues/%2F/deep", body);

        Assert.Equal((400, "not_json"), (status, ManagedBroker.ReasonOf(reply)));
    }

    [Theory]
    [InlineData("""{"durable":true,"durable":false}""", 201)]
    [InlineData("""{"arguments":{"x-max-length":1,"x-max-length":2}}""", 400)]
    [InlineData("""{"arguments":{"x-max-length":1e400}}""", 400)]
    [InlineData("""{"arguments":{"x-max-length":123456789012345678901234567890}}""", 400)]
    [InlineData("{\"arguments\":{\"\\ud800\":1}}", 400)]
    [InlineData("{\"arguments\":{\"x\":\"\\udc00\"}}", 400)]
    [InlineData("{\"arguments\":{\"\\ud83d\\udc07\":\"\\u00e9\"}}", 201)]
    public async Task Strange_JSON_is_understood_or_refused(string body, int expected)
    {
        Assert.Equal(expected, (await _broker.PutAsync("/queues/%2F/strange", body)).Status);
    }

    [Fact]
    public async Task Any_site_means_without_credentials()
    {
        using HttpResponseMessage reply = await _broker.SendAsync(HttpMethod.Get, "/whoami", headers: ("Origin", "https://evil.example"));
        using HttpResponseMessage opaque = await _broker.SendAsync(HttpMethod.Get, "/whoami", headers: ("Origin", "null"));

        Assert.Equal(["*"], reply.Headers.GetValues("Access-Control-Allow-Origin"));
        Assert.False(reply.Headers.Contains("Access-Control-Allow-Credentials"));
        Assert.False(opaque.Headers.Contains("Access-Control-Allow-Origin"));
    }

    [Theory]
    [InlineData("/whoami", "guest")]
    [InlineData("/whoami", "nobody")]
    [InlineData("/nonsense", "guest")]
    public async Task Security_headers_are_on_every_answer(string path, string user)
    {
        using HttpResponseMessage reply = await _broker.SendAsync(HttpMethod.Get, path, user: user);

        foreach ((string name, string value) in new[]
        {
            ("Content-Security-Policy", "default-src 'self'"), ("Strict-Transport-Security", "max-age=60"), ("X-Frame-Options", "DENY"),
            ("X-XSS-Protection", "1; mode=block"), ("Referrer-Policy", "no-referrer"), ("X-Content-Type-Options", "nosniff"),
        })
        {
            Assert.Equal([value], reply.Headers.GetValues(name));
        }
    }

    [Theory]
    [InlineData("/../../../etc/passwd")]
    [InlineData("/api/../../../etc/passwd")]
    [InlineData("/api/%2e%2e/%2e%2e/etc/passwd")]
    [InlineData("/..%2f..%2f..%2fetc%2fpasswd")]
    [InlineData("/metrics/../../etc/passwd")]
    [InlineData("/api/definitions/..%2f..%2fetc%2fpasswd")]
    [InlineData("//etc/passwd")]
    [InlineData("/api\\..\\..\\etc\\passwd")]
    public async Task Paths_lead_to_no_file(string path)
    {
        string reply = await TalkAsync($"GET {path} HTTP/1.1\r\nHost: h\r\n{Login}Connection: close\r\n\r\n");

        Assert.Contains(StatusOf(reply), (int[])[400, 404]);
        Assert.DoesNotContain("root:", reply, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Name_of_a_download_brings_no_header_and_no_path()
    {
        using HttpResponseMessage reply = await _broker.SendAsync(HttpMethod.Get, "/definitions?download=..%2F..%2Fx%0d%0aSet-Cookie:%20a=b%22;");

        Assert.False(reply.Headers.Contains("Set-Cookie"));
        string disposition = Assert.Single(reply.Content.Headers.GetValues("Content-Disposition"));
        Assert.DoesNotContain('/', disposition);
        Assert.DoesNotContain('"', disposition);
    }

    private static int StatusOf(string reply)
    {
        Assert.StartsWith("HTTP/1.1 ", reply, StringComparison.Ordinal);
        return int.Parse(reply.AsSpan(9, 3), CultureInfo.InvariantCulture);
    }

    // Says all at once and listens until there is nothing more to hear; the server may hang up first.
    private async Task<string> TalkAsync(string request, bool isEnd = false)
    {
        using var socket = new Socket(SocketType.Stream, ProtocolType.Tcp);
        await socket.ConnectAsync(_broker.Server.HttpSites[0].EndPoint);
        Task sending = SendAsync(socket, request, isEnd);
        var heard = new StringBuilder();
        byte[] buffer = new byte[64 * 1024];
        try
        {
            for (int read = await socket.ReceiveAsync(buffer); read > 0; read = await socket.ReceiveAsync(buffer))
            {
                heard.Append(Encoding.Latin1.GetString(buffer, 0, read));
                if (IsWhole(heard.ToString()) && !request.Contains("Connection: close", StringComparison.Ordinal))
                {
                    break;
                }
            }
        }
        catch (SocketException) when (heard.Length > 0 || isEnd)
        {
            // it was told why before it was cut off
        }

        await sending;
        return heard.ToString();
    }

    private static bool IsWhole(string heard) => heard.Contains("\r\n\r\n", StringComparison.Ordinal);

    private static async Task SendAsync(Socket socket, string request, bool isEnd)
    {
        try
        {
            await socket.SendAsync(Encoding.Latin1.GetBytes(request));
            if (isEnd)
            {
                socket.Shutdown(SocketShutdown.Send);
            }
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            // the server has heard enough
        }
    }
}
