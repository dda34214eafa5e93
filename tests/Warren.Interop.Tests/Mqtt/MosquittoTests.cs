using System.Globalization;
using RabbitMQ.Client;
using RabbitMQ.Client.Events;
using Warren.Interop.Tests.Running;
using Warren.Wire.Mqtt;

namespace Warren.Interop.Tests.Mqtt;

/// <summary>The command line clients of Mosquitto.</summary>
public sealed class MosquittoTests : MqttTest
{
    public MosquittoTests(SharedBroker broker)
        : base(broker)
    {
    }

    [Theory]
    [InlineData("mqttv31", 0)]
    [InlineData("mqttv31", 1)]
    [InlineData("mqttv31", 2)]
    [InlineData("mqttv311", 0)]
    [InlineData("mqttv311", 1)]
    [InlineData("mqttv311", 2)]
    [InlineData("5", 0)]
    [InlineData("5", 1)]
    [InlineData("5", 2)]
    public async Task Message_arrives_with_the_quality_it_was_published_with(string version, int qos)
    {
        string topic = Unique("home");
        await using Tool sub = await SubscribeAsync("-V", version, "-t", $"{topic}/+/temperature", "-q", "2", "-C", "1", "-i", Unique("s"));

        Assert.Contains(sub.Lines, l => l.EndsWith(": 2", StringComparison.Ordinal)); // what was granted
        Assert.Equal("", await PublishAsync("-V", version, "-t", $"{topic}/kitchen/temperature", "-q", $"{qos}", "-m", "21.5", "-i", Unique("p")));

        Assert.Equal(0, await sub.EndAsync());
        Assert.Contains($"<{topic}/kitchen/temperature {qos} 0 21.5>", sub.Lines);
    }

    [Theory]
    [InlineData("mqttv31", 1)]
    [InlineData("mqttv311", 1)]
    [InlineData("mqttv311", 2)]
    [InlineData("5", 2)]
    public async Task Persistent_session_gets_what_was_published_while_it_was_away(string version, int qos)
    {
        string topic = Unique("away");
        string[] session = ["-V", version, "-c", "-i", Unique("s"), "-t", topic, "-q", $"{qos}", .. Expiry(version)];
        await RunAsync("mosquitto_sub", [.. session, "-E"]);

        await RunAsync("mosquitto_pub", ["-t", topic, "-q", $"{qos}", "-l", "-V", version, "-i", Unique("p")], "one\ntwo\nthree\n");
        string got = await RunAsync("mosquitto_sub", [.. session, "-C", "3", "-W", "20", "-F", "%q %p"]);

        Assert.Equal($"{qos} one\n{qos} two\n{qos} three", got.Trim());
    }

    [Fact]
    public async Task Retained_message_comes_for_wildcards_too_and_goes_with_an_empty_one()
    {
        string topic = Unique("ret");
        await PublishAsync("-t", $"{topic}/a", "-r", "-q", "1", "-m", "first");
        await PublishAsync("-t", $"{topic}/a", "-r", "-q", "1", "-m", "second");

        string got = await RunAsync("mosquitto_sub", ["-t", $"{topic}/+", "-C", "1", "-W", "20", "-F", "%t %r %p"]);
        await PublishAsync("-t", $"{topic}/a", "-r", "-q", "1", "-n");
        MqttRaw after = Enter();
        after.Subscribe($"{topic}/#");

        Assert.Equal($"{topic}/a 1 second", got.Trim());
        Assert.Empty(after.Ping());
    }

    [Fact]
    public async Task Will_is_published_when_the_client_is_lost_and_not_when_it_says_good_bye()
    {
        string topic = Unique("will");
        MqttRaw watcher = Enter();
        watcher.Subscribe($"{topic}/#", 1);
        string[] will = ["--will-topic", $"{topic}/gone", "--will-payload", "lost", "--will-qos", "1"];
        await using (Tool leaving = await SubscribeAsync([.. will, "-t", $"{topic}-x", "-C", "1"]))
        {
            await PublishAsync("-t", $"{topic}-x", "-q", "1", "-m", "bye");
            Assert.Equal(0, await leaving.EndAsync());
        }

        Assert.Empty(watcher.Ping());
        await using (Tool lost = await SubscribeAsync([.. will, "-t", $"{topic}-x"]))
        {
            await lost.KillAsync();
        }

        MqttPacket got = watcher.Receive();
        Assert.Equal(($"{topic}/gone", "lost", 1), (got.Topic, got.Body, got.QoS));
    }

    [Theory]
    [InlineData("mqttv311")]
    [InlineData("5")]
    public async Task Members_of_a_shared_subscription_part_the_messages(string version)
    {
        string topic = Unique("share");
        await using Tool one = await SubscribeAsync("-V", version, "-t", $"$share/g/{topic}/#", "-q", "1");
        await using Tool two = await SubscribeAsync("-V", version, "-t", $"$share/g/{topic}/#", "-q", "1");

        await RunAsync("mosquitto_pub", ["-t", $"{topic}/x", "-q", "1", "-l"], string.Concat(Enumerable.Range(0, 40).Select(i => $"m{i}\n")));

        Tool[] both = [one, two];
        await one.WaitAsync(_ => both.Sum(t => t.Lines.Count(IsMessage)) >= 40, "40 messages");
        string[] all = [.. both.SelectMany(t => t.Lines.Where(IsMessage))];
        Assert.Equal(40, all.Distinct(StringComparer.Ordinal).Count());
        Assert.All(both, t => Assert.Contains(t.Lines, IsMessage));
    }

