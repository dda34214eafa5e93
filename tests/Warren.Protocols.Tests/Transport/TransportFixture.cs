using Warren.Buffers;
using Warren.Transport;

namespace Warren.Protocols.Tests.Transport;

/// <summary>A broker's share of the transport, for one test.</summary>
internal sealed class TransportFixture : IDisposable
{
    public TransportFixture(TimeProvider? time = null)
    {
        Clock = new CoarseClock(time ?? TimeProvider.System);
        Resources = new TransportResources(time ?? TimeProvider.System, Clock, Blocks) { OnFault = (_, fault) => Fault(fault) };
    }

    public BlockPool Blocks { get; } = new();

    public CoarseClock Clock { get; }

    public TransportResources Resources { get; }

    public List<Exception> Faults { get; } = [];

    public void Dispose()
    {
        Resources.Dispose();
        Clock.Dispose();
    }

    private void Fault(Exception fault)
    {
        lock (Faults)
        {
            Faults.Add(fault);
        }
    }
}
