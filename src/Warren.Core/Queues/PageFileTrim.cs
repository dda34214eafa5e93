using Warren.Buffers.Scheduling;
using Warren.Storage.Paging;

namespace Warren.Core.Queues;

/// <summary>Gives the disk back what the page file has and does not need.</summary>
/// <remarks>
/// While messages are paged out, the file may keep as much free space as it has live bytes; when that has stopped, or the
/// disk alarm is on or near, none. Looks every few seconds, which costs two numbers while there is nothing to do.
/// </remarks>
internal sealed class PageFileTrim : IDisposable
{
    private const long LeastKept = 64L * 1024 * 1024;
    private static readonly TimeSpan Period = TimeSpan.FromSeconds(5);

    private readonly PageFile _pages;
    private readonly Func<bool> _isDiskShort;
    private readonly GuardedTimer _timer;
    private long _writtenBefore;

    /// <param name="pages">The page file.</param>
    /// <param name="scheduler">When to look.</param>
    /// <param name="isDiskShort">Whether the disk alarm is on or near.</param>
    public PageFileTrim(PageFile pages, Scheduler scheduler, Func<bool> isDiskShort)
    {
        _pages = pages;
        _isDiskShort = isDiskShort;
        _timer = scheduler.Every(Period, this, Look);
    }

    public void Dispose() => _timer.Dispose();

    /// <inheritdoc/>
    public override string ToString() => "page file trim";

    private void Look()
    {
        long written = _pages.WrittenBytes;
        bool isBusy = written != _writtenBefore;
        _writtenBefore = written;
        long live = _pages.LiveBytes;
        if (_pages.FileBytes > live)
        {
            _pages.Trim(isBusy && !_isDiskShort() ? Math.Max(LeastKept, live) : 0);
        }
    }
}
