using Warren.Buffers;
using Warren.Buffers.Fields;
using Warren.Core.Security;
using Warren.Core.Tests.Queues;
using Warren.Core.VirtualHosts;
using Warren.Storage.FaultTests;
using Xunit;

namespace Warren.Core.Tests.Exchanges;

/// <summary>What memory says of exchanges, bindings and virtual hosts is what the disk says, also after a failed write.</summary>
public sealed class DefinitionFaultTests : IDisposable
{
    private readonly SimulatedDisk _disk = new(1);
    private readonly SteppedBroker _broker;

    public DefinitionFaultTests() => _broker = new SteppedBroker(_disk);

    private VirtualHost Host => _broker.Host;

    public void Dispose() => _broker.Dispose();

    [Fact]
    public void An_exchange_that_could_not_be_deleted_keeps_its_bindings_over_a_restart()
    {
        Declare("x", autoDelete: false);
        Declare("y", autoDelete: false);
        Bind("x", "q", "k");
        Host.BindExchange(User.Operator, "x", "y", "k", FieldTable.Empty);
        FailNextDefinition();

        Assert.ThrowsAny<IOException>(() => Host.DeleteExchange(User.Operator, "x", ifUnused: false));

        Bind("x", "q", "k"); // as a client that declares what it needs
        _broker.Restart(TimeSpan.Zero);
        Assert.Equal(2, Host.FindExchange("x")!.Bindings.Count);
        Host.DeleteExchange(User.Operator, "x", ifUnused: false);
        _broker.Restart(TimeSpan.Zero);
        Declare("x", autoDelete: false);
        Assert.Empty(Host.FindExchange("x")!.Bindings);
    }

    [Fact]
    public void A_queue_is_deleted_to_the_end_also_when_its_exchange_cannot_go_with_it()
    {
        Declare("x", autoDelete: true);
        Bind("x", "q", "k");
        FailNextDefinition();

        var flush = new FlushSet();
        Host.DeleteQueue(User.Operator, "q", _broker, ifUnused: false, ifEmpty: false, flush, out _);

        Assert.Null(Host.FindQueue("q"));
        _broker.Restart(TimeSpan.Zero);
        Assert.Null(Host.FindQueue("q"));
    }

    [Fact]
    public void A_binding_between_exchanges_may_have_long_arguments()
    {
        Declare("x", autoDelete: false);
        Declare("y", autoDelete: false);
        FieldTable one = TestTopology.Table(("a", new string('1', 3000)));
        FieldTable two = TestTopology.Table(("a", new string('2', 3000)));
        Host.BindExchange(User.Operator, "x", "y", "k", one);
        Host.BindExchange(User.Operator, "x", "y", "k", two);
        _broker.Restart(TimeSpan.Zero);
        Assert.Equal(2, Host.FindExchange("x")!.Bindings.Count);

        Host.UnbindExchange(User.Operator, "x", "y", "k", one);

        _broker.Restart(TimeSpan.Zero);
        Assert.Equal(two, Assert.Single(Host.FindExchange("x")!.Bindings).Arguments);
    }

    [Fact]
    public void A_virtual_host_whose_queues_could_not_be_deleted_is_not_said_to_be_gone()
    {
        _broker.Broker.PutVirtualHost("v", new VirtualHostSettings());
        DeclareIn("v", "q");
        int definitions = Environment.CurrentManagedThreadId;
        _disk.BeforeSync = () =>
        {
            if (Environment.CurrentManagedThreadId != definitions)
            {
                throw new IOException("planned", 5);
            }
        };

        Assert.ThrowsAny<Exception>(() => _broker.Broker.DeleteVirtualHost("v"));

        _disk.BeforeSync = null;
        _broker.Restart(TimeSpan.Zero);
        Assert.Null(_broker.Broker.FindVirtualHost("v"));
        _broker.Broker.PutVirtualHost("v", new VirtualHostSettings());
        Assert.Null(_broker.Broker.FindVirtualHost("v")!.FindQueue("q"));
    }

    // Definitions are written by whoever asks, the log by threads of its own.
    private void FailNextDefinition()
    {
        int caller = Environment.CurrentManagedThreadId;
        _disk.BeforeCall = () =>
        {
            if (Environment.CurrentManagedThreadId == caller)
            {
                _disk.BeforeCall = null;
                throw new IOException("planned", 28);
            }
        };
    }

    private void Declare(string exchange, bool autoDelete) => Host.DeclareExchange(
        User.Operator, new ExchangeDeclaration(exchange, "direct", Durable: true, autoDelete, Internal: false, FieldTable.Empty));

    private void Bind(string exchange, string queue, string key) =>
        Host.BindQueue(User.Operator, exchange, _broker.Queue(queue), key, FieldTable.Empty);

    private void DeclareIn(string virtualHost, string queue) => _broker.Broker.FindVirtualHost(virtualHost)!.DeclareQueue(
        User.Operator, new QueueDeclaration(queue, false, true, false, FieldTable.Empty, null), _broker, out _);
}
