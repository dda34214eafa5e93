using System.Net;
using System.Net.Http.Headers;
using System.Net.WebSockets;
using System.Text.Json.Nodes;
using Warren.Management.Hosting;
using Xunit;

namespace Warren.Server.Tests.Mqtt;

public sealed class MqttManagementTests : MqttServer
{
    protected override WarrenServerOptions Configure(WarrenServerOptions options) =>
        options with { Management = new ManagementOptions { Port = 0, Address = "127.0.0.1" } };

    [Fact]
    public async Task Connection_is_shown_as_RabbitMQ_shows_it()
    {
        using MqttClient client = await EnterAsync("thermometer");

        JsonNode shown = Assert.Single((await GetAsync("/connections")).AsArray())!;

        Assert.Equal("MQTT 5-0", (string?)shown["protocol"]);
        Assert.Equal("network", (string?)shown["type"]);
        Assert.Equal(0, (int)shown["channels"]!);
        Assert.Equal("thermometer", (string?)shown["variable_map"]!["client_id"]);
        Assert.Equal("thermometer", (string?)shown["client_properties"]!["client_id"]);
        Assert.Equal("MQTT client", (string?)shown["client_properties"]!["product"]);
        Assert.Equal(60, (int)shown["timeout"]!);
    }

    [Fact]
    public async Task Listeners_are_in_the_overview()
    {
        JsonArray listeners = (await GetAsync("/overview"))["listeners"]!.AsArray();

        Assert.Contains(listeners, l => (string?)l!["protocol"] == "mqtt");
        JsonNode web = Assert.Single(listeners, l => (string?)l!["protocol"] == "http/web-mqtt")!;
        Assert.Equal(Url.Port, (int)web["port"]!);
    }

    [Fact]
    public async Task Suspended_listener_takes_nobody_and_keeps_who_is_there()
    {
        Uri url = Url;
        using MqttClient client = await MqttClient.OpenWebSocketAsync(url);
        await client.EnterAsync("there");
        string node = (string)(await GetAsync("/overview"))["node"]!;

        Assert.Equal(HttpStatusCode.NoContent, await SendAsync(HttpMethod.Post, $"/nodes/{node}/suspend-listeners"));

        await Assert.ThrowsAsync<WebSocketException>(() => MqttClient.OpenWebSocketAsync(url));
        Assert.Equal(0, await client.SubscribeAsync("a"));

        Assert.Equal(HttpStatusCode.NoContent, await SendAsync(HttpMethod.Post, $"/nodes/{node}/resume-listeners"));
        using MqttClient later = await MqttClient.OpenWebSocketAsync(url);
        Assert.Equal(0, await later.EnterAsync("later"));
    }

    [Fact]
    public async Task Sessions_are_listed_shown_and_deleted()
    {
        using MqttClient client = await EnterAsync("a/b");
        await client.SubscribeAsync("x/+", qos: 1);
        await client.SendAsync(MqttClient.Subscribe("$share/group/y", 2));
        await client.ReadAsync();

        JsonNode listed = Assert.Single((await GetAsync("/mqtt/sessions")).AsArray())!;
        Assert.Single((await GetAsync("/mqtt/sessions/%2F")).AsArray());
        JsonNode shown = await GetAsync("/mqtt/sessions/%2F/a%2Fb");

        Assert.Equal(("a/b", "guest", "connected", 2), ((string?)listed["client_id"], (string?)listed["user"], (string?)listed["state"], (int)listed["subscriptions"]!));
        JsonArray subscriptions = shown["subscription_details"]!.AsArray();
        Assert.Equal(("x/+", 1, null), ((string?)subscriptions[0]!["filter"], (int)subscriptions[0]!["qos"]!, (string?)subscriptions[0]!["share_name"]));
        Assert.Equal(("y", 2, "group"), ((string?)subscriptions[1]!["filter"], (int)subscriptions[1]!["qos"]!, (string?)subscriptions[1]!["share_name"]));

        Assert.Equal(HttpStatusCode.NoContent, await SendAsync(HttpMethod.Delete, "/mqtt/sessions/%2F/a%2Fb"));
        Assert.Equal((MqttClient.Disconnect, 0x8E), await FirstOf(client));
        Assert.Equal(HttpStatusCode.NotFound, await SendAsync(HttpMethod.Delete, "/mqtt/sessions/%2F/a%2Fb"));
        Assert.Empty((await GetAsync("/mqtt/sessions")).AsArray());
    }

