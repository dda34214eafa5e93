using System.Collections;
using System.Net;
using Microsoft.Extensions.Logging;
using Warren.Server.Configuration;
using Warren.Server.Logging;
using Xunit;

namespace Warren.Server.Tests.Configuration;

public sealed class EnvironmentSettingsTests : IDisposable
{
    private readonly TemporaryDirectory _directory = new();

    public void Dispose() => _directory.Dispose();

    [Fact]
    public void Variables_of_a_compose_file_name_the_first_user_and_virtual_host()
    {
        WarrenServerOptions options = Load(
            ("RABBITMQ_DEFAULT_USER", "shop"), ("RABBITMQ_DEFAULT_PASS", "s3cret"), ("RABBITMQ_DEFAULT_VHOST", "orders"),
            ("RABBITMQ_ERLANG_COOKIE", "x"), ("RABBITMQ_NODENAME", "rabbit@a"));

        Assert.Equal(("shop", "s3cret", "orders"),
            (options.Broker.DefaultUser, options.Broker.DefaultPassword, options.Broker.DefaultVirtualHost));
    }

    [Fact]
    public void Secret_may_be_in_a_file()
    {
        File.WriteAllText(_directory["pass"], "s3cret\n");

        Assert.Equal("s3cret", Load(("RABBITMQ_DEFAULT_PASS_FILE", _directory["pass"])).Broker.DefaultPassword);
    }

    [Fact]
    public void Node_port_counts_where_no_listener_is_configured()
    {
        Assert.Equal(
            new IPEndPoint(IPAddress.Loopback, 5673),
            Assert.Single(Load(("RABBITMQ_NODE_PORT", "5673"), ("RABBITMQ_NODE_IP_ADDRESS", "127.0.0.1")).TcpListeners));

        File.WriteAllText(_directory["a.conf"], "listeners.tcp.1 = 5674\n");
        IPEndPoint configured = Assert.Single(
            Load(("RABBITMQ_NODE_PORT", "5673"), ("RABBITMQ_CONFIG_FILE", _directory["a"])).TcpListeners);
        Assert.Equal(5674, configured.Port);
    }

    [Fact]
    public void Config_files_are_read_one_after_the_other_and_the_last_wins()
    {
        Directory.CreateDirectory(_directory["conf.d"]);
        File.WriteAllText(_directory["rabbitmq.conf"], "heartbeat = 10\nchannel_max = 10\nframe_max = 8192\n");
        File.WriteAllText(Path.Combine(_directory["conf.d"], "20.conf"), "heartbeat = 30\n");
        File.WriteAllText(Path.Combine(_directory["conf.d"], "10.conf"), "heartbeat = 20\nchannel_max = 20\n");
        File.WriteAllText(_directory["advanced.config"], "[{rabbit, [{frame_max, 16384}]}].");

        WarrenServerOptions options = Load(
            ("RABBITMQ_CONFIG_FILE", _directory["rabbitmq"]),
            ("RABBITMQ_CONFIG_FILES", Path.Combine(_directory["conf.d"], "*.conf")),
            ("RABBITMQ_ADVANCED_CONFIG_FILE", _directory["advanced"]));

        Assert.Equal((30, 20, 16384), (options.Amqp091.HeartbeatSeconds, options.Amqp091.ChannelMax, options.Amqp091.FrameMax));
    }

    [Fact]
    public void Logs_go_where_and_as_the_variables_say()
    {
        LogOptions console = Load(("RABBITMQ_LOGS", "-"), ("RABBITMQ_LOG", "debug,connection=error,+json")).Log;
        Assert.True(console.Console);
        Assert.Equal(LogLevel.Debug, console.Level);
        Assert.Equal(LogLevel.Error, console.CategoryLevels["connection"]);
        Assert.Equal(LogFormat.Json, console.ConsoleFormat);

        Assert.Equal("/var/log/a.log", Load(("RABBITMQ_LOGS", "/var/log/a.log")).Log.File);
    }

    [Fact]
    public void Wrong_value_of_a_variable_of_RabbitMQ_is_an_error_that_names_it()
    {
        var error = Assert.Throws<ConfigurationError>(() => Load(("RABBITMQ_NODE_PORT", "amqp")));

        Assert.StartsWith("RABBITMQ_NODE_PORT: listeners.tcp.default = amqp: expected a port", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Own_variable_beats_that_of_RabbitMQ()
    {
        Assert.Equal("b", Load(("WARREN_DEFAULT_USER", "b"), ("RABBITMQ_DEFAULT_USER", "a")).Broker.DefaultUser);
    }

    private WarrenServerOptions Load(params (string Name, string Value)[] variables)
    {
        File.WriteAllText(_directory["none.conf"], "");
        var environment = new Hashtable { ["RABBITMQ_CONFIG_FILE"] = _directory["none.conf"] };
        foreach ((string name, string value) in variables)
        {
            environment[name] = value;
        }

        LoadedConfiguration loaded = ConfigurationLoader.Load(null, environment, []);
        Assert.Empty(loaded.Warnings);
        return loaded.Options;
    }
}
