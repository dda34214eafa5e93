using BenchmarkDotNet.Attributes;
using Warren.Core.Queues;
using Warren.Protocols;

namespace Warren.Benchmarks;

/// <summary>Step 8: a delivery is remembered and acknowledged.</summary>
[MemoryDiagnoser]
public class UnackedRingBenchmarks
{
    private const int Window = 100;

    private readonly UnackedRing<object> _ring = new();
    private ulong _tag;

    [Benchmark(OperationsPerInvoke = Window)]
    public int Add_and_acknowledge_multiple()
    {
        for (int i = 0; i < Window; i++)
        {
            _ring.Add(new Unacked<object> { DeliveryTag = ++_tag, Queue = Queue });
        }

        int taken = 0;
        while (_ring.TryTakeOldest(_tag, out _))
        {
            taken++;
        }

        return taken;
    }

    private static MessageQueue Queue { get; } =
        (MessageQueue)System.Runtime.CompilerServices.RuntimeHelpers.GetUninitializedObject(typeof(MessageQueue));
}
