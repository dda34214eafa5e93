using Microsoft.Extensions.Logging;
using Warren.Server.Logging;
using Xunit;

namespace Warren.Server.Tests.Logging;

public sealed class LogRedactionTests
{
    [Theory]
    [InlineData("cannot reach amqp://user:s3cret@host:5672/%2f today", "cannot reach amqp://user:********@host:5672/%2f today")]
    [InlineData("amqp://u:s3:cr@et@h and http://v:s3cret@i/", "amqp://u:********@h and http://v:********@i/")]
    [InlineData("password=s3cret, host=a", "password=********, host=a")]
    [InlineData("default_pass = s3cret", "default_pass = ********")]
    [InlineData("{\"password\": \"s3 cret\", \"a\": 1}", "{\"password\": \"********\", \"a\": 1}")]
    [InlineData("Client_Secret='s3cret'", "Client_Secret='********'")]
    [InlineData("token=", "token=********")]
    [InlineData("password", "password")]
    [InlineData("the password of user 'a' was changed", "the password of user 'a' was changed")]
    [InlineData("http://host/path?x=a@b", "http://host/path?x=a@b")]
    [InlineData("amqp://user@host", "amqp://user@host")]
    [InlineData("plain text :// and more", "plain text :// and more")]
    public void Secrets_are_masked_and_everything_else_stays(string text, string expected)
    {
        Assert.Equal(expected, LogRedaction.Redact(text));
    }

    [Fact]
    public void Line_of_the_log_has_no_secret()
    {
        var entry = new LogEntry(DateTimeOffset.UnixEpoch, LogLevel.Error, "link", "amqp://a:s3cret@b", new IOException("password=s3cret"));

        Assert.DoesNotContain("s3cret", LogLine.Format(entry), StringComparison.Ordinal);
    }
}
