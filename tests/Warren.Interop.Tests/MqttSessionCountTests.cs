using System.Diagnostics;
using Warren.Interop.Tests.Mqtt;
using Warren.Interop.Tests.Running;
using Warren.Wire.Mqtt;

namespace Warren.Interop.Tests;

/// <summary>What many sessions cost whose clients are away: no file each, little memory, a short start.</summary>
/// <remarks>WARREN_MQTT_SESSIONS sets how many (1000); with 10000 or more the memory is judged.</remarks>
public sealed class MqttSessionCountTests : MqttTest
{
    private const int Clients = 48; // at a time
    private const long BytesPerSession = 16 * 1024;

    public MqttSessionCountTests(SharedBroker broker)
        : base(broker)
    {
    }

    [Fact]
    public async Task Sessions_whose_clients_are_away_cost_little()
    {
        int count = int.TryParse(Environment.GetEnvironmentVariable("WARREN_MQTT_SESSIONS"), out int set) ? set : 1000;
        await StartAsync();
        Make(0, Clients); // the code is compiled and the threads are there
        int filesBefore = Files();
        long bytesBefore = Own.ResidentBytes;
        int made = Clients;

        var watch = Stopwatch.StartNew();
        await Task.WhenAll(Enumerable.Range(0, Clients).Select(_ => Task.Factory.StartNew(
            () =>
            {
                for (int i = Interlocked.Increment(ref made) - 1; i < count; i = Interlocked.Increment(ref made) - 1)
                {
                    Make(i, 1);
                }
            },
            CancellationToken.None,
            TaskCreationOptions.LongRunning,
            TaskScheduler.Default)));
        double making = watch.Elapsed.TotalSeconds;
        long bytes = Own.ResidentBytes - bytesBefore;
        int files = Files();
        await Own.KillAsync();
        watch.Restart();
        await Own.StartAgainAsync(TimeSpan.FromMinutes(5));
        double restarting = watch.Elapsed.TotalSeconds;
        long bytesAfter = Own.ResidentBytes;

        string figures = $"{count} sessions: made in {making:F1} s, {bytes / count} bytes each, {files} files (before: {filesBefore}), "
            + $"started again in {restarting:F2} s with {bytesAfter >> 20} MiB";
        TestContext.Current.TestOutputHelper?.WriteLine(figures);
        Console.WriteLine(figures);
        Assert.InRange(files - filesBefore, 0, 20 + (count / 1000));
        if (count >= 10_000)
        {
            Assert.InRange(bytes / count, 0, BytesPerSession);
        }

        MqttRaw publisher = Enter(Own);
        for (int i = 0; i < count; i += Math.Max(1, count / 20))
        {
            Assert.Equal(0, publisher.PublishAcknowledged($"session/{i}", $"{i}").Code);
            MqttRaw client = Open(Own.MqttPort, VersionOf(i));
            Assert.True(client.Login($"c{i}", clean: false).SessionPresent);
            Assert.Equal($"{i}", client.Receive().Body);
        }
    }

    private static ProtocolVersion VersionOf(int number) => number % 2 == 0 ? ProtocolVersion.Mqtt311 : ProtocolVersion.Mqtt50;

    private void Make(int first, int count)
    {
        for (int i = first; i < first + count; i++)
        {
            using var client = MqttRaw.Connect(Own.MqttPort, VersionOf(i));
            Assert.Equal(0, client.Login($"c{i}", clean: false).Code);
            Assert.Equal(1, client.Subscribe($"session/{i}", 1));
        }
    }

    private int Files() => Directory.EnumerateFiles(Own.DataDirectory, "*", SearchOption.AllDirectories).Count();
}
