using Warren.Buffers.Tests.Scheduling;
using Warren.Protocols.Tests.Amqp091.InMemory;
using Warren.Wire.Amqp091;
using Xunit;

namespace Warren.Protocols.Tests.Amqp091;

/// <summary>Heartbeats wait for nobody, and go by a clock that nobody sets.</summary>
public sealed class HeartbeatTests : IDisposable
{
    private readonly SteppedTime _time = new();
    private readonly InMemoryBroker _broker;

    public HeartbeatTests() => _broker = new InMemoryBroker(time: _time);

    public void Dispose() => _broker.Dispose();

    [Fact]
    public void Heartbeats_are_sent_while_a_session_is_held_and_to_the_others_too()
    {
        InMemoryClient held = _broker.Connect(heartbeat: 10);
        InMemoryClient other = _broker.Connect(heartbeat: 10);
        using var entered = new ManualResetEventSlim();
        using var leave = new ManualResetEventSlim();
        var holder = new Thread(() => held.Session.WhileStill(() =>
        {
            entered.Set();
            leave.Wait();
            return 0;
        }));
        holder.Start();
        entered.Wait(TestContext.Current.CancellationToken);

        _time.Elapse(TimeSpan.FromSeconds(7));

        Assert.Equal(FrameWriter.Heartbeat.Length, held.Available);
        Assert.Equal(FrameWriter.Heartbeat.Length, other.Available);
        leave.Set();
        holder.Join();
    }

    [Theory]
    [InlineData(1)]
    [InlineData(-1)]
    public void A_step_of_the_wall_clock_closes_nothing_and_keeps_no_silent_client(int hours)
    {
        InMemoryClient client = _broker.Connect(heartbeat: 10);

        _time.SetWall(TimeSpan.FromHours(hours));
        _time.Elapse(TimeSpan.FromSeconds(18));
        client.Run();
        Assert.False(client.IsClosed);

        _time.Elapse(TimeSpan.FromSeconds(4));
        client.Run();
        Assert.True(client.IsClosed);
    }
}