    [Fact]
    public async Task Retained_messages_are_listed_in_pages_and_deleted()
    {
        using MqttClient client = await EnterAsync("publisher");
        foreach (string topic in (string[])["home/1.5/x", "home/2/x", "else"])
        {
            await client.SendAsync(MqttClient.Publish(topic, "12345", retain: true));
        }

        await client.SendAsync(0xC0, 0);
        await client.ReadAsync();

        JsonNode page = await GetAsync("/mqtt/retained/%2F?page=1&page_size=2&topic=home/%23");
        Assert.Equal(2, (int)page["total_count"]!);
        Assert.Equal(("home/1.5/x", 5), ((string?)page["items"]![0]!["topic"], (int)page["items"]![0]!["payload_bytes"]!));

        Assert.Equal(HttpStatusCode.BadRequest, await SendAsync(HttpMethod.Delete, "/mqtt/retained/%2F"));
        Assert.Equal(HttpStatusCode.NoContent, await SendAsync(HttpMethod.Delete, "/mqtt/retained/%2F?topic=home/%2B/x"));
        Assert.Equal(HttpStatusCode.NotFound, await SendAsync(HttpMethod.Delete, "/mqtt/retained/%2F?topic=home/2/x"));
        Assert.Equal("else", (string?)Assert.Single((await GetAsync("/mqtt/retained/%2F")).AsArray())!["topic"]);
    }

    [Fact]
    public async Task Metrics_tell_the_protocols_apart()
    {
        using MqttClient five = await EnterAsync("five");
        await five.SubscribeAsync("a");
        using MqttClient three = await MqttClient.OpenAsync(Server);
        await three.EnterAsync("three", version: 4);
        await five.SendAsync(MqttClient.Publish("a", "one", retain: true));
        await five.ReadMessageAsync();

        string metrics = await ReadMetricsAsync();

        Assert.Contains("rabbitmq_global_messages_received_total{protocol=\"mqtt50\"} 1\n", metrics, StringComparison.Ordinal);
        Assert.Contains("rabbitmq_global_messages_received_total{protocol=\"mqtt311\"} 0\n", metrics, StringComparison.Ordinal);
        Assert.Contains("rabbitmq_global_messages_received_total{protocol=\"amqp091\"} 0\n", metrics, StringComparison.Ordinal);
        Assert.Contains("rabbitmq_global_consumers{protocol=\"mqtt50\"} 1\n", metrics, StringComparison.Ordinal);
        Assert.Contains("warren_mqtt_sessions{state=\"connected\"} 2\n", metrics, StringComparison.Ordinal);
        Assert.Contains("warren_mqtt_sessions{state=\"disconnected\"} 0\n", metrics, StringComparison.Ordinal);
        Assert.Contains("warren_mqtt_retained_messages 1\n", metrics, StringComparison.Ordinal);
        Assert.Contains("warren_mqtt_inflight 0\n", metrics, StringComparison.Ordinal);

        five.Dispose();
        await three.SendAsync(0xE0, 0);
        await three.ReadEndAsync();
        Assert.Contains("rabbitmq_global_messages_received_total{protocol=\"mqtt50\"} 1\n", await ReadMetricsAsync(), StringComparison.Ordinal);
    }

    private static async Task<(byte Header, byte Reason)> FirstOf(MqttClient client)
    {
        (byte header, byte[] body) = await client.ReadAsync();
        return (header, body[0]);
    }

    private static HttpClient Open()
    {
        var http = new HttpClient();
        http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Basic", Convert.ToBase64String("guest:guest"u8));
        return http;
    }

    private async Task<JsonNode> GetAsync(string path)
    {
        using HttpClient http = Open();
        return JsonNode.Parse(await http.GetStringAsync(UrlOf("/api" + path)))!;
    }

    private async Task<HttpStatusCode> SendAsync(HttpMethod method, string path)
    {
        using HttpClient http = Open();
        using var request = new HttpRequestMessage(method, UrlOf("/api" + path));
        using HttpResponseMessage answer = await http.SendAsync(request);
        return answer.StatusCode;
    }

    private async Task<string> ReadMetricsAsync()
    {
        using HttpClient http = Open();
        return await http.GetStringAsync(UrlOf("/metrics"));
    }

    private Uri UrlOf(string path) => new(
        $"http://127.0.0.1:{Server.HttpSites[0].EndPoint.Port}{path}", new UriCreationOptions { DangerousDisablePathAndQueryCanonicalization = true });
}
