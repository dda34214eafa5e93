using BenchmarkDotNet.Attributes;
using Warren.Buffers;

namespace Warren.Benchmarks;

/// <summary>Step 5: the one copy of a message out of the socket's buffer, beside a plain array.</summary>
[MemoryDiagnoser]
public class PayloadBenchmarks
{
    private readonly SlabPool _pool = new();
    private byte[] _source = [];

    [Params(16, 1024)]
    public int Size { get; set; }

    [GlobalSetup]
    public void Fill() => _source = new byte[Size];

    [GlobalCleanup]
    public void Close() => _pool.Dispose();

    [Benchmark(Baseline = true)]
    public byte[] Plain_array() => _source.ToArray();

    [Benchmark]
    public int Slab()
    {
        Payload payload = _pool.CopyFrom(_source);
        int length = payload.Length;
        payload.Release();
        return length;
    }
}
