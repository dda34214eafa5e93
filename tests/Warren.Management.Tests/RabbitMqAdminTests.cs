using System.Diagnostics;
using System.Text.Json.Nodes;
using Xunit;

namespace Warren.Management.Tests;

/// <summary>RabbitMQ's own <c>rabbitmqadmin</c>, a Python script, where this machine has it.</summary>
public sealed class RabbitMqAdminTests(ManagedBroker broker) : IClassFixture<ManagedBroker>
{
    [Fact]
    public async Task Users_virtual_hosts_permissions_and_policies_are_declared_and_listed()
    {
        await RunAsync("declare", "user", "name=admin-user", "password=x", "tags=monitoring");
        await RunAsync("declare", "vhost", "name=admin-vhost");
        await RunAsync("declare", "permission", "vhost=admin-vhost", "user=admin-user", "configure=.*", "write=.*", "read=.*");
        await RunAsync("--vhost=admin-vhost", "declare", "policy", "name=admin-policy", "pattern=.*", """definition={"max-length":3}""");

        Assert.Contains("admin-user", await RunAsync("list", "users", "name", "tags"), StringComparison.Ordinal);
        Assert.Contains("admin-vhost", await RunAsync("list", "vhosts"), StringComparison.Ordinal);
        Assert.Contains("admin-user", await RunAsync("list", "permissions"), StringComparison.Ordinal);
        Assert.Contains("admin-policy", await RunAsync("--vhost=admin-vhost", "list", "policies"), StringComparison.Ordinal);
        await RunAsync("--vhost=admin-vhost", "delete", "policy", "name=admin-policy");
        await RunAsync("delete", "vhost", "name=admin-vhost");
        await RunAsync("delete", "user", "name=admin-user");
    }

    [Fact]
    public async Task Queue_is_declared_bound_published_to_and_read()
    {
        await RunAsync("declare", "exchange", "name=admin-exchange", "type=topic", "durable=true");
        await RunAsync("declare", "queue", "name=admin-queue", "durable=true", """arguments={"x-max-length":5}""");
        await RunAsync("declare", "binding", "source=admin-exchange", "destination=admin-queue", "routing_key=a.#");

        Assert.Contains("Message published", await RunAsync("publish", "exchange=admin-exchange", "routing_key=a.b", "payload=hello"), StringComparison.Ordinal);

        Assert.Contains("hello", await RunAsync("get", "queue=admin-queue", "ackmode=ack_requeue_false"), StringComparison.Ordinal);
        Assert.Contains("admin-queue", await RunAsync("list", "queues", "name", "messages", "durable"), StringComparison.Ordinal);
        Assert.Contains("admin-exchange", await RunAsync("list", "exchanges"), StringComparison.Ordinal);
        Assert.Contains("a.#", await RunAsync("list", "bindings"), StringComparison.Ordinal);
        Assert.Contains("4.1.0", await RunAsync("show", "overview"), StringComparison.Ordinal);
        await RunAsync("list", "nodes", "name", "running");
        await RunAsync("list", "connections");
        await RunAsync("list", "channels");
        await RunAsync("purge", "queue", "name=admin-queue");
        await RunAsync("delete", "queue", "name=admin-queue");
        await RunAsync("delete", "exchange", "name=admin-exchange");
    }

    [Fact]
    public async Task Definitions_are_exported_and_imported()
    {
        string file = Path.Combine(broker.DirectoryPath, "export.json");
        await broker.PostAsync("/definitions", """
            {"exchanges":[{"name":"exported","vhost":"/","type":"topic","durable":true,"auto_delete":false,"internal":false,"arguments":{}}],
             "queues":[{"name":"exported","vhost":"/","durable":true,"auto_delete":false,"arguments":{"x-max-length":5}}],
             "bindings":[{"source":"exported","vhost":"/","destination":"exported","destination_type":"queue","routing_key":"k","arguments":{}}]}
            """);
        await RunAsync("export", file);
        await using var other = new ManagedBroker();
        await other.InitializeAsync();

        await RunAsync(other, "import", file);

        JsonNode imported = await other.GetAsync("/definitions");
        Assert.Single(imported["queues"]!.AsArray(), q => (string?)q!["name"] == "exported");
        Assert.Single(imported["bindings"]!.AsArray());
    }

    private Task<string> RunAsync(params string[] arguments) => RunAsync(broker, arguments);

    private static async Task<string> RunAsync(ManagedBroker broker, params string[] arguments)
    {
        const string Script = "/usr/bin/rabbitmqadmin";
        Assert.SkipUnless(File.Exists(Script), "rabbitmqadmin is not installed");
        var start = new ProcessStartInfo("python3") { UseShellExecute = false, RedirectStandardOutput = true, RedirectStandardError = true };
        string[] all = [Script, "--host=127.0.0.1", $"--port={broker.Server.HttpSites[0].EndPoint.Port}", "--username=guest", "--password=guest", .. arguments];
        foreach (string argument in all)
        {
            start.ArgumentList.Add(argument);
        }

        using Process process = Process.Start(start)!;
        Task<string> error = process.StandardError.ReadToEndAsync();
        string output = await process.StandardOutput.ReadToEndAsync();
        await process.WaitForExitAsync();
        Assert.True(process.ExitCode == 0, $"rabbitmqadmin {string.Join(' ', arguments)}: {output} {await error}");
        return output;
    }
}
