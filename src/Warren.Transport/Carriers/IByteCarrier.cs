using System.Net;
using Warren.Buffers;
using Warren.Buffers.Scheduling;

namespace Warren.Transport.Carriers;

/// <summary>What carries a connection's bytes: a socket, a stream (TLS, WebSocket), or memory.</summary>
/// <remarks>Receiving: the read loop only. Sending: the output's pump only. The rest: any thread.</remarks>
internal interface IByteCarrier : IDisposable
{
    /// <summary>The client's end.</summary>
    EndPoint? RemoteEndPoint { get; }

    /// <summary>Our end.</summary>
    EndPoint? LocalEndPoint { get; }

    /// <summary>Reads completed without waiting after which the read loop lets others have the thread.</summary>
    int ReadsInARow { get; }

    /// <summary>Where to report sends that end later. Before the first send.</summary>
    void Attach(OutputBuffer output, Scheduler scheduler);

    /// <summary>What a read answers that found nothing; wait again.</summary>
    const int NothingThere = -1;

    /// <summary>Waits until a read would find something, without needing a buffer. May end early.</summary>
    ValueTask<int> WaitReadableAsync();

    /// <summary>Reads what is there; 0 when the peer sends no more. A carrier that can tell without waiting answers
    /// <see cref="NothingThere"/> when there is nothing; the others wait.</summary>
    ValueTask<int> ReceiveAsync(Memory<byte> buffer);

    /// <summary>As <see cref="IOutputSink.Send"/>.</summary>
    int Send(List<ArraySegment<byte>> segments);

    /// <summary>As <see cref="IOutputSink.Schedule"/>.</summary>
    void Schedule(IThreadPoolWorkItem item);

    /// <summary>Tells the peer that nothing more comes, after everything was sent. Must not throw when he is gone.</summary>
    void ShutdownSend();

    /// <summary>Drops the connection at once; what waits in it ends with an error.</summary>
    void Abort();
}
