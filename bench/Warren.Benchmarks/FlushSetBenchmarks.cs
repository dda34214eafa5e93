using BenchmarkDotNet.Attributes;
using Warren.Buffers;

namespace Warren.Benchmarks;

/// <summary>Step 11: a read batch of messages that go round a number of outputs, each flushed once at its end.</summary>
[MemoryDiagnoser]
public class FlushSetBenchmarks
{
    private const int Messages = 1000;

    private readonly FlushSet _flush = new();
    private Target[] _targets = [];

    [Params(1, 10, 100)]
    public int Outputs { get; set; }

    [GlobalSetup]
    public void Fill() => _targets = [.. Enumerable.Range(0, Outputs).Select(static _ => new Target())];

    [Benchmark(OperationsPerInvoke = Messages)]
    public int Add_and_flush()
    {
        for (int i = 0; i < Messages; i++)
        {
            _flush.Add(_targets[i % _targets.Length]);
        }

        _flush.FlushAll();
        return _targets[0].Flushes;
    }

    private sealed class Target : IFlushable
    {
        public int Flushes { get; private set; }

        public void Flush() => Flushes++;
    }
}
