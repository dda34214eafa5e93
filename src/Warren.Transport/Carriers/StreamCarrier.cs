using System.Net;
using Warren.Buffers;
using Warren.Buffers.Scheduling;

namespace Warren.Transport.Carriers;

/// <summary>A stream over something else: TLS, or a WebSocket's binary messages.</summary>
internal sealed class StreamCarrier : IByteCarrier
{
    private readonly Stream _stream;
    private readonly Action? _abort;
    private readonly Func<Task>? _shutdownSend;
    private readonly bool _waitsWithoutBuffer;
    private OutputBuffer? _output;
    private Scheduler? _scheduler;

    /// <param name="stream">Both directions; owned from here on.</param>
    /// <param name="waitsWithoutBuffer">Whether a read of zero bytes waits for data, as SslStream and NetworkStream do.</param>
    /// <param name="abort">Cuts what is under the stream; null: disposing the stream does it.</param>
    /// <param name="local">Our end, if known.</param>
    /// <param name="remote">The client's end, if known.</param>
    /// <param name="shutdownSend">Tells the peer that nothing more comes, and never faults; null: disposing the stream does.</param>
    internal StreamCarrier(
        Stream stream, bool waitsWithoutBuffer, Action? abort, EndPoint? local, EndPoint? remote, Func<Task>? shutdownSend = null)
    {
        _shutdownSend = shutdownSend;
        _stream = stream;
        _waitsWithoutBuffer = waitsWithoutBuffer;
        _abort = abort;
        LocalEndPoint = local;
        RemoteEndPoint = remote;
    }

    public EndPoint? RemoteEndPoint { get; }

    public EndPoint? LocalEndPoint { get; }

    public int ReadsInARow => 16;

    public void Attach(OutputBuffer output, Scheduler scheduler)
    {
        _output = output;
        _scheduler = scheduler;
    }

    public ValueTask<int> WaitReadableAsync() =>
        _waitsWithoutBuffer ? _stream.ReadAsync(Memory<byte>.Empty, CancellationToken.None) : new ValueTask<int>(0);

    public ValueTask<int> ReceiveAsync(Memory<byte> buffer) => _stream.ReadAsync(buffer, CancellationToken.None);

    public int Send(List<ArraySegment<byte>> segments)
    {
        ValueTask<int> write = WriteAsync(segments);
        if (write.IsCompleted)
        {
            return write.GetAwaiter().GetResult();
        }

        _ = ReportAsync(write);
        return -1;
    }

    public void Schedule(IThreadPoolWorkItem item) => _scheduler!.Post(item);

    // Where a stream has no half, closing is how the peer learns it.
    public void ShutdownSend()
    {
        if (_shutdownSend is null)
        {
            _stream.Dispose();
            return;
        }

        _ = _shutdownSend();
    }

    public void Abort()
    {
        _abort?.Invoke();
        _stream.Dispose();
    }

    public void Dispose() => _stream.Dispose();

    private async ValueTask<int> WriteAsync(List<ArraySegment<byte>> segments)
    {
        int sent = 0;
        for (int i = 0; i < segments.Count; i++)
        {
            await _stream.WriteAsync(segments[i], CancellationToken.None).ConfigureAwait(false);
            sent += segments[i].Count;
        }

        await _stream.FlushAsync(CancellationToken.None).ConfigureAwait(false);
        return sent;
    }

    // The pump goes on from here; every way out of it ends in OnSent, so there is nobody else to observe this task.
    private async Task ReportAsync(ValueTask<int> write)
    {
        int sent = 0;
        Exception? failure = null;
        try
        {
            sent = await write.ConfigureAwait(false);
        }
        catch (Exception error)
        {
            failure = error;
        }

        try
        {
            _output!.OnSent(sent, failure);
        }
        catch (Exception fault)
        {
            _scheduler!.Report(_output!, fault);
            Abort();
        }
    }
}
