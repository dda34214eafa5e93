using System.Diagnostics;
using System.Net;
using Warren.Buffers;
using Warren.Buffers.Scheduling;
using Warren.Transport.Carriers;
using Warren.Transport.Tls;

namespace Warren.Transport;

/// <summary>One client: reads its bytes, offers them to the protocol session, and carries the session's output back.</summary>
/// <remarks>
/// <para>The read loop is the only awaiting part: once per read, never per message. An idle connection holds no
/// buffer. A session that cannot keep up pauses the reading, and TCP tells the client.</para>
/// <para>The members may be called from any thread; none but <see cref="OutputBuffer"/>'s own is called under its lock.</para>
/// </remarks>
public sealed class Connection : IOutputSink, IThreadPoolWorkItem
{
    /// <summary>Bytes a session may leave unread while it waits for the rest, unless it sets <see cref="MaxUnread"/>:
    /// an AMQP 0-9-1 frame of 128 KiB and its frame-end.</summary>
    public const int DefaultMaxUnread = (128 * 1024) + 8;

    /// <summary>Milliseconds that closing may take.</summary>
    public const int CloseTimeoutMs = 5000;

    private static readonly Exception NoError = new OperationCanceledException("closed without an error");

    private readonly IByteCarrier _carrier;
    private readonly TransportResources _resources;
    private readonly Listener? _listener;
    private readonly IProtocolSession _session;
    private readonly ReadBuffer _input;
    private WakeUp? _sleeper; // the read loop, when it waits for something other than bytes
    private Exception? _aborted; // why; NoError stands for no reason
    private long _closeDeadlineMs = long.MaxValue; // uptime; the largest: not closing
    private long _bytesReceived;
    private long _reads;
    private long _lastReceivedMs;
    private long _lastSentMs;
    private int _resumes; // a session may pause and be resumed while it is being offered bytes
    private volatile bool _paused;
    private volatile bool _closing; // what still arrives is thrown away
    private volatile bool _flushed; // everything was sent after the output had been completed
    private volatile bool _sessionEnded;

    internal Connection(
        IByteCarrier carrier,
        IProtocol protocol,
        TransportResources resources,
        ListenerOptions options,
        Listener? listener,
        TlsSession? tls = null)
    {
        Tls = tls;
        _carrier = carrier;
        _resources = resources;
        _listener = listener;
        _input = new ReadBuffer(resources.Blocks);
        Id = resources.NextConnectionId();
        Output = new OutputBuffer(this, resources.Blocks, options.OutputHighWater, options.OutputHardLimit);
        carrier.Attach(Output, resources.Scheduler);
        OpenedAtMs = resources.Clock.NowMs;
        OpenedAt = resources.Scheduler.Now; // exactly: the clock stands still while the process does
        _lastReceivedMs = _lastSentMs = OpenedAt.Ms;
        Protocol = protocol;
        try
        {
            _session = protocol.Accept(this);
        }
        catch
        {
            Output.Close();
            throw;
        }
    }

    /// <summary>Number of the connection: counts up from 1 within one broker process.</summary>
    public long Id { get; }

    /// <summary>What this connection speaks.</summary>
    public IProtocol Protocol { get; }

    /// <summary>What the session has to say.</summary>
    public OutputBuffer Output { get; }

    /// <summary>The client's address; null when the carrier has none.</summary>
    public EndPoint? RemoteEndPoint => _carrier.RemoteEndPoint;

    /// <summary>Our address; null when the carrier has none.</summary>
    public EndPoint? LocalEndPoint => _carrier.LocalEndPoint;

    /// <summary>What the TLS handshake settled; null when the bytes are not encrypted by a listener of ours.</summary>
    public TlsSession? Tls { get; }

    /// <summary>When the client was accepted, in Unix milliseconds, to show.</summary>
    public long OpenedAtMs { get; }

    /// <summary>When the client was accepted.</summary>
    public Uptime OpenedAt { get; }

    /// <summary>When bytes last arrived, by the coarse clock. Stands still while reading is paused.</summary>
    public Uptime LastReceived => new(Volatile.Read(ref _lastReceivedMs));

