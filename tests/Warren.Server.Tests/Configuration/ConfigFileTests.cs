using Warren.Server.Configuration;
using Xunit;

namespace Warren.Server.Tests.Configuration;

public sealed class ConfigFileTests
{
    [Fact]
    public void Comments_blank_lines_and_blanks_around_the_sign_mean_nothing()
    {
        IReadOnlyList<ConfigSetting> settings = Parse("# first\n\n  heartbeat   =  30  # seconds\r\nframe_max=131072\n");

        Assert.Equal(
            [new ConfigSetting("heartbeat", "30", "t.conf:3"), new ConfigSetting("frame_max", "131072", "t.conf:4")],
            settings);
    }

    [Theory]
    [InlineData("default_pass = 'a # b '", "a # b ")]
    [InlineData("default_pass = '' # empty", "")]
    [InlineData("default_pass = a#b", "a#b")]
    [InlineData("default_pass = a=b", "a=b")]
    [InlineData("default_pass = $(SECRET)!", "s3cret!")]
    [InlineData("default_pass = '$(SECRET)'", "$(SECRET)")]
    [InlineData("default_pass = \"quoted\"", "\"quoted\"")]
    public void Value_is_what_RabbitMQ_would_read(string line, string value)
    {
        Assert.Equal(value, Assert.Single(Parse(line)).Value);
    }

    [Theory]
    [InlineData("\n\nheartbeat 30", "t.conf:3: expected key = value, found 'heartbeat'")]
    [InlineData("= 30", "t.conf:1: expected key = value")]
    [InlineData("default_pass = 'open", "t.conf:1: a value in single quotes")]
    [InlineData("default_pass = 'a' b", "t.conf:1: a value in single quotes")]
    [InlineData("default_pass = $(NOBODY)", "t.conf:1: the environment variable NOBODY is not set")]
    [InlineData("default_pass = $(NOBODY", "t.conf:1: $( without")]
    public void Malformed_line_is_named_by_file_and_number(string text, string message)
    {
        var error = Assert.Throws<ConfigurationError>(() => Parse(text));

        Assert.StartsWith(message, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Malformed_line_does_not_give_a_password_away()
    {
        var error = Assert.Throws<ConfigurationError>(() => Parse("default_pass hunter2"));

        Assert.DoesNotContain("hunter2", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Missing_file_is_named()
    {
        string path = Path.Combine(Path.GetTempPath(), $"warren-{Guid.NewGuid():n}.conf");

        var error = Assert.Throws<ConfigurationError>(() => ConfigFile.Read(path, _ => null));

        Assert.Contains(path, error.Message, StringComparison.Ordinal);
    }

    private static IReadOnlyList<ConfigSetting> Parse(string text) =>
        ConfigFile.Parse(text, "t.conf", name => name is "SECRET" ? "s3cret" : null);
}
