using Warren.Buffers.Scheduling;
using Xunit;

namespace Warren.Buffers.Tests.Scheduling;

public sealed class SchedulerTests : IDisposable
{
    private readonly SteppedTime _time = new();
    private readonly List<string> _faults = [];
    private readonly Scheduler _scheduler;

    public SchedulerTests() => _scheduler = new Scheduler(_time, (owner, fault) => _faults.Add($"{owner}: {fault.Message}"));

    public void Dispose() => _scheduler.Dispose();

    [Fact]
    public void Deadlines_are_called_in_the_order_of_their_times_and_once()
    {
        List<string> called = [];
        Due late = Set("late", 300, called);
        Set("early", 100, called);
        Set("middle", 200, called);

        _time.Elapse(TimeSpan.FromMilliseconds(250));
        Assert.Equal(["early", "middle"], called);
        Assert.True(late.Deadline!.IsSet);

        _time.Elapse(TimeSpan.FromSeconds(1));
        Assert.Equal(["early", "middle", "late"], called);
        Assert.Equal(0, _scheduler.Count);
    }

    [Fact]
    public void A_deadline_before_all_time_is_due_at_once_and_holds_up_nobody()
    {
        List<string> called = [];
        Set("soon", 100, called);
        Due first = Set("first", 60_000, called);
        first.Deadline!.SetEarlier(new Uptime(long.MinValue));

        _time.Elapse(TimeSpan.FromMilliseconds(200));

        Assert.Equal(["first", "soon"], called);
    }

    [Fact]
    public void What_throws_is_reported_by_name_and_costs_the_others_nothing()
    {
        List<string> called = [];
        Set("bad", 100, called).Call = static () => throw new InvalidOperationException("broken");
        Set("good", 100, called);

        _time.Elapse(TimeSpan.FromMilliseconds(200));

        Assert.Equal("good", Assert.Single(called));
        Assert.Equal("bad: broken", Assert.Single(_faults));
        Assert.Equal(1, _scheduler.Faults);
    }

    [Fact]
    public void What_has_thrown_is_called_again_later()
    {
        List<string> called = [];
        int calls = 0;
        Due due = Set("bad", 100, called);
        due.Call = () => _ = calls++ == 0 ? throw new InvalidOperationException("once") : 0;

        _time.Elapse(TimeSpan.FromMinutes(1));

        Assert.Equal(2, calls);
    }

    [Fact]
    public void A_deadline_given_up_is_not_called_and_leaves_nothing()
    {
        List<string> called = [];
        Due due = Set("gone", 100, called);

        due.Deadline!.Cancel();

        Assert.Equal(0, _scheduler.Count);
        _time.Elapse(TimeSpan.FromSeconds(1));
        Assert.Empty(called);
    }

    [Fact]
    public void A_step_of_the_wall_clock_calls_nothing_and_delays_nothing()
    {
        List<string> called = [];
        Set("due", 1000, called);

        _time.SetWall(TimeSpan.FromHours(1));
        _time.Elapse(TimeSpan.FromMilliseconds(900));
        Assert.Empty(called);
        _time.SetWall(TimeSpan.FromHours(-2));
        _time.Elapse(TimeSpan.FromMilliseconds(200));
        Assert.Single(called);
    }

    [Fact]
    public void Nothing_is_called_while_the_scheduler_is_held()
    {
        List<string> called = [];
        using var held = new Scheduler(_time, isHeld: true);
        var due = new Due("due", called);
        new Deadline(held, due).Set(held.Now + 100);

        _time.Elapse(TimeSpan.FromSeconds(1));
        Assert.Empty(called);
        held.Go();
        _time.Elapse(TimeSpan.FromMilliseconds(100));
        Assert.Single(called);
    }

    [Fact]
    public void A_call_that_waits_holds_up_no_other_deadline()
    {
        List<string> called = [];
        using var entered = new ManualResetEventSlim();
        using var leave = new ManualResetEventSlim();
        Set("slow", 100, called).Call = () =>
        {
            entered.Set();
            leave.Wait(TestContext.Current.CancellationToken);
        };
        Set("quick", 100, called);
        var stuck = new Thread(() => _time.Elapse(TimeSpan.FromMilliseconds(100)));
        stuck.Start();
        entered.Wait(TestContext.Current.CancellationToken);

        _time.Elapse(TimeSpan.FromMilliseconds(50)); // on this thread, as the timer's next call would be

        Assert.Equal("quick", Assert.Single(called));
        leave.Set();
        stuck.Join();
    }

