using System.Net;
using Microsoft.Extensions.Logging;
using Warren.Buffers;
using Warren.Buffers.Commits;
using Warren.Buffers.Scheduling;
using Warren.Core;
using Warren.Core.Alarms;
using Warren.Core.Arguments;
using Warren.Core.Queues;
using Warren.Core.Security;
using Warren.Core.Sessions;
using Warren.Transport;
using Warren.Wire.Mqtt;

namespace Warren.Protocols.Mqtt;

/// <summary>One client connection: packets in, packets out, and what its parts share (MQTT 5.0, 4.2).</summary>
/// <remarks>
/// <see cref="Consume"/> runs on the read loop. Deliveries, commits and alarms come from other threads and touch only
/// what the lock of <see cref="Output"/> guards. The session lock comes before every other lock; nothing that may wait
/// for another connection is called under it.
/// </remarks>
internal sealed class MqttConnection : IProtocolSession, IQueueOwner, ISessionHolder
{
    private readonly Connection _connection;
    private readonly Lock _sessionLock = new(); // read loop, ticks, operators and other connections of the same client
    private readonly ReadPause _pause;
    private Opening? _opening; // null once it is over and will not be asked again: there may be many idle connections
    private FlowRest? _rest;
    private SessionStatistics? _statistics; // these four are made when they are needed first: most clients of many are silent
    private Publisher? _publisher;
    private Subscriber? _subscriber;
    private Deliverer? _deliverer;
    private int _maxPacketSize;
    private readonly RightsWatch _rights;
    private bool _detached;
    private bool _counted; // among the connections opened
    private bool _hasWill;
    private PacketCounts _counts;
    private volatile bool _closed;

    public MqttConnection(Broker broker, MqttProtocol protocol, Connection connection, ILogger log, bool isWeb)
    {
        IsWeb = isWeb;
        Broker = broker;
        Protocol = protocol;
        Options = protocol.Options;
        _connection = connection;
        Log = log;
        _pause = new ReadPause(connection);
        _rights = new RightsWatch(broker);
        Answers = new PacketAnswers(this);
        Commits = new CommitGate(broker, connection.Output, _pause, Answers);
        _opening = new Opening(this, connection);
        _maxPacketSize = Options.MaxPacketSizeUnauthenticated;
        ConnectedAtMs = broker.Clock.NowMs;
        Name = $"{connection.RemoteEndPoint} -> {connection.LocalEndPoint}";
        Holding = new HeldMessages(this);
        Report = new MqttConnectionReport(this, connection);
        broker.Connections.Add(Report);
        protocol.Traffic.Add(this);
    }

    public Broker Broker { get; }

    public MqttProtocol Protocol { get; }

    public MqttOptions Options { get; }

    public ILogger Log { get; }

    /// <summary>Whether its bytes come in the messages of a WebSocket.</summary>
    public bool IsWeb { get; }

    public string Name { get; }

    public long ConnectedAtMs { get; }

    public OutputBuffer Output => _connection.Output;

    public EndPoint? RemoteEndPoint => _connection.RemoteEndPoint;

    public MqttConnectionReport Report { get; }

    public SessionStatistics Statistics => _statistics ??= new SessionStatistics();

    /// <summary>Whether a message has come or gone.</summary>
    public bool HasStatistics => _statistics is not null;

    /// <summary>Counts what it receives, on the read loop, and what it sends, under the output's lock.</summary>
    public ref PacketCounts Counted => ref _counts;

    /// <summary>What it has received and sent.</summary>
    public PacketCounts Traffic => _counts with { BytesIn = _connection.BytesReceived, BytesOut = _connection.BytesSent };

    /// <summary>What this read batch touched.</summary>
    public FlushSet Flush { get; } = new();

    /// <summary>Marks and sends messages that wait for their identifiers to be on the disk.</summary>
    public IFlushable Holding { get; }

    public ClientLimits Limits { get; private set; } = ClientLimits.Unknown;

    public string ClientId { get; private set; } = "";

    /// <summary>Seconds; 0: none.</summary>
    public int KeepAliveSeconds { get; private set; }

    public User? User { get; set; }

    public VirtualHost? VirtualHost { get; private set; }

    public ClientSession? Session { get; private set; }

    /// <summary>The registry of the session.</summary>
    public SessionRegistry Sessions => VirtualHost!.Sessions;

    /// <summary>How it stands, in RabbitMQ's words.</summary>
    public string StateName =>
        _closed ? "closing" : Session is null ? "starting" : _pause.Has(PauseReason.Alarm) ? "blocked"
        : _pause.Has(PauseReason.Flow) || _pause.Has(PauseReason.Backlog) ? "flow" : "running";

