using System.Net;
using System.Net.Http.Headers;
using System.Net.Sockets;
using System.Text;
using Xunit;

namespace Warren.Management.Tests;

public sealed class LocalSocketTests(ManagedBroker broker) : IClassFixture<ManagedBroker>
{
    [Fact]
    public async Task A_program_of_the_same_user_needs_no_login()
    {
        using HttpClient client = Client();

        Assert.Equal(HttpStatusCode.OK, (await client.GetAsync("/api/users", Cancellation)).StatusCode);
        using var body = new StringContent("{}");
        Assert.Equal(HttpStatusCode.Created, (await client.PutAsync("/api/vhosts/mine", body, Cancellation)).StatusCode);
        Assert.DoesNotContain(broker.Broker.Users.Permissions, p => p.Key.VirtualHost == "mine"); // as rabbitmqctl does it
    }

    [Fact]
    public async Task Who_comes_over_the_port_needs_one()
    {
        using var client = new HttpClient();

        using HttpResponseMessage reply = await client.GetAsync(new Uri(broker.Url + "/api/users"), Cancellation);

        Assert.Equal(HttpStatusCode.Unauthorized, reply.StatusCode);
    }

    [Fact]
    public async Task A_name_too_long_to_be_stored_is_the_clients_mistake()
    {
        using HttpClient client = Client();
        using var body = new StringContent("""{"password":"p","tags":""}""");

        using HttpResponseMessage reply = await client.PutAsync("/api/users/" + new string('u', 5000), body, Cancellation);

        Assert.Equal(HttpStatusCode.BadRequest, reply.StatusCode);
    }

    [Fact]
    public async Task A_login_that_is_brought_is_checked()
    {
        using HttpClient client = Client();
        client.DefaultRequestHeaders.Authorization =
            new AuthenticationHeaderValue("Basic", Convert.ToBase64String(Encoding.UTF8.GetBytes("guest:wrong")));

        Assert.Equal(HttpStatusCode.Unauthorized, (await client.GetAsync("/api/whoami", Cancellation)).StatusCode);
    }

    [Fact]
    public void Nobody_else_can_open_it()
    {
        if (!OperatingSystem.IsWindows())
        {
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(SocketPath));
        }
    }

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    private string SocketPath => Path.Combine(broker.Server.DataDirectory, "management.sock");

    private HttpClient Client() => new(new SocketsHttpHandler
    {
        ConnectCallback = async (_, cancellation) =>
        {
            var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
            await socket.ConnectAsync(new UnixDomainSocketEndPoint(SocketPath), cancellation);
            return new NetworkStream(socket, ownsSocket: true);
        },
    })
    {
        BaseAddress = new Uri("http://localhost"),
    };
}
