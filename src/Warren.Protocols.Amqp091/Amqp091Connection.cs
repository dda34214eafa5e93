using System.Net;
using Microsoft.Extensions.Logging;
using Warren.Buffers;
using Warren.Buffers.Commits;
using Warren.Buffers.Scheduling;
using Warren.Core;
using Warren.Core.Arguments;
using Warren.Core.Events;
using Warren.Core.Queues;
using Warren.Core.Routing;
using Warren.Core.Security;
using Warren.Transport;
using Warren.Transport.Tls;
using Warren.Wire.Amqp091;
using Warren.Wire.Amqp091.Methods;

namespace Warren.Protocols.Amqp091;

/// <summary>One client connection: frames in, frames out, and what the channels share.</summary>
/// <remarks>
/// <see cref="Consume"/> runs on the read loop. Deliveries, confirms and alarms come from other threads and touch only
/// what the lock of <see cref="Output"/> guards.
/// </remarks>
internal sealed class Amqp091Connection : IProtocolSession, IQueueOwner
{
    private const int SilentCloseMs = 3000;
    private const int CloseOkTimeoutMs = 5000;

    private readonly Connection _connection;
    private readonly ILogger _log;
    private readonly Handshake _handshake;
    private readonly Lock _sessionLock = new(); // read loop, ticks and operators; before every other lock
    private readonly BodyFrameCursor _body;
    private readonly ReadPause _pause;
    private readonly ChannelTable _channels = new();
    private readonly RightsWatch _rights;
    private readonly CommitGate _commits;
    private FlowRest? _rest; // made for a publisher that needed one
    private volatile bool _closing; // connection.close was sent: only close-ok and close count
    private volatile bool _closed;
    private long _closeAtMs = long.MaxValue; // uptime

    public Amqp091Connection(
        Broker broker, Amqp091Options options, StartFrames startFrames, Connection connection, ILogger log)
    {
        Broker = broker;
        Options = options;
        StartFrames = startFrames;
        _connection = connection;
        _log = log;
        _handshake = new Handshake(this);
        _body = new BodyFrameCursor(_channels);
        _pause = new ReadPause(connection);
        _commits = new CommitGate(broker, connection.Output, _pause, new ConfirmAnswers(this, _channels));
        Heartbeats = new Heartbeats(connection);
        FrameMax = options.InitialFrameMax;
        ConnectedAtMs = broker.Clock.NowMs;
        _rights = new RightsWatch(broker);
        Name = $"{connection.RemoteEndPoint} -> {connection.LocalEndPoint}";
        Alarms = new AlarmGate(Output, _pause, broker.Alarms);
        Notices = new CancelNotices(Output);
        Report = new Amqp091ConnectionReport(this, connection, _channels);
        broker.Connections.Add(Report);
        Alarms.OnAlarm();
    }

    public Broker Broker { get; }

    public Amqp091Options Options { get; }

    public StartFrames StartFrames { get; }

    public OutputBuffer Output => _connection.Output;

    public string Name { get; }

    public long ConnectedAtMs { get; }

    public EndPoint? RemoteEndPoint => _connection.RemoteEndPoint;

    /// <summary>What the TLS handshake settled; null on a plain connection.</summary>
    public TlsSession? Tls => _connection.Tls;

    public ILogger Log => _log;

    /// <summary>Largest frame in bytes, header and end octet included.</summary>
    public int FrameMax { get; set; }

    /// <summary>What tune-ok settled, in force from connection.open on.</summary>
    public int NegotiatedFrameMax { get; set; }

    public int ChannelMax { get; set; }

    public Heartbeats Heartbeats { get; }

    public ClientCapabilities Capabilities
    {
        get;
        set
        {
            field = value;
            Alarms.TellsClient = value.HasFlag(ClientCapabilities.ConnectionBlocked);
        }
    }

    public User? User { get; set; }

    public VirtualHost? VirtualHost { get; set; }

    /// <summary>How the client logged in and what it says of itself; null before.</summary>
    public ClientIntroduction? Introduction { get; set; }

    /// <summary>The connection as operators see it.</summary>
    public Amqp091ConnectionReport Report { get; }

    /// <summary>What this read batch published, by exchange.</summary>
    public ExchangeTally Tally { get; } = new();

    /// <summary>Holds the publisher back while memory or disk is short.</summary>
    public AlarmGate Alarms { get; }

    /// <summary>Tells the client of consumers that were cancelled.</summary>
    public CancelNotices Notices { get; }

