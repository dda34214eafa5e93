using Warren.Transport;
using Warren.Wire.Amqp091;

namespace Warren.Protocols.Amqp091;

/// <summary>Heartbeats of one connection, both ways (AMQP 0-9-1, 4.2.7).</summary>
/// <remarks>Set while shaking hands, then asked on each tick.</remarks>
internal sealed class Heartbeats(Connection connection)
{
    private const int ShortSeconds = 4; // of which half must not be missed by a whole tick

    /// <summary>Seconds, as tune-ok settled them; 0: none.</summary>
    public int Seconds
    {
        get;
        set
        {
            field = value;
            connection.TicksTwice = value is > 0 and <= ShortSeconds;
        }
    }

    /// <summary>Whether nothing has come from the client for two intervals.</summary>
    public bool IsMissed(long nowMs) => Seconds > 0 && nowMs - connection.LastReceivedMs > Seconds * 2000L;

    /// <summary>Sends one when nothing else has gone out for half an interval.</summary>
    public void SendIfSilent(long nowMs)
    {
        if (Seconds == 0 || nowMs - connection.LastSentMs < Seconds * 500L)
        {
            return;
        }

        lock (connection.Output.Lock)
        {
            connection.Output.Append(FrameWriter.Heartbeat);
        }

        connection.Output.Flush();
    }
}
