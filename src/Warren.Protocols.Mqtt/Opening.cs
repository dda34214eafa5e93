using System.Net;
using System.Security.Cryptography;
using System.Text;
using Warren.Buffers;
using Warren.Buffers.Commits;
using Warren.Core;
using Warren.Core.Arguments;
using Warren.Core.Security;
using Warren.Core.Sessions;
using Warren.Transport;
using Warren.Transport.Tls;
using Warren.Wire.Mqtt;

namespace Warren.Protocols.Mqtt;

/// <summary>From CONNECT to CONNACK, with an extended authentication in between if the client asks for one (MQTT 5.0, 3.1, 4.12).</summary>
/// <remarks>
/// Packets come on the read loop, under the session lock. Passwords are checked and sessions taken over on the pool: the
/// one takes time, the other waits for another connection.
/// </remarks>
internal sealed class Opening(MqttConnection session, Connection connection)
{
    private const int AssignedIdBytes = 15;

    private ConnectRequest? _request;
    private IAuthenticationExchange? _exchange;

    /// <summary>Whether CONNECT has its answer: there is one, however the connection goes on ([MQTT-3.2.0-2]).</summary>
    public bool IsAnswered { get; private set; }

    /// <summary>Whether the client may prove its name again later; else there is nothing left to do after CONNACK.</summary>
    public bool HasMethod => _request?.AuthenticationMethod is not null;

    /// <summary>A packet before CONNACK.</summary>
    /// <exception cref="PacketError">Not what may come now.</exception>
    public void OnPacket(in Packet packet)
    {
        if (packet.Type == PacketType.Connect && _request is null)
        {
            OnConnect(new ConnectRequest(Connect.Read(packet.Body)));
        }
        else if (packet.Type == PacketType.Auth && _exchange is not null)
        {
            OnAuth(Auth.Read(packet));
        }
        else if (packet.Type == PacketType.Disconnect && _request is not null)
        {
            session.CloseAfterFlush();
        }
        else
        {
            // [MQTT-3.1.0-1]
            throw new PacketError(ReasonCode.ProtocolError, $"{packet.Type}: before the connection is open");
        }
    }

    /// <summary>AUTH on an open connection: the client proves its name again (MQTT 5.0, 4.12.1).</summary>
    public void OnReAuthentication(in Auth auth)
    {
        string method = Encoding.UTF8.GetString(auth.Properties.Value(PropertyId.AuthenticationMethod));
        if (_request?.AuthenticationMethod is not { } known || known != method)
        {
            throw new PacketError(ReasonCode.ProtocolError, "Auth: not the method of CONNECT");
        }

        if (auth.Reason == ReasonCode.ReAuthenticate)
        {
            _exchange = AuthenticationMethods.Begin(method, session.Broker, session.Options);
        }
        else if (auth.Reason != ReasonCode.ContinueAuthentication || _exchange is null)
        {
            throw new PacketError(ReasonCode.ProtocolError, "Auth: out of turn");
        }

        Step(auth.Properties.Value(PropertyId.AuthenticationData).ToArray());
    }

    /// <summary>Refuses a client whose packet is wrong: in the words of its version, or without a word.</summary>
    public void Refuse(PacketError error)
    {
        if (error.Version == ProtocolVersion.None && _request is null)
        {
            IsAnswered = true; // with silence
            session.Log.ConnectRefused(session.Name, "", error.Code, error.Message);
            session.CloseAfterFlush();
            return;
        }

        if (_request is null)
        {
            session.Speak(error.Version, wantsReasons: true);
        }

        Refuse(error.Code, error.Message);
    }

    /// <summary>CONNACK with a reason, and the end. Nothing when CONNECT has its answer. Under the session lock.</summary>
    public void Refuse(ReasonCode code, string text)
    {
        if (IsAnswered)
        {
            return;
        }

        session.Log.ConnectRefused(session.Name, _request?.ClientId ?? "", code, text);
        if (session.Limits.Version != ProtocolVersion.None)
        {
            ReasonCode told = code.IsAllowedIn(PacketType.ConnAck) ? code
                : code == ReasonCode.ServerShuttingDown ? ReasonCode.ServerUnavailable : ReasonCode.UnspecifiedError;
            Answer(sessionPresent: false, told, [], code is ReasonCode.BadUserNameOrPassword or ReasonCode.NotAuthorized ? "" : text);
        }

        IsAnswered = true; // or nobody knows in which words
        session.CloseAfterFlush();
    }

