using System.Collections;
using System.Globalization;
using System.Net.Sockets;
using System.Text;
using Warren.Cli;
using Warren.Cli.Daemon;
using Xunit;

namespace Warren.Server.Tests.Cli;

public sealed class ServiceCommandTests : IDisposable
{
    private readonly TemporaryDirectory _directory = new();
    private readonly StringWriter _output = new();
    private readonly StringWriter _error = new();

    public void Dispose()
    {
        _directory.Dispose();
        _output.Dispose();
        _error.Dispose();
    }

    [Fact]
    public void Unit_waits_for_the_server_s_word_and_restarts_it()
    {
        string unit = SystemdUnit.Write(new DaemonSettings("warren", "/opt/my warren/warren", "/etc/50%.conf", null, "warren", true));

        Assert.Contains("\nType=notify\n", unit, StringComparison.Ordinal);
        Assert.Contains("\nExecStart=\"/opt/my warren/warren\" server --config /etc/50%%.conf\n", unit, StringComparison.Ordinal);
        Assert.Contains("\nUser=warren\n", unit, StringComparison.Ordinal);
        Assert.Contains("\nExecReload=/bin/kill -HUP $MAINPID\n", unit, StringComparison.Ordinal);
        Assert.Contains("\nRestart=on-failure\n", unit, StringComparison.Ordinal);
        Assert.Contains("\nWatchdogSec=60\n", unit, StringComparison.Ordinal);
    }

    [Fact]
    public void Windows_service_is_created_with_its_command_and_restarts()
    {
        var settings = new DaemonSettings("Warren", @"C:\Program Files\warren.exe", @"C:\w.conf", null, null, true);

        IReadOnlyList<DaemonStep> steps = DaemonSteps.Windows(DaemonVerb.Install, settings);

        Assert.Equal(
            [
                "create", "Warren", "binPath=", @"""C:\Program Files\warren.exe"" server --config C:\w.conf --windows-service Warren",
                "DisplayName=", "Warren", "start=", "auto",
            ],
            steps[0].Arguments);
        Assert.All(steps, step => Assert.Equal("sc.exe", step.Program));
        Assert.Contains("restart/10000", steps[2].Arguments);
    }

    [Fact]
    public async Task Dry_run_shows_the_unit_and_the_commands()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "systemd is on Linux");

        Assert.Equal(0, await RunAsync("service", "install", "--name", "broker", "--dry-run", "--unit-dir", _directory.Path));

        Assert.Contains("systemctl daemon-reload\nsystemctl enable broker\n", _output.ToString(), StringComparison.Ordinal);
        Assert.Empty(Directory.GetFiles(_directory.Path));
    }

    [Fact]
    public async Task Name_that_could_be_a_path_is_refused()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "systemd is on Linux");

        Assert.Equal(64, await RunAsync("service", "install", "--name", "../x", "--unit-dir", _directory.Path));
    }

    [Fact]
    public void Systemd_is_told_that_the_server_is_ready_and_that_it_stops()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "systemd is on Linux");
        using var manager = new Socket(AddressFamily.Unix, SocketType.Dgram, ProtocolType.Unspecified) { ReceiveTimeout = 5000 };
        manager.Bind(new UnixDomainSocketEndPoint(_directory["notify"]));
        using var notifier = SystemdNotifier.FromEnvironment(
            new Hashtable { ["NOTIFY_SOCKET"] = _directory["notify"] }, TimeProvider.System);

        notifier.Ready();
        string ready = Receive(manager);
        notifier.Stopping();

        Assert.StartsWith($"READY=1\nMAINPID={Environment.ProcessId}\n", ready, StringComparison.Ordinal);
        Assert.Equal("STOPPING=1", Receive(manager));
    }

    [Fact]
    public void Systemd_s_watchdog_is_fed_twice_as_often_as_it_bites()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "systemd is on Linux");
        using var manager = new Socket(AddressFamily.Unix, SocketType.Dgram, ProtocolType.Unspecified) { ReceiveTimeout = 5000 };
        manager.Bind(new UnixDomainSocketEndPoint(_directory["notify"]));
        var variables = new Hashtable
        {
            ["NOTIFY_SOCKET"] = _directory["notify"],
            ["WATCHDOG_USEC"] = "100000",
            ["WATCHDOG_PID"] = Environment.ProcessId.ToString(CultureInfo.InvariantCulture),
        };
        using var notifier = SystemdNotifier.FromEnvironment(variables, TimeProvider.System);

        Assert.Equal("WATCHDOG=1", Receive(manager));
        Assert.Equal("WATCHDOG=1", Receive(manager));
    }

    [Fact]
    public async Task Configuration_is_shown_checked_and_imported()
    {
        await File.WriteAllTextAsync(_directory["a.conf"], "heartbeat = 30\n");
        await File.WriteAllTextAsync(_directory["bad.conf"], "heartbeet = 30\nframe_mx = 1\n");
        await File.WriteAllTextAsync(_directory["mosquitto.conf"], "listener 1883\n");

        Assert.Equal(0, await RunAsync("config", "show", "--config", _directory["a.conf"], "--set", "default_pass=s3cret"));
        Assert.Equal(0, await RunAsync("config", "check", _directory["a.conf"]));
        Assert.Equal(78, await RunAsync("config", "check", _directory["bad.conf"]));
        Assert.Equal(0, await RunAsync("config", "import", _directory["mosquitto.conf"]));

        string output = _output.ToString();
        Assert.Matches($"heartbeat = 30 +# {System.Text.RegularExpressions.Regex.Escape(_directory["a.conf"])}:1\n", output);
        Assert.Matches(@"default_pass = \*+ +# --set\n", output);
        Assert.DoesNotContain("s3cret", output, StringComparison.Ordinal);
        Assert.Contains("mqtt.listeners.tcp.1 = 1883\n", output, StringComparison.Ordinal);
        Assert.Equal(2, _error.ToString().Split('\n', StringSplitOptions.RemoveEmptyEntries).Length);
    }

    private static string Receive(Socket socket)
    {
        byte[] buffer = new byte[1024];
        return Encoding.UTF8.GetString(buffer, 0, socket.Receive(buffer));
    }

    private Task<int> RunAsync(params string[] args) => new WarrenCommand(_output, _error).RunAsync(args, CancellationToken.None);
}
