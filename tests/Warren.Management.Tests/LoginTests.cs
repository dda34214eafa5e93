using System.Net;
using System.Text.Json.Nodes;
using Xunit;

namespace Warren.Management.Tests;

public sealed class LoginTests(ManagedBroker broker) : IClassFixture<ManagedBroker>
{
    [Fact]
    public async Task User_is_told_who_it_is()
    {
        JsonNode me = await broker.GetAsync("/whoami");

        Assert.Equal("guest", (string?)me["name"]);
        Assert.Equal("administrator", (string?)me["tags"]![0]);
    }

    [Fact]
    public async Task Request_without_credentials_is_asked_for_them()
    {
        using HttpResponseMessage reply = await broker.SendAsync(HttpMethod.Get, "/whoami", user: null);

        Assert.Equal(HttpStatusCode.Unauthorized, reply.StatusCode);
        Assert.Equal("Basic realm=\"RabbitMQ Management\"", reply.Headers.WwwAuthenticate.ToString());
        Assert.Empty(await reply.Content.ReadAsStringAsync());
    }

    [Fact]
    public async Task Wrong_password_fails_as_a_login()
    {
        (int status, string body) = await broker.TryGetAsync("/whoami", "guest", "wrong");

        Assert.Equal(401, status);
        Assert.Equal("""{"error":"not_authorized","reason":"Login failed"}""", body);
    }

    [Fact]
    public async Task User_without_a_tag_of_the_management_is_refused()
    {
        broker.Broker.Users.Add("nobody", "pw", ["impersonator"]);

        (int status, string body) = await broker.TryGetAsync("/whoami", "nobody", "pw");

        Assert.Equal(401, status);
        Assert.Equal("""{"error":"not_authorised","reason":"Not management user"}""", body);
    }
}
