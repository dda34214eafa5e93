using Warren.Buffers;
using Warren.Buffers.Scheduling;

namespace Warren.Core;

/// <summary>Gives memory back that a burst of messages has left behind.</summary>
/// <remarks>An idle broker allocates nothing, so the collector would never look at the slabs it has let go.</remarks>
internal sealed class MemoryTrim : IDisposable
{
    private const long WorthACollection = 32L * 1024 * 1024;
    private static readonly TimeSpan Period = TimeSpan.FromSeconds(5);

    private readonly SlabPool _slabs;
    private readonly GuardedTimer _timer;
    private long _dropped; // since the last collection; the timer's

    public MemoryTrim(SlabPool slabs, Scheduler scheduler)
    {
        _slabs = slabs;
        _timer = scheduler.Every(Period, this, Trim);
    }

    public void Dispose() => _timer.Dispose();

    private void Trim()
    {
        _dropped += _slabs.Trim();
        if (_dropped >= WorthACollection)
        {
            _dropped = 0;
            GC.Collect(GC.MaxGeneration, GCCollectionMode.Forced, blocking: false);
        }
    }
}