    /// <summary>When a send last started, by the coarse clock.</summary>
    public Uptime LastSent => new(Volatile.Read(ref _lastSentMs));

    /// <summary>Bytes received so far.</summary>
    public long BytesReceived => Volatile.Read(ref _bytesReceived);

    /// <summary>Reads that brought bytes so far.</summary>
    public long Reads => Volatile.Read(ref _reads);

    /// <summary>Bytes the network has taken so far.</summary>
    public long BytesSent => Output.SentBytes;

    /// <summary>
    /// Bytes that may be unread at a time (at least 64 KiB are always allowed). The buffer grows up to here when the
    /// session uses nothing of a full one; then the connection is aborted. Set by the session, on the read loop.
    /// </summary>
    public int MaxUnread { get; set; } = DefaultMaxUnread;

    /// <summary>Ticks come every half second instead of every second: for heartbeats of a second or two.</summary>
    public bool TicksTwice { get; set; }

    /// <summary>True between <see cref="PauseReading"/> and <see cref="ResumeReading"/>.</summary>
    public bool IsReadingPaused => _paused;

    /// <summary>Ends when the connection has ended and everything it held is given back. Never faults.</summary>
    public Task Completion { get; private set; } = Task.CompletedTask;

    /// <summary>Speaks <paramref name="protocol"/> over a stream: TLS or a WebSocket.</summary>
    /// <param name="stream">Both directions; disposed with the connection.</param>
    /// <param name="protocol">What to speak.</param>
    /// <param name="resources">The broker's.</param>
    /// <param name="options">Limits of the output; addresses and accept options are not used.</param>
    /// <param name="local">Our address, to show.</param>
    /// <param name="remote">The client's address, to show.</param>
    /// <param name="waitsWithoutBuffer">Whether a read of zero bytes waits for data, as SslStream's does; if not, an idle
    /// connection keeps a buffer.</param>
    /// <param name="abort">Cuts what is under the stream at once; null when disposing the stream does.</param>
    /// <param name="shutdownSend">Tells the peer that nothing more comes, and never faults; null when disposing the stream does.</param>
    /// <param name="tls">What was settled when the stream was secured; null when it is not.</param>
    /// <returns>The running connection; await <see cref="Completion"/>.</returns>
    public static Connection Start(
        Stream stream,
        IProtocol protocol,
        TransportResources resources,
        ListenerOptions options,
        EndPoint? local,
        EndPoint? remote,
        bool waitsWithoutBuffer,
        Action? abort = null,
        Func<Task>? shutdownSend = null,
        TlsSession? tls = null)
    {
        ArgumentNullException.ThrowIfNull(stream);
        ArgumentNullException.ThrowIfNull(protocol);
        ArgumentNullException.ThrowIfNull(resources);
        ArgumentNullException.ThrowIfNull(options);
        var connection = new Connection(
            new StreamCarrier(stream, waitsWithoutBuffer, abort, local, remote, shutdownSend), protocol, resources, options, listener: null, tls);
        connection.Start();
        return connection;
    }

    /// <summary>Reads no more bytes until <see cref="ResumeReading"/>. A read already under way may still be offered.</summary>
    public void PauseReading() => _paused = true;

    /// <summary>Reads again; what is unread is offered at once.</summary>
    public void ResumeReading()
    {
        if (_paused)
        {
            Interlocked.Increment(ref _resumes); // before the flag: a loop that no longer sees the pause sees the count
            _paused = false;
            Wake();
        }
    }

    /// <summary>
    /// Sends what is pending, tells the peer that nothing more comes and closes when he has closed too; in five seconds
    /// at the latest. The session is offered no more bytes. Outside <see cref="OutputBuffer.Lock"/>.
    /// </summary>
    public void CloseAfterFlush()
    {
        long deadline = (_resources.Clock.Uptime + CloseTimeoutMs).Ms;
        if (Interlocked.CompareExchange(ref _closeDeadlineMs, deadline, long.MaxValue) == long.MaxValue)
        {
            _closing = true;
            Output.Complete();
            Output.Flush();
            Wake();
        }
    }

