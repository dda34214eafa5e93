using Warren.Cli.Ctl;
using Warren.Cli.Ctl.Api;
using Warren.Cli.Ctl.Line;
using Warren.Management.Hosting;
using Xunit;

namespace Warren.Cli.Tests;

public sealed class CommandLineTests
{
    [Fact]
    public void Options_stand_before_behind_and_among_the_arguments()
    {
        ParsedLine line = Parse("-p", "v1", "set_policy", "--priority=3", "name", "--apply-to", "queues", "^x", "{}", "-q");

        Assert.Equal("set_policy", line.Word);
        Assert.Equal(["name", "^x", "{}"], line.Arguments);
        Assert.Equal("v1", line.VirtualHost);
        Assert.Equal("3", line.Options["priority"]);
        Assert.Equal("queues", line.Options["apply-to"]);
        Assert.True(line.Has(GlobalOptions.Quiet));
    }

    [Fact]
    public void Negative_numbers_and_what_follows_two_dashes_are_arguments()
    {
        Assert.Equal(["bob", "-5"], Parse("add_user", "bob", "-5").Arguments);
        Assert.Equal(["bob", "--secret"], Parse("add_user", "--", "bob", "--secret").Arguments);
    }

    [Theory]
    [InlineData("list_users --bogus")]
    [InlineData("list_users x y")]
    [InlineData("add_user")]
    [InlineData("list_queues -t soon")]
    [InlineData("list_queues --formatter yaml")]
    [InlineData("set_policy a b {} --priority high")]
    [InlineData("eval rabbit:status().")]
    [InlineData("--url ftp://x list_queues")]
    public async Task Line_that_makes_no_sense_is_64(string line)
    {
        FakeBroker broker = new();

        Tool run = await Tool.Ctl(broker, line);

        Assert.Equal(64, run.ExitCode);
        Assert.NotEqual("", run.Error);
        Assert.Empty(broker.Changes);
    }

