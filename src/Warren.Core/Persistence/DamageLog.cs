using Microsoft.Extensions.Logging;
using Warren.Core.Queues;
using Warren.Storage;

namespace Warren.Core.Persistence;

/// <summary>Says in the log what of the store is found damaged while the broker runs: a few lines at a time, and how many more.</summary>
/// <remarks>Thread-safe; may be called under any lock. Its own is a leaf, under which nothing is called.</remarks>
internal sealed class DamageLog(TimeProvider time, ILogger logger)
{
    private const int LinesAtOnce = 20;

    private static readonly TimeSpan Period = TimeSpan.FromSeconds(10);

    private readonly Lock _lock = new();
    private long _periodStart = time.GetTimestamp();
    private int _lines;
    private long _left;
    private long _messages;

    /// <summary>Messages that could not be delivered because their bytes are wrong, since the start.</summary>
    public long MessageCount => Interlocked.Read(ref _messages);

    /// <summary>The store has found something.</summary>
    public void OnFound(DamageReport damage)
    {
        if (MayWrite())
        {
            logger.Damaged(damage.Text, damage.File, damage.Offset, damage.FirstLsn, damage.LastLsn);
        }
    }

    /// <summary>A message of a queue could not be read.</summary>
    public void OnMessage(MessageQueue queue, ulong lsn)
    {
        Interlocked.Increment(ref _messages);
        if (MayWrite())
        {
            logger.MessageDamaged(queue, lsn);
        }
    }

    private bool MayWrite()
    {
        long left = 0;
        bool may;
        lock (_lock)
        {
            if (time.GetElapsedTime(_periodStart) >= Period)
            {
                _periodStart = time.GetTimestamp();
                _lines = 0;
                (left, _left) = (_left, 0);
            }

            may = _lines < LinesAtOnce;
            _lines += may ? 1 : 0;
            _left += may ? 0 : 1;
        }

        if (left > 0)
        {
            logger.DamageNotNamed(left);
        }

        return may;
    }
}
