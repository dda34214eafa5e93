using Warren.Storage.Log;
using Warren.Storage.Memory;

namespace Warren.Storage.Recovery;

/// <summary>Reads sealed segments behind everybody's back and names what is damaged before somebody needs it.</summary>
/// <remarks>
/// A thread of the lowest priority, that reads at most so many bytes a second: fast once after an unclean start, slowly from
/// then on. It changes nothing. Takes the append lock to look at an index, never across I/O.
/// </remarks>
internal sealed class Scrubber : IDisposable
{
    private const long SlowBytesPerSecond = 1L << 20;

    private static readonly TimeSpan BetweenPasses = TimeSpan.FromHours(1);
    private static readonly TimeSpan AfterFault = TimeSpan.FromSeconds(10);

    private readonly LogMemory _memory;
    private readonly TimeProvider _time;
    private readonly Action<DamageReport> _report;
    private readonly uint _recordSeed;
    private readonly ManualResetEventSlim _stop = new(initialState: false, spinCount: 0);
    private long _bytesPerSecond;
    private ulong _afterLsn;
    private Segment? _segment;
    private SegmentCheck? _check;
    private Thread? _thread;

    internal Scrubber(LogMemory memory, ShardLogOptions options, TimeProvider time, Action<DamageReport> report, uint recordSeed, bool isUrgent)
    {
        _memory = memory;
        _time = time;
        _report = report;
        _recordSeed = recordSeed;
        _bytesPerSecond = isUrgent ? options.ScrubBytesPerSecond : Math.Min(SlowBytesPerSecond, options.ScrubBytesPerSecond);
    }

    internal void Start(string name)
    {
        _thread = new Thread(Run) { IsBackground = true, Name = name, Priority = ThreadPriority.Lowest };
        _thread.Start();
    }

    /// <summary>Checks some records of the next segment; false when it has been through all of them.</summary>
    /// <param name="bytes">Bytes read.</param>
    internal bool Step(out long bytes)
    {
        bytes = 0;
        if (_check is null && !TryTakeNext())
        {
            _afterLsn = 0;
            return false;
        }

        long before = _check!.BytesRead;
        try
        {
            bool more = _check.Step();
            bytes = _check.BytesRead - before;
            if (!more)
            {
                Finish();
            }
        }
        catch (Exception error) when (LogFiles.IsDiskError(error))
        {
            _report(new DamageReport(
                DamageKind.DamagedRecord, _segment!.FileName, 0, _segment.FirstLsn, _segment.LastLsn, $"the segment cannot be read: {error.Message}"));
            Finish();
        }

        return true;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _stop.Set();
        _thread?.Join();
        _thread = null;
        LetGo();
        _stop.Dispose();
    }

    private void Run()
    {
        while (!_stop.IsSet)
        {
            long start = _time.GetTimestamp();
            if (!TryStep(out long bytes))
            {
                _bytesPerSecond = Math.Min(_bytesPerSecond, SlowBytesPerSecond);
                _stop.Wait(BetweenPasses);
                continue;
            }

            TimeSpan pause = TimeSpan.FromSeconds((double)bytes / _bytesPerSecond) - _time.GetElapsedTime(start);
            if (pause > TimeSpan.Zero)
            {
                _stop.Wait(pause);
            }
        }
    }

    // What is not the disk's fault, as memory that is short, costs this segment's turn: the next pass looks at it again.
    private bool TryStep(out long bytes)
    {
        try
        {
            return Step(out bytes);
        }
        catch (Exception)
        {
            bytes = 0;
            _afterLsn = Math.Max(_segment?.LastLsn ?? 0, _afterLsn + 1);
            LetGo();
            _stop.Wait(AfterFault);
            return true;
        }
    }

    private bool TryTakeNext()
    {
        lock (_memory.Lock)
        {
            for (int i = _memory.Segments.IndexFrom(_afterLsn + 1); i < _memory.Segments.Count; i++)
            {
                Segment segment = _memory.Segments[i];
                if (segment is { IsSealed: true, IsNamed: false, Index.LiveReferences: > 0 })
                {
                    segment.Retain();
                    _segment = segment;
                    _check = new SegmentCheck(segment, _memory.Lock, _recordSeed);
                    return true;
                }
            }
        }

        return false;
    }

    private void Finish()
    {
        foreach ((ulong first, ulong last, long offset, long count) in _check!.Wrong)
        {
            _segment!.IsDamaged = true;
            _segment.IsNamed = true;
            _report(new DamageReport(
                DamageKind.DamagedRecord, _segment.FileName, offset, first, last, $"{count} records that are held cannot be read")
            {
                Records = count,
            });
        }

        _afterLsn = Math.Max(_segment!.LastLsn, _afterLsn + 1);
        LetGo();
    }

    private void LetGo()
    {
        _segment?.Release();
        _segment = null;
        _check = null;
    }
}