    [Fact]
    public void A_timer_that_throws_goes_on_and_reports_the_first_of_a_run()
    {
        int calls = 0;
        using GuardedTimer timer = _scheduler.Every(
            TimeSpan.FromMilliseconds(10), "the timer", () => throw new InvalidOperationException($"{++calls}"));

        _time.Elapse(TimeSpan.FromMilliseconds(50));

        Assert.Equal(5, calls);
        Assert.Equal("the timer: 1", Assert.Single(_faults));
        Assert.Equal(5, _scheduler.Faults);
    }

    [Fact]
    public async Task Work_for_the_pool_that_throws_is_reported_and_the_next_is_done()
    {
        var done = new TaskCompletionSource();
        _scheduler.Post(new Item("item", static () => throw new InvalidOperationException("broken")));
        Assert.True(SpinWait.SpinUntil(() => _scheduler.Faults == 1, TimeSpan.FromMinutes(1)));
        _scheduler.Post(new Item("next", done.SetResult));
        await done.Task.WaitAsync(TestContext.Current.CancellationToken);
        _scheduler.Post("owner", static (string text) => throw new InvalidOperationException(text), "with state");
        Assert.True(SpinWait.SpinUntil(() => _scheduler.Faults == 2, TimeSpan.FromMinutes(1)));

        Assert.Equal(["item: broken", "owner: with state"], _faults);
    }

    [Fact]
    public void What_is_asked_for_once_while_the_call_runs_comes_after_it()
    {
        int calls = 0;
        GuardedTimer timer = null!;
        timer = _scheduler.Timer("owner", () =>
        {
            if (calls++ == 0)
            {
                timer.StartOnce(TimeSpan.FromMilliseconds(5));
                _time.Elapse(TimeSpan.FromMilliseconds(20)); // falls due on top of the call under way
                Assert.Equal(1, calls);
            }
        });
        timer.StartOnce(TimeSpan.FromMilliseconds(5));

        _time.Elapse(TimeSpan.FromMilliseconds(20));

        Assert.Equal(2, calls);
        timer.Dispose();
    }

    [Fact]
    public void The_heap_gives_deadlines_back_in_order_whatever_was_set_moved_and_given_up()
    {
        var random = new Random(20260101);
        List<string> called = [];
        Due[] all = [.. Enumerable.Range(0, 200).Select(i => new Due($"{i}", called))];
        Dictionary<Due, long> model = [];
        Uptime start = _scheduler.Now;
        foreach (Due due in all)
        {
            due.Deadline = new Deadline(_scheduler, due);
        }

        for (int step = 0; step < 5000; step++)
        {
            Due due = all[random.Next(all.Length)];
            if (random.Next(3) == 0)
            {
                due.Deadline!.Cancel();
                model.Remove(due);
            }
            else
            {
                long at = random.Next(1, 100_000);
                due.Deadline!.Set(start + at);
                model[due] = at;
            }

            Assert.Equal(model.Count, _scheduler.Count);
        }

        List<long> times = [];
        foreach (Due due in all)
        {
            due.Call = () => times.Add(model[due]);
        }

        _time.Elapse(TimeSpan.FromSeconds(101));
        Assert.Equal(model.Values.Order(), times);
    }

    private Due Set(string name, long inMs, List<string> called)
    {
        var due = new Due(name, called);
        due.Deadline = new Deadline(_scheduler, due);
        due.Deadline.Set(_scheduler.Now + inMs);
        return due;
    }

    private sealed class Due(string name, List<string> called) : IDue
    {
        public Deadline? Deadline { get; set; }

        public Action? Call { get; set; }

        public override string ToString() => name;

        public void OnDue(Uptime now)
        {
            if (Call is not null)
            {
                Call();
                return;
            }

            called.Add(name);
        }
    }

    private sealed class Item(string name, Action call) : IThreadPoolWorkItem
    {
        public override string ToString() => name;

        public void Execute() => call();
    }
}