    /// <summary>Drops the connection at once, with what is pending. The session's OnClosed follows on the read loop.</summary>
    /// <param name="why">Handed to OnClosed; null when it is not an error. The first reason counts.</param>
    public void Abort(Exception? why)
    {
        if (Interlocked.CompareExchange(ref _aborted, why ?? NoError, null) is null)
        {
            Output.Close();
            _carrier.Abort();
            Wake();
        }
    }

    /// <inheritdoc/>
    int IOutputSink.Send(List<ArraySegment<byte>> segments)
    {
        Volatile.Write(ref _lastSentMs, _resources.Clock.Uptime.Ms);
        return _carrier.Send(segments);
    }

    /// <inheritdoc/>
    void IOutputSink.Schedule(IThreadPoolWorkItem item) => _carrier.Schedule(item);

    /// <inheritdoc/>
    void IOutputSink.OnDrained() => _carrier.Schedule(this);

    /// <inheritdoc/>
    void IOutputSink.OnFlushed()
    {
        _flushed = true;
        _carrier.ShutdownSend();
        Wake();
    }

    /// <inheritdoc/>
    void IOutputSink.OnFailed(Exception error) => Abort(error);

    /// <inheritdoc/>
    void IThreadPoolWorkItem.Execute()
    {
        if (!_sessionEnded)
        {
            Guarded(static (session, _) => session.OnDrained(), default);
        }
    }

    /// <summary>Starts the read loop.</summary>
    internal void Start()
    {
        _resources.Heartbeats.Add(this);
        Completion = RunAsync();
    }

    /// <summary>About once a second, on the thread that ticks all.</summary>
    internal void Tick(Uptime now)
    {
        Output.Trim();
        if (now.Ms >= Volatile.Read(ref _closeDeadlineMs))
        {
            Abort(_flushed ? null : new TimeoutException("the client did not take its last bytes in time"));
        }

        if (!_sessionEnded)
        {
            Guarded(static (session, now) => session.OnTick(now), now);
        }
    }

    /// <summary>About once a second, on the thread that may wait.</summary>
    internal void Look(Uptime now)
    {
        if (!_sessionEnded)
        {
            Guarded(static (session, now) => session.OnLook(now), now);
        }
    }

    /// <inheritdoc/>
    public override string ToString() => $"connection {Id} ({RemoteEndPoint} -> {LocalEndPoint})";

    private async Task RunAsync()
    {
        Exception? error = null;
        try
        {
            if (_carrier.ReadsInARow < int.MaxValue)
            {
                await Task.Yield(); // the acceptor goes on accepting
            }

            await ReadAsync().ConfigureAwait(false);
        }
        catch (Exception e)
        {
            error = e;
        }

        // Whatever comes after an abort or a close of ours is its consequence.
        error = _aborted ?? (_flushed ? null : error);
        EndSession(ReferenceEquals(error, NoError) ? null : error);
        if (error is null)
        {
            await FlushedAsync().ConfigureAwait(false);
        }
        else
        {
            Abort(error);
        }

        Output.Close();
        _carrier.Dispose();
        _input.Drop();
        _resources.Heartbeats.Remove(this);
        _listener?.Remove(this);
    }

    private async Task ReadAsync()
    {
        int inARow = 0;
        bool held = false; // the session has paused with bytes in hand
        bool more = false; // the last read found more than there was room for
        while (_aborted is null)
        {
            if (held || (_paused && !_closing))
            {
                await ResumedAsync().ConfigureAwait(false);
                held = Offer();
                continue;
            }

            if (!more)
            {
                ValueTask<int> readable = _carrier.WaitReadableAsync();
                if (!readable.IsCompleted)
                {
                    _input.DropIfEmpty();
                    inARow = 0;
                }

                await readable.ConfigureAwait(false);
                if (_paused && !_closing)
                {
                    continue;
                }
            }

            Payload lent = _input.IsEmpty && !_closing ? _session.LendRoom() : default;
            Memory<byte> room = lent.IsEmpty ? RoomToRead() : lent.Slab!.Bytes.AsMemory(lent.Offset, lent.Length);
            ValueTask<int> receive = _carrier.ReceiveAsync(room);
            inARow = receive.IsCompleted ? inARow + 1 : 0;
            int received;
            try
            {
                received = await receive.ConfigureAwait(false);
            }
            catch
            {
                lent.Release();
                throw;
            }

            more = received == room.Length;
            if (received > 0)
            {
                Volatile.Write(ref _bytesReceived, _bytesReceived + received);
                _reads++;
                Volatile.Write(ref _lastReceivedMs, _resources.Clock.Uptime.Ms);
                held = lent.IsEmpty ? OfferFilled(received) : OfferInRoom(received);
            }

            lent.Release();
            if (received == 0)
            {
                return;
            }

            if (inARow >= _carrier.ReadsInARow)
            {
                inARow = 0;
                await Task.Yield(); // a flooding client shares the thread
            }
        }
    }

