using System.Diagnostics;
using Warren.Interop.Tests.Crash;
using Warren.Interop.Tests.Mqtt;
using Warren.Interop.Tests.Running;
using Warren.Wire.Mqtt;

namespace Warren.Interop.Tests;

/// <summary>
/// kill -9 at random moments under MQTT load: nothing acknowledged with quality 1 is lost, quality 2 arrives exactly
/// once, each topic keeps its order, sessions, subscriptions and retained messages are there, and every start succeeds.
/// </summary>
/// <remarks>
/// Clients lose connections of their own besides. WARREN_MQTT_CRASH_ROUNDS sets the rounds (20), WARREN_CRASH_SEED
/// repeats a run's choices; the seed is printed.
/// </remarks>
public sealed class MqttCrashTests : MqttTest
{
    private readonly MqttCrashLedger _ledger = new();
    private readonly List<MqttCrashPublisher> _publishers = [];
    private readonly List<MqttCrashSubscriber> _subscribers = [];

    public MqttCrashTests(SharedBroker broker)
        : base(broker)
    {
    }

    [Fact]
    public async Task Sessions_live_through_kills()
    {
        int rounds = Setting("WARREN_MQTT_CRASH_ROUNDS", 20);
        int seed = Setting("WARREN_CRASH_SEED", Random.Shared.Next(1_000_000));
        Random random = new(seed);
        await StartAsync();
        Say($"seed {seed}, {rounds} rounds");
        MakeClients(random);
        await DrainAsync(_subscribers); // every subscription is there before the first message
        double slowest = 0;
        for (int round = 1; round <= rounds && _ledger.Problems.Count == 0; round++)
        {
            MqttCrashClient[] clients = [.. _publishers, .. _subscribers];
            Task load = Task.WhenAll(clients.Select(c => OnThreadAsync(() => c.Run(Own.MqttPort, drain: false))));
            await Task.Delay(random.Next(50, 1_000));
            Array.ForEach(clients, c => c.End());
            await Own.KillAsync();
            await load.WaitAsync(TimeSpan.FromSeconds(60));

            // now and then the start itself is killed as well
            if (random.Next(4) == 0)
            {
                Task starting = Own.StartAgainAsync();
                await Task.WhenAny(starting, Task.Delay(random.Next(20, 300)));
                await Own.KillAsync();
                await Task.WhenAny(starting);
            }

            var watch = Stopwatch.StartNew();
            await Own.StartAgainAsync();
            slowest = Math.Max(slowest, watch.Elapsed.TotalSeconds);
            CheckRetained();
            if (round == rounds || random.Next(5) == 0)
            {
                await CloseBooksAsync();
            }

            Say($"round {round}: {_ledger.AcknowledgedTotal} acknowledged, {_ledger.DeliveredTotal} delivered, "
                + $"{_ledger.RepeatedTotal} of them again, slowest start {slowest:F2} s");
        }

        Assert.True(
            _ledger.Problems.Count == 0, $"seed {seed}:\n{string.Join('\n', _ledger.Problems.Take(40))}\nthe broker said:\n{string.Join('\n', Own.Output.TakeLast(20))}");
        Assert.True(_ledger.AcknowledgedTotal > 0 && _ledger.DeliveredTotal > 0, "the load did nothing");
    }

    private void MakeClients(Random random)
    {
        for (int i = 0; i < 4; i++)
        {
            _publishers.Add(new MqttCrashPublisher($"p{i}", VersionOf(i), _ledger, random.Next()));
        }

        Add("s0", 0, null, IsLoad, ("crash/+/1", 1), ("crash/+/2", 2));
        Add("s1", 1, null, IsLoad, ("crash/#", 2));
        Add("s2", 0, null, IsLoad, ("crash/#", 2), ("crash/+/2", 1), ("crash/p0/#", 1));
        for (int i = 0; i < 2; i++)
        {
            Add($"m{i}", i, "one", static t => IsLoad(t) && MqttCrashLedger.QoSOf(t) == 1, ("$share/one/crash/+/1", 1));
            Add($"n{i}", i, "two", static t => IsLoad(t) && MqttCrashLedger.QoSOf(t) == 2, ("$share/two/crash/+/2", 2));
        }

        void Add(string id, int version, string? group, Func<string, bool> takes, params (string, int)[] filters) =>
            _subscribers.Add(new MqttCrashSubscriber(id, VersionOf(version), _ledger, random.Next(), group, takes, filters));
    }

    private static bool IsLoad(string topic) => topic.StartsWith("crash/", StringComparison.Ordinal);

    private static ProtocolVersion VersionOf(int number) => number % 2 == 0 ? ProtocolVersion.Mqtt311 : ProtocolVersion.Mqtt50;

    // Everything begun is finished, everything sent arrives, every subscription is as it was acknowledged.
    private async Task CloseBooksAsync()
    {
        await DrainAsync(_publishers);
        await DrainAsync(_subscribers);
        foreach (MqttCrashSubscriber subscriber in _subscribers)
        {
            if (subscriber.Missing() is { Length: > 0 } missing)
            {
                _ledger.Problem($"lost: {missing}");
            }

            subscriber.BeginProbe();
        }

        using (var prober = MqttRaw.Connect(Own.MqttPort))
        {
            prober.Login("prober");
            foreach (MqttCrashSubscriber subscriber in _subscribers)
            {
                foreach (string topic in subscriber.Extra.Concat(subscriber.Dropped).Append(subscriber.LastTopic))
                {
                    prober.PublishAcknowledged(topic, "probe");
                }
            }
        }

        await DrainAsync(_subscribers, forProbe: true);
        _subscribers.ForEach(s => s.CheckProbe());
    }

    private async Task DrainAsync(IEnumerable<MqttCrashClient> clients, bool forProbe = false)
    {
        MqttCrashClient[] all = [.. clients];
        foreach (MqttCrashSubscriber subscriber in all.OfType<MqttCrashSubscriber>())
        {
            subscriber.WaitsForEnd = forProbe;
        }

        Task draining = Task.WhenAll(all.Select(c => OnThreadAsync(() => c.Run(Own.MqttPort, drain: true))));
        long progress, before;
        do
        {
            before = Progress();
            await Task.WhenAny(draining, Task.Delay(TimeSpan.FromSeconds(30)));
            progress = Progress();
        }
        while (!draining.IsCompleted && progress != before);

        if (!draining.IsCompleted)
        {
            Array.ForEach(all, c => _ledger.Problem($"not done: {c}"));
            Array.ForEach(all, c => c.End());
            await Own.KillAsync();
            await draining;
            await Own.StartAgainAsync();
        }

        long Progress() => _ledger.AcknowledgedTotal + _ledger.DeliveredTotal + _ledger.RepeatedTotal;
    }

    private void CheckRetained()
    {
        using var reader = MqttRaw.Connect(Own.MqttPort);
        reader.Login("reader");
        reader.SendSubscribe("ret/#");
        reader.Expect(PacketType.SubAck);
        _ledger.CheckRetained(reader.Ping().ToDictionary(p => p.Topic, p => long.Parse(p.Body), StringComparer.Ordinal));
    }

    private static Task OnThreadAsync(Action work) =>
        Task.Factory.StartNew(work, CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);

    private static int Setting(string name, int otherwise) =>
        int.TryParse(Environment.GetEnvironmentVariable(name), out int value) ? value : otherwise;

    private static void Say(string line)
    {
        TestContext.Current.TestOutputHelper?.WriteLine(line);
        Console.WriteLine(line);
    }
}
