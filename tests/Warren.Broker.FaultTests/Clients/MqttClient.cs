using System.Net.Sockets;
using Warren.Interop.Tests.Mqtt;
using Warren.Wire.Mqtt;

namespace Warren.FaultTests.Clients;

/// <summary>A client of MQTT 5.0 that asks one thing after the other and says what it was told.</summary>
internal sealed class MqttClient : IDisposable
{
    private const uint Day = 86_400; // seconds

    private readonly MqttRaw _raw;
    private ushort _id;

    private MqttClient(MqttRaw raw) => _raw = raw;

    /// <summary>False once the connection has ended.</summary>
    internal bool IsOpen { get; private set; } = true;

    /// <summary>Whether there was a session at the login.</summary>
    internal bool HadSession { get; private set; }

    /// <summary>Connects with a session that stays; null when nobody lets it in.</summary>
    internal static MqttClient? Connect(int port, string clientId, Func<MqttLogin, MqttLogin>? configure = null)
    {
        MqttClient? client = null;
        try
        {
            var raw = MqttRaw.Connect(port);
            raw.ReadTimeoutMs = (int)FaultServer.Patience.TotalMilliseconds;
            client = new MqttClient(raw);
            var login = new MqttLogin(clientId) { Clean = false, ExpirySeconds = Day };
            raw.SendConnect(configure?.Invoke(login) ?? login);
            MqttPacket? answer = client.Read("CONNECT");
            if (answer is null || answer.Type != PacketType.ConnAck || answer.Code >= 0x80)
            {
                client.Dispose();
                return null;
            }

            client.HadSession = answer.SessionPresent;
            return client;
        }
        catch (Exception e) when (e is IOException or SocketException)
        {
            client?.Dispose();
            return null;
        }
    }

    /// <summary>SUBSCRIBE with quality of service 2.</summary>
    internal Answer Subscribe(string filter) => Ask("SUBSCRIBE", PacketType.SubAck, () => _raw.SendSubscribe(filter, 2));

    /// <summary>PUBLISH with quality of service 1.</summary>
    internal Answer PublishOnce(string topic, byte[] body, bool retain = false) => Ask("PUBLISH 1", PacketType.PubAck, () =>
        _raw.Publish(topic, body, 1, ++_id, retain: retain));

    /// <summary>PUBLISH with quality of service 2, to the end of the exchange.</summary>
    /// <returns>Yes as soon as PUBREC has said so: from then on it is the broker's.</returns>
    internal Answer PublishTwice(string topic, byte[] body)
    {
        ushort id = ++_id;
        Answer answer = Ask("PUBLISH 2", PacketType.PubRec, () => _raw.Publish(topic, body, 2, id));
        if (answer == Answer.Yes)
        {
            Ask("PUBREL", PacketType.PubComp, () => _raw.Acknowledge(PacketType.PubRel, id));
        }

        return answer;
    }

    /// <summary>Everything the broker has for this client now; nothing is acknowledged.</summary>
    internal List<MqttPacket> Pending()
    {
        var all = new List<MqttPacket>();
        Ask("PINGREQ", PacketType.PingResp, () => _raw.Send(ClientPacketWriter.PingReq), all.Add);
        return all;
    }

    /// <summary>Settles a message as far as it goes.</summary>
    /// <returns>Yes when the broker has promised not to send it again.</returns>
    internal Answer Settle(MqttPacket message, Action<MqttPacket> aside)
    {
        if (message.QoS == 2)
        {
            Answer answer = Ask("PUBREC", PacketType.PubRel, () => _raw.Acknowledge(PacketType.PubRec, message.Id), aside);
            if (answer == Answer.Yes)
            {
                Guarded("PUBCOMP", () => _raw.Acknowledge(PacketType.PubComp, message.Id));
            }

            return answer;
        }

        Guarded("PUBACK", () => _raw.Acknowledge(PacketType.PubAck, message.Id));
        return Answer.Lost;
    }

    /// <summary>DISCONNECT, and the end of the connection.</summary>
    internal void Leave()
    {
        Guarded("DISCONNECT", () => _raw.Send(ClientPacketWriter.Disconnect));
        while (IsOpen && Read("the end after DISCONNECT") is not null)
        {
            // on its way when the client left
        }

        Dispose();
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        IsOpen = false;
        _raw.Dispose();
    }

    private Answer Ask(string request, PacketType reply, Action send, Action<MqttPacket>? aside = null)
    {
        if (!IsOpen)
        {
            return Answer.Lost;
        }

        Guarded(request, send);
        while (IsOpen && Read(request) is { } packet)
        {
            if (packet.Type == reply)
            {
                return packet.Code >= 0x80 ? Answer.No : Answer.Yes;
            }

            if (packet.Type == PacketType.Disconnect)
            {
                IsOpen = false;
                return Answer.No;
            }

            aside?.Invoke(packet);
        }

        return Answer.Lost;
    }

    private void Guarded(string request, Action send)
    {
        if (!IsOpen)
        {
            return;
        }

        try
        {
            send();
        }
        catch (Exception e) when (e is IOException or ObjectDisposedException)
        {
            IsOpen = false;
            ThrowIfSilent(request, e);
        }
    }

    private MqttPacket? Read(string request)
    {
        try
        {
            MqttPacket? packet = _raw.TryNext();
            IsOpen &= packet is not null;
            return packet;
        }
        catch (Exception e) when (e is IOException or ObjectDisposedException)
        {
            IsOpen = false;
            ThrowIfSilent(request, e);
            return null;
        }
    }

    private static void ThrowIfSilent(string request, Exception error)
    {
        if (error.InnerException is SocketException
            {
                SocketErrorCode: SocketError.TimedOut or SocketError.WouldBlock or SocketError.TryAgain,
            })
        {
            throw new SilenceException(request, error);
        }
    }
}
