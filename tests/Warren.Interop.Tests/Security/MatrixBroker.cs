using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json.Nodes;
using Microsoft.Extensions.Logging.Abstractions;
using RabbitMQ.Client;
using Warren.Buffers;
using Warren.Core;
using Warren.Core.Exchanges;
using Warren.Core.Queues;
using Warren.Core.Security;
using Warren.Core.VirtualHosts;
using Warren.Management.Hosting;
using Warren.Server.WebSockets;
using Warren.Server;

namespace Warren.Interop.Tests.Security;

/// <summary>A broker with one user for each role and one object of each kind, and the means to see that nothing has changed.</summary>
public sealed class MatrixBroker : IAsyncLifetime
{
    public const string VirtualHost = "zz-vhost";
    public const string Queue = "zz.queue";
    public const string BusyQueue = "zz.busy";
    public const string Direct = "zz.direct";
    public const string Topic = "zz.topic";
    public const string Fanout = "zz.fanout";
    public const string New = "zz.new";
    public const string Key = "zz.key";

    /// <summary>A user of whom the others know nothing; it has a connection that consumes.</summary>
    public const string Someone = "zz.someone";

    /// <summary>A user that operations may change and delete.</summary>
    public const string Doomed = "zz.doomed";

    /// <summary>A user whose permissions a test sets as it goes.</summary>
    public const string Picky = "u-picky";

    /// <summary>A virtual host that operations may change and delete.</summary>
    public const string DoomedVirtualHost = "zz-doomed";

    // What a policy, a parameter or a limit is set to; setting it again changes nothing.
    private const string Untouched = """
        {
          "vhosts": [{"name":"zz-vhost"}, {"name":"zz-doomed"}],
          "users": [
            {"name":"zz.someone","password_hash":"%HASH%","tags":""},
            {"name":"zz.doomed","password_hash":"","tags":"","limits":{"max-connections":100}}
          ],
          "permissions": [
            {"user":"zz.someone","vhost":"zz-vhost","configure":".*","write":".*","read":".*"},
            {"user":"zz.doomed","vhost":"zz-vhost","configure":"a","write":"a","read":"a"}
          ],
          "topic_permissions": [{"user":"zz.doomed","vhost":"zz-vhost","exchange":"zz.topic","write":"a","read":"a"}],
          "parameters": [
            {"component":"vhost-limits","vhost":"zz-vhost","name":"limits","value":{"max-queues":1000}},
            {"component":"operator_policy","vhost":"zz-vhost","name":"zz.operator","value":{"pattern":"^zz.nothing$","definition":{"max-length":5},"priority":0,"apply-to":"queues"}},
            {"component":"federation-upstream","vhost":"zz-vhost","name":"zz.upstream","value":{"uri":"amqp://localhost"}}
          ],
          "global_parameters": [{"name":"zz-global","value":1}, {"name":"cluster_name","value":"zz-cluster"}],
          "policies": [{"vhost":"zz-vhost","name":"zz.policy","pattern":"^zz.nothing$","definition":{"max-length":5},"priority":0,"apply-to":"all"}],
          "queues": [
            {"name":"zz.queue","vhost":"zz-vhost","durable":true,"auto_delete":false,"arguments":{}},
            {"name":"zz.busy","vhost":"zz-vhost","durable":true,"auto_delete":false,"arguments":{}}
          ],
          "exchanges": [
            {"name":"zz.direct","vhost":"zz-vhost","type":"direct","durable":true,"auto_delete":false,"internal":false,"arguments":{}},
            {"name":"zz.topic","vhost":"zz-vhost","type":"topic","durable":true,"auto_delete":false,"internal":false,"arguments":{}},
            {"name":"zz.fanout","vhost":"zz-vhost","type":"fanout","durable":true,"auto_delete":false,"internal":false,"arguments":{}}
          ],
          "bindings": [
            {"source":"zz.direct","vhost":"zz-vhost","destination":"zz.queue","destination_type":"queue","routing_key":"zz.key","arguments":{}},
            {"source":"zz.direct","vhost":"zz-vhost","destination":"zz.fanout","destination_type":"exchange","routing_key":"zz.key","arguments":{}}
          ]
        }
        """;

