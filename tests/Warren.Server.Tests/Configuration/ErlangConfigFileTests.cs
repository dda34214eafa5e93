using System.Net;
using Warren.Server.Configuration;
using Warren.Server.Configuration.Erlang;
using Xunit;

namespace Warren.Server.Tests.Configuration;

public sealed class ErlangConfigFileTests
{
    private const string Article = """
        [{rabbit,        [{tcp_listeners,    [5672]}]},
         {rabbitmq_mqtt, [{default_user,     <<"guest">>},
                          {default_pass,     <<"guest">>},
                          {allow_anonymous,  true},
                          {vhost,            <<"/">>},
                          {exchange,         <<"webos.topic">>},
                          {subscription_ttl, 1800000},
                          {prefetch,         10},
                          {ssl_listeners,    []},
                          %% Default MQTT with TLS port is 8883
                          %% {ssl_listeners,    [8883]}
                          {tcp_listeners,    [1883]},
                          {tcp_listen_options, [binary,
                                                {packet,    raw},
                                                {reuseaddr, true},
                                                {backlog,   128},
                                                {nodelay,   true}]}]}
        ].
        """;

    [Fact]
    public void Article_s_file_is_read_into_the_keys_of_rabbitmq_conf()
    {
        Assert.Equal(
            [
                "listeners.tcp = none", "listeners.tcp.1 = 5672",
                "mqtt.default_user = guest", "mqtt.default_pass = guest", "mqtt.allow_anonymous = true", "mqtt.vhost = /",
                "mqtt.exchange = webos.topic", "mqtt.subscription_ttl = 1800000", "mqtt.prefetch = 10",
                "mqtt.listeners.ssl = none", "mqtt.listeners.tcp = none", "mqtt.listeners.tcp.1 = 1883",
                "mqtt.tcp_listen_options.backlog = 128", "mqtt.tcp_listen_options.nodelay = true",
            ],
            Lines(Article));
    }

    [Fact]
    public void Missing_comma_is_named_where_it_belongs_however_many_comments_follow()
    {
        string text = Article.Replace("{ssl_listeners,    []},", "{ssl_listeners,    []}", StringComparison.Ordinal);

        string message = ErrorOf(text);

        Assert.Equal(
            "rabbitmq.config:9:41: a comma is missing after {ssl_listeners, ...}; "
            + "without it the term at line 12, column 19 cannot follow",
            message);
    }

    [Theory]
    [InlineData("[{rabbit, [{heartbeat, 30},]}].", "rabbitmq.config:1:27: no comma may stand before the closing ]")]
    [InlineData("[{rabbit, [{heartbeat, 30}]}]", "rabbitmq.config:1:30: the full stop that ends the term is missing")]
    [InlineData("[{rabbit, [{heartbeat, 30}}].", "rabbitmq.config:1:27: the list opened at line 1, column 11 is not closed by ]: found '}'")]
    [InlineData("[{rabbit, [{default_pass, \"a}]}].", "rabbitmq.config:1:27: the string that begins here has no closing \" on its line")]
    [InlineData("[{rabbit, [{heartbeat, Thirty}]}].", "rabbitmq.config:1:24: no Erlang term begins with 'T' (names are written in lower case or in single quotes)")]
    [InlineData("heartbeat = 30", "rabbitmq.config:1:11: no Erlang term begins with '=' (this file is read as Erlang terms; the other form belongs into a file that ends in .conf)")]
    [InlineData("[{rabbit, [heartbeat]}].", "rabbitmq.config:1:12: expected {key, value} in rabbit, found heartbeat")]
    [InlineData("[{rabit, []}].", "rabbitmq.config:1:2: unknown application rabit, did you mean rabbit?")]
    [InlineData("[{rabbit, []}]. x", "rabbitmq.config:1:17: a configuration is one term, found 'x' after its full stop")]
    [InlineData("", "rabbitmq.config:1:1: expected a term, found the end of the file")]
    [InlineData("[{rabbit, [{vm_memory_high_watermark, 0.4}\n{heartbeat, 3}]}].", "rabbitmq.config:1:43: a comma is missing after {vm_memory_high_watermark, ...}; without it the term at line 2, column 1 cannot follow")]
    public void Mistake_is_named_with_line_and_column(string text, string expected)
    {
        Assert.Equal(expected, ErrorOf(text));
    }

