using Warren.Cli.Ctl;
using Warren.Cli.Ctl.Api;
using static Warren.Interop.Tests.Security.MatrixBroker;

namespace Warren.Interop.Tests.Security;

/// <summary>Every command of <c>warren ctl</c> for every role: reliability, 40.</summary>
public sealed class CtlPermissionTests(MatrixBroker broker) : IClassFixture<MatrixBroker>
{
    private const int Refused = 69; // EX_UNAVAILABLE

    public static TheoryData<string> Lines => [.. CtlTable.Rows.Where(r => r.NotRun is null).Select(r => r.Line)];

    [Theory]
    [MemberData(nameof(Lines))]
    public async Task Command_ends_as_the_tag_and_the_rights_of_the_user_say(string line)
    {
        CtlRow row = CtlTable.Rows.Single(r => r.Line == line);
        foreach (Role role in Role.All.Where(row.IsRefused))
        {
            (int code, string output, string error) = await RunAsync(row, role);
            Assert.True(code == Refused, $"{line} by {role}: exit code {code}, {output}{error}");
            Assert.Contains("Access refused", error, StringComparison.Ordinal);
        }

        await broker.AssertUntouchedAsync($"{line}, refused,");
        foreach (Role role in Role.All.Where(r => !row.OnlyRefused && !row.IsRefused(r)))
        {
            (int code, string output, string error) = await RunAsync(row, role);
            Assert.True(code == row.Allowed, $"{line} by {role}: exit code {code}, {output}{error}");
            if (row.Guard is HttpGuard.Any or HttpGuard.Nobody)
            {
                await broker.AssertUntouchedAsync($"{line} by {role}");
            }
            else if (row.Guard is not (HttpGuard.Monitor or HttpGuard.VirtualHostVisible))
            {
                await RestoreAsync(row);
            }
        }
    }

    private async Task RestoreAsync(CtlRow row)
    {
        if (row.Command == "add_user")
        {
            broker.Broker.Users.Remove("zz.made");
        }
        else if (row.Command == "add_vhost")
        {
            broker.Broker.DeleteVirtualHost("zz-made");
        }
        else if (row.Command == "set_permissions_globally")
        {
            broker.Broker.Users.ClearPermissions(Doomed, "/");
            broker.Broker.Users.ClearPermissions(Doomed, DoomedVirtualHost);
        }

        await broker.RestoreAsync();
    }

    private async Task<(int Code, string Output, string Error)> RunAsync(CtlRow row, Role role)
    {
        using var output = new StringWriter { NewLine = "\n" };
        using var error = new StringWriter { NewLine = "\n" };
        var program = new CtlProgram(row.Tools, new CtlStreams(new StringReader(row.Input), output, error), ApiTransport.Open, () => []);
        string url = broker.Url.Replace("://", $"://{role.User}:{Role.Password}@", StringComparison.Ordinal);
        int code = await program.RunAsync(
            [.. row.Line.Split(' '), "--url", url, "--vhost", VirtualHost, "--timeout", "10"], TestContext.Current.CancellationToken);
        return (code, output.ToString(), error.ToString());
    }
}
