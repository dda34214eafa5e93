namespace Warren.Buffers;

/// <summary>Where the bytes of an <see cref="OutputBuffer"/> go: the sending half of a connection.</summary>
public interface IOutputSink
{
    /// <summary>Starts sending; one call at a time, never under a lock. The list and its bytes stay as they are until
    /// the send has ended.</summary>
    /// <param name="segments">The bytes, in order; never empty.</param>
    /// <returns>
    /// Bytes sent (at least one), or -1 when the sink goes on by itself and will call
    /// <see cref="OutputBuffer.OnSent"/> exactly once, on any thread, even before this returns.
    /// </returns>
    /// <exception cref="Exception">Any exception means that the connection is lost.</exception>
    int Send(List<ArraySegment<byte>> segments);

    /// <summary>Runs <paramref name="item"/> soon on a pool thread. Called under any lock: must not run it inline.</summary>
    void Schedule(IThreadPoolWorkItem item);

    /// <summary>Few bytes are left of an output that had been full. Called outside every lock; must not append inline.</summary>
    void OnDrained();

    /// <summary>Everything is sent after <see cref="OutputBuffer.Complete"/>. Once, outside every lock.</summary>
    void OnFlushed();

    /// <summary>The connection is lost: a send failed or the hard limit was passed. Outside every lock.</summary>
    void OnFailed(Exception error);
}
