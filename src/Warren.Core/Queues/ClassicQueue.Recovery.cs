using Warren.Buffers.Scheduling;

namespace Warren.Core.Queues;

/// <content>What a start does with it, before the first client.</content>
internal sealed partial class ClassicQueue
{
    /// <inheritdoc/>
    internal override void Recover(ulong lsn, int length, in MessageTags tags, uint annotation)
    {
        bool begun = EntryAnnotation.IsNumbered(annotation);
        QueueEntry entry = QueueEntry.OfStored(
            lsn, length, tags, annotation, begun ? Uptime.Never : _life.EndOf(tags.TtlMs, tags.PublishedAtMs, _limits));
        lock (_lock)
        {
            _readyBytes += entry.BodyLength;
            _bytes += entry.BodyLength;
            long id = _rings.Add(tags.Priority, entry);
            if (begun)
            {
                (Numbers ??= new RecoveredNumbers()).Add(this, id, lsn, annotation);
            }
        }
    }

    /// <inheritdoc/>
    internal override bool Forget(ulong lsn)
    {
        lock (_lock)
        {
            long found = -1;
            _rings.VisitAll((long id, ref QueueEntry entry) =>
            {
                found = entry.Lsn == lsn ? id : found;
                return found < 0;
            });
            if (found >= 0)
            {
                Remove(found, releaseInLog: false);
            }

            return found >= 0;
        }
    }

    /// <inheritdoc/>
    internal override void StartTimers(ulong deliveredThroughLsn)
    {
        lock (_lock)
        {
            if (deliveredThroughLsn > 0)
            {
                _rings.VisitAll((long _, ref QueueEntry entry) =>
                {
                    entry.Flags |= entry.Lsn <= deliveredThroughLsn ? EntryFlags.Redelivered : EntryFlags.None;
                    return true;
                });
            }

            _wake.Use(_limits);
            ScheduleNext();
        }
    }
}