    /// <summary>A session expiry interval as the server allows it.</summary>
    public static uint Limited(uint seconds, MqttOptions options) => (uint)Math.Min(
        seconds, Math.Min(options.MaxSessionExpirySeconds ?? uint.MaxValue, options.SubscriptionTtlMs / 1000 ?? uint.MaxValue));

    private void OnConnect(ConnectRequest request)
    {
        _request = request;
        session.Protocol.Traffic.OnConnect();
        session.Speak(request.Version, request.WantsProblemInformation);
        if (session.Protocol.IsFull(session.Options))
        {
            Refuse(ReasonCode.QuotaExceeded, "too many connections");
            return;
        }

        if (request is { Version: ProtocolVersion.Mqtt50, Will.Retain: true } && !session.Options.RetainAvailable)
        {
            Refuse(ReasonCode.RetainNotSupported, "a retained will"); // [MQTT-3.2.2-13]
            return;
        }

        if (request.Will is { HasValidFormat: false })
        {
            Refuse(ReasonCode.PayloadFormatInvalid, "a will that is not the text it says it is"); // (MQTT 5.0, 3.1.3.2.3)
            return;
        }

        if (request.ClientId.Length == 0 && !request.CleanStart && request.Version != ProtocolVersion.Mqtt50)
        {
            Refuse(ReasonCode.ClientIdentifierNotValid, "an empty client id needs a clean session"); // [MQTT-3.1.3-8]
            return;
        }

        if (request.ClientId.Length == 0 && request.Version == ProtocolVersion.Mqtt31)
        {
            Refuse(ReasonCode.ClientIdentifierNotValid, "an empty client id");
            return;
        }

        if (!IsOwnId(request.ClientId))
        {
            Refuse(ReasonCode.ClientIdentifierNotValid, "not the client id in the certificate");
            return;
        }

        if (request.AuthenticationMethod is { } method)
        {
            _exchange = AuthenticationMethods.Begin(method, session.Broker, session.Options);
            if (_exchange is null)
            {
                Refuse(ReasonCode.BadAuthenticationMethod, "the authentication method is not supported");
                return;
            }

            Step(request.AuthenticationBytes);
            return;
        }

        OnPool(() => new Login(session.Broker, session.Options).Attempt(request, connection));
    }

    private void OnAuth(in Auth auth)
    {
        if (auth.Reason != ReasonCode.ContinueAuthentication
            || Encoding.UTF8.GetString(auth.Properties.Value(PropertyId.AuthenticationMethod)) != _request!.AuthenticationMethod)
        {
            throw new PacketError(ReasonCode.ProtocolError, "Auth: out of turn");
        }

        Step(auth.Properties.Value(PropertyId.AuthenticationData).ToArray());
    }

    // One message of the client in an extended authentication.
    private void Step(byte[] data)
    {
        IAuthenticationExchange exchange = _exchange!;
        bool isOpen = session.Session is not null;
        IPAddress remote = (connection.RemoteEndPoint as IPEndPoint)?.Address ?? IPAddress.Loopback;
        Authenticator authenticator = session.Broker.Authenticator;
        AuthenticationStep step = authenticator.MayTry(remote) ? exchange.Next(data) : new AuthenticationStep(AuthenticationOutcome.Refused, []);
        if (step.Outcome == AuthenticationOutcome.Refused)
        {
            authenticator.Refuse(new Login(session.Broker, session.Options).UserOf(exchange.UserName), remote, "mqtt");
        }

        switch (step.Outcome)
        {
            case AuthenticationOutcome.Continue:
                WriteAuth(ReasonCode.ContinueAuthentication, step.Data);
                break;
            case AuthenticationOutcome.Refused when isOpen:
                _exchange = null;
                session.Close(ReasonCode.NotAuthorized, "the authentication failed", keepsWill: true);
                break;
            case AuthenticationOutcome.Refused:
                _exchange = null;
                Refuse(ReasonCode.BadUserNameOrPassword, $"login of '{exchange.UserName}' refused: BadCredentials");
                break;
            case AuthenticationOutcome.Accepted when isOpen:
                _exchange = null;
                if (new Login(session.Broker, session.Options).UserOf(exchange.UserName) != session.User!.Name)
                {
                    session.Close(ReasonCode.NotAuthorized, "another user", keepsWill: true);
                    return;
                }

                WriteAuth(ReasonCode.Success, step.Data);
                break;
            default:
                _exchange = null;
                OnPool(() => new Login(session.Broker, session.Options).Admit(exchange.UserName, connection), step.Data);
                break;
        }
    }