    public bool IsClosed => _closed;

    /// <summary>Whether it holds no place among the connections any more. The lock of <see cref="Traffic"/> guards it.</summary>
    public bool IsLeaving { get; set; }

    /// <summary>Whether something is to be published when the client is lost.</summary>
    public bool HasWill => _hasWill;

    /// <summary>What waits for the log.</summary>
    public CommitGate Commits { get; }

    /// <summary>Acknowledgements on their way.</summary>
    public PacketAnswers Answers { get; }

    /// <summary>Sends messages; null before CONNACK.</summary>
    public Deliverer? Deliverer => _deliverer;

    /// <inheritdoc/>
    public int Consume(ReadOnlySpan<byte> unread)
    {
        ReadOnlySpan<byte> rest = unread;
        using Lock.Scope scope = _sessionLock.EnterScope();
        try
        {
            while (!_closed && !_pause.IsPaused && PacketReader.TryRead(ref rest, Limits.Version, _maxPacketSize, out Packet packet))
            {
                _counts.PacketsIn++;
                OnPacket(packet);
            }
        }
        catch (PacketError error)
        {
            Fail(error);
        }
        catch (BrokerError error)
        {
            Close(ErrorReasons.Of(error), error.Text, keepsWill: true);
        }

        return _closed ? unread.Length : unread.Length - rest.Length;
    }

    /// <inheritdoc/>
    public void OnReadBatchEnd()
    {
        using (_sessionLock.EnterScope())
        {
            EndBatch();
        }

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
        var flush = new FlushSet();
        lock (_sessionLock)
        {
            _deliverer?.Resume(flush);
            _subscriber?.ContinueReplay(flush);
        }

        flush.FlushAll();
    }

    /// <inheritdoc/>
    public void OnTick(Uptime now)
    {
        if (!_closed && Session is null && now - _connection.OpenedAt > Options.LoginTimeoutMs)
        {
            Abort(new TimeoutException("no CONNECT in time"));
        }
    }

