using System.Globalization;
using System.Net.Http.Headers;
using System.Text;
using System.Text.RegularExpressions;
using Warren.Interop.Tests.Raw;
using Warren.Interop.Tests.Running;

namespace Warren.Interop.Tests.Security;

/// <summary>What is planted in a broker and must not come out of it: reliability, 56.</summary>
public sealed partial class SecretTests
{
    private const string Plant = "Sesame-";
    private const string Forged = "forged-line";

    // Everything a name on its way into a log could do: end the line, colour the terminal, turn the text around.
    private const string Evil = "eve\r\n2026-01-01 00:00:00 [error] " + Forged + "\u001b[31m\u202e\0x";

    [Fact]
    public async Task Secrets_are_in_no_line_of_the_log_and_no_answer_and_names_forge_no_line()
    {
        await using ServerProgram server = new();
        int http = BrokerProcess.FreePort();
        await File.WriteAllTextAsync(
            server["a.conf"],
            $"""
            listeners.tcp.1 = 127.0.0.1:{server.Port}
            management.tcp.port = {http}
            management.tcp.ip = 127.0.0.1
            prometheus.tcp.port = none
            default_user = admin
            default_pass = {Plant}default
            log.console = true
            log.console.level = debug
            log.file = warren.log
            log.file.level = debug
            log.dir = {server["log"]}
            """);
        await server.StartAsync(
            BrokerProcess.FindExecutable()!, ["server", "--config", server["a.conf"], "--data-dir", server["data"]],
            ("RABBITMQ_DEFAULT_PASS", $"{Plant}default"));

        await PlantOverHttpAsync(http);
        PlantOverAmqp(server.Port);
        string answers = await EverythingAsync(http);
        await server.WaitForLineAsync(Forged); // the last thing that was planted is in the log, in one line

        string[] files = [.. Directory.GetFiles(server["log"]).SelectMany(f => ReadShared(f).Split('\n'))];
        Assert.NotEmpty(files);
        string[] lines = [.. server.Lines.Concat(files)];
        Assert.DoesNotContain(lines, l => l.Contains(Plant, StringComparison.Ordinal));
        Assert.DoesNotContain(lines, l => l.AsSpan().IndexOfAny("\u001b\u202e\0\r") >= 0);
        Assert.All(lines.Where(l => l.Contains(Forged, StringComparison.Ordinal)), l => Assert.DoesNotMatch(@"^2026-01-01", l));
        Assert.DoesNotContain(Plant, answers, StringComparison.Ordinal);
    }

    [GeneratedRegex(@"\{\w+\}")]
    private static partial Regex Parameter();

