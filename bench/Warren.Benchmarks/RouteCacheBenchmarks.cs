using System.Text;
using BenchmarkDotNet.Attributes;
using Warren.Core.Routing;

namespace Warren.Benchmarks;

/// <summary>Step 4: from exchange and routing key to queues.</summary>
[MemoryDiagnoser]
public class RouteCacheBenchmarks
{
    private readonly RouteCache _cache = new();
    private readonly byte[][] _keys = new byte[1000][];
    private int _next;

    [GlobalSetup]
    public void Fill()
    {
        for (int i = 0; i < _keys.Length; i++)
        {
            _keys[i] = Encoding.UTF8.GetBytes($"k{i:D6}.a.x");
            _cache.Add("amq.topic"u8, _keys[i], 1, new Route([]));
        }
    }

    [Benchmark(Baseline = true)]
    public bool Same_key_again() => _cache.Find("amq.topic"u8, _keys[0], 1) is not null;

    [Benchmark]
    public bool One_of_a_thousand_keys()
    {
        _next = _next + 1 == _keys.Length ? 0 : _next + 1;
        return _cache.Find("amq.topic"u8, _keys[_next], 1) is not null;
    }
}