    /// <inheritdoc/>
    public void OnLook(Uptime now)
    {
        // Reading that we have paused ourselves is not the client's silence ([MQTT-3.1.2-22]).
        bool isSilent = KeepAliveSeconds > 0 && !_pause.IsPaused && now - _connection.LastReceived > KeepAliveSeconds * 1500L;
        if (_closed || Session is null || (!isSilent && !_rights.IsStale) || !_sessionLock.TryEnter())
        {
            return; // nothing to do, or at work: the next time
        }

        var flush = new FlushSet();
        try
        {
            if (isSilent)
            {
                Log.KeepAliveMissed(Name, ClientId, KeepAliveSeconds);
                Close(ReasonCode.KeepAliveTimeout, "nothing came for one and a half times the keep alive", keepsWill: true);
            }
            else
            {
                LookAtRights(flush);
            }
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
        lock (_sessionLock)
        {
            _closed = true;
            Detach();
        }

        _rest?.Dispose();
        Broker.Statistics.Retire(
            VirtualHost, _connection.BytesReceived, _connection.BytesSent, () => Broker.Connections.Remove(Report));
        if (VirtualHost is { } virtualHost && _counted)
        {
            Statistics.Retire(Broker, virtualHost, Report.ProtocolLabel);
            Broker.Statistics.Churn.ConnectionClosed();
        }

        Protocol.Traffic.Remove(this);
        Log.ConnectionClosed(Name, ClientId, error?.Message ?? "");
    }

    /// <inheritdoc/>
    public void Displace()
    {
        lock (_sessionLock)
        {
            Close(ReasonCode.SessionTakenOver, "another connection uses the client id", keepsWill: true);
            Detach();
        }

        Output.Flush();
    }

    /// <summary>Closes the connection from the broker's side: an operator, a limit, the end of the broker.</summary>
    public void CloseFrom(ReasonCode code, string text)
    {
        lock (_sessionLock)
        {
            Close(code, text, keepsWill: true);
        }

        Output.Flush();
    }

    /// <summary>Goes on with what had to wait for the log, unless the connection has gone meanwhile.</summary>
    public void GoOn(Action<FlushSet> work, FlushSet flush)
    {
        using Lock.Scope scope = _sessionLock.EnterScope();
        if (_closed)
        {
            return;
        }

        try
        {
            work(flush);
        }
        catch (BrokerError error)
        {
            Close(ErrorReasons.Of(error), error.Text, keepsWill: true);
        }
    }

    /// <summary>Works on the connection while no packet does.</summary>
    public void WhileStill(Action work)
    {
        using Lock.Scope scope = _sessionLock.EnterScope();
        work();
    }

    /// <summary>An alarm is on: a publisher is not read any more until it is over.</summary>
    public void OnAlarm(AlarmKinds alarms)
    {
        if (alarms == AlarmKinds.None)
        {
            _pause.Clear(PauseReason.Alarm);
        }
    }

    /// <summary>Stops reading for a reason.</summary>
    public ReadPause Pause => _pause;

    /// <summary>The client has introduced itself and may come in. Under the session lock.</summary>
    public void Enter(ConnectRequest request, string clientId, User user, VirtualHost virtualHost, ClientSession session, int keepAlive)
    {
        ClientId = clientId;
        User = user;
        VirtualHost = virtualHost;
        KeepAliveSeconds = keepAlive;
        Limits = new ClientLimits(
            request.Version,
            Math.Min(request.ReceiveMaximum, Options.Prefetch),
            request.MaxPacketSize,
            Math.Min(request.TopicAliasMaximum, Options.TopicAliasMaximum),
            request.WantsProblemInformation);
        _hasWill = request.Will is not null;
        _maxPacketSize = Options.MaxPacketSize;
        _connection.MaxUnread = _maxPacketSize + PacketReader.MaxHeaderSize;
        Session = session;
        _rights.Begin();
        Protocol.Traffic.OnEntered();
    }

    /// <summary>The version the client speaks is known. Under the session lock.</summary>
    public void Speak(ProtocolVersion version, bool wantsReasons) =>
        Limits = Limits with { Version = version, WantsReasons = wantsReasons };

    /// <summary>Gives the session what its subscriptions need, before CONNACK says that they are there. Under the session lock.</summary>
    /// <returns>What CONNACK waits for.</returns>
    /// <exception cref="BrokerError">541: the log takes nothing.</exception>
    public CommitTicket TakeUp(FlushSet flush) =>
        Session!.Queue is not null || Session.Subscriptions.Count + Session.Unfinished.Count > 0
            ? Subscribing().TakeUp(flush)
            : default;

    /// <summary>CONNACK is written: what waits for the client may come. Under the session lock.</summary>
    public void Opened(FlushSet flush)
    {
        _counted = true;
        _opening = _opening is { HasMethod: true } ? _opening : null;
        Broker.Statistics.Churn.ConnectionCreated();
        Broker.Statistics.Churn.ChannelCreated();
        Log.ConnectionOpened(Name, ClientId, User!.Name, VirtualHost!.Name);
        _subscriber?.Begin(flush);
    }

    /// <summary>The client cannot be told that it is in, so it is not. Under the session lock.</summary>
    public void GiveUp()
    {
        _hasWill = false;
        CloseAfterFlush();
    }

    /// <summary>A queue it takes from is gone: an operator has deleted it.</summary>
    public void OnQueueGone(SessionConsumer consumer)
    {
        if (_closed || _detached)
        {
            return;
        }

        Broker.Scheduler.Post(
            this,
            static state =>
            {
                state.Connection.WhileStill(() => state.Connection._deliverer?.Forget(state.Consumer));
                state.Connection.CloseFrom(ReasonCode.AdministrativeAction, "the queue of the session was deleted");
            },
            (Connection: this, Consumer: consumer));
    }

    /// <summary>Ends the connection: the client is told why if its version can be, by CONNACK or DISCONNECT. Under the session lock.</summary>
    /// <param name="code">Why.</param>
    /// <param name="text">The same in words.</param>
    /// <param name="keepsWill">Whether the will is published.</param>
    public void Close(ReasonCode code, string text, bool keepsWill)
    {
        if (_closed)
        {
            return;
        }

        if (_opening is { IsAnswered: false } opening)
        {
            // No DISCONNECT before CONNACK ([MQTT-3.14.0-1]), and no will of a client that was never in.
            _hasWill = false;
            opening.Refuse(code, text);
            return;
        }

        if (code != ReasonCode.NormalDisconnection)
        {
            Log.ConnectionForced(Name, ClientId, code, text);
        }

        if (!keepsWill)
        {
            _hasWill = false;
        }

        ControlPackets.WriteDisconnect(this, code, text);
        CloseAfterFlush();
    }

    /// <summary>The client said good-bye (MQTT 5.0, 3.14).</summary>
    public void CloseAfterFlush()
    {
        // Before the bytes go out: nobody may deliver to a client that reads them.
        _closed = true;
        Protocol.Traffic.OnLeaving(this);
        Output.Flush();
        _connection.CloseAfterFlush();
    }

    private Publisher Publishing() => _publisher ??= new Publisher(this, Session!);

    private Deliverer Delivering() => _deliverer ??= new Deliverer(this, Session!);

    private Subscriber Subscribing()
    {
        if (_subscriber is null)
        {
            _subscriber = new Subscriber(this, Session!, Delivering());
            if (Session!.Unfinished.Count == 0)
            {
                Delivering().ResumeNumbers(); // there are none, and it knows
            }
        }

        return _subscriber;
    }

    // Rights that were taken away end what they allowed, within a second or so.
    private void LookAtRights(FlushSet flush)
    {
        if (!_rights.IsStale)
        {
            return;
        }

        if (!_rights.TryLook(User!, VirtualHost!, out User? current, out string? refusal))
        {
            Close(ReasonCode.NotAuthorized, refusal, keepsWill: true);
            return;
        }

        User = current;
        _subscriber?.LookAtRights(flush);
    }

    private void OnPacket(in Packet packet)
    {
        if (Session is null)
        {
            _opening!.OnPacket(packet);
            return;
        }

        switch (packet.Type)
        {
            case PacketType.Publish:
                if (Broker.Alarms.Current != AlarmKinds.None)
                {
                    HoldBack();
                }

                Publish publish = Publish.Read(packet, Limits.Version);
                _counts.OnPublished(publish.Payload.Length);
                Publishing().OnPublish(publish);
                break;
            case PacketType.PubRel:
                Publishing().OnRelease(Acknowledgement.Read(packet, Limits.Version));
                break;
            case PacketType.PubAck or PacketType.PubRec or PacketType.PubComp:
                Delivering().OnAcknowledgement(Acknowledgement.Read(packet, Limits.Version));
                break;
            case PacketType.Subscribe:
                Subscribing().OnSubscribe(Subscribe.Read(packet, Limits.Version));
                break;
            case PacketType.Unsubscribe:
                Subscribing().OnUnsubscribe(Unsubscribe.Read(packet, Limits.Version));
                break;
            case PacketType.PingReq:
                Ping.Read(packet);
                ControlPackets.WritePingResponse(this);
                Flush.Add(Output);
                break;
            case PacketType.Disconnect:
                OnDisconnect(Disconnect.Read(packet, Limits.Version));
                break;
            case PacketType.Auth:
                ReAuthenticate(Auth.Read(packet));
                break;
            default:
                throw new PacketError(ReasonCode.ProtocolError, $"{packet.Type}: not from a client, or a second one"); // [MQTT-3.1.0-2]
        }
    }

    // The packet at hand is taken; what follows it waits until the alarm is over.
    private void HoldBack()
    {
        _pause.Set(PauseReason.Alarm);
        OnAlarm(Broker.Alarms.Current); // it may be over by now
    }

    private void OnDisconnect(in Disconnect disconnect)
    {
        if (disconnect.Properties.Has(PropertyId.SessionExpiryInterval))
        {
            uint seconds = disconnect.Properties.Number(PropertyId.SessionExpiryInterval, 0);
            if (Session!.ExpirySeconds == 0 && seconds != 0)
            {
                throw new PacketError(ReasonCode.ProtocolError, "Disconnect: a session expiry interval where CONNECT had none");
            }

            Sessions.Keep(Session, Opening.Limited(seconds, Options));
        }

        if (disconnect.Reason == ReasonCode.NormalDisconnection)
        {
            _hasWill = false; // [MQTT-3.14.4-3]
        }

        CloseAfterFlush();
    }

    private void Fail(PacketError error)
    {
        if (_opening is { IsAnswered: false } opening)
        {
            opening.Refuse(error);
        }
        else
        {
            Close(error.Code, error.Message, keepsWill: true);
        }
    }

    private void ReAuthenticate(in Auth auth) =>
        (_opening ?? throw new PacketError(ReasonCode.ProtocolError, "Auth: CONNECT had no method")).OnReAuthentication(auth);

    private void EndBatch()
    {
        if (_closed)
        {
            return;
        }

        _publisher?.EndBatch();
        if (_deliverer?.EndBatch(Flush) ?? false)
        {
            _subscriber?.ContinueReplay(Flush);
        }

        Commits.EndBatch(Flush);
    }

    // Gives the session back, once. The will is published by whoever lets the session go.
    private void Detach()
    {
        if (_detached || Session is not { } session)
        {
            return;
        }

        _detached = true;
        var flush = new FlushSet();
        try
        {
            _deliverer?.Detach(flush);
            if (session.ExpirySeconds > 0)
            {
                _subscriber?.FinishReplay(flush);
            }

            VirtualHost!.DeleteQueuesOf(this, flush);
        }
        finally
        {
            Sessions.Release(session, this, _hasWill); // or its client could never come back
            Broker.Commits.Request();
            flush.FlushAll();
        }
    }

    /// <summary>Drops the connection at once.</summary>
    public void Abort(Exception? why)
    {
        _closed = true;
        _connection.Abort(why);
    }
}
