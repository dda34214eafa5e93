using System.Text;
using Warren.Buffers.Fields;
using Warren.Core;
using Warren.Core.Events;
using Warren.Core.Security;
using Warren.Wire.Amqp091;
using Warren.Wire.Amqp091.Methods;

namespace Warren.Protocols.Amqp091;

/// <summary>From the protocol header to connection.open-ok (AMQP 0-9-1, 1.4).</summary>
/// <remarks>Not thread-safe: the read loop's.</remarks>
internal sealed class Handshake
{
    private const int ProtocolHeaderSize = 8;
    private const int FrameMinSize = 4096;

    private readonly Amqp091Connection _connection;
    private State _state = State.AwaitHeader;

    public Handshake(Amqp091Connection connection) => _connection = connection;

    private enum State
    {
        AwaitHeader,
        AwaitStartOk,
        AwaitTuneOk,
        AwaitOpen,
        Open,
    }

    public bool AwaitsHeader => _state == State.AwaitHeader;

    public bool IsOpen => _state == State.Open;

    /// <summary>How far it is, in RabbitMQ's words.</summary>
    public string StateName => _state switch
    {
        State.AwaitTuneOk => "tuning",
        State.AwaitOpen => "opening",
        State.Open => "running",
        _ => "starting",
    };

    public bool IsTuned => _state >= State.AwaitOpen;

    /// <summary>Whether a mistake is answered with connection.close; before tune-ok RabbitMQ is silent but for frames too large.</summary>
    public bool AnswersErrors => _state >= State.AwaitStartOk;

    private static ReadOnlySpan<byte> Amqp091Header => [(byte)'A', (byte)'M', (byte)'Q', (byte)'P', 0, 0, 9, 1];

    private static ReadOnlySpan<byte> Amqp09Header => [(byte)'A', (byte)'M', (byte)'Q', (byte)'P', 1, 1, 0, 9];

    private static ReadOnlySpan<byte> Amqp08Header => [(byte)'A', (byte)'M', (byte)'Q', (byte)'P', 1, 1, 8, 0];

    /// <summary>Reads the eight octets a client begins with; anything else than a version we speak is told what we speak.</summary>
    public bool TryReadProtocolHeader(ref ReadOnlySpan<byte> rest)
    {
        int known = Math.Min(rest.Length, 4);
        if (!rest[..known].SequenceEqual(Amqp091Header[..known]))
        {
            RefuseProtocol(ref rest);
            return false;
        }

        if (rest.Length < ProtocolHeaderSize)
        {
            return false;
        }

        ReadOnlySpan<byte> header = rest[..ProtocolHeaderSize];
        if (!header.SequenceEqual(Amqp091Header) && !header.SequenceEqual(Amqp09Header) && !header.SequenceEqual(Amqp08Header))
        {
            RefuseProtocol(ref rest);
            return false;
        }

        bool is08 = header.SequenceEqual(Amqp08Header);
        rest = rest[ProtocolHeaderSize..];
        SendStart(is08 ? (byte)8 : (byte)0, is08 ? (byte)0 : (byte)9);
        _state = State.AwaitStartOk;
        return true;
    }

    /// <summary>A method on channel 0 before the connection is open.</summary>
    public void OnMethod(MethodId id, ReadOnlySpan<byte> arguments)
    {
        switch (_state, id)
        {
            case (State.AwaitStartOk, MethodId.ConnectionStartOk):
                OnStartOk(ConnectionStartOk.Read(arguments));
                break;
            case (State.AwaitTuneOk, MethodId.ConnectionTuneOk):
                OnTuneOk(ConnectionTuneOk.Read(arguments));
                break;
            case (State.AwaitOpen, MethodId.ConnectionOpen):
                OnOpen(ConnectionOpen.Read(arguments));
                break;
            case (_, MethodId.ConnectionClose):
                _connection.Send(FrameSizes.Small, static s => MethodWriter.WriteEmpty(s, 0, MethodId.ConnectionCloseOk));
                _connection.CloseAfterFlush();
                break;
            default:
                _connection.CloseSilently();
                break;
        }
    }

    private void RefuseProtocol(ref ReadOnlySpan<byte> rest)
    {
        rest = default;
        lock (_connection.Output.Lock)
        {
            _connection.Output.Append(Amqp091Header);
        }

        _connection.CloseAfterFlush();
    }

