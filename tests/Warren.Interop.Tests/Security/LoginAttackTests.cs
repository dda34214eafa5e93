using System.Net;
using Warren.Interop.Tests.Raw;
using Warren.Transport;

namespace Warren.Interop.Tests.Security;

/// <summary>Who tries to get in: reliability, 14 to 17.</summary>
public sealed class LoginAttackTests
{
    private const string Refusal =
        "ACCESS_REFUSED - Login was refused using authentication mechanism PLAIN. For details see the broker logfile.";

    private static readonly (int, int) Tune = (10, 30);
    private static readonly (int, int) Close = (10, 50);

    [Fact]
    public async Task Guest_from_another_machine_is_refused_over_AMQP_and_HTTP_and_others_are_let_in()
    {
        // 15
        IPAddress own = RequireOwnAddress();
        await using OwnServer server = await OwnServer.StartAsync();
        server.Broker.Users.Add("worker", "pass", ["management"]);

        Assert.Equal((Close.Item1, Close.Item2, Refusal), server.Login(own, "\0guest\0guest"));
        (int guest, string told) = await server.SendAsync(HttpMethod.Get, "/whoami", to: own);
        Assert.Equal(401, guest);
        Assert.Contains("User can only log in via localhost", told, StringComparison.Ordinal);

        Assert.Equal((Tune.Item1, Tune.Item2, ""), server.Login(own, "\0worker\0pass"));
        Assert.Equal(200, (await server.SendAsync(HttpMethod.Get, "/whoami", null, "worker", "pass", own)).Status);
        Assert.Equal((Tune.Item1, Tune.Item2, ""), server.Login(IPAddress.Loopback, "\0guest\0guest"));
    }

    [Theory]
    [InlineData("PROXY TCP4 127.0.0.1 127.0.0.1 56324 5672\r\n")]
    [InlineData("PROXY TCP6 ::1 ::1 56324 5672\r\n")]
    [InlineData("PROXY TCP6 ::ffff:127.0.0.1 ::1 56324 5672\r\n")]
    [InlineData("PROXY UNKNOWN\r\n")]
    [InlineData("\r\n\r\n\0\r\nQUIT\n\u0021\u0011\0\u000c\u007f\0\0\u0001\u007f\0\0\u0001\u00dc\u0004\u0016\u0028")]
    [InlineData("\r\n\r\n\0\r\nQUIT\n\u0021\u0031\0\0")]
    [InlineData("\r\n\r\n\0\r\nQUIT\n\u0020\0\0\0")]
    public async Task Loopback_that_another_machine_claims_in_a_proxy_header_does_not_let_guest_in(string header)
    {
        // 14
        IPAddress own = RequireOwnAddress();
        await using OwnServer server = await OwnServer.StartAsync(o => o with { Listener = new ListenerOptions { ProxyProtocol = true } });

        Assert.Equal((Close.Item1, Close.Item2, Refusal), server.Login(own, "\0guest\0guest", before: header));
    }

    [Theory]
    [InlineData("PROXY TCP4 127.0.0.1 127.0.0.1 56324 5672\r\n")]
    [InlineData("\r\n\r\n\0\r\nQUIT\n\u0021\u0011\0\u000c\u007f\0\0\u0001\u007f\0\0\u0001\u00dc\u0004\u0016\u0028")]
    public async Task Proxy_header_nobody_asked_for_is_answered_with_our_protocol_header(string header)
    {
        // 14
        await using OwnServer server = await OwnServer.StartAsync();
        using RawClient client = RawClient.Connect(IPAddress.Loopback, server.AmqpPort, null);

        client.Send(System.Text.Encoding.Latin1.GetBytes(header));

        Assert.Equal([.. "AMQP"u8, 0, 0, 9, 1], client.ReadToEnd());
    }

    [Fact]
    public async Task Flood_of_bad_logins_is_cut_off_and_others_log_in_meanwhile()
    {
        // 16
        await using OwnServer server = await OwnServer.StartAsync();
        var attacker = IPAddress.Parse("127.0.0.66");
        for (int flood = 0; flood < 10; flood++)
        {
            await Task.WhenAll(Enumerable.Range(0, 80).Select(async i =>
            {
                (int status, string text) = await ReadAsync(server, attacker, $"u{i}", "wrong");
                Assert.Equal((401, true), (status, text.Contains("Login failed", StringComparison.Ordinal)));
            }));

            // Even the right password is not looked at any more, and the answer does not tell that. A slow machine gives
            // tries back meanwhile.
            if (server.Login(IPAddress.Loopback, "\0guest\0guest", attacker) == (Close.Item1, Close.Item2, Refusal))
            {
                break;
            }

            Assert.True(flood < 9, "the flood is not cut off");
        }

        Assert.Equal((Close.Item1, Close.Item2, Refusal), server.Login(IPAddress.Loopback, "\0nobody\0guest", attacker));
        Assert.Equal((Tune.Item1, Tune.Item2, ""), server.Login(IPAddress.Loopback, "\0guest\0guest"));
        Assert.Equal(200, (await server.SendAsync(HttpMethod.Get, "/whoami")).Status);
    }

