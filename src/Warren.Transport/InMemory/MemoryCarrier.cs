using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using System.Threading.Tasks.Sources;
using Warren.Buffers;
using Warren.Buffers.Scheduling;
using Warren.Transport.Carriers;

namespace Warren.Transport.InMemory;

/// <summary>Two byte queues in place of a socket. The read loop runs on the thread of whoever plays the client.</summary>
/// <remarks>Thread-safe; deterministic when one thread plays the client and nobody else sends.</remarks>
internal sealed class MemoryCarrier : IByteCarrier, IValueTaskSource<int>
{
    private readonly Lock _lock = new();
    private readonly ConcurrentQueue<IThreadPoolWorkItem> _scheduled = new();
    private readonly MemoryStream _inbound = new(); // written at its end, read at _inboundRead
    private readonly MemoryStream _outbound = new(); // written at its end, taken from _outboundTaken
    private ManualResetValueTaskSourceCore<int> _receive; // continues inline
    private Memory<byte> _receiveBuffer;
    private TaskCompletionSource? _outboundGrew;
    private List<ArraySegment<byte>>? _held; // a send the client has not taken yet
    private OutputBuffer? _output;
    private Exception? _failure; // set: nothing moves any more
    private int _inboundRead;
    private int _outboundTaken;
    private bool _receiving;
    private bool _inboundEnded;

    public EndPoint? RemoteEndPoint => null;

    public EndPoint? LocalEndPoint => null;

    // No yields: the order of events is the caller's.
    public int ReadsInARow => int.MaxValue;

    /// <summary>True: a send waits until the client takes it.</summary>
    internal bool HoldsSends { get; set; }

    /// <summary>True after the server said that it sends no more.</summary>
    internal bool OutboundEnded { get; private set; }

    internal int UnreadInbound
    {
        get
        {
            lock (_lock)
            {
                return (int)_inbound.Length - _inboundRead;
            }
        }
    }

    internal int UnreadOutbound
    {
        get
        {
            lock (_lock)
            {
                return (int)_outbound.Length - _outboundTaken;
            }
        }
    }

    public void Attach(OutputBuffer output, Scheduler scheduler) => _output = output;

    public ValueTask<int> WaitReadableAsync() => ReceiveAsync(Memory<byte>.Empty);

    public ValueTask<int> ReceiveAsync(Memory<byte> buffer)
    {
        lock (_lock)
        {
            if (_failure is not null)
            {
                return ValueTask.FromException<int>(_failure);
            }

            if (_inbound.Length > _inboundRead || _inboundEnded)
            {
                return new ValueTask<int>(ReadInbound(buffer));
            }

            _receiving = true;
            _receiveBuffer = buffer;
            _receive.Reset();
            return new ValueTask<int>(this, _receive.Version);
        }
    }

    public int Send(List<ArraySegment<byte>> segments)
    {
        lock (_lock)
        {
            if (_failure is not null)
            {
                throw _failure;
            }

            if (HoldsSends)
            {
                _held = segments;
                return -1;
            }

            return Take(segments);
        }
    }

    public void Schedule(IThreadPoolWorkItem item) => _scheduled.Enqueue(item);

    public void ShutdownSend()
    {
        lock (_lock)
        {
            OutboundEnded = true;
            _outboundGrew?.TrySetResult();
        }
    }

    public void Abort() => Fail(new SocketException((int)SocketError.OperationAborted));

    public void Dispose() => Abort();

    int IValueTaskSource<int>.GetResult(short token) => _receive.GetResult(token);

    ValueTaskSourceStatus IValueTaskSource<int>.GetStatus(short token) => _receive.GetStatus(token);

    void IValueTaskSource<int>.OnCompleted(
        Action<object?> continuation, object? state, short token, ValueTaskSourceOnCompletedFlags flags) =>
        _receive.OnCompleted(continuation, state, token, flags);

