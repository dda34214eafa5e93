using RabbitMQ.Client;
using Warren.Interop.Tests.Running;

[assembly: AssemblyFixture(typeof(SharedBroker))]

namespace Warren.Interop.Tests.Running;

/// <summary>The broker most tests share: a process of our own, or the one WARREN_TEST_AMQP=host:port names.</summary>
public sealed class SharedBroker : IAsyncLifetime
{
    private BrokerProcess? _process;

    /// <summary>Address the broker listens on.</summary>
    public string Host { get; private set; } = "127.0.0.1";

    /// <summary>Port the broker listens on.</summary>
    public int Port { get; private set; }

    /// <summary>The address as `host:port`, the form the scripts take.</summary>
    public string Address => $"{Host}:{Port}";

    /// <summary>
    /// True when the suite runs against RabbitMQ 3.10.8, which proves the expectations; the few cases where Warren
    /// follows newer versions then expect what 3.10.8 answers or are skipped.
    /// </summary>
    public bool IsReference { get; private set; }

    /// <summary>Our own process; null when the suite runs against a foreign broker.</summary>
    public BrokerProcess? Process => _process;

    /// <inheritdoc/>
    public async ValueTask InitializeAsync()
    {
        // Raw clients block their thread, several test classes run at once and the clients need the pool as well.
        ThreadPool.SetMinThreads(64, 64);
        string? foreign = Environment.GetEnvironmentVariable("WARREN_TEST_AMQP");
        if (string.IsNullOrEmpty(foreign))
        {
            _process = await BrokerProcess.StartAsync();
            Port = _process.Port;
            return;
        }

        string[] parts = foreign.Split(':');
        Host = parts[0];
        Port = int.Parse(parts[1]);
        ConnectionFactory factory = new() { HostName = Host, Port = Port };
        await using IConnection connection = await factory.CreateConnectionAsync();
        IsReference = Text.Of(connection.ServerProperties?["platform"]).StartsWith("Erlang", StringComparison.Ordinal);
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        if (_process is not null)
        {
            await _process.DisposeAsync();
        }
    }
}
