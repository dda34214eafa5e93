using System.IO.Pipes;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging.Abstractions;
using Warren.Management.Hosting;
using Xunit;

namespace Warren.Management.Tests;

public sealed class LocalPipeTests
{
    [Fact]
    public async Task Requests_over_the_pipe_are_answered_as_those_of_a_program_of_the_same_user()
    {
        string name = $"warren-test-{Guid.NewGuid():N}";
        await using var server = HttpSiteServer.Start(
            [], LocalSite.Pipe(name, static http => http.Response.WriteAsync("trusted")), new ManagementOptions(), NullLogger.Instance);
        await server.Started;
        using var client = new HttpClient(new SocketsHttpHandler
        {
            ConnectCallback = async (_, cancellation) =>
            {
                var pipe = new NamedPipeClientStream(".", name, PipeDirection.InOut, PipeOptions.Asynchronous | PipeOptions.CurrentUserOnly);
                await pipe.ConnectAsync(cancellation);
                return pipe;
            },
        });

        string first = await client.GetStringAsync(new Uri("http://localhost/api/whoami"), TestContext.Current.CancellationToken);
        string second = await client.GetStringAsync(new Uri("http://localhost/api/whoami"), TestContext.Current.CancellationToken);

        Assert.Equal(("trusted", "trusted"), (first, second));
    }
}
