using System.Net;
using Xunit;

namespace Warren.Cli.Tests;

public sealed class NodeCommandTests
{
    [Theory]
    [InlineData("set_vm_memory_high_watermark 0.4", "PUT nodes/rabbit%40here/memory-watermark {\"relative\":0.4}", "Setting memory threshold on rabbit@here to 0.4 ...")]
    [InlineData("set_vm_memory_high_watermark absolute 1GB", "PUT nodes/rabbit%40here/memory-watermark {\"absolute\":\"1GB\"}", "Setting memory threshold on rabbit@here to 1GB bytes ...")]
    [InlineData("set_disk_free_limit 2GiB", "PUT nodes/rabbit%40here/disk-free-limit {\"absolute\":\"2GiB\"}", "Setting disk free limit on rabbit@here to 2GiB bytes ...")]
    [InlineData("set_disk_free_limit mem_relative 1.5", "PUT nodes/rabbit%40here/disk-free-limit {\"mem_relative\":1.5}", "Setting disk free limit on rabbit@here to 1.5 times the total RAM ...")]
    [InlineData("deactivate_free_disk_space_monitoring", "PUT nodes/rabbit%40here/disk-free-limit {\"absolute\":\"0\"}", "Deactivating free disk space monitoring on node rabbit@here ...")]
    [InlineData("set_log_level debug", "PUT nodes/rabbit%40here/log-level {\"level\":\"debug\"}", "Setting log level to \"debug\" on rabbit@here ...")]
    [InlineData("set_log_level connection debug", "PUT nodes/rabbit%40here/log-level {\"level\":\"debug\",\"category\":\"connection\"}", "Setting log level for category \"connection\" to \"debug\" on rabbit@here ...")]
    [InlineData("rotate_logs", "POST nodes/rabbit%40here/rotate-logs {}", "Rotating logs for node rabbit@here ...")]
    [InlineData("stop_app", "POST nodes/rabbit%40here/stop-app {}", "Stopping rabbit application on node rabbit@here ...")]
    [InlineData("start_app", "POST nodes/rabbit%40here/start-app {}", "Starting node rabbit@here ...")]
    [InlineData("reset", "POST nodes/rabbit%40here/reset {}", "Resetting node rabbit@here ...")]
    [InlineData("force_reset", "POST nodes/rabbit%40here/reset {}", "Forcefully resetting node rabbit@here ...")]
    [InlineData("suspend_listeners", "POST nodes/rabbit%40here/suspend-listeners {}", "Will suspend client connection listeners on node rabbit@here. The node will no longer accept client connections!")]
    [InlineData("revive", "POST nodes/rabbit%40here/revive {}", "Will put node rabbit@here back into regular operating mode. The node will again serve client traffic.")]
    public async Task Each_command_asks_the_node_and_says_so(string line, string request, string banner)
    {
        var broker = new FakeBroker();

        Tool run = await Tool.Ctl(broker, line);

        Assert.Equal((0, banner + "\n"), (run.ExitCode, run.Output));
        Assert.Equal([request], broker.Changes);
    }

    [Theory]
    [InlineData("set_vm_memory_high_watermark 1.01", 65)]
    [InlineData("set_vm_memory_high_watermark much", 65)]
    [InlineData("set_vm_memory_high_watermark absolute", 64)]
    [InlineData("set_disk_free_limit mem_relative", 64)]
    [InlineData("set_log_level a b c", 64)]
    public async Task What_makes_no_sense_is_not_asked(string line, int exitCode)
    {
        var broker = new FakeBroker();

        Tool run = await Tool.Ctl(broker, line);

        Assert.Equal(exitCode, run.ExitCode);
        Assert.Empty(broker.Changes);
    }

    [Fact]
    public async Task Value_the_broker_cannot_read_is_65()
    {
        FakeBroker broker = new FakeBroker().Refuse("PUT nodes/rabbit%40here/log-level", HttpStatusCode.BadRequest, "level loud is not supported");

        Tool run = await Tool.Ctl(broker, "set_log_level loud");

        Assert.Equal((65, "Error:\nlevel loud is not supported\n"), (run.ExitCode, run.Error));
    }

    [Fact]
    public async Task Reset_of_a_running_node_is_70()
    {
        FakeBroker broker = new FakeBroker().Refuse("POST nodes/rabbit%40here/reset", HttpStatusCode.Conflict, "Mnesia is still running on node rabbit@here.");

        Tool run = await Tool.Ctl(broker, "reset");

        Assert.Equal((70, "Error:\nMnesia is still running on node rabbit@here.\n"), (run.ExitCode, run.Error));
    }

    [Fact]
    public async Task Stopped_broker_fails_the_check_and_is_told()
    {
        FakeBroker broker = new FakeBroker().Answer("GET nodes/rabbit%40here", """{"name":"rabbit@here","running":false}""");

        Tool check = await Tool.Ctl(broker, "check_running");
        Tool told = await Tool.Ctl(broker, "-q is_running");
        Tool status = await Tool.Ctl(broker, "status");

        Assert.Equal((69, "Error:\nRabbitMQ on node rabbit@here is not running or has not fully booted yet (check with is_booting)\n"), (check.ExitCode, check.Error));
        Assert.Equal((0, "RabbitMQ on node rabbit@here is not running or has not fully booted yet (check with is_booting)\n"), (told.ExitCode, told.Output));
        Assert.Equal(0, status.ExitCode);
    }
}