    [Fact]
    public async Task Login_that_is_not_one_of_those_offered_or_makes_no_sense_is_no_way_in()
    {
        // 17
        (string Mechanism, string Response)[] logins =
        [
            ("PLAIN", "\0guest\0wrong"),
            ("PLAIN", "\0guest\0"),
            ("PLAIN", "\0\0"),
            ("PLAIN", "\0guest\0guest\0"),
            ("PLAIN", "\0guest\0guest\0guest"),
            ("PLAIN", "guest\0guest"),
            ("PLAIN", ""),
            ("AMQPLAIN", "\0guest\0guest"),
            ("AMQPLAIN", ""),
            ("EXTERNAL", "guest"),
            ("EXTERNAL", ""),
            ("ANONYMOUS", ""),
            ("ANONYMOUS", "\0guest\0guest"),
            ("RABBIT-CR-DEMO", "guest"),
            ("SCRAM-SHA-256", "n,,n=guest,r=1"),
            ("plain", "\0guest\0guest"),
            ("", "\0guest\0guest"),
        ];
        await using OwnServer server = await OwnServer.StartAsync();

        // At once: some are refused in silence, which takes 3 s.
        await Task.WhenAll(logins.Select(login => Task.Run(() =>
        {
            (int @class, int method, _) = server.Login(IPAddress.Loopback, login.Response, mechanism: login.Mechanism);
            Assert.True((@class, method) == Close || (@class, method) == (0, 0), $"{login}: {@class}.{method}");
        })));

        Assert.Equal((Tune.Item1, Tune.Item2, ""), server.Login(IPAddress.Loopback, "\0guest\0guest"));
    }

    [Fact]
    public async Task Login_of_a_megabyte_is_refused_before_it_has_arrived()
    {
        // 17
        await using OwnServer server = await OwnServer.StartAsync();
        using RawClient client = RawClient.Connect(IPAddress.Loopback, server.AmqpPort, null);
        client.SendProtocolHeader();
        client.Expect(0, 10, 10);

        byte[] frame = RawClient.MethodFrame(0, RawMethod.ConnectionStartOk("PLAIN", "\0guest\0" + new string('x', 1_000_000)));
        client.Send(frame.AsSpan(0, 64)); // its length is told at the beginning

        byte[] answer = client.ReadToEnd();
        Assert.True(answer.Length == 0 || (answer[8], answer[10]) == ((byte)10, (byte)50), Convert.ToHexString(answer));
        Assert.Equal((Tune.Item1, Tune.Item2, ""), server.Login(IPAddress.Loopback, "\0guest\0guest"));
    }

    private static IPAddress RequireOwnAddress()
    {
        IPAddress? own = OwnServer.OwnAddress;
        Assert.SkipWhen(own is null, "this machine has no address but loopback");
        return own!;
    }

    private static async Task<(int Status, string Body)> ReadAsync(OwnServer server, IPAddress from, string user, string password)
    {
        using var client = new HttpClient(new SocketsHttpHandler
        {
            ConnectCallback = async (context, cancellation) =>
            {
                var socket = new System.Net.Sockets.Socket(System.Net.Sockets.AddressFamily.InterNetwork, System.Net.Sockets.SocketType.Stream, System.Net.Sockets.ProtocolType.Tcp);
                socket.Bind(new IPEndPoint(from, 0));
                await socket.ConnectAsync(context.DnsEndPoint, cancellation);
                return new System.Net.Sockets.NetworkStream(socket, ownsSocket: true);
            },
        });
        using var request = new HttpRequestMessage(HttpMethod.Get, new Uri($"http://127.0.0.1:{server.HttpPort}/api/whoami"));
        request.Headers.Authorization = new System.Net.Http.Headers.AuthenticationHeaderValue(
            "Basic", Convert.ToBase64String(System.Text.Encoding.UTF8.GetBytes($"{user}:{password}")));
        using HttpResponseMessage reply = await client.SendAsync(request);
        return ((int)reply.StatusCode, await reply.Content.ReadAsStringAsync());
    }
}
