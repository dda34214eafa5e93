using Warren.Server.Configuration;
using Xunit;

namespace Warren.Server.Tests.Configuration;

public sealed class OptionDocumentationTests
{
    public static TheoryData<string> Keys => new(new OptionTable(new WarrenServerOptions()).Keys);

    [Theory]
    [MemberData(nameof(Keys))]
    public void Every_key_is_in_the_configuration_page(string key)
    {
        Assert.Contains($"`{key}`", Page(), StringComparison.Ordinal);
    }

    [Fact]
    public void No_key_is_declared_twice()
    {
        Assert.Distinct(new OptionTable(new WarrenServerOptions()).Keys, StringComparer.Ordinal);
    }

    [Theory]
    [InlineData("listeners.tcp.default", "127.0.0.1:5673")]
    [InlineData("tcp_listen_options.backlog", "128")]
    [InlineData("handshake_timeout", "10000")]
    [InlineData("heartbeat", "0")]
    [InlineData("frame_max", "131072")]
    [InlineData("channel_max", "2047")]
    [InlineData("max_message_size", "134217728")]
    [InlineData("default_user", "rabbit")]
    [InlineData("loopback_users.guest", "false")]
    [InlineData("loopback_users", "none")]
    [InlineData("vm_memory_high_watermark.relative", "0.6")]
    [InlineData("vm_memory_high_watermark.absolute", "2GB")]
    [InlineData("vm_memory_high_watermark", "0.4")]
    [InlineData("disk_free_limit.absolute", "50MB")]
    [InlineData("disk_free_limit.relative", "1.0")]
    [InlineData("disk_free_limit", "1GB")]
    [InlineData("consumer_timeout", "1800000")]
    [InlineData("log.level", "debug")]
    [InlineData("management.tcp.port", "15672")]
    [InlineData("management.tcp.port", "none")]
    [InlineData("management.tcp.ip", "127.0.0.1")]
    [InlineData("management.cors.allow_origins.1", "https://example.org")]
    [InlineData("load_definitions", "/etc/rabbitmq/definitions.json")]
    [InlineData("definitions.local.path", "/etc/rabbitmq/definitions.json")]
    [InlineData("warren.page_budget", "256MiB")]
    public void Line_of_a_RabbitMQ_file_is_taken_without_a_warning(string key, string value)
    {
        var table = new OptionTable(new WarrenServerOptions());

        Assert.Empty(table.Apply([new ConfigSetting(key, value, "rabbitmq.conf:1")]));
    }

    [Fact]
    public void Bare_watermark_is_a_share_or_a_size()
    {
        var options = new WarrenServerOptions();

        new OptionTable(options).Apply(
        [
            new ConfigSetting("vm_memory_high_watermark", "0.25", "t:1"),
            new ConfigSetting("vm_memory_high_watermark", "3GB", "t:2"),
        ]);

        Assert.Equal(0.25, options.Broker.MemoryWatermarkRelative);
        Assert.Equal(3_000_000_000, options.Broker.MemoryWatermarkBytes);
    }

    private static string Page()
    {
        for (DirectoryInfo? folder = new(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            string page = Path.Combine(folder.FullName, "docs", "configuration.md");
            if (File.Exists(page))
            {
                return File.ReadAllText(page);
            }
        }

        throw new InvalidOperationException("docs/configuration.md was not found above the tests");
    }
}
