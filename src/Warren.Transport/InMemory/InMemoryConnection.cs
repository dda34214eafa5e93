using System.Net.Sockets;
using Warren.Buffers.Scheduling;

namespace Warren.Transport.InMemory;

/// <summary>A client without a socket: bytes in, bytes out, for tests and for embedding.</summary>
/// <remarks>
/// <para>The members are named from the client's side. The server's read loop and everything it would leave to the pool
/// run on the thread that calls a member here, before the member returns; one thread at a time. So a test needs no
/// waiting, unless another thread of the broker (the log's) sends: then <see cref="ReceiveAsync"/>.</para>
/// </remarks>
public sealed class InMemoryConnection : IDisposable
{
    private readonly MemoryCarrier _carrier = new();

    /// <summary>Connects to a protocol.</summary>
    /// <param name="protocol">What to speak.</param>
    /// <param name="resources">The broker's, or the test's own.</param>
    /// <param name="options">Limits of the output. Null: the defaults.</param>
    public InMemoryConnection(IProtocol protocol, TransportResources resources, ListenerOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(protocol);
        ArgumentNullException.ThrowIfNull(resources);
        Connection = new Connection(_carrier, protocol, resources, options ?? new ListenerOptions(), listener: null);
        Connection.Start();
        Run();
    }

    /// <summary>The server's side.</summary>
    public Connection Connection { get; }

    /// <summary>True when the server has closed and given everything back.</summary>
    public bool IsClosed => Connection.Completion.IsCompleted;

    /// <summary>True when the server has said that it sends no more.</summary>
    public bool IsEndOfStream => _carrier.OutboundEnded;

    /// <summary>Bytes sent that the server has not read, because its session paused.</summary>
    public int UnreadByServer => _carrier.UnreadInbound;

    /// <summary>Bytes that can be received now.</summary>
    public int Available => _carrier.UnreadOutbound;

    /// <summary>True makes the client stop reading: sends stay under way until <see cref="ReadHeld"/>.</summary>
    public bool StopsReading
    {
        get => _carrier.HoldsSends;
        set => _carrier.HoldsSends = value;
    }

    /// <summary>Sends bytes; returns when the server has read and answered what it could.</summary>
    public void Send(ReadOnlySpan<byte> bytes)
    {
        Run();
        _carrier.Deliver(bytes);
        Run();
    }

    /// <summary>What the server has sent since the last call.</summary>
    public byte[] Receive()
    {
        Run();
        return _carrier.TakeOutbound();
    }

    /// <summary>Takes what the server has sent, as far as there is room, without allocating.</summary>
    /// <returns>Bytes taken; what did not fit stays <see cref="Available"/>.</returns>
    public int Receive(Span<byte> destination)
    {
        Run();
        return _carrier.TakeOutbound(destination);
    }

    /// <summary>Waits until at least that many bytes are there or the server has closed, and takes all there are.</summary>
    public async Task<byte[]> ReceiveAsync(int atLeast, CancellationToken cancellationToken)
    {
        Run();
        while (_carrier.UnreadOutbound < atLeast && !_carrier.OutboundEnded)
        {
            await _carrier.OutboundGrewAsync(_carrier.UnreadOutbound).WaitAsync(cancellationToken).ConfigureAwait(false);
        }

        return _carrier.TakeOutbound();
    }

    /// <summary>Takes the one send under way after <see cref="StopsReading"/>. False: there is none.</summary>
    public bool ReadHeld()
    {
        Run();
        bool read = _carrier.TakeHeld();
        Run();
        return read;
    }

    /// <summary>The client sends no more; it can still receive.</summary>
    public void CloseSending()
    {
        Run();
        _carrier.EndInbound();
        Run();
    }

    /// <summary>The client is gone, as a reset tells it.</summary>
    public void Reset()
    {
        Run();
        _carrier.Fail(new SocketException((int)SocketError.ConnectionReset));
        Run();
    }

    /// <summary>Drops the connection if it is still open.</summary>
    public void Dispose()
    {
        Connection.Abort(null);
        Run();
    }

    /// <summary>Does what the once-a-second timers do.</summary>
    public void Tick(Uptime now)
    {
        Run();
        Connection.Tick(now);
        Connection.Look(now);
        Run();
    }

    /// <summary>Runs what the server has scheduled meanwhile, such as the drained callback.</summary>
    public void Run() => _carrier.RunScheduled();
}
