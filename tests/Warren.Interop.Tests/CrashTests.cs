using System.Diagnostics;
using RabbitMQ.Client;
using Warren.Interop.Tests.Crash;
using Warren.Interop.Tests.Running;

namespace Warren.Interop.Tests;

/// <summary>
/// kill -9 at random moments under mixed load: nothing confirmed is lost, altered or reordered, transactions and dead
/// letters are whole, what expires is found among the dead, paged bodies come back as they were, what was defined, deleted
/// or purged stays so, and every start succeeds.
/// </summary>
/// <remarks>
/// WARREN_CRASH_ROUNDS sets the rounds (20), WARREN_CRASH_SEED repeats a run's choices; the seed is printed.
/// </remarks>
public sealed class CrashTests : OwnBrokerTest
{
    private readonly CrashLedger _ledger = new();
    private readonly CrashPromises _promises;
    private readonly int _apiPort = BrokerProcess.FreePort();

    public CrashTests(SharedBroker broker)
        : base(broker) => _promises = new CrashPromises(_ledger);

    [Fact]
    public async Task Nothing_confirmed_is_lost_altered_or_reordered()
    {
        int rounds = Setting("WARREN_CRASH_ROUNDS", 20);
        int seed = Setting("WARREN_CRASH_SEED", Random.Shared.Next(1_000_000));
        Random random = new(seed);
        await StartAsync($"management.tcp.port={_apiPort}", "management.tcp.ip=127.0.0.1", "warren.page_budget=1048576");
        await DeclareAsync(await OpenOwnAsync());
        Say($"seed {seed}, {rounds} rounds");
        double slowest = 0;
        for (int round = 1; round <= rounds && _ledger.Problems.Count == 0; round++)
        {
            CrashLoad load = new(_ledger, Own.Port, random.Next());
            CrashMix mix = new(_ledger, _promises, Own.Port, _apiPort, random.Next(), round);
            Task clients = Task.WhenAll(load.RunUntilKilledAsync(), mix.RunUntilKilledAsync());
            await Task.Delay(random.Next(100, 2_500));
            await Own.KillAsync();
            await clients.WaitAsync(TimeSpan.FromSeconds(30));

            // now and then the start itself is killed as well
            if (random.Next(4) == 0)
            {
                Task starting = Own.StartAgainAsync();
                await Task.WhenAny(starting, Task.Delay(random.Next(20, 300)));
                await Own.KillAsync();
                await Task.WhenAny(starting);
            }

            // now and then everything that expires is due at the start
            if (random.Next(3) == 0)
            {
                await Task.Delay(500);
            }

            var watch = Stopwatch.StartNew();
            await Own.StartAgainAsync();
            slowest = Math.Max(slowest, watch.Elapsed.TotalSeconds);
            IChannel channel = await OpenOwnAsync();
            await CrashMix.CheckAsync(_promises, _apiPort, queue => TakeAllAsync(channel, queue));
            await DeclareAsync(channel);
            if (round == rounds || random.Next(4) == 0)
            {
                await CloseBooksAsync(channel);
            }

            Say($"round {round}: {_ledger.ConfirmedTotal} confirmed, {_ledger.CommittedTotal} transactions, "
                + $"{_ledger.DeliveredTotal} delivered, {_ledger.DeadTotal} dead, {_promises.AnsweredTotal} answered ok, slowest start {slowest:F2} s");
        }

        Assert.True(
            _ledger.Problems.Count == 0, $"seed {seed}:\n{string.Join('\n', _ledger.Problems.Take(40))}\nthe broker said:\n{string.Join('\n', Own.Output.TakeLast(40))}");
        Assert.True(_ledger.ConfirmedTotal > 0 && _ledger.CommittedTotal > 0, "the load did nothing");
    }

    private static async Task DeclareAsync(IChannel channel)
    {
        await CrashLoad.DeclareAsync(channel);
        await CrashMix.DeclareAsync(channel);
    }

    // Takes everything from every queue and compares it with what was promised.
    private async Task CloseBooksAsync(IChannel channel)
    {
        foreach (string queue in CrashLoad.Queues)
        {
            while (await channel.BasicGetAsync(queue, autoAck: true) is { } got)
            {
                if (_ledger.Delivered(queue, got.Body.Span) is { } message)
                {
                    _ledger.Settled(message, CrashLedger.Outcome.Acked);
                }
            }
        }

        List<(string, CrashMessage)> transactional = [];
        foreach (string queue in CrashLoad.TransactionQueues.Append(CrashLoad.Moved).Concat(CrashMix.WideQueues))
        {
            transactional.AddRange((await TakeAllAsync(channel, queue)).Select(message => (queue, message)));
        }

        _ledger.Close(await TakeAllAsync(channel, CrashLoad.Dead), transactional);
        await CrashMix.CloseAsync(_promises, queue => TakeAllAsync(channel, queue));
    }

    private async Task<List<CrashMessage>> TakeAllAsync(IChannel channel, string queue)
    {
        List<CrashMessage> all = [];
        while (await channel.BasicGetAsync(queue, autoAck: true) is { } got)
        {
            if (CrashMessage.Decode(got.Body.Span) is { } message)
            {
                all.Add(message);
            }
            else
            {
                _ledger.Problem($"altered in {queue}: {got.Body.Length} bytes");
            }
        }

        return all;
    }

    private static int Setting(string name, int otherwise) =>
        int.TryParse(Environment.GetEnvironmentVariable(name), out int value) ? value : otherwise;

    private static void Say(string line)
    {
        TestContext.Current.TestOutputHelper?.WriteLine(line);
        Console.WriteLine(line);
    }
}
