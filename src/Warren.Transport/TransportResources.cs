using System.Net;
using Warren.Buffers;
using Warren.Buffers.Scheduling;

namespace Warren.Transport;

/// <summary>What all connections of one broker share: blocks, clock, the once-a-second tick, numbers, the fault report.</summary>
/// <remarks>Thread-safe. Disposed after the last listener.</remarks>
public sealed class TransportResources : IDisposable
{
    private long _lastConnectionId;

    /// <summary>Resources with a scheduler of their own.</summary>
    /// <param name="time">Drives the heartbeats and the pauses between accept errors.</param>
    /// <param name="clock">The coarse clock; not disposed here.</param>
    /// <param name="blocks">Where buffers come from.</param>
    public TransportResources(TimeProvider time, CoarseClock clock, BlockPool blocks)
        : this(new Scheduler(time), clock, blocks)
    {
    }

    /// <param name="scheduler">The broker's scheduler; drives the heartbeats. Not disposed here.</param>
    /// <param name="clock">The broker's coarse clock; not disposed here.</param>
    /// <param name="blocks">The broker's blocks.</param>
    public TransportResources(Scheduler scheduler, CoarseClock clock, BlockPool blocks)
    {
        ArgumentNullException.ThrowIfNull(scheduler);
        ArgumentNullException.ThrowIfNull(clock);
        ArgumentNullException.ThrowIfNull(blocks);
        Scheduler = scheduler;
        Clock = clock;
        Blocks = blocks;
        Heartbeats = new HeartbeatWheel(scheduler, clock);
    }

    /// <summary>What runs on the pool and at its time.</summary>
    public Scheduler Scheduler { get; }

    /// <summary>Where timers come from.</summary>
    public TimeProvider Time => Scheduler.Time;

    /// <summary>The time for stamps.</summary>
    public CoarseClock Clock { get; }

    /// <summary>Where read and output buffers come from.</summary>
    public BlockPool Blocks { get; }

    /// <summary>Ticks every connection about once a second.</summary>
    public HeartbeatWheel Heartbeats { get; }

    /// <summary>
    /// Told why a connection ended with an error, or (with null) why accepting failed. On any thread, must not block or
    /// throw. For the log.
    /// </summary>
    public Action<Connection?, Exception>? OnFault { get; init; }

    /// <summary>
    /// Told which client did not get as far as its protocol, and why in one line: its PROXY header or TLS handshake failed.
    /// On any thread, must not block or throw. For the log.
    /// </summary>
    public Action<EndPoint?, string>? OnRefused { get; init; }

    /// <inheritdoc/>
    public void Dispose() => Heartbeats.Dispose();

    internal long NextConnectionId() => Interlocked.Increment(ref _lastConnectionId);

    internal void ReportRefused(EndPoint? client, string reason) => OnRefused?.Invoke(client, reason);

    internal void ReportFault(Connection? connection, Exception fault) => OnFault?.Invoke(connection, fault);
}