    private void OnPool(Func<LoginOutcome> login, byte[]? lastData = null)
    {
        session.Pause.Set(PauseReason.Login);
        session.Broker.Scheduler.Post(
            session, static state => state.Self.EnterOrAbort(state.Login, state.Data), (Self: this, Login: login, Data: lastData));
    }

    // What nobody expects costs this client his connection. Nobody else would tell him.
    private void EnterOrAbort(Func<LoginOutcome> logIn, byte[]? lastData)
    {
        try
        {
            Enter(logIn, lastData);
        }
        catch (Exception fault)
        {
            session.Broker.Scheduler.Report(session, fault);
            session.Abort(fault);
        }
    }

    // On the pool, without the session lock but where it says so: the session may have to be taken from another connection.
    private void Enter(Func<LoginOutcome> logIn, byte[]? lastData)
    {
        ConnectRequest request = _request!;
        var flush = new FlushSet();
        ClientSession? opened = null;
        VirtualHost? virtualHost = null;
        try
        {
            LoginOutcome login = logIn();
            if (login.User is not { } user || login.VirtualHost is not { } found)
            {
                session.WhileStill(() => Refuse(login.Refusal, $"login of '{login.Name}' refused: {login.Why}"));
                return;
            }

            virtualHost = found;
            session.Protocol.EnsureExchange(virtualHost);
            string clientId = request.ClientId.Length > 0 ? request.ClientId : NewClientId();
            if (request.Will is { } will)
            {
                WillPublisher.Check(virtualHost, session.Options.Exchange, user, clientId, will);
            }

            session.Broker.Connections.Enter(session.Report, user, virtualHost);
            uint expiry = Limited(request.SessionExpirySeconds, session.Options);
            opened = virtualHost.Sessions.Open(
                clientId, user, Subscriber.QueueNameOf, request.CleanStart, session, out bool present);
            CommitTicket ticket = virtualHost.Sessions.Keep(opened, expiry);
            ticket = ticket.And(virtualHost.Sessions.Keep(opened, request.Will?.ToSession(), out bool lacksWill));
            if (lacksWill)
            {
                session.Log.WillNotStored(session.Name, clientId);
            }

            ClientSession mine = opened;
            session.WhileStill(() => Open(request, clientId, user, found, mine, present, ticket, lastData, flush));
        }
        catch (BrokerError error)
        {
            ReasonCode code = error.Kind switch
            {
                BrokerErrorKind.AccessRefused or BrokerErrorKind.ResourceLocked => ReasonCode.NotAuthorized,
                BrokerErrorKind.NotAllowed or BrokerErrorKind.PreconditionFailed => ReasonCode.QuotaExceeded,
                _ => ReasonCode.ServerUnavailable,
            };
            session.WhileStill(() => session.Close(code, error.Text, keepsWill: false));
        }
        finally
        {
            if (opened is not null && !ReferenceEquals(session.Session, opened))
            {
                // Nobody else would let go of it, and no other connection could have it.
                virtualHost!.Sessions.Release(opened, session, keepsWill: false);
            }

            if (session.IsClosed)
            {
                session.Broker.Connections.Remove(session.Report); // it may have gone before it entered
            }

            flush.FlushAll();
            session.Pause.Clear(PauseReason.Login);
        }
    }

    private void Open(
        ConnectRequest request,
        string clientId,
        User user,
        VirtualHost virtualHost,
        ClientSession opened,
        bool present,
        CommitTicket ticket,
        byte[]? lastData,
        FlushSet flush)
    {
        if (session.IsClosed)
        {
            return;
        }

        int most = session.Options.MaxKeepAliveSeconds;
        bool overrides = most > 0 && (request.KeepAliveSeconds == 0 || request.KeepAliveSeconds > most);
        int keepAlive = overrides && request.Version == ProtocolVersion.Mqtt50 ? most : request.KeepAliveSeconds;
        connection.TicksTwice = keepAlive is > 0 and <= 3;
        if (opened.Unfinished.Count > 0)
        {
            // What an earlier connection has noted of them is on the disk before they go out again.
            ticket = ticket.And(virtualHost.Sessions.Barrier());
        }

        session.Enter(request, clientId, user, virtualHost, opened, keepAlive);
        ticket = ticket.And(session.TakeUp(flush));
        session.Commits.WhenCommitted(ticket, flush, later =>
        {
            if (!Answer(present, ReasonCode.Success, PropertiesOf(request, clientId, opened, keepAlive, lastData), ""))
            {
                session.GiveUp(); // it takes no packet as large as the answer ([MQTT-3.1.2-24])
                return;
            }

            later.Add(session.Output);
            session.Opened(later);
        });
    }

