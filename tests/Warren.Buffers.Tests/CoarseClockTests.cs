using Xunit;

namespace Warren.Buffers.Tests;

/// <summary>Follows the provider, never backwards.</summary>
public sealed class CoarseClockTests
{
    [Fact]
    public void The_clock_stands_between_beats_and_follows_at_each()
    {
        var time = new SteppedTime();
        using var clock = new CoarseClock(time);
        long start = clock.NowMs;
        Assert.Equal(time.GetUtcNow().ToUnixTimeMilliseconds(), start);

        time.Elapse(TimeSpan.FromMilliseconds(10), beat: false);
        Assert.Equal(start, clock.NowMs);
        time.Beat();
        Assert.Equal(start + 10, clock.NowMs);
    }

    [Fact]
    public void A_wall_clock_set_back_does_not_turn_the_clock_back_or_stop_it()
    {
        var time = new SteppedTime();
        using var clock = new CoarseClock(time);
        long start = clock.NowMs;

        time.SetWall(TimeSpan.FromHours(-1));
        time.Elapse(TimeSpan.FromMilliseconds(30), beat: true);
        Assert.Equal(start + 30, clock.NowMs);

        time.SetWall(TimeSpan.FromHours(2));
        time.Beat();
        Assert.Equal(time.GetUtcNow().ToUnixTimeMilliseconds(), clock.NowMs);
    }

    [Fact]
    public void Fractions_of_a_millisecond_add_up()
    {
        var time = new SteppedTime();
        using var clock = new CoarseClock(time);
        long start = clock.NowMs;
        time.SetWall(TimeSpan.FromHours(-1));

        for (int i = 0; i < 1000; i++)
        {
            time.Elapse(TimeSpan.FromMicroseconds(100), beat: true);
        }

        Assert.Equal(start + 100, clock.NowMs);
    }

    // Time that moves when told to, with one timer.
    private sealed class SteppedTime : TimeProvider
    {
        private DateTimeOffset _now = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);
        private long _ticks;
        private Action? _beat;

        public override long TimestampFrequency => TimeSpan.TicksPerSecond;

        public override DateTimeOffset GetUtcNow() => _now;

        public override long GetTimestamp() => _ticks;

        public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
        {
            _beat = () => callback(state);
            return new Stopped();
        }

        public void Beat() => _beat!();

        public void SetWall(TimeSpan by) => _now += by;

        public void Elapse(TimeSpan by, bool beat)
        {
            _now += by;
            _ticks += by.Ticks;
            if (beat)
            {
                Beat();
            }
        }

        private sealed class Stopped : ITimer
        {
            public bool Change(TimeSpan dueTime, TimeSpan period) => true;

            public void Dispose()
            {
                // The test beats by hand.
            }

            public ValueTask DisposeAsync() => ValueTask.CompletedTask;
        }
    }
}