    private readonly string _directory = Directory.CreateTempSubdirectory("warren-matrix-").FullName;
    private readonly HttpClient _http = new(new SocketsHttpHandler { UseCookies = false });
    private IConnection? _connection;
    private string _definitions = "";
    private string _untouched = "";

    /// <summary>Every name a permission of the matrix can be about.</summary>
    public static IReadOnlyList<string> Names { get; } = [Queue, BusyQueue, Direct, Topic, Fanout, New, "amq.default", "amq.direct"];

    public WarrenServer Server { get; private set; } = null!;

    public Broker Broker => Server.Broker;

    public VirtualHost Host => Broker.FindVirtualHost(VirtualHost)!;

    public int AmqpPort => Server.EndPoints[0].Port;

    /// <summary>Where the API is, without <c>/api</c>.</summary>
    public string Url => $"http://127.0.0.1:{Server.HttpSites[0].EndPoint.Port}";

    /// <summary>The connection of <see cref="Someone"/>, as the API names it.</summary>
    public string ConnectionName => Broker.Connections.All.First(c => c.User?.Name == Someone).Name;

    /// <summary>The node's name.</summary>
    public string Node { get; private set; } = "";

    /// <inheritdoc/>
    public async ValueTask InitializeAsync()
    {
        Server = await WarrenServer.StartAsync(
            new WarrenServerOptions
            {
                DataDirectory = Path.Combine(_directory, "data"),
                TcpListeners = [new IPEndPoint(IPAddress.Loopback, 0)],
                MqttTcpListeners = [],
                WebMqtt = new WebMqttOptions { Port = null },
                Management = new ManagementOptions { Port = 0, Address = "127.0.0.1" },
                Prometheus = new PrometheusOptions { Port = null },
                Loggers = NullLoggerFactory.Instance,
            },
            CancellationToken.None);
        foreach (string host in new[] { VirtualHost, DoomedVirtualHost })
        {
            await RequireAsync(HttpMethod.Put, $"/vhosts/{host}", "{}");
        }

        foreach (Role role in Role.All)
        {
            Broker.Users.Add(role.User, Role.Password, role.Tag.Length == 0 ? [] : [role.Tag]);
            if (role.MayEnter)
            {
                Broker.Users.SetPermissions(
                    role.User,
                    VirtualHost,
                    role.PatternOf(PermissionKind.Configure),
                    role.PatternOf(PermissionKind.Write),
                    role.PatternOf(PermissionKind.Read));
            }
        }

        Broker.Users.Add(Someone, Role.Password, []);
        _definitions = Untouched.Replace("%HASH%", Broker.Users.Find(Someone)!.PasswordHash, StringComparison.Ordinal);
        Broker.Users.Add(Picky, Role.Password, ["management"]);
        Broker.Users.SetPermissions(Picky, VirtualHost, ".*", ".*", ".*");
        await RequireAsync(HttpMethod.Post, "/definitions", _definitions);
        Node = JsonNode.Parse((await SendAsync(HttpMethod.Get, "/overview", null, "guest", "guest")).Body)!["node"]!.ToString();
        await RestoreAsync();
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        _http.Dispose();
        if (_connection is not null)
        {
            await _connection.AbortAsync();
            await _connection.DisposeAsync();
        }

        await Server.DisposeAsync();
        Directory.Delete(_directory, recursive: true);
    }

