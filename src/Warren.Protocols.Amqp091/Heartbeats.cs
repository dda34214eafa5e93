using Warren.Buffers.Scheduling;
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

    /// <summary>Sends one when nothing else has gone out for half an interval. Needs no lock but the output's.</summary>
    /// <param name="now">The time.</param>
    /// <param name="mayMiss">Whether silence counts: not while we do not read.</param>
    /// <returns>False: nothing has come from the client for two intervals.</returns>
    public bool TryBeat(Uptime now, bool mayMiss)
    {
        if (Seconds == 0)
        {
            return true;
        }

        if (mayMiss && now - connection.LastReceived > Seconds * 2000L)
        {
            return false;
        }

        if (now - connection.LastSent >= Seconds * 500L)
        {
            Send();
        }

        return true;
    }

    private void Send()
    {
        lock (connection.Output.Lock)
        {
            connection.Output.Append(FrameWriter.Heartbeat);
        }

        connection.Output.Flush();
    }
}
