using System.Buffers.Binary;
using Warren.Buffers.Fields;
using Warren.Protocols.Amqp091;
using Warren.Transport;
using Warren.Transport.InMemory;
using Warren.Wire.Amqp091;

namespace Warren.Protocols.Tests.Amqp091.InMemory;

/// <summary>An AMQP 0-9-1 client on channel 1 of a connection without a socket, which counts what it is sent.</summary>
/// <remarks>Not thread-safe. The broker's read loop runs inside the calls that send.</remarks>
internal sealed class InMemoryClient : IDisposable, IProtocol
{
    private const int GivesUpAfterMs = 60_000; // a broker that answers does so at once

    private readonly InMemoryBroker _broker;
    private readonly InMemoryConnection _connection;
    private readonly uint _frameMax;
    private readonly byte[] _scratch = new byte[4096];
    private byte[] _received = new byte[64 * 1024];
    private int _partial; // bytes of a frame that has not come whole

    public InMemoryClient(InMemoryBroker broker, uint frameMax, ushort heartbeat = 0)
    {
        _frameMax = frameMax;
        _broker = broker;
        _connection = new InMemoryConnection(this, broker.Resources);
        _connection.Send(ClientMethodWriter.ProtocolHeader);
        Send(ClientMethodWriter.WriteStartOk(_scratch, new FieldTable(), "PLAIN"u8, "\0guest\0guest"u8, "en_US"u8));
        Send(ClientMethodWriter.WriteTuneOk(_scratch, 16, frameMax, heartbeat));
        Send(ClientMethodWriter.WriteConnectionOpen(_scratch, "/"u8));
        Send(ClientMethodWriter.WriteChannelOpen(_scratch, 1));
        Receive();
    }

    string IProtocol.Name => "amqp";

    /// <summary>The broker's side of this connection.</summary>
    public Amqp091Connection Session { get; private set; } = null!;

    /// <summary>Bytes the broker has sent and nobody has received.</summary>
    public int Available => _connection.Available;

    /// <summary>Whether the broker has closed.</summary>
    public bool IsClosed => _connection.IsClosed;

    /// <summary>Does what the broker has scheduled meanwhile.</summary>
    public void Run() => _connection.Run();

    /// <summary>Deliveries received so far.</summary>
    public ulong Deliveries { get; private set; }

    /// <summary>The publish confirmed last.</summary>
    public ulong Confirmed { get; private set; }

    /// <summary>The last method received that is neither of the two; connection.close and channel.close stay.</summary>
    public MethodId LastMethod { get; private set; }

    /// <summary>Told of each part of a body that comes.</summary>
    public Action<ReadOnlyMemory<byte>>? OnBody { get; set; }

    /// <summary>Bytes the client lets wait before it reads: true makes it stop reading.</summary>
    public bool StopsReading
    {
        get => _connection.StopsReading;
        set
        {
            _connection.StopsReading = value;
            while (!value && _connection.ReadHeld())
            {
            }
        }
    }

    IProtocolSession IProtocol.Accept(Connection connection)
    {
        Session = (Amqp091Connection)_broker.Protocol.Accept(connection);
        return Session;
    }

    public void DeclareQueue(ReadOnlySpan<byte> name, bool durable)
    {
        Send(ClientMethodWriter.WriteQueueDeclare(_scratch, 1, name, new FieldTable(), durable: durable));
        ReceiveUntil(static client => client.LastMethod == MethodId.QueueDeclareOk);
    }

    public void Consume(ReadOnlySpan<byte> queue, bool noAck, ushort prefetch = 0)
    {
        Send(ClientMethodWriter.WriteQos(_scratch, 1, 0, prefetch, global: false));
        Send(ClientMethodWriter.WriteConsume(_scratch, 1, queue, "tag"u8, new FieldTable(), noAck: noAck));
        ReceiveUntil(static client => client.LastMethod == MethodId.BasicConsumeOk);
    }

    public void Get(ReadOnlySpan<byte> queue, bool noAck) =>
        Send(ClientMethodWriter.WriteGet(_scratch, 1, queue, noAck));

    public void SelectConfirms()
    {
        Send(ClientMethodWriter.WriteConfirmSelect(_scratch, 1));
        ReceiveUntil(static client => client.LastMethod == MethodId.ConfirmSelectOk);
    }

    /// <summary>Sends whole frames; returns when the broker has done everything that does not wait for the log.</summary>
    public void Send(ReadOnlySpan<byte> frames) => _connection.Send(frames);

    /// <summary>Counts what has come. Allocates nothing once its buffer is large enough.</summary>
    public void Receive()
    {
        int available = _connection.Available;
        if (_received.Length < _partial + available)
        {
            Array.Resize(ref _received, (_partial + available) * 2);
        }

        int length = _partial + _connection.Receive(_received.AsSpan(_partial));
        ReadOnlySpan<byte> rest = _received.AsSpan(0, length);
        while (FrameReader.TryRead(ref rest, (int)_frameMax, out Frame frame))
        {
            Count(frame);
        }

        rest.CopyTo(_received);
        _partial = rest.Length;
    }

    /// <summary>Receives until it is so. What the log's thread sends is waited for.</summary>
    public void ReceiveUntil(Func<InMemoryClient, bool> isThere)
    {
        Receive();
        while (!isThere(this))
        {
            if (_connection.IsEndOfStream || LastMethod is MethodId.ConnectionClose or MethodId.ChannelClose)
            {
                throw new InvalidOperationException($"the broker closed after {LastMethod}");
            }

            if (!SpinWait.SpinUntil(() => _connection.Available > 0 || _connection.IsEndOfStream, GivesUpAfterMs))
            {
                throw new TimeoutException($"nothing came after {LastMethod}");
            }

            Receive();
        }
    }

    public void Dispose() => _connection.Dispose();

    private void Send(int length) => _connection.Send(_scratch.AsSpan(0, length));

    private void Count(in Frame frame)
    {
        if (frame.Type != FrameType.Method)
        {
            if (frame.Type == FrameType.Body)
            {
                OnBody?.Invoke(frame.Payload.ToArray());
            }

            return;
        }

        MethodId id = Method.ReadId(frame.Payload, out ReadOnlySpan<byte> arguments);
        switch (id)
        {
            case MethodId.BasicDeliver:
                Deliveries++;
                break;
            case MethodId.BasicAck:
                Confirmed = BinaryPrimitives.ReadUInt64BigEndian(arguments);
                break;
            default:
                LastMethod = LastMethod is MethodId.ConnectionClose or MethodId.ChannelClose ? LastMethod : id;
                break;
        }
    }
}
