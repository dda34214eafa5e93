using System.Net.Sockets;
using Warren.Interop.Tests.Mqtt;
using Warren.Wire.Mqtt;

namespace Warren.Interop.Tests.Crash;

/// <summary>A client that keeps its half of the session whatever happens to its connections, as the specification asks for (MQTT 5.0, 4.1).</summary>
/// <remarks>One thread at a time runs it; its state lives from one run to the next.</remarks>
internal abstract class MqttCrashClient
{
    private bool _hasSession;
    private volatile bool _ending;

    protected MqttCrashClient(string id, ProtocolVersion version, MqttCrashLedger ledger, int seed)
    {
        Id = id;
        Version = version;
        Ledger = ledger;
        Random = new Random(seed);
    }

    /// <summary>The client id.</summary>
    public string Id { get; }

    protected ProtocolVersion Version { get; }

    protected MqttCrashLedger Ledger { get; }

    protected Random Random { get; }

    /// <summary>Whether only what has begun is to be finished.</summary>
    protected bool IsDraining { get; private set; }

    /// <summary>The broker is about to be killed: the next broken connection is the last.</summary>
    public void End() => _ending = true;

    /// <summary>Connects and works, again when the connection is lost, until <see cref="End"/> or all is done.</summary>
    /// <param name="port">The listener.</param>
    /// <param name="drain">Finish what has begun, and nothing new.</param>
    public void Run(int port, bool drain)
    {
        IsDraining = drain;
        _ending = false;
        while (!_ending)
        {
            try
            {
                using var connection = MqttRaw.Connect(port, Version);
                MqttPacket connAck = connection.Login(new MqttLogin(Id) { Clean = false, ExpirySeconds = uint.MaxValue, ReceiveMaximum = Random.Next(3, 40) });
                if (connAck.Code != 0 || (_hasSession && !connAck.SessionPresent))
                {
                    Ledger.Problem($"{Id}: CONNACK 0x{connAck.Code:X2}, session present {connAck.SessionPresent}");
                    return;
                }

                _hasSession = true;
                Work(connection);
                return;
            }
            catch (IOException e) when (e.InnerException is SocketException { SocketErrorCode: SocketError.TimedOut or SocketError.WouldBlock })
            {
                Ledger.Problem($"{Id}: the broker says nothing: {Wait()}");
                return;
            }
            catch (Exception e) when (e is IOException or SocketException or ObjectDisposedException)
            {
                // lost; the next one
            }
            catch (Exception e)
            {
                Ledger.Problem($"{Id}: {e}");
                return;
            }
        }
    }

    /// <inheritdoc/>
    public override string ToString() => $"{Id} waits for {Wait()}";

    /// <summary>Works on a connection until all is done.</summary>
    protected abstract void Work(MqttRaw connection);

    /// <summary>What it waits for, in words.</summary>
    protected abstract string Wait();

    /// <summary>Now and then the packet at hand is the last this connection carries.</summary>
    protected void MayLose(MqttRaw connection)
    {
        if (Random.Next(400) == 0)
        {
            connection.Dispose();
            throw new IOException("lost on purpose");
        }
    }
}
