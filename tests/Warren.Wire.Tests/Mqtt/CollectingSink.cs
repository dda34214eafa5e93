using Warren.Buffers;

namespace Warren.Wire.Tests.Mqtt;

/// <summary>Keeps what is sent.</summary>
internal sealed class CollectingSink : IOutputSink
{
    private readonly MemoryStream _sent = new();

    internal byte[] Sent => _sent.ToArray();

    public int Send(List<ArraySegment<byte>> segments)
    {
        int bytes = 0;
        foreach (ArraySegment<byte> segment in segments)
        {
            _sent.Write(segment);
            bytes += segment.Count;
        }

        return bytes;
    }

    public void Schedule(IThreadPoolWorkItem item) => item.Execute();

    public void OnDrained()
    {
    }

    public void OnFlushed()
    {
    }

    public void OnFailed(Exception error) => throw new InvalidOperationException("the output gave up", error);
}
