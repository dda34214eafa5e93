using System.Net;
using System.Net.Sockets;
using Warren.Buffers;
using Warren.Buffers.Scheduling;

namespace Warren.Transport.Carriers;

/// <summary>A TCP socket.</summary>
internal sealed class SocketCarrier : IByteCarrier
{
    private readonly Socket _socket;
    private OutputBuffer? _output;
    private Scheduler? _scheduler;
    private SendOperation? _send; // made at the first send; used by the pump only

    internal SocketCarrier(Socket socket)
        : this(socket, socket.LocalEndPoint, socket.RemoteEndPoint)
    {
    }

    /// <param name="socket">Owned from here on.</param>
    /// <param name="local">Our end, or what a proxy said it is.</param>
    /// <param name="remote">The client's end, or what a proxy said it is.</param>
    internal SocketCarrier(Socket socket, EndPoint? local, EndPoint? remote)
    {
        _socket = socket;
        socket.Blocking = false; // for Receive; the asynchronous calls do not mind
        RemoteEndPoint = remote;
        LocalEndPoint = local;
    }

    public EndPoint? RemoteEndPoint { get; }

    public EndPoint? LocalEndPoint { get; }

    public int ReadsInARow => 16;

    public void Attach(OutputBuffer output, Scheduler scheduler)
    {
        _output = output;
        _scheduler = scheduler;
    }

    // An empty buffer makes the runtime wait for data or the end of it. A late event of data already read ends it early.
    public ValueTask<int> WaitReadableAsync() => _socket.ReceiveAsync(Memory<byte>.Empty, SocketFlags.None);

    // Not ReceiveAsync: it would keep the buffer of an idle connection when the wait had ended early.
    public ValueTask<int> ReceiveAsync(Memory<byte> buffer)
    {
        int received = _socket.Receive(buffer.Span, SocketFlags.None, out SocketError error);
        return error switch
        {
            SocketError.Success => new ValueTask<int>(received),
            SocketError.WouldBlock => new ValueTask<int>(IByteCarrier.NothingThere),
            _ => throw new SocketException((int)error),
        };
    }

    public int Send(List<ArraySegment<byte>> segments)
    {
        SendOperation send = _send ??= new SendOperation(this);
        send.Load(segments);
        return _socket.SendAsync(send) ? -1 : send.Unload();
    }

    public void Schedule(IThreadPoolWorkItem item) => _scheduler!.Post(item);

    public void ShutdownSend()
    {
        try
        {
            _socket.Shutdown(SocketShutdown.Send);
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            // The peer or we were faster: there is nobody left to tell, and the read loop sees it too.
        }
    }

    // A time-out of zero makes it a reset: neither side waits for the other.
    public void Abort() => _socket.Close(0);

    public void Dispose()
    {
        _socket.Dispose();
        _send?.Dispose();
    }

    // The one send that is under way, reused for all of them.
    private sealed class SendOperation : SocketAsyncEventArgs
    {
        private readonly SocketCarrier _carrier;

        internal SendOperation(SocketCarrier carrier)
            : base(true) => _carrier = carrier; // no ExecutionContext: nothing flows from whoever flushed

        internal void Load(List<ArraySegment<byte>> segments)
        {
            if (segments.Count == 1)
            {
                SetBuffer(segments[0].Array, segments[0].Offset, segments[0].Count);
            }
            else
            {
                BufferList = segments;
            }
        }

        // Lets go of the bytes, so that an idle connection pins no slab.
        internal int Unload()
        {
            SocketError error = SocketError;
            int sent = BytesTransferred;
            if (BufferList is not null)
            {
                BufferList = null;
            }
            else
            {
                SetBuffer(null, 0, 0);
            }

            return error == SocketError.Success ? sent : throw new SocketException((int)error);
        }

        protected override void OnCompleted(SocketAsyncEventArgs e)
        {
            int sent = 0;
            Exception? failure = null;
            try
            {
                sent = Unload();
            }
            catch (Exception error) when (error is SocketException or ObjectDisposedException)
            {
                failure = error;
            }

            try
            {
                _carrier._output!.OnSent(sent, failure);
            }
            catch (Exception fault)
            {
                // Nobody else would catch it on the runtime's thread, and it must cost this client only.
                _carrier._scheduler!.Report(_carrier._output!, fault);
                _carrier.Abort();
            }
        }
    }
}
