using Warren.FaultTests.Books;
using Warren.FaultTests.Clients;
using Warren.FaultTests.Disks;
using Warren.FaultTests.Workloads;
using Warren.Server;

namespace Warren.FaultTests;

/// <summary>
/// One disk call of a whole broker fails, any of them: nothing confirmed is lost or altered, nothing answered ok is
/// undone, and everybody who waits is told.
/// </summary>
/// <remarks>
/// WARREN_FAULTS sets how many calls are tried for each kind of fault, or "all"; WARREN_FAULT_SEED which of them;
/// WARREN_FAULT_AT one call alone. Threads run as they like, so that a number is not the same call in every run:
/// WARREN_FAULT_ONLY counts only calls whose name and path contain its words. A failure says all it takes to try again.
/// </remarks>
public sealed class WholeBrokerFaultTests : IDisposable
{
    private const int UsualCalls = 6; // for each kind

    private readonly string _root = Path.Combine(
        Directory.Exists("/dev/shm") ? "/dev/shm" : Path.GetTempPath(), $"warren-fault-{Guid.NewGuid():N}");

    public void Dispose()
    {
        if (Directory.Exists(_root))
        {
            Directory.Delete(_root, recursive: true);
        }
    }

    [Fact]
    public async Task Workload_without_a_fault_is_done_and_kept()
    {
        foreach (bool isKilled in new[] { false, true })
        {
            var plan = new FaultPlan(FaultKind.InputOutputError, 0);
            (List<string> problems, Ledger ledger) = await RunAsync(plan, isKilled);

            Assert.Empty(problems);
            Assert.Equal(0, ledger.Refusals);
        }
    }

    [Theory]
    [InlineData(FaultKind.InputOutputError, "")]
    [InlineData(FaultKind.DeadDisk, "")]
    [InlineData(FaultKind.OutOfSpace, "")]
    [InlineData(FaultKind.ShortWrite, "")]
    [InlineData(FaultKind.InputOutputError, "sync meta")]
    [InlineData(FaultKind.ShortWrite, "write meta")]
    public async Task Nothing_confirmed_is_lost_and_nothing_answered_ok_is_undone_whichever_disk_call_fails(
        FaultKind kind, string calls)
    {
        string only = Environment.GetEnvironmentVariable("WARREN_FAULT_ONLY") ?? calls;
        var counted = new FaultPlan(kind, 0, only);
        await RunAsync(counted, isKilled: false);
        int seed = Setting("WARREN_FAULT_SEED") ?? Random.Shared.Next(1_000_000);
        List<string> failures = [];
        foreach (long at in Choose(counted.Calls, seed))
        {
            foreach (bool isKilled in Setting("WARREN_FAULT_AT") is null ? [(at & 1) == 0] : new[] { false, true })
            {
                var plan = new FaultPlan(kind, at, only);
                string run = $"call {at} of {counted.Calls}, {kind}, then {(isKilled ? "kill" : "stop")}";
                try
                {
                    List<string> problems = (await RunAsync(plan, isKilled)).Problems;
                    failures.AddRange(problems.Take(5).Select(p => $"{run} [{Name(plan.Fired)}]: {p}"));
                }
                catch (Exception e) when (e is SilenceException or TimeoutException or StartupError or InvalidOperationException)
                {
                    failures.Add($"{run} [{Name(plan.Fired)}]: {e.Message}");
                }
            }
        }

        Assert.True(failures.Count == 0, $"seed {seed}:\n{string.Join('\n', failures)}");
    }

    private static string Name(string? fired) => fired is null
        ? "not reached"
        : $"{fired.Split(' ')[0]} {string.Join('/', fired.Split('/')[^2..])}";

    private static int? Setting(string name) =>
        int.TryParse(Environment.GetEnvironmentVariable(name), out int value) ? value : null;

    private static IEnumerable<long> Choose(long calls, int seed)
    {
        if (Setting("WARREN_FAULT_AT") is { } one)
        {
            return [one];
        }

        if (Environment.GetEnvironmentVariable("WARREN_FAULTS") == "all")
        {
            return Enumerable.Range(1, (int)calls).Select(static n => (long)n);
        }

        // one from each of as many equal parts, so that every phase is tried
        int count = Setting("WARREN_FAULTS") ?? UsualCalls;
        var random = new Random(seed);
        return [.. Enumerable.Range(0, count).Select(i => 1 + (calls * i / count) + random.NextInt64(Math.Max(1, calls / count)))];
    }

    // Two lives with a fault in one of them, an end without a fault, and the audit.
    private async Task<(List<string> Problems, Ledger Ledger)> RunAsync(FaultPlan plan, bool isKilled)
    {
        string directory = Path.Combine(_root, Guid.NewGuid().ToString("N"));
        var ledger = new Ledger();
        var time = new LaterTime();
        try
        {
            await LiveAsync(directory, plan, ledger, time, isKilled && plan.At > 0, static w => w.FirstLifeAsync());
            StandardWorkload.PassTime(time);
            if (plan.Fired is null)
            {
                await LiveAsync(directory, plan, ledger, time, isKilled, static w =>
                {
                    w.SecondLife();
                    return Task.CompletedTask;
                });
            }

            plan.Heal();
            using var disk = new FaultDisk(plan);
            await using FaultServer server = await FaultServer.StartAsync(directory, disk, time);
            return (await Audit.RunAsync(ledger, server, StandardWorkload.Session), ledger);
        }
        finally
        {
            if (Directory.Exists(directory))
            {
                Directory.Delete(directory, recursive: true);
            }
        }
    }

    private static async Task LiveAsync(
        string directory, FaultPlan plan, Ledger ledger, LaterTime time, bool isKilled, Func<StandardWorkload, Task> work)
    {
        using var disk = new FaultDisk(plan);
        FaultServer server;
        try
        {
            server = await FaultServer.StartAsync(directory, disk, time);
        }
        catch (StartupError) when (plan.Fired is not null)
        {
            return; // a start that says that it cannot
        }

        try
        {
            using var workload = new StandardWorkload(ledger, time, server);
            await work(workload);
        }
        catch (SilenceException silent)
        {
            ledger.Problems.Add($"{silent.Message} (storage failed: {server.Server.Broker.StorageFailed.IsCompleted}, "
                + $"ended: {server.Server.Ended.IsCompleted}, alarms: {server.Server.Broker.Alarms.Current})");
        }

        // A disk that is gone ends the broker, without being asked to: exit 74.
        if (plan.Kind == FaultKind.DeadDisk && plan.Fired is not null)
        {
            Exception? reason = await server.Server.Ended.WaitAsync(FaultServer.Patience);
            if (reason is null)
            {
                ledger.Problems.Add("the disk is gone and the broker has not said why it ended");
            }
        }

        if (isKilled)
        {
            disk.Kill();
        }

        Exception? failure = await server.StopAsync();
        if (!isKilled && failure is null && plan.Fired is null)
        {
            ledger.Covered(); // a clean stop stores what was acknowledged
        }
        else
        {
            ledger.LostTrack();
        }

    }
}
