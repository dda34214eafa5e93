using Warren.Buffers;
using Warren.Buffers.Scheduling;
using Warren.Storage;
using Warren.Storage.Paging;

namespace Warren.Core.Queues;

/// <summary>What every queue of a broker shares.</summary>
internal sealed class QueueServices
{
    private long _pageBudgetBytes;
    private PageOutBatch? _spareBatch;
    private long _pagedIn;
    private long _consumers;

    public required Func<ShardLog> LogSource { get; init; }

    /// <summary>Open once recovery is over; no queue touches it before.</summary>
    public ShardLog Log => field ??= LogSource();

    public required PageFile PageFile { get; init; }

    public required SlabPool Slabs { get; init; }

    public required CoarseClock Clock { get; init; }

    public required Scheduler Scheduler { get; init; }

    public required IDeadLetterSink DeadLetters { get; init; }

    /// <summary>Told of messages whose stored bytes are wrong.</summary>
    public required Persistence.DamageLog Damage { get; init; }

    /// <summary>Bytes of message slabs in memory above which queues page out. May change.</summary>
    public required long PageBudgetBytes
    {
        get => Volatile.Read(ref _pageBudgetBytes);
        set => Volatile.Write(ref _pageBudgetBytes, value);
    }

    /// <summary>Messages read back from the disk so far.</summary>
    public long PagedIn => Interlocked.Read(ref _pagedIn);

    /// <summary>Counts messages read back.</summary>
    public void CountPagedIn(int messages) => Interlocked.Add(ref _pagedIn, messages);

    /// <summary>A batch for one step of paging out; clear it and give it back.</summary>
    public PageOutBatch RentBatch() => Interlocked.Exchange(ref _spareBatch, null) ?? new PageOutBatch();

    /// <summary>Takes a batch back.</summary>
    public void ReturnBatch(PageOutBatch batch) => Volatile.Write(ref _spareBatch, batch);

    /// <summary>Consumers of all queues.</summary>
    public long ConsumerCount => Interlocked.Read(ref _consumers);

    /// <summary>Counts consumers that come, or go when the number is negative.</summary>
    public void CountConsumers(int more) => Interlocked.Add(ref _consumers, more);

    public bool UnderPressure => Slabs.RentedBytes > PageBudgetBytes;

    /// <summary>
    /// The consumers of a queue with so many bytes lag, and it will soon be paged out: better to slow its publishers down.
    /// A queue longer than that is a backlog, for which nobody is to wait.
    /// </summary>
    public bool IsLaggingMuch(long readyBytes) =>
        readyBytes > PageBudgetBytes / 4 && readyBytes < PageBudgetBytes && Slabs.RentedBytes > PageBudgetBytes / 2;
}
