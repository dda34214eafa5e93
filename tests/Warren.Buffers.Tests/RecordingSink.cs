using Xunit;

namespace Warren.Buffers.Tests;

/// <summary>Takes what an output sends: at once, in parts, or when the test says so.</summary>
internal sealed class RecordingSink : IOutputSink
{
    private readonly List<byte> _sent = [];
    private List<ArraySegment<byte>>? _held;

    public OutputBuffer? Output { get; set; }

    public bool Holds { get; set; }

    public Exception? FailsWith { get; set; }

    /// <summary>Bytes one send takes at most.</summary>
    public int TakesAtMost { get; set; } = int.MaxValue;

    public int Sends { get; private set; }

    public int Drained { get; private set; }

    public int Flushed { get; private set; }

    public List<Exception> Failures { get; } = [];

    public Queue<IThreadPoolWorkItem> Scheduled { get; } = new();

    public bool IsHolding => _held is not null;

    public byte[] Sent => [.. _sent];

    public int Send(List<ArraySegment<byte>> segments)
    {
        Assert.NotEmpty(segments);
        Assert.False(Output!.Lock.IsHeldByCurrentThread);
        Sends++;
        if (FailsWith is not null)
        {
            throw FailsWith;
        }

        if (Holds)
        {
            _held = segments;
            return -1;
        }

        return Take(segments);
    }

    public void Schedule(IThreadPoolWorkItem item) => Scheduled.Enqueue(item);

    public void OnDrained()
    {
        Assert.False(Output!.Lock.IsHeldByCurrentThread);
        Drained++;
    }

    public void OnFlushed() => Flushed++;

    public void OnFailed(Exception error)
    {
        Assert.False(Output!.Lock.IsHeldByCurrentThread);
        Failures.Add(error);
    }

    /// <summary>Ends the send under way.</summary>
    public void Release(Exception? error = null)
    {
        List<ArraySegment<byte>> held = _held!;
        _held = null;
        Output!.OnSent(error is null ? Take(held) : 0, error);
    }

    public void RunScheduled()
    {
        while (Scheduled.TryDequeue(out IThreadPoolWorkItem? item))
        {
            item.Execute();
        }
    }

    private int Take(List<ArraySegment<byte>> segments)
    {
        int taken = 0;
        foreach (ArraySegment<byte> segment in segments)
        {
            int part = Math.Min(segment.Count, TakesAtMost - taken);
            _sent.AddRange(segment[..part]);
            taken += part;
        }

        return taken;
    }
}
