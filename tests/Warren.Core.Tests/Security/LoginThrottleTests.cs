using System.Net;
using Warren.Core.Security;
using Xunit;

namespace Warren.Core.Tests.Security;

public sealed class LoginThrottleTests
{
    private static readonly IPAddress Attacker = IPAddress.Parse("192.0.2.1");
    private static readonly IPAddress Somebody = IPAddress.Parse("192.0.2.2");

    private readonly MovedTime _time = new();
    private readonly LoginThrottle _throttle;

    public LoginThrottleTests() => _throttle = new LoginThrottle(_time);

    [Fact]
    public void Who_fails_too_often_must_wait_and_nobody_else()
    {
        int tried = 0;
        while (_throttle.MayTry(Attacker) && tried < 1000)
        {
            tried++;
            _throttle.OnFailure(Attacker);
        }

        Assert.InRange(tried, 10, 100);
        Assert.True(_throttle.MayTry(Somebody));
    }

    [Fact]
    public void Attempts_come_back_with_time()
    {
        for (int i = 0; i < 1000; i++)
        {
            _throttle.OnFailure(Attacker);
        }

        Assert.False(_throttle.MayTry(Attacker));
        _time.Now += TimeSpan.FromSeconds(1);
        Assert.True(_throttle.MayTry(Attacker));
    }

    [Fact]
    public void Many_addresses_do_not_take_all_memory_and_are_not_all_forgiven_at_once()
    {
        for (int i = 0; i < 100; i++)
        {
            _throttle.OnFailure(Attacker);
        }

        for (int i = 0; i < 5000; i++)
        {
            _throttle.OnFailure(new IPAddress(0x0A000000L + i));
        }

        Assert.False(_throttle.MayTry(Attacker));
    }

    private sealed class MovedTime : TimeProvider
    {
        public TimeSpan Now { get; set; }

        public override long TimestampFrequency => TimeSpan.TicksPerSecond;

        public override long GetTimestamp() => Now.Ticks;
    }
}
