using Xunit;

namespace Warren.Server.Tests.Cli;

/// <summary>The container image cannot be built in a test; what its users rely on can be read.</summary>
public sealed class ImageTests
{
    private readonly string _text = File.ReadAllText(Path.Combine(Root(), "Dockerfile"));

    [Theory]
    [InlineData(5672)]
    [InlineData(5671)]
    [InlineData(15672)]
    [InlineData(15692)]
    [InlineData(1883)]
    [InlineData(61613)]
    [InlineData(5552)]
    public void Ports_of_docker_run_lines_are_exposed(int port)
    {
        string expose = Assert.Single(_text.Split('\n'), l => l.StartsWith("EXPOSE ", StringComparison.Ordinal));

        Assert.Contains($" {port}", expose + " ", StringComparison.Ordinal);
    }

    [Fact]
    public void Guest_is_let_in_from_other_containers_and_the_log_goes_to_standard_output()
    {
        Assert.Contains(@"loopback_users.guest = false\nlog.console = true\n", _text, StringComparison.Ordinal);
        Assert.Contains("/etc/rabbitmq/conf.d/10-defaults.conf", _text, StringComparison.Ordinal);
    }

    [Fact]
    public void Server_is_the_first_process_without_a_script_and_without_root()
    {
        Assert.Contains("ENTRYPOINT [\"/usr/local/bin/warren\"]", _text, StringComparison.Ordinal);
        Assert.Contains("CMD [\"server\"]", _text, StringComparison.Ordinal);
        Assert.Contains("USER rabbitmq", _text, StringComparison.Ordinal);
        Assert.Contains("VOLUME /var/lib/warren", _text, StringComparison.Ordinal);
    }

    private static string Root()
    {
        for (DirectoryInfo? folder = new(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            if (File.Exists(Path.Combine(folder.FullName, "Warren.slnx")))
            {
                return folder.FullName;
            }
        }

        throw new InvalidOperationException("the repository was not found above the tests");
    }
}
