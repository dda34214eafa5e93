using System.Collections;
using Microsoft.Extensions.Logging;
using Warren.Server.Configuration;
using Xunit;

namespace Warren.Server.Tests.Configuration;

public sealed class ConfigurationLoaderTests : IDisposable
{
    private readonly string _file = Path.Combine(Path.GetTempPath(), $"warren-{Guid.NewGuid():n}.conf");

    public void Dispose() => File.Delete(_file);

    [Fact]
    public void Command_line_beats_environment_beats_file_beats_default()
    {
        Write("log.level = warning\nlog.console = false\nlog.file = a.log\n");

        WarrenServerOptions options = Load(["log.level=debug"], ("WARREN_LOG__LEVEL", "error"), ("WARREN_LOG__FILE", "b.log")).Options;

        Assert.Equal(LogLevel.Debug, options.Log.Level);
        Assert.Equal("b.log", options.Log.File);
        Assert.False(options.Log.Console);
        Assert.Equal(5672, Assert.Single(options.TcpListeners).Port);
    }

    [Fact]
    public void Log_keys_of_the_file_take_effect()
    {
        Write("log.level = debug\nlog.console.level = error\nlog.connection.level = warning\nlog.file = false\n");

        WarrenServerOptions options = Load([]).Options;

        Assert.Equal(LogLevel.Debug, options.Log.Level);
        Assert.Equal(LogLevel.Error, options.Log.ConsoleLevel);
        Assert.Equal(LogLevel.Warning, options.Log.CategoryLevels["connection"]);
        Assert.Equal("false", options.Log.File);
    }

    [Fact]
    public void Own_key_needs_its_prefix_once_in_the_environment()
    {
        Write("");

        Assert.Equal("/a", Load([], ("WARREN_DATA_DIR", "/a")).Options.DataDirectory);
        Assert.Equal("/b", Load([], ("WARREN_WARREN__DATA_DIR", "/b")).Options.DataDirectory);
    }

    [Fact]
    public void Variable_that_is_no_option_is_a_warning()
    {
        Write("");

        string warning = Assert.Single(Load([], ("WARREN_SERVICE_HOST", "10.0.0.1")).Warnings);

        Assert.StartsWith("WARREN_SERVICE_HOST: unknown key service_host", warning, StringComparison.Ordinal);
    }

    [Fact]
    public void Error_in_the_file_names_file_and_line()
    {
        Write("log.level = debug\n\nlisteners.tpc.default = 5673\n");

        var error = Assert.Throws<ConfigurationError>(() => Load([]));

        Assert.StartsWith($"{_file}:3: unknown key listeners.tpc.default", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Setting_without_a_value_is_refused()
    {
        Write("");

        var error = Assert.Throws<ConfigurationError>(() => Load(["heartbeat"]));

        Assert.Equal("--set heartbeat: expected key=value", error.Message);
    }

    private void Write(string text) => File.WriteAllText(_file, text);

    private LoadedConfiguration Load(string[] assignments, params (string Name, string Value)[] variables)
    {
        var environment = new Hashtable();
        foreach ((string name, string value) in variables)
        {
            environment[name] = value;
        }

        return ConfigurationLoader.Load(_file, environment, assignments);
    }
}
