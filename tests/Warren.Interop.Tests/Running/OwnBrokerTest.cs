using RabbitMQ.Client;
using Warren.Interop.Tests.Raw;

namespace Warren.Interop.Tests.Running;

/// <summary>A test with a broker process of its own, which it may kill; skipped against a foreign broker.</summary>
public abstract class OwnBrokerTest : BrokerTest
{
    private BrokerProcess? _process;

    /// <summary>Remembers the shared broker, which tells whether we start processes at all.</summary>
    protected OwnBrokerTest(SharedBroker broker)
        : base(broker)
    {
    }

    /// <summary>The process under test.</summary>
    protected BrokerProcess Own => _process ?? throw new InvalidOperationException("start it first");

    /// <summary>Starts the process with these settings.</summary>
    protected async Task StartAsync(params string[] settings)
    {
        Assert.SkipWhen(Broker.Process is null, "needs a process of its own");
        _process = await BrokerProcess.StartAsync(settings);
    }

    /// <summary>A connection to the own process.</summary>
    protected Task<IConnection> ConnectOwnAsync() => ConnectAsync(factory => factory.Port = Own.Port);

    /// <summary>A confirming channel on a connection to the own process.</summary>
    protected async Task<IChannel> OpenOwnAsync() =>
        await (await ConnectOwnAsync()).CreateChannelAsync(new CreateChannelOptions(
            publisherConfirmationsEnabled: true,
            publisherConfirmationTrackingEnabled: true));

    /// <summary>A raw client to the own process, logged in, channel 1 open.</summary>
    protected RawClient OpenOwnRaw(params string[] capabilities)
    {
        RawClient client = ConnectRaw(Own.Port);
        client.Login(capabilities: capabilities);
        client.OpenChannel(1);
        return client;
    }

    /// <inheritdoc/>
    public override async ValueTask DisposeAsync()
    {
        await base.DisposeAsync();
        if (_process is not null)
        {
            await _process.DisposeAsync();
        }

        GC.SuppressFinalize(this);
    }
}