    private byte[] PropertiesOf(ConnectRequest request, string clientId, ClientSession opened, int keepAlive, byte[]? lastData)
    {
        if (request.Version != ProtocolVersion.Mqtt50)
        {
            return [];
        }

        MqttOptions options = session.Options;
        byte[] bytes = new byte[256 + (3 * clientId.Length) + (request.AuthenticationMethod?.Length ?? 0) * 3 + (lastData?.Length ?? 0)];
        var writer = new PropertyWriter(bytes);
        if (opened.ExpirySeconds != request.SessionExpirySeconds)
        {
            writer.Number(PropertyId.SessionExpiryInterval, opened.ExpirySeconds);
        }

        if (options.ReceiveMaximum != ushort.MaxValue)
        {
            writer.Number(PropertyId.ReceiveMaximum, (uint)options.ReceiveMaximum);
        }

        if (!options.RetainAvailable)
        {
            writer.Number(PropertyId.RetainAvailable, 0);
        }

        writer.Number(PropertyId.MaximumPacketSize, (uint)options.MaxPacketSize);
        if (request.ClientId.Length == 0)
        {
            writer.Text(PropertyId.AssignedClientIdentifier, clientId);
        }

        if (options.TopicAliasMaximum > 0)
        {
            writer.Number(PropertyId.TopicAliasMaximum, (uint)options.TopicAliasMaximum);
        }

        if (keepAlive != request.KeepAliveSeconds)
        {
            writer.Number(PropertyId.ServerKeepAlive, (uint)keepAlive);
        }

        if (request.WantsResponseInformation)
        {
            writer.Text(PropertyId.ResponseInformation, $"response/{clientId}");
        }

        if (request.AuthenticationMethod is { } method)
        {
            writer.Text(PropertyId.AuthenticationMethod, method);
            if (lastData is { Length: > 0 })
            {
                writer.Text(PropertyId.AuthenticationData, lastData);
            }
        }

        return writer.Written.ToArray();
    }

    // The only place that writes CONNACK. False: the client takes no packet as large.
    private bool Answer(bool sessionPresent, ReasonCode code, byte[] properties, string text)
    {
        IsAnswered = IsAnswered ? throw new InvalidOperationException("CONNECT was answered") : true;
        var optional = new OptionalProperties
        {
            ReasonString = text.Length > 0 && _request is null or { WantsProblemInformation: true } ? ControlPackets.ReasonString(text) : [],
        };
        int most = Math.Min(_request?.MaxPacketSize ?? int.MaxValue, PacketReader.MaxPacketSize);
        byte[] packet = new byte[PacketWriter.SizeOf(properties.Length, optional)];
        int length = PacketWriter.WriteConnAck(packet, session.Limits.Version, sessionPresent, code, properties, optional, most);
        lock (session.Output.Lock)
        {
            session.Output.Append(packet.AsSpan(0, length));
            session.Counted.PacketsOut++;
        }

        return length > 0;
    }

    private void WriteAuth(ReasonCode code, byte[] data)
    {
        string method = _request!.AuthenticationMethod!;
        byte[] properties = new byte[16 + (3 * method.Length) + data.Length];
        var writer = new PropertyWriter(properties);
        writer.Text(PropertyId.AuthenticationMethod, method);
        writer.Text(PropertyId.AuthenticationData, data);
        byte[] packet = new byte[PacketWriter.SizeOf(writer.Written.Length, default)];
        int length = PacketWriter.WriteAuth(packet, code, writer.Written, default);
        lock (session.Output.Lock)
        {
            session.Output.Append(packet.AsSpan(0, length));
            session.Counted.PacketsOut++;
        }

        session.Flush.Add(session.Output);
    }

    private bool IsOwnId(string clientId) =>
        session.Options.ClientIdFrom is not { } from || connection.Tls?.PeerCertificate is not { } certificate
        || CertificateName.Read(certificate, from, session.Options.ClientIdKind, session.Options.ClientIdIndex) is not { } name
        || name == clientId;

    private static string NewClientId()
    {
        Span<byte> bytes = stackalloc byte[AssignedIdBytes];
        RandomNumberGenerator.Fill(bytes);
        return "auto-" + Convert.ToHexStringLower(bytes);
    }
}