    [Fact]
    public async Task Usage_error_does_not_repeat_the_password()
    {
        Tool run = await Tool.Ctl(new FakeBroker(), "--url http://bob:secret@host list_users x --password=hidden");

        Assert.Contains("Arguments given:\n\tlist_users x\n", run.Error, StringComparison.Ordinal);
        Assert.DoesNotContain("secret", run.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Unknown_command_is_64_with_a_guess()
    {
        Tool run = await Tool.Ctl(new FakeBroker(), "list_quees");

        Assert.Equal(64, run.ExitCode);
        Assert.Equal("\nCommand 'list_quees' not found.\nDid you mean 'list_queues'?\n\n", run.Error);
    }

    [Fact]
    public async Task Errors_are_JSON_when_the_answer_would_be()
    {
        Tool run = await Tool.Ctl(new FakeBroker(), "delete_queue nope --formatter json");

        Assert.Equal("{\"result\":\"error\",\"message\":\"Queue not found\"}\n", run.Error);
    }

    [Fact]
    public async Task Output_can_go_to_a_file()
    {
        string file = Path.GetTempFileName();

        Tool run = await Tool.Ctl(new FakeBroker(), ["server_version", "-q", "--file", file]);
        string written = await File.ReadAllTextAsync(file);
        File.Delete(file);

        Assert.Equal("", run.Output);
        Assert.Equal("4.1.0\n", written);
    }

    [Fact]
    public async Task Help_and_version_need_no_broker()
    {
        FakeBroker down = new() { IsDown = true };

        Assert.Equal("4.1.0\n", (await Tool.Ctl(down, "version")).Output);
        Assert.Equal("4.1.0\n", (await Tool.Ctl(down, "--version")).Output);
        Assert.Contains("list_queues", (await Tool.Ctl(down, "help")).Output, StringComparison.Ordinal);
        Assert.Contains("--priority", (await Tool.Ctl(down, "help set_policy")).Output, StringComparison.Ordinal);
        Assert.Contains("set_policy <name>", (await Tool.Ctl(down, "set_policy --help")).Output, StringComparison.Ordinal);
        Assert.Contains("add_user\n", (await Tool.Ctl(down, "help --list-commands")).Output, StringComparison.Ordinal);
        Assert.Equal(64, (await Tool.Ctl(down, "")).ExitCode);
    }

    [Fact]
    public void Names_and_options_of_commands_are_unique()
    {
        Assert.Equal(CommandTable.All.Count, CommandTable.All.Select(c => c.Name).Distinct(StringComparer.Ordinal).Count());
        Assert.All(CommandTable.All, c => Assert.Equal(c.Options.Count, c.Options.Select(o => o.Name).Distinct(StringComparer.Ordinal).Count()));
    }

    [Fact]
    public void Local_socket_comes_before_the_local_port()
    {
        string socket = Path.Combine(Path.GetFullPath("data"), "management.sock");

        var local = ApiAddress.Of(Parse("status"), ["other", "data"], path => path == socket);
        var none = ApiAddress.Of(Parse("status"), ["other", "data"], _ => false);
        var named = ApiAddress.Of(Parse("status", "--username", "bob", "--password", "x"), ["data"], _ => true);

        Assert.Equal((socket, null), (local.SocketPath, local.User));
        Assert.Equal(("http://localhost:15672/", "guest"), (none.Url.ToString(), none.User));
        Assert.Equal((null, "bob", "x"), (named.SocketPath, named.User, named.Password));
    }

    [Fact]
    public void Windows_has_a_named_pipe_in_place_of_the_socket()
    {
        string pipe = @"\\.\pipe\" + LocalPipe.NameOf("data");

        var local = ApiAddress.Of(Parse("status"), ["other", "data"], path => path == pipe, hasPipes: true);
        var none = ApiAddress.Of(Parse("status"), ["other", "data"], path => path == pipe, hasPipes: false);

        Assert.Equal((pipe, null), (local.SocketPath, local.User));
        Assert.Equal((null, "guest"), (none.SocketPath, none.User));
        Assert.Equal(LocalPipe.NameOf("DATA/"), LocalPipe.NameOf("data"));
        Assert.NotEqual(LocalPipe.NameOf("other"), LocalPipe.NameOf("data"));
    }

    [Fact]
    public void Url_holds_credentials_port_and_prefix()
    {
        var full = ApiAddress.Of(Parse("status", "--url", "https://b%40b:p%3Aw@host/rabbit/api/"), [], _ => true);
        var plain = ApiAddress.Parse("host:8080", null, null);

        Assert.Equal(("https://host:15671/rabbit/", "b@b", "p:w"), (full.Url.ToString(), full.User, full.Password));
        Assert.Equal("http://host:8080/", plain.Url.ToString());
    }

    [Fact]
    public void Node_of_another_machine_is_its_management_port()
    {
        Assert.Equal("http://far:15672/", ApiAddress.Of(Parse("-n", "rabbit@far", "status"), ["data"], _ => true).Url.ToString());
        Assert.NotNull(ApiAddress.Of(Parse("-n", "rabbit@localhost", "status"), ["data"], _ => true).SocketPath);
    }

    [Theory]
    [InlineData("/usr/sbin/rabbitmqctl", "list_queues", nameof(Personality.Ctl), "list_queues")]
    [InlineData("rabbitmq-diagnostics", "ping", nameof(Personality.Ctl), "ping")]
    [InlineData("rabbitmq-plugins", "list", nameof(Personality.Plugins), "list")]
    [InlineData("rabbitmq-queues", "peek", nameof(Personality.Queues), "peek")]
    [InlineData("/opt/bin/rabbitmq-streams", "grow", nameof(Personality.Streams), "grow")]
    [InlineData("rabbitmq-upgrade", "drain", nameof(Personality.Upgrade), "drain")]
    [InlineData("warren", "ctl queues peek", nameof(Personality.Queues), "peek")]
    [InlineData("rabbitmqadmin", "list", nameof(Personality.Admin), "list")]
    [InlineData("warren", "ctl list_queues", nameof(Personality.Everything), "list_queues")]
    [InlineData("warren", "ctl admin list", nameof(Personality.Admin), "list")]
    [InlineData("warren", "ctl plugins list", nameof(Personality.Plugins), "list")]
    [InlineData("dotnet", "server", nameof(Personality.Warren), "server")]
    public void Name_of_the_program_decides_what_it_is(string program, string line, string personality, string rest)
    {
        var invocation = Invocation.Of(program, line.Split(' '));

        Assert.Equal(personality, invocation.Personality.ToString());
        Assert.Equal([rest], invocation.Arguments);
    }

    private static ParsedLine Parse(params string[] words) => LineParser.Parse(words, CommandTable.All);
}