    private static string ReadShared(string file)
    {
        using var stream = new FileStream(file, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
        using var reader = new StreamReader(stream);
        return reader.ReadToEnd();
    }

    private static async Task PlantOverHttpAsync(int port)
    {
        using HttpClient client = Client(port, "admin", $"{Plant}default");
        foreach ((HttpMethod method, string path, string body) in new[]
        {
            (HttpMethod.Put, "/users/worker", $$"""{"password":"{{Plant}}user","tags":"management"}"""),
            (HttpMethod.Put, "/users/broken", $$"""{"password":"{{Plant}}tags","tags":7}"""),
            (HttpMethod.Put, "/users/both", $$"""{"password":"{{Plant}}both","password_hash":"x","tags":""}"""),
            (HttpMethod.Put, "/global-parameters/upstream", $$"""{"value":{"uri":"amqp://u:{{Plant}}global@h/"} }"""),
            (HttpMethod.Put, "/parameters/federation-upstream/%2F/up", $$"""{"value":{"uri":"amqp://u:{{Plant}}put@h"} }"""),
            (HttpMethod.Post, "/definitions", $$"""
                {"users":[{"name":"imported","password":"{{Plant}}imported","tags":""}],
                 "parameters":[{"component":"federation-upstream","vhost":"/","name":"up",
                   "value":{"uri":["amqp://u:{{Plant}}one@h","amqps://u:{{Plant}}two@h:5671/%2f amqp://v:{{Plant}}three@h"]} }] }
                """),
            (HttpMethod.Post, "/definitions", $$"""{"users":[{"name":"broken","password":"{{Plant}}broken" """),
            (HttpMethod.Get, $"/auth/hash_password/{Plant}path", ""),
            (HttpMethod.Get, $"/nothing/{Plant}nothing", ""),
        })
        {
            using var request = new HttpRequestMessage(method, new Uri($"http://127.0.0.1:{port}/api{path}"));
            if (body.Length > 0)
            {
                request.Content = new StringContent(body, Encoding.UTF8, "application/json");
            }

            using HttpResponseMessage reply = await client.SendAsync(request);
            Assert.True((int)reply.StatusCode < 500, $"{path}: {reply.StatusCode}");
            Assert.DoesNotContain(Plant, await reply.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        }

        using HttpClient wrong = Client(port, "admin", $"{Plant}wrong");
        using HttpResponseMessage refused = await wrong.GetAsync(new Uri($"http://127.0.0.1:{port}/api/whoami"));
        using HttpClient evil = Client(port, Evil, $"{Plant}evil");
        using HttpResponseMessage refusedToo = await evil.GetAsync(new Uri($"http://127.0.0.1:{port}/api/whoami"));
        using HttpClient token = new();
        token.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", $"{Plant}token");
        using HttpResponseMessage refusedAgain = await token.GetAsync(new Uri($"http://127.0.0.1:{port}/api/whoami"));
        using var form = new FormUrlEncodedContent([new("username", "admin"), new("password", $"{Plant}form")]);
        using HttpResponseMessage login = await wrong.PostAsync(new Uri($"http://127.0.0.1:{port}/api/login"), form);
        Assert.All([refused, refusedToo, refusedAgain, login], r => Assert.Equal(401, (int)r.StatusCode));
    }

    private static void PlantOverAmqp(int port)
    {
        using (var wrong = RawClient.Connect("127.0.0.1", port))
        {
            wrong.SendProtocolHeader();
            wrong.Expect(0, 10, 10);
            wrong.Send(0, RawMethod.ConnectionStartOk(
                response: $"\0admin\0{Plant}amqp", properties: [("capabilities", RawClient.Capabilities("authentication_failure_close"))]));
            wrong.ExpectConnectionClose();
        }

        using (var nonsense = RawClient.Connect("127.0.0.1", port))
        {
            nonsense.SendProtocolHeader();
            nonsense.Expect(0, 10, 10);
            nonsense.Send(0, RawMethod.ConnectionStartOk(response: $"{Plant}no-null"));
            nonsense.ExpectSocketClosed();
        }

        using RawClient client = RawClient.Connect("127.0.0.1", port);
        client.SendProtocolHeader();
        client.Expect(0, 10, 10);
        client.Send(0, RawMethod.ConnectionStartOk(
            response: $"\0admin\0{Plant}default", properties: [("connection_name", Evil), ("product", Evil)]));
        client.Expect(0, 10, 30);
        client.Send(0, RawMethod.ConnectionTuneOk());
        client.Send(0, RawMethod.ConnectionOpen());
        client.Expect(0, 10, 41);
        client.Send(0, RawMethod.ConnectionUpdateSecret($"{Plant}update", "none"));
        client.Expect(0, 10, 71);
        client.OpenChannel(1);
        client.Send(1, RawMethod.QueueDeclare(Evil.Replace("\0", "", StringComparison.Ordinal), passive: true));
        client.ExpectChannelClose(1);
        client.OpenChannel(1);
        client.Send(1, RawMethod.BasicConsume("", tag: Evil));
        client.ExpectChannelClose(1);
        using RawClient lost = RawClient.Connect("127.0.0.1", port);
        lost.SendProtocolHeader();
        lost.Expect(0, 10, 10);
        lost.Send(0, RawMethod.ConnectionStartOk(response: $"\0admin\0{Plant}default"));
        lost.Expect(0, 10, 30);
        lost.Send(0, RawMethod.ConnectionTuneOk());
        lost.Send(0, RawMethod.ConnectionOpen(Evil));
        lost.ExpectConnectionClose();
    }

    // Every GET of the API as an administrator, but for the definitions: they are there to be imported again.
    private static async Task<string> EverythingAsync(int port)
    {
        using HttpClient client = Client(port, "admin", $"{Plant}default");
        var all = new StringBuilder();
        foreach (HttpRow row in HttpTable.Rows.Where(r => r.Method == "GET"
            && r.Path is not ("/definitions" or "/definitions/{vhost}" or "/all-configuration")))
        {
            string path = Parameter().Replace(row.Path, m => m.Value switch
            {
                "{vhost}" => "%2F",
                "{component}" => "federation-upstream",
                "{name}" => row.Path.StartsWith("/global", StringComparison.Ordinal) ? "upstream" : "up",
                "{user}" => "worker",
                "{port}" => port.ToString(CultureInfo.InvariantCulture),
                _ => "x",
            });
            using HttpResponseMessage reply = await client.GetAsync(new Uri($"http://127.0.0.1:{port}/api{path}"));
            all.Append(await reply.Content.ReadAsStringAsync()).Append('\n');
        }

        return all.ToString();
    }

    private static HttpClient Client(int port, string user, string password)
    {
        HttpClient client = new(new SocketsHttpHandler { UseCookies = false });
        client.DefaultRequestHeaders.Authorization =
            new AuthenticationHeaderValue("Basic", Convert.ToBase64String(Encoding.UTF8.GetBytes($"{user}:{password}")));
        client.DefaultRequestHeaders.Host = $"127.0.0.1:{port}";
        return client;
    }
}