    [Fact]
    public async Task Number_of_clients_can_be_asked_for()
    {
        string got = await RunAsync("mosquitto_sub", ["-t", "$SYS/broker/clients/connected", "-C", "1", "-W", "20"]);

        Assert.True(int.TryParse(got.Trim(), NumberStyles.None, CultureInfo.InvariantCulture, out _), got);
    }

    [Fact]
    public async Task Request_is_answered_by_an_AMQP_program()
    {
        string topic = Unique("rr");
        IChannel channel = await OpenAsync();
        string queue = await QueueAsync(channel);
        await channel.QueueBindAsync(queue, "amq.topic", $"{topic}.request");
        AsyncEventingBasicConsumer server = new(channel);
        server.ReceivedAsync += async (_, e) =>
        {
            string answerTo = Text.Of(e.BasicProperties.Headers!["x-reply-to-topic"]);
            BasicProperties properties = new() { CorrelationId = e.BasicProperties.CorrelationId };
            await channel.BasicPublishAsync(
                "amq.topic", answerTo, mandatory: false, properties, Text.Bytes("re: " + Text.Of(e.Body.ToArray())));
        };
        await channel.BasicConsumeAsync(queue, autoAck: true, server);

        string answer = await RunAsync(
            "mosquitto_rr",
            ["-V", "5", "-t", $"{topic}/request", "-e", $"{topic}/answer", "-q", "1", "-m", "hello", "-W", "20",
                "-D", "publish", "correlation-data", "c-1", "-F", "%D %p"]);

        Assert.Equal("c-1 re: hello", answer.Trim());
    }

    [Fact]
    public async Task Wrong_password_is_told()
    {
        string said = await Script.RunAsync(
            "mosquitto_pub", ["-h", "127.0.0.1", "-p", $"{Shared.MqttPort}", "-u", "guest", "-P", "wrong", "-t", "x", "-m", "x"]);

        Assert.Contains("bad user name or password", said, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Properties_of_version_5_arrive()
    {
        string topic = Unique("props");
        MqttRaw sub = Enter();
        sub.Subscribe(topic, 1);

        await PublishAsync(
            "-V", "5", "-t", topic, "-q", "1", "-m", "x", "-D", "publish", "content-type", "text/plain", "-D", "publish", "user-property", "a", "1",
            "-D", "publish", "user-property", "a", "2", "-D", "publish", "response-topic", "re/ply", "-D", "publish", "message-expiry-interval", "600");

        MqttPacket got = sub.Receive();
        Assert.Equal("text/plain", got.Text(PropertyId.ContentType));
        Assert.Equal("re/ply", got.Text(PropertyId.ResponseTopic));
        Assert.Equal([("a", "1"), ("a", "2")], got.UserProperties);
        Assert.InRange(got.Number(PropertyId.MessageExpiryInterval)!.Value, 500u, 600u);
    }

    [Fact]
    public async Task Session_and_messages_are_there_after_a_restart()
    {
        await StartAsync();
        string[] session = ["-c", "-i", "keeper", "-t", "kept/#", "-q", "2"];
        await RunOwnAsync("mosquitto_sub", [.. session, "-E"]);
        await RunOwnAsync("mosquitto_pub", ["-t", "kept/a", "-q", "2", "-l"], "one\ntwo\n");
        await RunOwnAsync("mosquitto_pub", ["-t", "kept/r", "-q", "1", "-r", "-m", "stays"]);

        await Own.KillAsync();
        await Own.StartAgainAsync();

        // the client subscribes again, so that the retained message comes as such as well; qualities have an order each
        string got = await RunOwnAsync("mosquitto_sub", [.. session, "-C", "4", "-W", "20", "-F", "%q %p"]);
        string[] lines = got.Trim().Split('\n');
        Assert.Equal(["2 one", "2 two"], lines.Where(l => l[0] == '2'));
        Assert.Equal(["1 stays", "1 stays"], lines.Where(l => l[0] == '1'));
        string retained = await RunOwnAsync("mosquitto_sub", ["-t", "kept/+", "-C", "1", "-W", "20", "-F", "%r %p"]);
        Assert.Equal("1 stays", retained.Trim());
    }

    private static string[] Expiry(string version) => version == "5" ? ["-x", "3600"] : [];

    private static bool IsMessage(string line) => line.StartsWith('<');

    private string[] Server => ["-h", "127.0.0.1", "-p", $"{Shared.MqttPort}", "-u", "guest", "-P", "guest"];

    // A subscriber whose subscription is acknowledged.
    private async Task<Tool> SubscribeAsync(params string[] arguments)
    {
        var tool = Tool.Start("mosquitto_sub", [.. Server, "-d", "-F", "<%t %q %r %p>", .. arguments]);
        await tool.WaitForLineAsync("Subscribed (mid");
        return tool;
    }

    private Task<string> PublishAsync(params string[] arguments) => RunAsync("mosquitto_pub", arguments);

    private Task<string> RunAsync(string tool, string[] arguments, string? input = null) => Script.RunAsync(tool, [.. Server, .. arguments], input);

    private Task<string> RunOwnAsync(string tool, string[] arguments, string? input = null) =>
        Script.RunAsync(tool, ["-h", "127.0.0.1", "-p", $"{Own.MqttPort}", "-u", "guest", "-P", "guest", .. arguments], input);
}
