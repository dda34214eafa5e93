using System.Globalization;
using System.Text;
using Microsoft.Extensions.Logging;
using Warren.Server.Logging;
using Xunit;

namespace Warren.Server.Tests.Logging;

public sealed class RotationScheduleTests
{
    [Theory]
    [InlineData("$D0", "2026-11-21T23:59:59+09:00", "2026-11-22T00:00:00+09:00")]
    [InlineData("$D0", "2026-11-21T00:00:00+00:00", "2026-11-22T00:00:00+00:00")]
    [InlineData("$D23", "2026-11-21T10:00:00+00:00", "2026-11-21T23:00:00+00:00")]
    [InlineData("$W0D23", "2026-11-21T10:00:00+00:00", "2026-11-22T23:00:00+00:00")]
    [InlineData("$W6D9", "2026-11-21T10:00:00+00:00", "2026-11-28T09:00:00+00:00")]
    [InlineData("$M1D0", "2026-11-21T10:00:00+00:00", "2026-12-01T00:00:00+00:00")]
    [InlineData("$M31D6", "2026-11-21T10:00:00+00:00", "2026-11-30T06:00:00+00:00")]
    [InlineData("$H30", "2026-11-21T10:29:59+00:00", "2026-11-21T10:30:00+00:00")]
    [InlineData("$H30", "2026-11-21T10:30:00+00:00", "2026-11-21T11:30:00+00:00")]
    public void Next_turn_is_the_first_after_a_moment(string text, string now, string expected)
    {
        Assert.True(RotationSchedule.TryParse(text, out RotationSchedule? schedule));

        Assert.Equal(Parse(expected), schedule!.Next(Parse(now)));
    }

    [Theory]
    [InlineData("")]
    [InlineData("D0")]
    [InlineData("$D24")]
    [InlineData("$W7D0")]
    [InlineData("$M0D0")]
    [InlineData("$H60")]
    [InlineData("$D0x")]
    [InlineData("$W1")]
    public void What_is_no_schedule_is_refused(string text)
    {
        Assert.False(RotationSchedule.TryParse(text, out _));
    }

    [Fact]
    public void File_is_changed_when_the_turn_has_come()
    {
        using var directory = new TemporaryDirectory();
        var time = new Clock { Now = Parse("2026-11-21T23:59:00+00:00") };
        Assert.True(RotationSchedule.TryParse("$D0", out RotationSchedule? schedule));
        using (var sink = new RollingFileSink(directory["a.log"], LogLevel.Information, 1_000_000, 3, schedule, time))
        {
            sink.Write(Encoding.UTF8.GetBytes("before\n"));
            time.Now = Parse("2026-11-22T00:00:00+00:00");
            sink.Write(Encoding.UTF8.GetBytes("after\n"));
            sink.Write(Encoding.UTF8.GetBytes("later\n"));
        }

        Assert.Equal("before\n", File.ReadAllText(directory["a.log.1"]));
        Assert.Equal("after\nlater\n", File.ReadAllText(directory["a.log"]));
        Assert.False(File.Exists(directory["a.log.2"]));
    }

    private static DateTimeOffset Parse(string text) => DateTimeOffset.Parse(text, CultureInfo.InvariantCulture);

    private sealed class Clock : TimeProvider
    {
        public DateTimeOffset Now { get; set; }

        public override TimeZoneInfo LocalTimeZone => TimeZoneInfo.Utc;

        public override DateTimeOffset GetUtcNow() => Now;
    }
}
