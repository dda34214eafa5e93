using System.Text;

namespace Warren.Interop.Tests.Security;

/// <summary>Users that are protected, and imports that are too large: reliability, 49.</summary>
public sealed class ImportAttackTests
{
    [Theory]
    [InlineData("/definitions")]
    [InlineData("/definitions/%2F")]
    [InlineData("/all-configuration")]
    public async Task Import_of_a_huge_file_is_refused_as_a_body_and_as_a_form_and_changes_nothing(string path)
    {
        await using OwnServer server = await OwnServer.StartAsync();
        var definitions = new StringBuilder("""{"queues":[""");
        for (int i = 0; definitions.Length < 12_000_000; i++)
        {
            definitions.Append($$"""{{(i == 0 ? "" : ",")}}{"name":"q{{i}}","vhost":"/","durable":true,"auto_delete":false,"arguments":{} }""");
        }

        byte[] bytes = Encoding.UTF8.GetBytes(definitions.Append("]}").ToString());
        using var form = new MultipartFormDataContent { { new ByteArrayContent(bytes), "file", "definitions.json" } };
        (int status, string body) = await server.SendAsync(HttpMethod.Post, path, new ByteArrayContent(bytes));
        (int statusOfForm, string bodyOfForm) = await server.SendAsync(HttpMethod.Post, path, form);

        Assert.Equal(400, status);
        Assert.Contains("Exceeded HTTP request body size limit", body, StringComparison.Ordinal);
        Assert.True(statusOfForm == 400, bodyOfForm);
        Assert.Empty(server.Broker.FindVirtualHost("/")!.Queues);
        Assert.Equal(200, (await server.SendAsync(HttpMethod.Get, "/whoami")).Status);
    }

    [Fact]
    public async Task Import_of_more_queues_than_a_virtual_host_takes_stops_there()
    {
        await using OwnServer server = await OwnServer.StartAsync(o => o with { Broker = o.Broker with { QueuesPerVirtualHost = 100 } });
        string queues = string.Join(',', Enumerable.Range(0, 5000).Select(i =>
            $$"""{"name":"q{{i}}","vhost":"/","durable":true,"auto_delete":false,"arguments":{} }"""));

        (int status, string body) = await server.SendAsync(HttpMethod.Post, "/definitions", $$"""{"queues":[{{queues}}]}""");

        Assert.True(status == 400, body);
        Assert.Equal(100, server.Broker.FindVirtualHost("/")!.Queues.Count);
    }

    [Fact]
    public async Task Protected_user_survives_every_way_to_change_or_delete_it()
    {
        await using OwnServer server = await OwnServer.StartAsync();
        server.Broker.Users.Add("kept", "pass", ["protected", "administrator"]);
        server.Broker.Users.Add("other", "pass", []);

        Assert.Equal(400, (await server.SendAsync(HttpMethod.Delete, "/users/kept", "")).Status);
        Assert.Equal(400, (await server.SendAsync(HttpMethod.Put, "/users/kept", """{"password":"x","tags":""}""")).Status);
        Assert.Equal(400, (await server.SendAsync(HttpMethod.Post, "/users/bulk-delete", """{"users":["other","kept"]}""")).Status);
        await server.SendAsync(HttpMethod.Post, "/definitions", """{"users":[{"name":"kept","password":"x","tags":""}]}""");

        Assert.NotNull(server.Broker.Users.Find("other"));
        Assert.Equal(200, (await server.SendAsync(HttpMethod.Get, "/users", (HttpContent?)null, "kept", "pass")).Status);
    }

    [Fact]
    public async Task Users_of_the_broker_itself_cannot_log_in_and_are_not_listed()
    {
        await using OwnServer server = await OwnServer.StartAsync();

        foreach (string name in new[] { "rmq-internal", "rmq-operator" })
        {
            Assert.Equal(401, (await server.SendAsync(HttpMethod.Get, "/whoami", (HttpContent?)null, name, "")).Status);
            Assert.Equal((10, 50), ((int, int))(server.Login(System.Net.IPAddress.Loopback, $"\0{name}\0") is var l ? (l.Class, l.Method) : default));
        }

        Assert.DoesNotContain("rmq-", (await server.SendAsync(HttpMethod.Get, "/users", "")).Body, StringComparison.Ordinal);
    }
}