    private Memory<byte> RoomToRead()
    {
        Memory<byte> room = _input.Free(MaxUnread);
        return room[..Math.Min(room.Length, _session.ReadAhead)];
    }

    private bool OfferFilled(int received)
    {
        _input.Filled(received);
        return Offer();
    }

    // What was received in place completes nothing: the end of the frame is still to come.
    private bool OfferInRoom(int received)
    {
        if (!_closing)
        {
            _session.OnReceivedInRoom(received);
        }

        return _paused && !_closing;
    }

    // Offers what is unread. True when the session has paused: it must be offered again before anything is read.
    private bool Offer()
    {
        if (_closing)
        {
            _input.Drop();
            return false;
        }

        ReadOnlySpan<byte> unread = _input.Unread;
        if (unread.IsEmpty)
        {
            return false;
        }

        int used;
        int resumes = Volatile.Read(ref _resumes);
        try
        {
            used = _session.Consume(unread);
        }
        finally
        {
            // Also after an error: other connections may have been given messages.
            _session.OnReadBatchEnd();
        }

        if ((uint)used > (uint)unread.Length)
        {
            throw new InvalidOperationException($"session used {used} of {unread.Length} bytes");
        }

        _input.Used(used);
        bool paused = (_paused || resumes != Volatile.Read(ref _resumes)) && !_closing;
        if (!_input.TryMakeRoom(MaxUnread, mayGrow: !paused))
        {
            throw new InvalidDataException($"{unread.Length} bytes hold no whole frame");
        }

        return paused;
    }

    // The peer sends no more. He may still be reading.
    private async Task FlushedAsync()
    {
        CloseAfterFlush();
        while (!_flushed && _aborted is null)
        {
            await SleepAsync(static connection => !connection._flushed).ConfigureAwait(false);
        }
    }

    private async Task ResumedAsync()
    {
        _input.DropIfEmpty();
        while (_paused && !_closing && _aborted is null)
        {
            await SleepAsync(static connection => connection._paused && !connection._closing).ConfigureAwait(false);
        }
    }

    // Waits for Wake() unless the reason to sleep is gone. The sleeper is published before the reason is looked at again,
    // and Wake() comes after a change of it, so one of the two sees the other.
    private Task SleepAsync(Func<Connection, bool> reason)
    {
        var sleeper = new WakeUp();
        Interlocked.Exchange(ref _sleeper, sleeper);
        if (!reason(this) || Volatile.Read(ref _aborted) is not null)
        {
            return Task.CompletedTask;
        }

        return sleeper.Task;
    }

    private void Wake()
    {
        if (Interlocked.Exchange(ref _sleeper, null) is { } sleeper)
        {
            _carrier.Schedule(sleeper);
        }
    }

    private void EndSession(Exception? error)
    {
        _sessionEnded = true;
        try
        {
            _session.OnClosed(error);
        }
        catch (Exception fault)
        {
            _resources.ReportFault(this, fault);
        }

        if (error is not null)
        {
            _resources.ReportFault(this, error);
        }
    }

    private void Guarded(Action<IProtocolSession, Uptime> call, Uptime argument)
    {
        try
        {
            call(_session, argument);
        }
        catch (Exception fault)
        {
            Abort(fault);
        }
    }

    // Runs the read loop on where Schedule puts it, never on the thread that wakes it.
    private sealed class WakeUp : TaskCompletionSource, IThreadPoolWorkItem
    {
        public void Execute()
        {
            bool woken = TrySetResult();
            Debug.Assert(woken, "woken twice");
        }
    }
}