    /// <summary>Runs what was scheduled, and what that schedules.</summary>
    internal void RunScheduled()
    {
        while (_scheduled.TryDequeue(out IThreadPoolWorkItem? item))
        {
            item.Execute();
        }
    }

    /// <summary>Bytes from the client; the server reads them on this thread.</summary>
    internal void Deliver(ReadOnlySpan<byte> bytes)
    {
        lock (_lock)
        {
            _inbound.Position = _inbound.Length;
            _inbound.Write(bytes);
        }

        CompleteReceive();
    }

    /// <summary>The client sends no more.</summary>
    internal void EndInbound()
    {
        lock (_lock)
        {
            _inboundEnded = true;
        }

        CompleteReceive();
    }

    /// <summary>The connection breaks.</summary>
    internal void Fail(Exception failure)
    {
        bool received;
        bool sent;
        lock (_lock)
        {
            if (_failure is not null)
            {
                return;
            }

            _failure = failure;
            OutboundEnded = true;
            received = _receiving;
            _receiving = false;
            sent = _held is not null;
            _held = null;
            _outboundGrew?.TrySetResult();
        }

        // Scheduled, because breaking is allowed under locks that the loop and the pump take.
        if (received)
        {
            Schedule(new Deferred(() => _receive.SetException(failure)));
        }

        if (sent)
        {
            Schedule(new Deferred(() => _output!.OnSent(0, failure)));
        }
    }

    /// <summary>The client takes the send that was held. False: there is none.</summary>
    internal bool TakeHeld()
    {
        int taken;
        lock (_lock)
        {
            if (_held is null)
            {
                return false;
            }

            List<ArraySegment<byte>> held = _held;
            _held = null;
            taken = Take(held);
        }

        _output!.OnSent(taken, null);
        return true;
    }

    /// <summary>What the client has received and not yet taken.</summary>
    internal byte[] TakeOutbound()
    {
        lock (_lock)
        {
            byte[] bytes = new byte[_outbound.Length - _outboundTaken];
            ReadOutbound(bytes);
            return bytes;
        }
    }

    /// <summary>The oldest of it, as much as fits.</summary>
    internal int TakeOutbound(Span<byte> destination)
    {
        lock (_lock)
        {
            return ReadOutbound(destination);
        }
    }

    /// <summary>Ends when more has come out, or no more will.</summary>
    internal Task OutboundGrewAsync(int beyond)
    {
        lock (_lock)
        {
            if (_outbound.Length - _outboundTaken > beyond || OutboundEnded)
            {
                return Task.CompletedTask;
            }

            _outboundGrew = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            return _outboundGrew.Task;
        }
    }

    private void CompleteReceive()
    {
        int read;
        lock (_lock)
        {
            if (!_receiving)
            {
                return;
            }

            _receiving = false;
            read = ReadInbound(_receiveBuffer);
        }

        _receive.SetResult(read);
    }

    private int ReadInbound(Memory<byte> buffer)
    {
        _inbound.Position = _inboundRead;
        int read = _inbound.Read(buffer.Span);
        _inboundRead += read;
        if (_inboundRead == _inbound.Length)
        {
            _inbound.SetLength(0);
            _inboundRead = 0;
        }

        return read;
    }

    private int ReadOutbound(Span<byte> destination)
    {
        _outbound.Position = _outboundTaken;
        int read = _outbound.Read(destination);
        _outboundTaken += read;
        if (_outboundTaken == _outbound.Length)
        {
            _outbound.SetLength(0);
            _outboundTaken = 0;
        }

        return read;
    }

    private int Take(List<ArraySegment<byte>> segments)
    {
        int taken = 0;
        _outbound.Position = _outbound.Length;
        foreach (ArraySegment<byte> segment in segments)
        {
            _outbound.Write(segment);
            taken += segment.Count;
        }

        _outboundGrew?.TrySetResult();
        return taken;
    }

    private sealed class Deferred : IThreadPoolWorkItem
    {
        private readonly Action _action;

        internal Deferred(Action action) => _action = action;

        public void Execute() => _action();
    }
}
