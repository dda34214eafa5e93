using Warren.Transport.InMemory;
using Xunit;

namespace Warren.Protocols.Tests.Transport;

/// <summary>Every connection is ticked once a second, a tenth of them at a time.</summary>
public sealed class HeartbeatWheelTests
{
    [Fact]
    public void Each_connection_is_ticked_once_a_second_and_never_all_together()
    {
        var time = new SteppedTime();
        using var transport = new TransportFixture(time);
        var protocol = new ScriptedProtocol();
        InMemoryConnection[] clients = [.. Enumerable.Range(0, 50).Select(_ => new InMemoryConnection(protocol, transport.Resources))];

        for (int beat = 1; beat <= 30; beat++)
        {
            time.Elapse(TimeSpan.FromMilliseconds(100));
            Assert.Equal(5 * beat, protocol.Sessions.Sum(session => session.Ticks.Count));
        }

        Assert.All(protocol.Sessions, session => Assert.Equal(3, session.Ticks.Count));
        Assert.All(protocol.Sessions, session => Assert.Equal(1000, session.Ticks[1] - session.Ticks[0]));
        Array.ForEach(clients, client => client.Dispose());
        Assert.Equal(0, transport.Resources.Heartbeats.Count);
    }

    [Fact]
    public void A_connection_in_a_hurry_is_ticked_every_half_second()
    {
        var time = new SteppedTime();
        using var transport = new TransportFixture(time);
        var protocol = new ScriptedProtocol();
        using var hurried = new InMemoryConnection(protocol, transport.Resources);
        using var other = new InMemoryConnection(protocol, transport.Resources);
        hurried.Connection.TicksTwice = true;

        for (int beat = 0; beat < 30; beat++)
        {
            time.Elapse(TimeSpan.FromMilliseconds(100));
        }

        Assert.Equal(6, protocol.Sessions[0].Ticks.Count);
        Assert.All(protocol.Sessions[0].Ticks.Zip(protocol.Sessions[0].Ticks.Skip(1)), t => Assert.Equal(500, t.Second - t.First));
        Assert.Equal(3, protocol.Sessions[1].Ticks.Count);
    }

    [Fact]
    public void A_session_whose_tick_fails_loses_its_connection_and_the_others_go_on()
    {
        var time = new SteppedTime();
        using var transport = new TransportFixture(time);
        var protocol = new ScriptedProtocol();
        using var bad = new InMemoryConnection(protocol, transport.Resources);
        using var good = new InMemoryConnection(protocol, transport.Resources);
        protocol.Sessions[0].OnNextTick = static () => throw new TimeoutException("heartbeat");

        time.Elapse(TimeSpan.FromSeconds(1));
        bad.Run();

        Assert.True(bad.IsClosed);
        Assert.IsType<TimeoutException>(protocol.Sessions[0].ClosedWith());
        Assert.False(good.IsClosed);
        Assert.Single(protocol.Sessions[1].Ticks);
    }

    [Fact]
    public void A_session_that_has_to_wait_holds_up_no_heartbeat_of_the_others()
    {
        var time = new Warren.Buffers.Tests.Scheduling.SteppedTime();
        using var transport = new TransportFixture(time);
        var protocol = new ScriptedProtocol();
        using var waiting = new InMemoryConnection(protocol, transport.Resources);
        using var other = new InMemoryConnection(protocol, transport.Resources);
        using var entered = new ManualResetEventSlim();
        using var leave = new ManualResetEventSlim();
        protocol.Sessions[0].OnNextLook = () =>
        {
            entered.Set();
            leave.Wait();
        };
        var stuck = new Thread(() => time.Elapse(TimeSpan.FromSeconds(1)));
        stuck.Start();
        entered.Wait(TestContext.Current.CancellationToken);

        time.Elapse(TimeSpan.FromSeconds(5)); // on this thread, as the timer's next calls would be

        Assert.InRange(protocol.Sessions[1].Ticks.Count, 5, 6);
        leave.Set();
        stuck.Join();
    }

    [Fact]
    public void A_client_that_comes_right_after_the_process_stood_still_has_not_been_here_all_the_time()
    {
        var time = new SteppedTime();
        using var transport = new TransportFixture(time);
        var protocol = new ScriptedProtocol();
        time.StandStill(TimeSpan.FromMinutes(1));
        using var client = new InMemoryConnection(protocol, transport.Resources);

        time.Elapse(TimeSpan.FromSeconds(1));

        long tick = Assert.Single(protocol.Sessions[0].Ticks);
        Assert.InRange(tick - client.Connection.OpenedAt.Ms, 0, 1000);
    }

    // Time that moves when told to; its timers beat on the thread that moves it.
    private sealed class SteppedTime : TimeProvider
    {
        private readonly List<Timer> _timers = [];
        private DateTimeOffset _now = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);

        public override long TimestampFrequency => TimeSpan.TicksPerSecond;

        public override DateTimeOffset GetUtcNow() => _now;

        public override long GetTimestamp() => _now.Ticks;

        public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
        {
            var timer = new Timer(() => callback(state), _now + dueTime, period);
            _timers.Add(timer);
            return timer;
        }

        public void Elapse(TimeSpan by)
        {
            DateTimeOffset end = _now + by;
            while (_timers.MinBy(timer => timer.Due) is { } next && next.Due <= end)
            {
                _now = next.Due > _now ? next.Due : _now;
                next.Beat(_now);
            }

            _now = end;
        }

        // As of a process that gets no processor: nothing beats, then everything at once.
        public void StandStill(TimeSpan length) => _now += length;

        private sealed class Timer(Action beat, DateTimeOffset due, TimeSpan period) : ITimer
        {
            public DateTimeOffset Due { get; private set; } = due;

            public void Beat(DateTimeOffset now)
            {
                Due = now + period;
                beat();
            }

            public bool Change(TimeSpan dueTime, TimeSpan period) => false;

            public void Dispose() => Due = DateTimeOffset.MaxValue;

            public ValueTask DisposeAsync()
            {
                Dispose();
                return ValueTask.CompletedTask;
            }
        }
    }
}
