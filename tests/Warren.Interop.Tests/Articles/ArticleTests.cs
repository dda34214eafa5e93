using System.Diagnostics;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json.Nodes;
using RabbitMQ.Client;
using Warren.Interop.Tests.Running;

namespace Warren.Interop.Tests.Articles;

/// <summary>Commands, settings and steps as articles about RabbitMQ give them. Their programs are in python/articles.py and js/articles.js.</summary>
public sealed class ArticleTests
{
    // The file of an article; without the comma it has lost after {ssl_listeners, []} when `comma` is empty.
    private static string ErlangFile(int port, string comma) =>
        $$"""
        [{rabbit,        [{tcp_listeners,    [{"127.0.0.1", {{port}}}]}]},
         {rabbitmq_mqtt, [{default_user,     <<"guest">>},
                          {default_pass,     <<"guest">>},
                          {allow_anonymous,  true},
                          {vhost,            <<"/">>},
                          {exchange,         <<"webos.topic">>},
                          {subscription_ttl, 1800000},
                          {prefetch,         10},
                          {ssl_listeners,    []}{{comma}}
                          %% Default MQTT with TLS port is 8883
                          %% {ssl_listeners,    [8883]}
                          {tcp_listeners,    [1883]},
                          {tcp_listen_options, [binary,
                                                {packet,    raw},
                                                {reuseaddr, true},
                                                {backlog,   128},
                                                {nodelay,   true}]}]}
        ].
        """;

    [Fact]
    public async Task Policy_for_mirrored_queues_is_set_with_the_words_of_the_article_and_disturbs_nothing()
    {
        await using Compat broker = await Compat.StartAsync();

        (int set, string said) = await broker.RunAsync("rabbitmqctl", "set_policy", "ha-all", ".*", """{"ha-mode":"all"}""");
        (int listed, string policies) = await broker.RunAsync("rabbitmqctl", "list_policies");
        await using IConnection connection = await broker.ConnectAsync();
        IChannel channel = await connection.CreateChannelAsync(new CreateChannelOptions(true, true));
        await channel.QueueDeclareAsync("icecoffe", durable: false, exclusive: false, autoDelete: false);
        await channel.BasicPublishAsync("", "icecoffe", Text.Bytes("hello webos"));

        Assert.True(set == 0, said);
        Assert.Equal("Setting policy \"ha-all\" for pattern \".*\" to \"{\"ha-mode\":\"all\"}\" with priority \"0\" for vhost \"/\" ...", said.Trim());
        Assert.Equal(0, listed);
        Assert.Matches(@"/\s+ha-all\s+\.\*\s+all\s+\{""ha-mode"":""all""\}\s+0", policies);
        Assert.Equal("ha-all", (await broker.GetAsync("/queues/%2F/icecoffe"))["policy"]!.ToString());
        Assert.Equal("hello webos", Text.Of((await channel.BasicGetAsync("icecoffe", autoAck: true))!.Body.ToArray()));
    }

