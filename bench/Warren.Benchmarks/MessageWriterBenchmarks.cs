using BenchmarkDotNet.Attributes;
using Warren.Buffers;
using Warren.Buffers.Commits;
using Warren.Core.Messages;
using Warren.Core.Queues;
using Warren.Protocols.Tests.Amqp091.InMemory;

namespace Warren.Benchmarks;

/// <summary>Step 6: one record for the durable queues of a message, and the message into them. The disk takes no time.</summary>
/// <remarks>
/// What a persistent message allocates is the log's index: what is known of each record while its segment stands
/// (<see cref="LogAppendBenchmarks"/>).
/// </remarks>
[MemoryDiagnoser]
public class MessageWriterBenchmarks
{
    private const int Messages = 500;

    private readonly InMemoryBroker _broker = new();
    private readonly FlushSet _flush = new();
    private readonly MessageQueue[] _queues = new MessageQueue[2];
    private Message _message;

    [Params(false, true)]
    public bool Persistent { get; set; }

    [GlobalSetup]
    public void Open()
    {
        _message = _broker.CreateMessage(1024, Persistent);
        for (int i = 0; i < _queues.Length; i++)
        {
            _queues[i] = _broker.DeclareQueue($"q{i}", durable: true);
            _queues[i].Subscribe(new TakingConsumer(_queues[i], noAck: true), _flush);
        }
    }

    [GlobalCleanup]
    public void Close()
    {
        _message.Payload.Release();
        _broker.Dispose();
    }

    [Benchmark(OperationsPerInvoke = Messages)]
    public CommitState Write_to_two_durable_queues()
    {
        CommitTicket last = default;
        for (int i = 0; i < Messages; i++)
        {
            _broker.Broker.Messages.Write(_message, _queues, default, _flush, out last);
        }

        _broker.Broker.Commits.Request();
        SpinWait.SpinUntil(() => last.State != CommitState.Pending);
        return last.State;
    }
}
