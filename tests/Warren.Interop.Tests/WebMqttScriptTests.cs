using Warren.Interop.Tests.Running;

namespace Warren.Interop.Tests;

public sealed class WebMqttScriptTests
{
    [Fact]
    public async Task Mqtt_js_publishes_and_receives_over_a_WebSocket()
    {
        int port = BrokerProcess.FreePort();
        await using BrokerProcess broker = await BrokerProcess.StartAsync($"web_mqtt.tcp.port={port}");

        string output = await Script.RunAsync("node", [Script.PathOf("js/mqtt_web.js"), $"{port}"]);

        Assert.Equal("ok 4\nok 5\n", output);
    }
}
