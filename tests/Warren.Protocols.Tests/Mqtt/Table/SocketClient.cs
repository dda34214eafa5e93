using System.Net;
using System.Net.Sockets;
using Warren.Protocols.Tests.Mqtt.InMemory;
using Warren.Wire.Mqtt;

namespace Warren.Protocols.Tests.Mqtt.Table;

/// <summary>A connection to a server on this machine, whatever it is.</summary>
internal sealed class SocketClient : IDisposable
{
    private readonly Socket _socket = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
    private readonly ProtocolVersion _version;
    private byte[] _unread = [];

    public SocketClient(int port, ProtocolVersion version)
    {
        _version = version;
        _socket.Connect(IPAddress.Loopback, port);
        _socket.ReceiveTimeout = 5000;
        _socket.NoDelay = true;
    }

    public void Send(byte[] bytes)
    {
        try
        {
            _socket.Send(bytes);
        }
        catch (SocketException)
        {
            // The server has closed: Receive says so.
        }
    }

    public string Receive()
    {
        byte[] buffer = new byte[4096];
        while (true)
        {
            ReadOnlySpan<byte> rest = _unread;
            if (PacketReader.TryRead(ref rest, _version, PacketReader.MaxPacketSize, out Packet packet))
            {
                string text = TextOf(packet);
                _unread = rest.ToArray();
                return text;
            }

            try
            {
                int read = _socket.Receive(buffer);
                if (read == 0)
                {
                    return ServerOutcome.Closed;
                }

                _unread = [.. _unread, .. buffer[..read]];
            }
            catch (SocketException error) when (error.SocketErrorCode == SocketError.ConnectionReset)
            {
                return ServerOutcome.Closed;
            }
            catch (SocketException)
            {
                return "DISCONNECT nothing-came";
            }
        }
    }

    public void Dispose() => _socket.Dispose();

    // Other servers answer an unknown version in the words of another one.
    private string TextOf(Packet packet)
    {
        try
        {
            return PacketText.Of(packet, _version);
        }
        catch (PacketError)
        {
            return $"{packet.Type.ToString().ToUpperInvariant()} {packet.Body[packet.Type == PacketType.ConnAck ? 1 : 0]:X2} unreadable";
        }
    }
}
