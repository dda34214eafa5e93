using Warren.Buffers;
using Warren.Buffers.Scheduling;

namespace Warren.Transport;

/// <summary>A protocol that can be spoken on a listener. One instance serves many connections. Thread-safe.</summary>
public interface IProtocol
{
    /// <summary>Name as shown to operators, such as "amqp".</summary>
    string Name { get; }

    /// <summary>A client has connected; the session answers for it until <see cref="IProtocolSession.OnClosed"/>.</summary>
    IProtocolSession Accept(Connection connection);
}

/// <summary>What one client's bytes mean.</summary>
/// <remarks>
/// <see cref="Consume"/> and <see cref="OnReadBatchEnd"/> run on the connection's read loop, never two at a time.
/// <see cref="OnDrained"/>, <see cref="OnTick"/>, <see cref="OnLook"/> and <see cref="OnClosed"/> may run on other threads
/// beside it.
/// </remarks>
public interface IProtocolSession
{
    /// <summary>Takes what it can of the unread bytes.</summary>
    /// <returns>Bytes used; what is left is offered again together with what comes next.</returns>
    int Consume(ReadOnlySpan<byte> unread);

    /// <summary>
    /// Where the next bytes belong, when nothing is unread and they are a part of a long body: they are received there
    /// and not copied. Empty otherwise. The caller gets a reference of his own and releases it; on the read loop.
    /// </summary>
    Payload LendRoom() => default;

    /// <summary>That many bytes were received into the room just lent. On the read loop.</summary>
    void OnReceivedInRoom(int bytes)
    {
    }

    /// <summary>Most bytes worth receiving into the read buffer: less than it holds when what follows is better received in place.</summary>
    int ReadAhead => int.MaxValue;

    /// <summary>Everything received so far was offered: flush what was touched.</summary>
    void OnReadBatchEnd();

    /// <summary>The output fell below its low-water mark after it had been full. On a pool thread, outside every lock.</summary>
    void OnDrained();

    /// <summary>
    /// Called about once a second: heartbeats and time-outs. On the thread that ticks all connections, so it takes the
    /// output's lock at most, and never that of a session: every other client would wait for it.
    /// </summary>
    void OnTick(Uptime now);

    /// <summary>
    /// Called about once a second for what needs the session's lock. On another thread than <see cref="OnTick"/>, which
    /// is late when one of these has to wait: a session that is busy is left out until the next time.
    /// </summary>
    void OnLook(Uptime now)
    {
    }

    /// <summary>The connection is gone, once, after the last <see cref="Consume"/>.</summary>
    void OnClosed(Exception? error);
}
