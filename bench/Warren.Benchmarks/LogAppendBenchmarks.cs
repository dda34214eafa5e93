using BenchmarkDotNet.Attributes;
using Warren.Protocols.Tests.Amqp091.InMemory;
using Warren.Storage;

namespace Warren.Benchmarks;

/// <summary>Below step 6: a record is appended, committed with its batch and given back. The disk takes no time.</summary>
/// <remarks>
/// Not 0 B: the index of a segment knows about 50 bytes of each record until the segment goes, in arrays that grow by
/// doubling, and the checkpoints and sidecars of full segments are counted in.
/// </remarks>
[MemoryDiagnoser]
public class LogAppendBenchmarks
{
    private const int Records = 500;

    private readonly byte[] _payload = new byte[1024];
    private readonly ulong[] _owners = [7];
    private readonly ulong[] _lsns = new ulong[Records];
    private ShardLog _log = null!;

    [GlobalSetup]
    public void Open() => _log = ShardLog.Open(
        new DiscardingDisk(), "/log", new ShardLogOptions { RunThreads = false }, new FrozenTime(), new NoRecords());

    [GlobalCleanup]
    public void Close() => _log.Dispose();

    [Benchmark(OperationsPerInvoke = Records)]
    public ulong Append_commit_and_release()
    {
        for (int i = 0; i < Records; i++)
        {
            _lsns[i] = _log.Append(new RecordDraft { Type = RecordType.Publish, Head = _payload, Owners = _owners });
        }

        while (_log.CommitOnce())
        {
        }

        _log.Release(_owners[0], _lsns);
        _log.MaintainOnce();
        return _log.CommittedLsn;
    }

    private sealed class NoRecords : IRecoveryVisitor
    {
        public void OnRecord(in RecoveredRecord record) => throw new InvalidDataException("a new log holds a record");
    }
}