    /// <summary>What this read batch touched.</summary>
    public FlushSet Flush { get; } = new();

    public RouteCache Routes { get; } = new();

    /// <inheritdoc/>
    public int Consume(ReadOnlySpan<byte> unread)
    {
        ReadOnlySpan<byte> rest = unread;
        using Lock.Scope scope = _sessionLock.EnterScope();
        try
        {
            while (!_closed && !_pause.IsPaused && ConsumeOne(ref rest))
            {
            }
        }
        catch (ConnectionError error)
        {
            Fail(error);
        }
        catch (BrokerError error)
        {
            Fail(Errors.ToConnectionError(error, 0));
        }

        // After a fatal error everything but close-ok is dropped, so what is left may be unparsable.
        return unread.Length - rest.Length;
    }

    /// <inheritdoc/>
    public Payload LendRoom()
    {
        using Lock.Scope scope = _sessionLock.EnterScope();
        return _body.IsInside && !_closed && !_closing && !_pause.IsPaused
            ? _body.LendRoom()
            : default;
    }

    /// <inheritdoc/>
    public void OnReceivedInRoom(int bytes)
    {
        using Lock.Scope scope = _sessionLock.EnterScope();
        _body.OnReceivedInRoom(bytes);
    }

    /// <inheritdoc/>
    public int ReadAhead => _body.ReadAhead;

    /// <inheritdoc/>
    public void OnReadBatchEnd()
    {
        using (_sessionLock.EnterScope())
        {
            EndBatch();
        }
    }

    private void EndBatch()
    {
        _commits.EndBatch(Flush);
        Tally.Flush();
        Flush.FlushAll();
        if (Flush.Congested is { } queue)
        {
            Flush.Congested = null;
            (_rest ??= new FlowRest(_pause, Broker.Scheduler)).Begin(queue, _connection.BytesReceived);
        }
    }

    /// <inheritdoc/>
    public void OnDrained()
    {
        _pause.Clear(PauseReason.Output);
        var flush = new FlushSet();
        _channels.ResumeConsumers(flush);
        flush.FlushAll();
    }

    /// <inheritdoc/>
    public void OnTick(Uptime now)
    {
        bool isLate = now.Ms >= Volatile.Read(ref _closeAtMs)
            || (!_handshake.IsOpen && now - _connection.OpenedAt > Options.HandshakeTimeoutMs);
        if (!_closed && isLate)
        {
            Abort(null);
        }
        else if (!_closed && _handshake.IsTuned && !Heartbeats.TryBeat(now, mayMiss: !_pause.IsPaused))
        {
            _log.HeartbeatMissed(Name, Heartbeats.Seconds);
            Abort(new TimeoutException("missed heartbeats from client"));
        }
    }

    /// <inheritdoc/>
    public void OnLook(Uptime now)
    {
        if (_closed || !_sessionLock.TryEnter())
        {
            return; // at work: the next time
        }

        var flush = new FlushSet();
        try
        {
            _channels.CheckConsumerTimeouts(now, flush);
            LookAtRights(flush);
        }
        catch (ConnectionError error)
        {
            Fail(error);
        }
        finally
        {
            _sessionLock.Exit();
        }

        flush.FlushAll();
    }

    /// <inheritdoc/>
    public void OnClosed(Exception? error)
    {
        _closed = true;
        _commits.Close();
        _rest?.Dispose();
        var flush = new FlushSet();
        try
        {
            lock (_sessionLock)
            {
                _channels.CloseAll(flush, Broker.Scheduler.Report);
            }
        }
        finally
        {
            // whatever happened to a channel, nobody finds the connection or its queues any more
            Broker.Statistics.Retire(
                VirtualHost, _connection.BytesReceived, _connection.BytesSent, () => Broker.Connections.Remove(Report));
            VirtualHost?.DeleteQueuesOf(this, flush);
            Broker.Commits.Request();
            flush.FlushAll();
        }

        if (VirtualHost is not null)
        {
            Broker.Statistics.Churn.ConnectionClosed();
            Broker.Events.ConnectionClosed(Report);
        }

        _log.ConnectionClosed(Name, error?.Message ?? "");
    }

    /// <summary>Closes an open connection from the broker's side (operator, shutdown).</summary>
    public void Close(ReplyCode code, string text)
    {
        if (!_handshake.IsOpen)
        {
            Abort(null);
            return;
        }

        lock (_sessionLock)
        {
            Fail(new ConnectionError(code, text));
        }

        Output.Flush();
    }

