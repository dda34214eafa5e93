using Warren.Buffers;
using Warren.Buffers.Scheduling;
using Warren.Buffers.Tests.Scheduling;
using Warren.Core.Alarms;
using Warren.Storage;
using Xunit;

namespace Warren.Core.Tests.Alarms;

public sealed class ResourceAlarmsTests
{
    [Fact]
    public void An_alarm_whose_first_listener_fails_is_told_to_the_others_and_a_look_that_fails_ends_nothing()
    {
        var time = new SteppedTime();
        using var scheduler = new Scheduler(time);
        var process = new Process();
        using var slabs = new SlabPool();
        using var memory = new MemoryTrim(slabs, scheduler, process);
        bool fails = true;
        List<AlarmKinds> told = [];
        using var alarms = new ResourceAlarms(
            scheduler,
            memoryLimit: 100,
            diskLimit: 0,
            memory,
            () => fails ? throw new IOException("the directory is gone") : 1,
            static () => LogState.Open);
        alarms.Changed += static _ => throw new InvalidOperationException("broken");
        alarms.Changed += told.Add;

        time.Elapse(TimeSpan.FromSeconds(2));
        Assert.Equal(4, scheduler.Faults);
        fails = false;
        process.InUseBytes = 101;
        time.Elapse(TimeSpan.FromSeconds(1));

        Assert.Equal(AlarmKinds.Memory, Assert.Single(told));
        Assert.Equal(5, scheduler.Faults);
    }

    private sealed class Process : IProcessMemory
    {
        public long InUseBytes { get; set; }

        public long AllocatedBytes => 0;

        public TimeSpan ProcessorTime => TimeSpan.Zero;

        public void Collect(bool thoroughly)
        {
        }
    }
}