    private void SendStart(byte versionMajor, byte versionMinor)
    {
        lock (_connection.Output.Lock)
        {
            _connection.Output.Append(_connection.StartFrames.For(versionMajor, versionMinor, _connection.Tls));
        }

        _connection.Flush.Add(_connection.Output);
    }

    private void OnStartOk(ConnectionStartOk method)
    {
        _connection.Capabilities = ClientCapabilitiesReader.Read(FieldTableReader.Read(method.ClientProperties));
        string mechanism = Encoding.ASCII.GetString(method.Mechanism);
        SaslOutcome login = SaslLogin.Attempt(_connection, mechanism, method.Response);
        if (login.User is null)
        {
            _connection.Log.LoginRefused(_connection.Name, login.Name, mechanism, login.Refusal);
            _connection.Broker.Events.LoginFailed(_connection.Report, mechanism, login.Name, login.Refusal);
            RefuseLogin(mechanism, isTold: login.IsUnderstood);
            return;
        }

        _connection.User = login.User;
        _connection.Broker.Events.LoginSucceeded(_connection.Report, mechanism, login.Name);
        _connection.Introduction = new ClientIntroduction(mechanism, method.ClientProperties.ToArray());
        Amqp091Options options = _connection.Options;
        _connection.Send(
            FrameSizes.Small,
            s => MethodWriter.WriteConnectionTune(s, options.ChannelMax, (uint)options.FrameMax, options.HeartbeatSeconds));
        _state = State.AwaitTuneOk;
    }

    private void RefuseLogin(string mechanism, bool isTold)
    {
        if (!isTold || !_connection.Capabilities.HasFlag(ClientCapabilities.AuthenticationFailureClose))
        {
            _connection.CloseSilently();
            return;
        }

        var error = new ConnectionError(
            ReplyCode.AccessRefused,
            $"Login was refused using authentication mechanism {mechanism}. For details see the broker logfile.");
        lock (_connection.Output.Lock)
        {
            Span<byte> frame = _connection.Output.GetSpan(FrameSizes.Close);
            _connection.Output.Advance(MethodWriter.WriteConnectionClose(frame, error.Code, error.WireText, MethodId.None));
        }

        _connection.Flush.Add(_connection.Output);
        _connection.CloseSilently();
    }

    private void OnTuneOk(ConnectionTuneOk method)
    {
        Amqp091Options options = _connection.Options;
        bool channelsOk = options.ChannelMax == 0 || (method.ChannelMax != 0 && method.ChannelMax <= options.ChannelMax);
        bool framesOk = options.FrameMax == 0
            ? method.FrameMax is 0 or >= FrameMinSize
            : method.FrameMax >= FrameMinSize && method.FrameMax <= options.FrameMax;
        if (!channelsOk || !framesOk)
        {
            _connection.CloseSilently();
            return;
        }

        _connection.ChannelMax = method.ChannelMax == 0 ? ushort.MaxValue : method.ChannelMax;
        _connection.NegotiatedFrameMax = method.FrameMax == 0 ? 131072 : (int)Math.Min(method.FrameMax, 1 << 24);
        _connection.Heartbeats.Seconds = method.Heartbeat;
        _state = State.AwaitOpen;
    }

    private void OnOpen(ConnectionOpen method)
    {
        string name = Encoding.UTF8.GetString(method.VirtualHost);
        Broker broker = _connection.Broker;
        User user = _connection.User!;
        VirtualHost? vhost = broker.FindVirtualHost(name);
        if (vhost is null)
        {
            throw new ConnectionError(ReplyCode.NotAllowed, $"vhost {name} not found", MethodId.ConnectionOpen);
        }

        if (!broker.Authorizer.MayAccess(user, name))
        {
            throw new ConnectionError(
                ReplyCode.NotAllowed, $"access to vhost '{name}' refused for user '{user.Name}'", MethodId.ConnectionOpen);
        }

        broker.Connections.Enter(_connection.Report, user, vhost);
        _connection.VirtualHost = vhost;
        _connection.FrameMax = _connection.NegotiatedFrameMax;
        _state = State.Open;
        _connection.Send(FrameSizes.Small, static s => MethodWriter.WriteConnectionOpenOk(s));
        _connection.Opened();
    }
}