    /// <summary>connection.open has come.</summary>
    public void Opened()
    {
        Broker.Statistics.Churn.ConnectionCreated();
        Broker.Events.ConnectionCreated(Report);
        _log.ConnectionOpened(Name, User!.Name, VirtualHost!.Name);
    }

    /// <summary>Asks something of a channel while no method changes it.</summary>
    public T WhileStill<T>(Func<T> ask)
    {
        using Lock.Scope scope = _sessionLock.EnterScope();
        return ask();
    }

    /// <summary>How it stands, in RabbitMQ's words.</summary>
    public string StateName =>
        _closing ? "closing"
        : !_handshake.IsOpen ? _handshake.StateName
        : Alarms.IsBlocked ? "blocked"
        : Alarms.IsArmed ? "blocking"
        : _pause.Has(PauseReason.Flow) || _pause.Has(PauseReason.Backlog) ? "flow"
        : "running";

    /// <summary>Reads nothing more until the client has taken most of what it asked for. Under the output's lock.</summary>
    public void PauseWhileFull() => _pause.SetWhileFull(Output);

    /// <summary>Something was appended to the log on behalf of this connection.</summary>
    public void Appended() => _commits.Appended();

    /// <summary>
    /// Writes a reply when what it waits for is committed, and reads nothing more until then: the client may rely on the
    /// order of replies.
    /// </summary>
    public void ReplyWhenCommitted(CommitTicket ticket, Action reply) => _commits.ReplyWhenCommitted(ticket, Flush, reply);

    /// <summary>Writes one small frame made by <paramref name="write"/>; for replies that come from the log's thread.</summary>
    public void Append(int size, FrameWrite write)
    {
        lock (Output.Lock)
        {
            Output.Advance(write(Output.GetSpan(size)));
        }
    }

    /// <summary>Writes one small frame made by <paramref name="write"/>.</summary>
    public void Send(int size, FrameWrite write)
    {
        Append(size, write);
        Flush.Add(Output);
    }

    /// <summary>Silence, then the socket is closed: RabbitMQ's answer to a client that failed to introduce itself.</summary>
    public void CloseSilently()
    {
        _closing = true;
        Volatile.Write(ref _closeAtMs, (Broker.Clock.Uptime + SilentCloseMs).Ms);
    }

    /// <summary>Sends the pending bytes and closes the socket.</summary>
    public void CloseAfterFlush()
    {
        _closed = true;
        Output.Flush();
        _connection.CloseAfterFlush();
    }

    public void Forget(int number) => _channels.Forget(number);

    // Rights that were taken away end what they allowed: the connection, or consumers.
    private void LookAtRights(FlushSet flush)
    {
        if (!_rights.IsStale || User is not { } user || VirtualHost is not { } virtualHost)
        {
            return;
        }

        if (!_rights.TryLook(user, virtualHost, out User? current, out string? refusal))
        {
            throw new ConnectionError(ReplyCode.NotAllowed, refusal);
        }

        User = current;
        foreach (Channel? channel in _channels.All)
        {
            channel?.CancelUnreadable(flush);
        }
    }

    private void Abort(Exception? why)
    {
        _closed = true;
        _connection.Abort(why);
    }

    // One step: the protocol header, a frame, or as much of a body frame as has arrived.
    private bool ConsumeOne(ref ReadOnlySpan<byte> rest)
    {
        if (_handshake.AwaitsHeader)
        {
            return _handshake.TryReadProtocolHeader(ref rest);
        }

        if (_body.IsInside)
        {
            return _body.TryConsume(ref rest);
        }

        if (!FrameReader.TryReadHeader(rest, FrameMax, out FrameHeader header))
        {
            return false;
        }

        if (header.Type == FrameType.Body && _handshake.IsOpen && !_closing)
        {
            rest = rest[FrameReader.HeaderSize..];
            _body.Enter(header);
            return true;
        }

        if (!FrameReader.TryRead(ref rest, FrameMax, out Frame frame))
        {
            return false;
        }

        OnFrame(frame);
        return true;
    }

    private void OnFrame(in Frame frame)
    {
        if (_closing)
        {
            OnFrameWhileClosing(frame);
            return;
        }

        if (frame.Type == FrameType.Heartbeat)
        {
            if (frame.Channel != 0)
            {
                throw new ConnectionError(ReplyCode.UnexpectedFrame, "type 8, all octets = <<>>");
            }

            return;
        }

        if (frame.Channel == 0)
        {
            OnConnectionMethod(frame);
            return;
        }

        if (!_handshake.IsOpen)
        {
            CloseSilently();
            return;
        }

        OnChannelFrame(frame);
    }