    [Fact]
    public async Task Commands_that_watch_a_broker_answer()
    {
        await using Compat broker = await Compat.StartAsync();
        await using IConnection connection = await broker.ConnectAsync();
        IChannel channel = await connection.CreateChannelAsync();
        await channel.QueueDeclareAsync("order_processing", durable: true, exclusive: false, autoDelete: false);
        await channel.BasicConsumeAsync("order_processing", autoAck: true, new AsyncDefaultConsumer(channel));

        (int listed, string queues) = await broker.RunAsync("rabbitmqctl", "list_queues", "name", "messages", "consumers");
        (int seen, string connections) = await broker.RunAsync("rabbitmqctl", "list_connections");
        (int status, string about) = await broker.RunAsync("rabbitmqctl", "status");
        (int cluster, string nodes) = await broker.RunAsync("rabbitmqctl", "cluster_status");

        Assert.Equal((0, 0, 0, 0), (listed, seen, status, cluster));
        Assert.Contains("name\tmessages\tconsumers\norder_processing\t0\t1\n", queues, StringComparison.Ordinal);
        Assert.Matches(@"guest\s+127\.0\.0\.1\s+\d+\s+running", connections);
        Assert.Contains("Totals", about, StringComparison.Ordinal);
        Assert.Contains("Running Nodes", nodes, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("rabbitmq_management")]
    [InlineData("rabbitmq_mqtt")]
    [InlineData("rabbitmq_web_mqtt")]
    [InlineData("rabbitmq_web_stomp")]
    [InlineData("rabbitmq_web_stomp_examples")]
    public async Task Plugin_is_enabled_or_named_as_one_that_is_not_there(string plugin)
    {
        await using Compat broker = await Compat.StartAsync();

        (int code, string said) = await broker.RunAsync("rabbitmq-plugins", "enable", plugin);

        // A protocol that is not built yet must not look as if it were switched on.
        bool isThere = code == 0 && said.Contains(plugin, StringComparison.Ordinal);
        Assert.True(isThere || (code == 70 && said.Contains($"could not be found: {plugin}", StringComparison.Ordinal)), said);
        Assert.True(isThere || plugin != "rabbitmq_management", said);
    }

    [Fact]
    public async Task Memory_settings_of_the_article_are_read_and_set_the_limit()
    {
        async Task<double> LimitAsync(string relative)
        {
            await using Compat broker = await Compat.StartAsync(
                $"vm_memory_high_watermark.relative = {relative}\nvm_memory_high_watermark_paging_ratio = 0.5\n");
            return (await broker.GetAsync("/nodes"))[0]!["mem_limit"]!.GetValue<double>();
        }

        double article = await LimitAsync("0.6");
        double half = await LimitAsync("0.3");

        Assert.Equal(2, article / half, 0.01);
    }

    [Fact]
    public async Task Erlang_file_of_the_article_starts_a_broker()
    {
        await using ServerProgram server = new();
        await File.WriteAllTextAsync(server["rabbitmq.config"], ErlangFile(server.Port, ","));

        await server.StartAsync(
            BrokerProcess.FindExecutable()!,
            [
                "server", "--data-dir", server["data"], "--set", "management.tcp.port=none", "--set", "prometheus.tcp.port=none",
                "--set", "mqtt.listeners.tcp.1=127.0.0.1:0",
            ],
            ("RABBITMQ_CONFIG_FILE", server["rabbitmq"]));

        await using IConnection connection = await new ConnectionFactory { HostName = "127.0.0.1", Port = server.Port }.CreateConnectionAsync();
        Assert.True(connection.IsOpen);
    }

    [Fact]
    public async Task Comma_the_article_has_forgotten_is_named_with_its_line()
    {
        await using ServerProgram server = new();
        await File.WriteAllTextAsync(server["rabbitmq.config"], ErlangFile(server.Port, ""));

        InvalidOperationException error = await Assert.ThrowsAsync<InvalidOperationException>(() => server.StartAsync(
            BrokerProcess.FindExecutable()!, ["server", "--data-dir", server["data"]], ("RABBITMQ_CONFIG_FILE", server["rabbitmq"])));
        await server.WaitForLineAsync("a comma is missing after {ssl_listeners, ...}");

        Assert.Contains("it ended", error.Message, StringComparison.Ordinal);
        Assert.Contains(server.Lines, l => l.Contains("rabbitmq.config:9:41: a comma is missing after {ssl_listeners, ...}", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Messages_of_amq_topic_go_on_to_an_exchange_of_one_s_own_by_a_binding_with_a_hash()
    {
        await using Compat broker = await Compat.StartAsync();
        await using IConnection connection = await broker.ConnectAsync();
        IChannel channel = await connection.CreateChannelAsync(new CreateChannelOptions(true, true));
        await channel.ExchangeDeclareAsync("webos.topic", "topic", durable: true);
        await channel.QueueDeclareAsync("TestQueue", durable: true, exclusive: false, autoDelete: false);
        await channel.QueueBindAsync("TestQueue", "webos.topic", "test.topic");

        Assert.Equal(201, await broker.PostAsync("/bindings/%2F/e/amq.topic/e/webos.topic", """{"routing_key":"#","arguments":{}}"""));
        await channel.BasicPublishAsync("amq.topic", "test.topic", Text.Bytes("for the queue"));
        await channel.BasicPublishAsync("amq.topic", "other.topic", Text.Bytes("for nobody"));

        BasicGetResult? got = await channel.BasicGetAsync("TestQueue", autoAck: true);
        Assert.Equal(("for the queue", "amq.topic", "test.topic"), (Text.Of(got!.Body.ToArray()), got.Exchange, got.RoutingKey));
        Assert.Null(await channel.BasicGetAsync("TestQueue", autoAck: true));
    }

    [Theory]
    [InlineData("x-message-ttl")]
    [InlineData("x-max-length-bytes")]
    public async Task Minus_one_does_not_stand_for_endless_and_is_refused_with_RabbitMQ_s_text(string argument)
    {
        await using Compat broker = await Compat.StartAsync();
        await using IConnection connection = await broker.ConnectAsync();
        IChannel channel = await connection.CreateChannelAsync();

        await Assert.ThrowsAnyAsync<Exception>(() => channel.QueueDeclareAsync(
            "TestQueue", true, false, false, new Dictionary<string, object?>(StringComparer.Ordinal) { [argument] = -1 }));

        Assert.Equal(
            $"PRECONDITION_FAILED - invalid arg '{argument}' for queue 'TestQueue' in vhost '/': {{value_negative,-1}}",
            channel.CloseReason?.ReplyText);
    }

    [Fact]
    public async Task Minus_one_on_a_binding_is_taken_and_means_nothing()
    {
        await using Compat broker = await Compat.StartAsync();
        await using IConnection connection = await broker.ConnectAsync();
        IChannel channel = await connection.CreateChannelAsync(new CreateChannelOptions(true, true));
        await channel.QueueDeclareAsync("TestQueue", durable: true, exclusive: false, autoDelete: false);

        Assert.Equal(201, await broker.PostAsync(
            "/bindings/%2F/e/amq.topic/q/TestQueue", """{"routing_key":"test.topic","arguments":{"x-message-ttl":-1}}"""));
        await channel.BasicPublishAsync("amq.topic", "test.topic", Text.Bytes("kept"));

        Assert.Equal(1u, await channel.MessageCountAsync("TestQueue"));
    }

    private sealed class AsyncDefaultConsumer(IChannel channel) : AsyncDefaultBasicConsumer(channel);

    /// <summary>A broker as a program, with its tools from tools/compat.</summary>
    private sealed class Compat : IAsyncDisposable
    {
        private readonly ServerProgram _server = new();
        private readonly HttpClient _http = new();
        private readonly int _port = BrokerProcess.FreePort();

        public static async Task<Compat> StartAsync(string settings = "")
        {
            var running = new Compat();
            ServerProgram server = running._server;
            await File.WriteAllTextAsync(
                server["rabbitmq.conf"],
                $"listeners.tcp.1 = 127.0.0.1:{server.Port}\nmanagement.tcp.ip = 127.0.0.1\nmanagement.tcp.port = {running._port}\n"
                    + $"prometheus.tcp.port = none\n{settings}");
            await server.StartAsync(
                BrokerProcess.FindExecutable()!, ["server", "--config", server["rabbitmq.conf"], "--data-dir", server["data"]]);
            running._http.DefaultRequestHeaders.Authorization =
                new AuthenticationHeaderValue("Basic", Convert.ToBase64String(Encoding.UTF8.GetBytes("guest:guest")));
            return running;
        }

        public Task<IConnection> ConnectAsync() => new ConnectionFactory
        {
            HostName = "127.0.0.1",
            Port = _server.Port,
            AutomaticRecoveryEnabled = false,
        }.CreateConnectionAsync();

        public async Task<JsonNode> GetAsync(string path) =>
            JsonNode.Parse(await _http.GetStringAsync(new Uri($"http://127.0.0.1:{_port}/api{path}")))!;

        public async Task<int> PostAsync(string path, string body)
        {
            using var content = new StringContent(body, Encoding.UTF8, "application/json");
            using HttpResponseMessage reply = await _http.PostAsync(new Uri($"http://127.0.0.1:{_port}/api{path}"), content);
            return (int)reply.StatusCode;
        }

        /// <summary>Runs one of RabbitMQ's programs; it finds the broker by its data directory.</summary>
        public async Task<(int Code, string Output)> RunAsync(string program, params string[] words)
        {
            Assert.SkipWhen(OperatingSystem.IsWindows(), "the wrappers are shell scripts");
            ProcessStartInfo start = new(Path.Combine(Tools(), program), words)
            {
                RedirectStandardOutput = true,
                RedirectStandardError = true,
                UseShellExecute = false,
            };
            start.Environment["WARREN_EXE"] = BrokerProcess.FindExecutable()!;
            start.Environment["WARREN_DATA_DIR"] = _server["data"];
            using Process process = Process.Start(start)!;
            Task<string> errors = process.StandardError.ReadToEndAsync();
            string output = await process.StandardOutput.ReadToEndAsync();
            await process.WaitForExitAsync();
            return (process.ExitCode, output + await errors);
        }

        public async ValueTask DisposeAsync()
        {
            _http.Dispose();
            await _server.DisposeAsync();
        }

        private static string Tools()
        {
            for (DirectoryInfo? folder = new(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
            {
                string tools = Path.Combine(folder.FullName, "tools", "compat");
                if (Directory.Exists(tools))
                {
                    return tools;
                }
            }

            throw new InvalidOperationException("the tests run outside the repository");
        }
    }
}
