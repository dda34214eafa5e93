using Warren.Storage;

namespace Warren.Core.Queues;

/// <summary>References to log records that one queue gives back, gathered so that the log is asked once for many.</summary>
/// <remarks>Not thread-safe: the queue's lock guards it.</remarks>
internal sealed class ReleaseBatch
{
    private const int Capacity = 128;

    private readonly ulong[] _lsns = new ulong[Capacity];
    private readonly ulong _owner;
    private readonly QueueServices _services;
    private int _count;

    public ReleaseBatch(ulong owner, QueueServices services)
    {
        _owner = owner;
        _services = services;
    }

    public void Add(ulong lsn)
    {
        _lsns[_count++] = lsn;
        if (_count == Capacity)
        {
            Flush();
        }
    }

    public void Flush()
    {
        if (_count > 0)
        {
            ShardLog log = _services.Log;
            log.Release(_owner, _lsns.AsSpan(0, _count));
            _count = 0;
        }
    }
}