    private void OnFrameWhileClosing(in Frame frame)
    {
        if (MethodFrames.TryReadId(frame, out MethodId id) && frame.Channel == 0)
        {
            if (id == MethodId.ConnectionCloseOk)
            {
                CloseAfterFlush();
            }
            else if (id == MethodId.ConnectionClose)
            {
                Send(FrameSizes.Small, static s => MethodWriter.WriteEmpty(s, 0, MethodId.ConnectionCloseOk));
                CloseAfterFlush();
            }
        }
    }

    private void OnConnectionMethod(in Frame frame)
    {
        if (frame.Type != FrameType.Method)
        {
            if (!_handshake.IsOpen)
            {
                CloseSilently();
                return;
            }

            throw new ConnectionError(
                ReplyCode.UnexpectedFrame, "expected method frame, got non method frame instead");
        }

        MethodId id = Method.ReadId(frame.Payload, out ReadOnlySpan<byte> arguments);
        if (!_handshake.IsOpen)
        {
            _handshake.OnMethod(id, arguments);
            return;
        }

        switch (id)
        {
            case MethodId.ConnectionClose:
                ConnectionClose.Read(arguments);
                Send(FrameSizes.Small, static s => MethodWriter.WriteEmpty(s, 0, MethodId.ConnectionCloseOk));
                CloseAfterFlush();
                break;
            case MethodId.ConnectionUpdateSecret:
                ConnectionUpdateSecret.Read(arguments);
                Send(FrameSizes.Small, static s => MethodWriter.WriteEmpty(s, 0, MethodId.ConnectionUpdateSecretOk));
                break;
            case var _ when !id.IsKnown():
                throw new ConnectionError(ReplyCode.CommandInvalid, "unimplemented method", id);
            default:
                throw new ConnectionError(
                    ReplyCode.ChannelError, "unexpected method in connection state running", id);
        }
    }

    private void OnChannelFrame(in Frame frame)
    {
        Channel? channel = _channels[frame.Channel];
        if (channel is not null)
        {
            channel.OnFrame(frame);
            return;
        }

        if (frame.Type != FrameType.Method)
        {
            throw new ConnectionError(ReplyCode.ChannelError, "expected 'channel.open'");
        }

        MethodId id = Method.ReadId(frame.Payload, out _);
        switch (id)
        {
            case MethodId.ChannelOpen:
                OpenChannel(frame.Channel);
                break;
            case MethodId.ChannelCloseOk:
                break; // the answer to a channel.close that crossed the client's own
            case MethodId.ChannelClose:
                ushort number = frame.Channel;
                Send(FrameSizes.Small, s => MethodWriter.WriteEmpty(s, number, MethodId.ChannelCloseOk));
                break;
            default:
                throw new ConnectionError(ReplyCode.ChannelError, "expected 'channel.open'", id);
        }
    }

    private void OpenChannel(ushort number)
    {
        Channel channel = _channels.Open(this, number);
        if (Broker.Events.IsHeard)
        {
            Broker.Events.ChannelCreated(channel.Report);
        }

        Send(FrameSizes.Small, s => MethodWriter.WriteChannelOpenOk(s, number));
    }

    private void Fail(ConnectionError error)
    {
        if (_closing || _closed)
        {
            return;
        }

        if (!_handshake.IsOpen && !_handshake.AnswersErrors)
        {
            CloseSilently();
            return;
        }

        if (error.Code == ReplyCode.ConnectionForced)
        {
            _log.ConnectionForced(Name, error.WireText);
        }
        else
        {
            _log.ConnectionError(Name, error.WireText);
        }

        _closing = true;
        Volatile.Write(ref _closeAtMs, (Broker.Clock.Uptime + CloseOkTimeoutMs).Ms);
        var flush = new FlushSet();
        lock (Output.Lock)
        {
            _channels.ReleaseConfirms(); // what can be answered is answered before the end
        }

        _channels.CloseAll(flush, Broker.Scheduler.Report);

        lock (Output.Lock)
        {
            Span<byte> frame = Output.GetSpan(FrameSizes.Close);
            Output.Advance(MethodWriter.WriteConnectionClose(
                frame, error.Code, error.WireText, error.Method));
        }

        // close-ok must be heard even while publishers are held back
        _pause.Clear(PauseReason.Alarm | PauseReason.Backlog | PauseReason.Output);
        flush.Add(Output);
        flush.FlushAll();
    }
}