    /// <summary>Sends a request; the path begins after <c>/api</c>.</summary>
    public async Task<(int Status, string Body)> SendAsync(HttpMethod method, string path, string? body, string? user, string password)
    {
        using var request = new HttpRequestMessage(
            method, new Uri($"{Url}/api{path}", new UriCreationOptions { DangerousDisablePathAndQueryCanonicalization = true }));
        if (user is not null)
        {
            request.Headers.Authorization =
                new AuthenticationHeaderValue("Basic", Convert.ToBase64String(Encoding.UTF8.GetBytes($"{user}:{password}")));
        }

        if (body is not null)
        {
            request.Content = new StringContent(body, Encoding.UTF8, "application/json");
        }

        using HttpResponseMessage reply = await _http.SendAsync(request);
        return ((int)reply.StatusCode, await reply.Content.ReadAsStringAsync());
    }

    /// <summary>Gives <see cref="Picky"/> every right but one.</summary>
    public void AllowAllBut(Need need)
    {
        string most = $"^({string.Join('|', Names.Where(n => n != need.Name).Select(n => n.Replace(".", "\\.", StringComparison.Ordinal)))})$";
        string Pattern(PermissionKind right) => need.Topic is null && need.Right == right ? most : ".*";
        Broker.Users.SetPermissions(
            Picky, VirtualHost, Pattern(PermissionKind.Configure), Pattern(PermissionKind.Write), Pattern(PermissionKind.Read));
        Broker.Users.ClearTopicPermissions(Picky, VirtualHost, need.Name);
        if (need.Topic is { } key)
        {
            string others = $"^(?:{key[..^1]}|[^z].*)$"; // a regular expression without looking ahead: anything but the key
            Broker.Users.SetTopicPermissions(
                Picky,
                VirtualHost,
                need.Name,
                need.Right == PermissionKind.Write ? others : ".*",
                need.Right == PermissionKind.Read ? others : ".*");
        }
    }

    /// <summary>Takes the topic permissions of <see cref="Picky"/> away again and gives it all others.</summary>
    public void AllowAll()
    {
        Broker.Users.SetPermissions(Picky, VirtualHost, ".*", ".*", ".*");
        Broker.Users.ClearTopicPermissions(Picky, VirtualHost, Topic);
    }

    /// <summary>Everything an operation could have changed.</summary>
    public async Task<string> StateAsync()
    {
        (int status, string definitions) = await SendAsync(HttpMethod.Get, "/definitions", null, "guest", "guest");
        Assert.Equal(200, status);
        var text = new StringBuilder();
        foreach ((string key, JsonNode? value) in JsonNode.Parse(definitions)!.AsObject().OrderBy(p => p.Key))
        {
            IEnumerable<string> items = value is JsonArray array ? array.Select(i => i!.ToJsonString()).Order() : [value!.ToJsonString()];
            items = items.Where(i => !i.Contains(Picky, StringComparison.Ordinal)); // changes as the tests go
            text.Append(key).Append('\n').AppendJoin('\n', items).Append('\n');
        }

        foreach (MessageQueue queue in Host.Queues.OrderBy(q => q.Name, StringComparer.Ordinal))
        {
            QueueCounts counts = queue.Counts;
            text.Append(CultureInfo.InvariantCulture, $"{queue.Name}: {counts.Ready} ready, {counts.Unacked} unacked, {counts.Consumers} consumers, paused {queue.IsPaused}\n");
        }

        return text.Append(CultureInfo.InvariantCulture, $"a connection of {Someone}: {Broker.Connections.All.Any(c => c.User?.Name == Someone)}").ToString();
    }

    /// <summary>Asserts that nothing has changed.</summary>
    public async Task AssertUntouchedAsync(string after)
    {
        string now = await StateAsync();
        Assert.True(_untouched == now, $"{after} has changed:\n{Difference(_untouched, now)}");
    }

