using System.Net;
using System.Net.Sockets;
using Warren.Cli;
using Xunit;

namespace Warren.Server.Tests.Cli;

public sealed class WarrenCommandTests : IDisposable
{
    private readonly TemporaryDirectory _directory = new();
    private readonly ReadyWriter _output = new();
    private readonly StringWriter _error = new();

    public void Dispose()
    {
        _directory.Dispose();
        _output.Dispose();
        _error.Dispose();
    }

    [Theory]
    [InlineData("servre", "warren: unknown command servre, did you mean server?")]
    [InlineData("server --cofnig x", "warren: unknown option --cofnig, did you mean --config?")]
    [InlineData("--cofnig x", "warren: unknown option --cofnig, did you mean --config?")]
    [InlineData("rabbitmq-server --cofnig x", "warren: unknown option --cofnig, did you mean --config?")]
    [InlineData("server more", "warren: unknown argument more")]
    public async Task Wrong_command_line_is_one_line_and_64(string line, string expected)
    {
        Assert.Equal(64, await RunAsync(line.Split(' ')));
        Assert.Equal([expected], Errors());
    }

    [Theory]
    [InlineData("heartbeet=30", "--set: unknown key heartbeet, did you mean heartbeat?")]
    [InlineData("heartbeat=often", "--set: heartbeat = often: expected a time in seconds")]
    [InlineData("heartbeat", "--set heartbeat: expected key=value")]
    public async Task Wrong_setting_is_one_line_and_78(string setting, string expected)
    {
        Assert.Equal(78, await RunServerAsync("--set", setting));
        Assert.StartsWith($"warren: {expected}", Assert.Single(Errors()), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Wrong_line_of_a_file_is_named_by_its_number()
    {
        await File.WriteAllTextAsync(_directory["warren.conf"], "# mine\nheartbeat = 30\nframe_mx = 4096\n");

        Assert.Equal(78, await RunServerAsync("--config", _directory["warren.conf"]));
        Assert.Equal([$"warren: {_directory["warren.conf"]}:3: unknown key frame_mx, did you mean frame_max?"], Errors());
    }

    [Fact]
    public async Task Taken_port_is_one_line_and_69()
    {
        using var other = new TcpListener(IPAddress.Loopback, 0);
        other.Start();

        int exitCode = await RunServerAsync("--set", $"listeners.tcp.other={other.LocalEndpoint}");

        Assert.Equal(69, exitCode);
        Assert.Equal([$"warren: cannot listen on {other.LocalEndpoint}: another program listens there"], Errors());
    }

    [Fact]
    public async Task Pid_file_that_cannot_be_written_is_one_line_and_73()
    {
        int exitCode = await RunServerAsync("--pid-file", Path.Combine(_directory["nowhere"], "pid"));

        Assert.Equal(73, exitCode);
        Assert.StartsWith("warren: cannot write the pid file", Assert.Single(Errors()), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Server_says_where_its_data_is_and_what_it_listens_on_and_that_it_is_ready()
    {
        using var stop = new CancellationTokenSource();
        Task<int> running = RunServerAsync(stop.Token, "--pid-file", _directory["pid"]);
        await Task.WhenAny(_output.Ready, running);
        string pid = await File.ReadAllTextAsync(_directory["pid"], CancellationToken.None);
        await stop.CancelAsync();

        Assert.Equal(0, await running);
        string[] lines = _output.ToString().Split('\n', StringSplitOptions.TrimEntries);
        Assert.Equal($"data directory {_directory["data"]}", lines[0]);
        Assert.StartsWith("listening for amqp on 127.0.0.1:", lines[1], StringComparison.Ordinal);
        Assert.Matches(@"^ready in \d+ ms$", lines[2]);
        Assert.Equal($"{Environment.ProcessId}\n", pid);
        Assert.False(File.Exists(_directory["pid"]));
    }

    [Fact]
    public async Task Version_is_printed()
    {
        Assert.Equal(0, await RunAsync("--version"));
        Assert.Matches(@"^warren \d+\.\d+\.\d+", _output.ToString());
    }

    [Fact]
    public async Task Setting_without_effect_is_a_warning()
    {
        using var stopped = new CancellationTokenSource();
        await stopped.CancelAsync();

        await RunServerAsync(stopped.Token, "--set", "num_acceptors.tcp=10");

        Assert.StartsWith("warren: warning: --set: num_acceptors.tcp has no effect", Assert.Single(Errors()), StringComparison.Ordinal);
    }

    private string[] Errors() => _error.ToString().Split('\n', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);

    private Task<int> RunServerAsync(params string[] args) => RunServerAsync(CancellationToken.None, args);

    private Task<int> RunServerAsync(CancellationToken stop, params string[] args) => RunAsync(
        [
            "server", "--data-dir", _directory["data"], "--set", "listeners.tcp.default=127.0.0.1:0", "--set", "management.tcp.port=none",
            "--set", "prometheus.tcp.port=none", "--set", "mqtt.listeners.tcp=none", "--set", "web_mqtt.tcp.port=none", "--set", "log.console=false", .. args,
        ],
        stop);

    private Task<int> RunAsync(params string[] args) => RunAsync(args, CancellationToken.None);

    private Task<int> RunAsync(string[] args, CancellationToken stop) =>
        new WarrenCommand(_output, _error).RunAsync(args, stop);

    // Tells when the line came that users and scripts wait for.
    private sealed class ReadyWriter : StringWriter
    {
        private readonly TaskCompletionSource _ready = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public Task Ready => _ready.Task;

        public override async Task WriteLineAsync(string? value)
        {
            await base.WriteLineAsync(value);
            if (value?.StartsWith("ready in ", StringComparison.Ordinal) == true)
            {
                _ready.TrySetResult();
            }
        }
    }
}
