using System.Collections;
using System.Text.Json.Nodes;
using Warren.Server;
using Warren.Server.Configuration;
using Xunit;

namespace Warren.Management.Tests;

public sealed class ConfigurationEndpointTests : IAsyncLifetime
{
    private readonly ManagedBroker _broker;

    public ConfigurationEndpointTests() => _broker = new ManagedBroker
    {
        Configure = o =>
        {
            WarrenServerOptions loaded = Load("heartbeat = 17", "default_pass = guest", "management.ssl.password = secret");
            return loaded with
            {
                DataDirectory = o.DataDirectory,
                TcpListeners = o.TcpListeners,
                Management = o.Management,
                Prometheus = o.Prometheus,
                Loggers = o.Loggers,
            };
        },
    };

    public ValueTask InitializeAsync() => _broker.InitializeAsync();

    public ValueTask DisposeAsync() => _broker.DisposeAsync();

    [Fact]
    public async Task Every_setting_is_told_with_its_source()
    {
        JsonArray settings = (await ReadAsync()).AsArray();

        Assert.Equal(("17", $"{FileName}:1"), (Find(settings, "heartbeat").Value, Find(settings, "heartbeat").Source));
        Assert.Equal("default", Find(settings, "frame_max").Source);
        Assert.Contains("reloads", settings[0]!.AsObject().Select(static p => p.Key));
    }

    [Fact]
    public async Task Secrets_are_hidden()
    {
        JsonArray settings = (await ReadAsync()).AsArray();

        Assert.Equal("********", Find(settings, "default_pass").Value);
        Assert.Equal("********", Find(settings, "management.ssl.password").Value);
        Assert.DoesNotContain("\"secret\"", settings.ToJsonString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_waits_for_a_restart_is_not_in_effect()
    {
        _broker.Server.Reload(Load("heartbeat = 18", "warren.page_budget = 1MiB"));

        JsonArray settings = (await ReadAsync()).AsArray();

        Assert.Equal("18", Find(settings, "heartbeat").Value);
        Assert.NotEqual("1048576", Find(settings, "warren.page_budget").Value);
    }

    [Fact]
    public async Task It_is_for_administrators_and_can_be_filtered()
    {
        await _broker.PutAsync("/users/watcher", """{"password":"w","tags":"monitoring"}""");

        Assert.Equal(401, (await _broker.TryGetAsync("/config/effective", "watcher", "w")).Status);
        JsonNode page = await _broker.GetAsync("/config/effective?name=heart&page=1&columns=key,value");
        Assert.Equal("""[{"key":"heartbeat","value":"17"}]""", page["items"]!.ToJsonString());
    }

    [Fact]
    public async Task Nodes_name_the_files()
    {
        JsonNode node = (await _broker.GetAsync("/nodes"))[0]!;

        Assert.Equal(FileName, (string?)Assert.Single(node["config_files"]!.AsArray()));
    }

    [Fact]
    public async Task Samples_are_forgotten_and_counters_stay()
    {
        await _broker.PutAsync("/queues/%2F/q", "{}");
        _broker.Broker.Statistics.Collect();
        await _broker.PostAsync("/exchanges/%2F/amq.default/publish", """{"routing_key":"q","payload":"x","payload_encoding":"string","properties":{}}""");
        _broker.Broker.Statistics.Collect();
        Assert.True(await RateAsync() > 0);

        Assert.Equal(204, (await _broker.DeleteAsync("/reset")).Status);

        Assert.Equal(0, await RateAsync());
        Assert.Equal(1, (int)(await _broker.GetAsync("/queues/%2F/q"))["message_stats"]!["publish"]!);
        JsonNode overview = await _broker.GetAsync("/overview");
        Assert.Equal(1, (int)overview["message_stats"]!["publish"]!);
        Assert.Equal(0, (double)overview["message_stats"]!["publish_details"]!["rate"]!);
    }

    [Fact]
    public async Task Only_administrators_reset_and_only_this_node()
    {
        await _broker.PutAsync("/users/watcher", """{"password":"w","tags":"monitoring"}""");

        Assert.Equal(401, (await _broker.DeleteAsync("/reset", "watcher", "w")).Status);
        Assert.Equal(404, (await _broker.DeleteAsync("/reset/other@node")).Status);
        Assert.Equal(204, (await _broker.DeleteAsync($"/reset/warren@{Environment.MachineName.Split('.')[0]}")).Status);
    }

    private string FileName => Path.Combine(_broker.DirectoryPath, "warren.conf");

    private WarrenServerOptions Load(params string[] lines)
    {
        File.WriteAllLines(FileName, lines);
        return ConfigurationLoader.Load(new ConfigurationSources { File = FileName, Variables = new Hashtable() }).Options;
    }

    private async Task<JsonNode> ReadAsync() => await _broker.GetAsync("/config/effective");

    private async Task<double> RateAsync() =>
        (double)(await _broker.GetAsync("/queues/%2F/q"))["message_stats"]!["publish_details"]!["rate"]!;

    private static (string? Value, string? Source) Find(JsonArray settings, string key)
    {
        JsonNode setting = Assert.Single(settings, s => (string?)s!["key"] == key)!;
        return ((string?)setting["value"], (string?)setting["source"]);
    }
}
