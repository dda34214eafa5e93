using Warren.Buffers;
using Warren.Buffers.Scheduling;
using Warren.Buffers.Tests.Scheduling;
using Warren.Core.Alarms;
using Warren.Storage;
using Xunit;

namespace Warren.Core.Tests.Alarms;

/// <summary>What is only kept for later goes back: when nobody works, and before anybody is blocked for it.</summary>
public sealed class MemoryTrimTests : IDisposable
{
    private const long Mebi = 1024 * 1024;

    private readonly SteppedTime _time = new();
    private readonly Scheduler _scheduler;
    private readonly SlabPool _slabs = new();
    private readonly FakeMemory _memory;
    private readonly MemoryTrim _trim;

    public MemoryTrimTests()
    {
        _scheduler = new Scheduler(_time);
        _memory = new FakeMemory(_slabs);
        _trim = new MemoryTrim(_slabs, _scheduler, _memory);
    }

    public void Dispose()
    {
        _trim.Dispose();
        _slabs.Dispose();
        _scheduler.Dispose();
    }

    [Fact]
    public void An_idle_broker_gives_back_what_a_burst_has_left()
    {
        Burst(200 * Mebi);

        _time.Elapse(TimeSpan.FromSeconds(60));

        Assert.Equal(0, _slabs.FreeBytes);
        Assert.Equal(1, _memory.ThoroughCollections);
        Assert.Equal(FakeMemory.Floor, _memory.InUseBytes);
    }

    [Fact]
    public void Nothing_is_collected_while_nothing_changes()
    {
        Burst(200 * Mebi);
        _time.Elapse(TimeSpan.FromSeconds(60));

        _time.Elapse(TimeSpan.FromMinutes(10));

        Assert.Equal(1, _memory.ThoroughCollections);
        Assert.Equal(0, _memory.QuickCollections - _memory.QuickBeforeIdle);
    }

    [Fact]
    public void Objects_that_went_without_any_message_count_too()
    {
        _time.Elapse(TimeSpan.FromSeconds(60));
        int before = _memory.ThoroughCollections;
        _memory.AllocatedBytes += 20 * Mebi; // what deleting a hundred thousand queues allocates

        _time.Elapse(TimeSpan.FromSeconds(60));

        Assert.Equal(before + 1, _memory.ThoroughCollections);
    }

    [Fact]
    public void A_busy_broker_is_not_stopped_for_it()
    {
        for (int i = 0; i < 60; i++)
        {
            Burst(100 * Mebi);
            _memory.ProcessorTime += TimeSpan.FromSeconds(1);
            _time.Elapse(TimeSpan.FromSeconds(1));
        }

        Assert.Equal(0, _memory.ThoroughCollections);
    }

    [Fact]
    public void Nobody_is_blocked_for_memory_that_is_only_kept()
    {
        using ResourceAlarms alarms = Alarms(limit: 300 * Mebi);
        Burst(290 * Mebi);

        _time.Elapse(TimeSpan.FromSeconds(1));

        Assert.Equal(AlarmKinds.None, alarms.Current);
        Assert.Equal(1, _memory.ThoroughCollections);
    }

    [Fact]
    public void An_alarm_is_on_within_a_second_and_off_within_two_after_the_drain()
    {
        using ResourceAlarms alarms = Alarms(limit: 300 * Mebi);
        List<Payload> backlog = Fill(400 * Mebi);
        _time.Elapse(TimeSpan.FromSeconds(1));
        Assert.Equal(AlarmKinds.Memory, alarms.Current);
        _time.Elapse(TimeSpan.FromMinutes(3));

        backlog.ForEach(static payload => payload.Release());
        _time.Elapse(TimeSpan.FromSeconds(2));

        Assert.Equal(AlarmKinds.None, alarms.Current);
    }

    [Fact]
    public void An_alarm_that_is_justified_costs_a_collection_now_and_then()
    {
        using ResourceAlarms alarms = Alarms(limit: 300 * Mebi);
        List<Payload> backlog = Fill(400 * Mebi);

        _time.Elapse(TimeSpan.FromMinutes(10));

        Assert.Equal(AlarmKinds.Memory, alarms.Current);
        Assert.InRange(_memory.ThoroughCollections, 1, 40);
        backlog.ForEach(static payload => payload.Release());
    }

    [Fact]
    public void Other_pools_are_trimmed_too()
    {
        var calls = new List<bool>();
        _trim.Add(everything =>
        {
            calls.Add(everything);
            return 0;
        });

        _time.Elapse(TimeSpan.FromSeconds(5));
        _ = _trim.InUseAgainst(limit: 1);

        Assert.Equal([false, true], calls);
    }

    private ResourceAlarms Alarms(long limit) =>
        new(_scheduler, limit, diskLimit: 0, _trim, static () => long.MaxValue, static () => LogState.Open);

    private List<Payload> Fill(long bytes) =>
        [.. Enumerable.Range(0, (int)(bytes / Mebi)).Select(_ => _slabs.Allocate((int)Mebi))];

    private void Burst(long bytes)
    {
        Fill(bytes).ForEach(static payload => payload.Release());
        _memory.QuickBeforeIdle = _memory.QuickCollections;
    }

    // A process that takes what the slabs have ever taken until it is collected.
    private sealed class FakeMemory(SlabPool slabs) : IProcessMemory
    {
        public const long Floor = 50 * Mebi;

        private long _collected;

        public long InUseBytes => Floor + (_collected = Math.Max(_collected, slabs.RentedBytes + slabs.FreeBytes));

        public long AllocatedBytes { get; set; }

        public TimeSpan ProcessorTime { get; set; }

        public int ThoroughCollections { get; private set; }

        public int QuickCollections { get; private set; }

        public int QuickBeforeIdle { get; set; }

        public void Collect(bool thoroughly)
        {
            if (thoroughly)
            {
                ThoroughCollections++;
                _collected = slabs.RentedBytes + slabs.FreeBytes;
            }
            else
            {
                QuickCollections++;
            }
        }
    }
}