    [Fact]
    public void Secret_is_not_in_the_message_about_what_follows_it()
    {
        Assert.DoesNotContain("s3cret", ErrorOf("[{rabbit, [{default_pass, <<\"s3cret\">> {heartbeat, 1}}]}]."), StringComparison.Ordinal);
    }

    [Fact]
    public void Depth_is_bounded()
    {
        Assert.EndsWith("terms are nested deeper than 64", ErrorOf(new string('[', 100_000)), StringComparison.Ordinal);
    }

    [Fact]
    public void Common_keys_of_old_files_take_effect()
    {
        const string text = """
            %% -*- mode: erlang -*-
            [{rabbit, [{tcp_listeners, [{"127.0.0.1", 16#1628}, {"::1", 5673}]},
                       {loopback_users, []},
                       {default_user, <<"admin">>}, {default_pass, "p%w"},
                       {vm_memory_high_watermark, {absolute, "2GB"}},
                       {disk_free_limit, {mem_relative, 1.5}},
                       {heartbeat, 30}, {frame_max, 131_072},
                       {ssl_options, [{verify, verify_peer}, {versions, ['tlsv1.2']}, {fail_if_no_peer_cert, true}]},
                       {auth_mechanisms, ['PLAIN']},
                       {log, [{file, [{file, "a.log"}, {level, warning}]}, {console, [{enabled, false}]},
                              {categories, [{connection, [{level, error}]}]}]}]},
             {kernel, [{inet_dist_listen_min, 9100}]}].
            """;
        var options = new WarrenServerOptions();

        IReadOnlyList<string> warnings = new OptionTable(options).Apply(ErlangConfigFile.Parse(text, "rabbitmq.config"));

        Assert.Equal([new IPEndPoint(IPAddress.Loopback, 5672), new IPEndPoint(IPAddress.IPv6Loopback, 5673)], options.TcpListeners);
        Assert.Empty(options.Broker.LoopbackUsers);
        Assert.Equal(("admin", "p%w"), (options.Broker.DefaultUser, options.Broker.DefaultPassword));
        Assert.Equal(2_000_000_000, options.Broker.MemoryWatermarkBytes);
        Assert.Equal(1.5, options.Broker.DiskFreeLimitRelative);
        Assert.Equal(30, options.Amqp091.HeartbeatSeconds);
        Assert.Equal(131072, options.Amqp091.FrameMax);
        Assert.True(options.Tls.RequirePeerCertificate);
        Assert.Equal("a.log", options.Log.File);
        Assert.False(options.Log.Console);
        Assert.Equal(Microsoft.Extensions.Logging.LogLevel.Error, options.Log.CategoryLevels["connection"]);
        Assert.StartsWith("rabbitmq.config:12:2: application.kernel has no effect", Assert.Single(warnings), StringComparison.Ordinal);
    }

    [Fact]
    public void Unknown_key_is_refused_with_its_place()
    {
        var error = Assert.Throws<ConfigurationError>(() => new OptionTable(new WarrenServerOptions()).Apply(
            ErlangConfigFile.Parse("[{rabbit,\n  [{heartbeet, 30}]}].", "rabbitmq.config")));

        Assert.Equal("rabbitmq.config:2:16: unknown key heartbeet, did you mean heartbeat?", error.Message);
    }

    private static string ErrorOf(string text) =>
        Assert.Throws<ConfigurationError>(() => ErlangConfigFile.Parse(text, "rabbitmq.config")).Message;

    private static string[] Lines(string text) =>
        [.. ErlangConfigFile.Parse(text, "rabbitmq.config").Select(s => $"{s.Key} = {s.Value}")];
}
