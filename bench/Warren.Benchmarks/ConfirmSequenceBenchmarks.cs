using BenchmarkDotNet.Attributes;
using Warren.Buffers.Commits;
using Warren.Protocols.Amqp091;

namespace Warren.Benchmarks;

/// <summary>Step 10: the publishes of a read batch are counted and answered as one range.</summary>
[MemoryDiagnoser]
public class ConfirmSequenceBenchmarks
{
    private const int Messages = 50;

    private readonly ConfirmSequence _confirms = new();
    private readonly Log _log = new();
    private ulong _lsn;

    [Benchmark(OperationsPerInvoke = Messages)]
    public ulong One_read_batch()
    {
        for (int i = 0; i < Messages; i++)
        {
            _confirms.Accepted(new CommitTicket(_log, ++_lsn));
        }

        _confirms.EndBatch();
        _confirms.Release(out _, out ulong upTo, out _);
        return upTo;
    }

    [Benchmark(OperationsPerInvoke = Messages)]
    public ulong Every_other_refused()
    {
        for (int i = 0; i < Messages; i += 2)
        {
            _confirms.Accepted(new CommitTicket(_log, ++_lsn));
            _confirms.Refused();
        }

        _confirms.EndBatch();
        ulong last = 0;
        while (_confirms.Release(out _, out ulong upTo, out _))
        {
            last = upTo;
        }

        return last;
    }

    // Everything is committed at once.
    private sealed class Log : CommitSource
    {
        public override CommitState StateOf(ulong position) => CommitState.Committed;
    }
}