    /// <summary>Makes everything as it was.</summary>
    public async Task RestoreAsync()
    {
        if (_untouched.Length > 0 && await StateAsync() == _untouched)
        {
            return;
        }

        await RequireAsync(HttpMethod.Post, "/definitions", _definitions);
        Broker.PutVirtualHost(DoomedVirtualHost, new VirtualHostSettings());
        Broker.PutVirtualHost(VirtualHost, new VirtualHostSettings());
        await RequireAsync(HttpMethod.Put, $"/permissions/{DoomedVirtualHost}/guest", """{"configure":".*","write":".*","read":".*"}""");
        Clean();
        if (_connection is not { IsOpen: true })
        {
            await ConnectAsync();
        }

        foreach (string queue in new[] { Queue, BusyQueue })
        {
            Host.FindQueue(queue)!.SetPaused(Broker, false);
        }

        MessageQueue holder = Host.FindQueue(Queue)!;
        holder.Purge(out _);
        await RequireAsync(
            HttpMethod.Post,
            $"/exchanges/{VirtualHost}/amq.default/publish",
            $$"""{"properties":{},"routing_key":"{{Queue}}","payload":"zz.payload","payload_encoding":"string"}""");
        if (_untouched.Length == 0)
        {
            _untouched = await StateAsync();
        }
        else
        {
            await AssertUntouchedAsync("putting things back");
        }
    }

    private static string Difference(string before, string after)
    {
        string[] was = before.Split('\n');
        string[] now = after.Split('\n');
        return string.Join('\n', was.Except(now).Select(l => $"- {l}").Concat(now.Except(was).Select(l => $"+ {l}")));
    }

    // What operations may have added.
    private void Clean()
    {
        var flush = new FlushSet();
        foreach (MessageQueue queue in Host.Queues.Where(q => q.Name is not (Queue or BusyQueue)))
        {
            Host.DeleteQueue(User.Operator, queue.Name, queue.Definition.Owner ?? new Nobody(), ifUnused: false, ifEmpty: false, flush, out _);
        }

        flush.FlushAll();
        foreach (Exchange exchange in Host.Exchanges.Where(e => e.Name.Length > 0 && !e.Name.StartsWith("amq.", StringComparison.Ordinal)
            && e.Name is not (Direct or Topic or Fanout)))
        {
            Host.DeleteExchange(User.Operator, exchange.Name, ifUnused: false);
        }

        foreach (Exchange exchange in Host.Exchanges)
        {
            foreach (Binding binding in Host.BindingsFrom(exchange).Where(b => exchange.Name != Direct || b.Key != Key).ToArray())
            {
                if (binding.Destination is MessageQueue queue)
                {
                    Host.UnbindQueue(User.Operator, exchange.Name, queue, binding.Key, binding.Arguments);
                }
                else
                {
                    Host.UnbindExchange(User.Operator, exchange.Name, binding.Destination.Name, binding.Key, binding.Arguments);
                }
            }
        }
    }

    private async Task ConnectAsync()
    {
        if (_connection is not null)
        {
            await _connection.DisposeAsync();
        }

        ConnectionFactory factory = new()
        {
            HostName = "127.0.0.1",
            Port = AmqpPort,
            UserName = Someone,
            Password = Role.Password,
            VirtualHost = VirtualHost,
            AutomaticRecoveryEnabled = false,
        };
        _connection = await factory.CreateConnectionAsync();
        IChannel channel = await _connection.CreateChannelAsync();
        await channel.BasicConsumeAsync(BusyQueue, autoAck: true, new AsyncDefaultBasicConsumerStub(channel));
    }

    private async Task RequireAsync(HttpMethod method, string path, string body)
    {
        (int status, string answer) = await SendAsync(method, path, body, "guest", "guest");
        Assert.True(status is >= 200 and < 300, $"{method} {path}: {status} {answer}");
    }

    private sealed class Nobody : IQueueOwner
    {
        public string Name => "nobody";
    }

    private sealed class AsyncDefaultBasicConsumerStub(IChannel channel) : AsyncDefaultBasicConsumer(channel);
}
