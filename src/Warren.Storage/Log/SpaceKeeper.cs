using Warren.Storage.Memory;

namespace Warren.Storage.Log;

/// <summary>Sees to it that the log has space: segments ahead, what is kept for a full disk, and the way back from one.</summary>
/// <remarks>The keeper's lock. docs/decisions/0016-space-before-plans.md.</remarks>
internal sealed class SpaceKeeper
{
    private readonly LogMemory _memory;
    private readonly LogFiles _files;
    private readonly Action<LogState> _setState;

    internal SpaceKeeper(LogMemory memory, LogFiles files, Action<LogState> setState)
    {
        _memory = memory;
        _files = files;
        _setState = setState;
    }

    /// <summary>Makes what is missing; false when nothing is.</summary>
    /// <exception cref="IOException">No space, or the disk failed.</exception>
    internal bool Prepare()
    {
        SegmentSupply supply = _files.Supply;
        if (supply.HasSpare && supply.HasReserved && _files.HasReserve)
        {
            return false;
        }

        // As long as there is space, what publishers wait for comes first; afterwards what giving back needs.
        if (_memory.State == LogState.Open)
        {
            supply.PrepareSpare();
        }

        PrepareReserved();
        _files.EnsureReserve();
        supply.PrepareSpare();
        return true;
    }

    // Without one, giving back ends with the segment being written. A checkpoint can also do with the place of the one before.
    private void PrepareReserved()
    {
        try
        {
            _files.Supply.PrepareReserved();
        }
        catch (IOException error) when (LogFiles.IsOutOfSpace(error) && _files.Supply.ReservedCount == 0)
        {
            _files.GiveUpReserve();
            _files.Supply.PrepareReserved(wanted: 1);
        }
    }

    /// <summary>Says that the disk is full when who appends has noticed it first.</summary>
    internal void NoteFull()
    {
        bool isFull;
        lock (_memory.Lock)
        {
            isFull = _memory.Plan.IsFull;
        }

        if (isFull)
        {
            _setState(LogState.OutOfSpace);
        }
    }

    /// <summary>Opens the log again: everything that is kept ready is there.</summary>
    internal bool Reopen()
    {
        if (_memory.State != LogState.OutOfSpace)
        {
            return false;
        }

        lock (_memory.Lock)
        {
            if (!_files.Supply.HasSpare)
            {
                return true;
            }

            _memory.Plan.IsFull = false;
        }

        _setState(LogState.Open);
        return true;
    }

    /// <summary>On a full disk, when nothing else can be deleted: leaves the segment being written, if nobody holds anything of it.</summary>
    internal bool LeaveDeadTail()
    {
        lock (_memory.Lock)
        {
            return _memory.State == LogState.OutOfSpace && !HasDeadSegment()
                && (_files.Supply.ReservedCount > 1 || _files.Supply.HasSpare) && _memory.Plan.TryLeaveDeadTail();
        }
    }

    /// <summary>A checkpoint would let something be deleted. The append lock.</summary>
    internal bool HasDeadSegment()
    {
        foreach (Segment segment in _memory.Segments)
        {
            if (segment.IsClosed && segment.Index.LiveReferences == 0)
            {
                return true;
            }
        }

        return false;
    }
}
