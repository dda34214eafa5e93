using System.Diagnostics.CodeAnalysis;
using Warren.Storage.Format;
using Warren.Storage.Memory;

namespace Warren.Storage.Log;

/// <summary>
/// Segment files prepared ahead: one spare for everything, and two small reserved ones that only records which give back
/// may use, when the disk has no room for a spare.
/// </summary>
/// <remarks>
/// Thread-safe. Taking does no I/O: it may wait for a piece of zeros being written. Lock order: the append lock,
/// <see cref="_preparing"/> (held across I/O), <see cref="_lock"/>.
/// </remarks>
internal sealed class SegmentSupply
{
    private const int FirstFillBytes = 1 << 20;
    private const int FillBytes = 256 * 1024;

    private static readonly string[] ReservedNames = ["reserve-1", "reserve-2"];

    private readonly Lock _preparing = new();
    private readonly Lock _lock = new();
    private readonly LogFiles _files;
    private readonly ShardLogOptions _options;
    private readonly List<ReadySegment> _reserved = [];
    private readonly List<string> _unbound = []; // taken, and still under the reserved name
    private ReadySegment? _spare;
    private long _spareFilled;
    private ulong _lastReservedNumber; // of those taken

    internal SegmentSupply(LogFiles files, ShardLogOptions options)
    {
        _files = files;
        _options = options;
    }

    /// <summary>Bytes of a reserved segment; 0 for none.</summary>
    internal long ReservedBytes =>
        _options.ReserveBytes <= 0 ? 0 : Math.Max(16 * 1024, Math.Min(4L << 20, _options.ReserveBytes / 2));

    /// <summary>Whether a segment is ready.</summary>
    internal bool HasSpare
    {
        get
        {
            lock (_lock)
            {
                return _spare is not null;
            }
        }
    }

    /// <summary>Whether every reserved segment that can be made now is ready.</summary>
    internal bool HasReserved
    {
        get
        {
            lock (_lock)
            {
                return ReservedBytes == 0 || _reserved.Count + _unbound.Count >= ReservedNames.Length;
            }
        }
    }

    /// <summary>How many reserved segments are ready.</summary>
    internal int ReservedCount
    {
        get
        {
            lock (_lock)
            {
                return _reserved.Count;
            }
        }
    }

    /// <summary>Makes the spare segment's file, durable and with its space reserved.</summary>
    /// <exception cref="IOException">No space, or the disk failed.</exception>
    internal void PrepareSpare() =>
        PrepareSpare(_options.SegmentBytes + Math.Min(Segment.SlackBytes, _options.SegmentBytes / 8));

    /// <summary>The same with fewer bytes reserved, for a full disk.</summary>
    internal void PrepareSpare(long size)
    {
        lock (_preparing)
        {
            while (!HasSpare)
            {
                ulong number = _files.NextNumber();
                string name = Segment.NameOf(number, ".log");
                IBlockFile file = _files.Create(name, size, _files.Header(number) with { Allocated = size });
                lock (_lock)
                {
                    if (number > _lastReservedNumber)
                    {
                        _spare = new ReadySegment(file, number, size, null);
                        _spareFilled = SegmentHeader.Size;
                        return;
                    }
                }

                // A reserved segment went into use meanwhile: this one would come behind it with a number before it.
                file.Dispose();
                _files.Delete(name);
            }
        }
    }

    /// <summary>Makes a reserved segment the spare, for a start on a full disk; false when there is none.</summary>
    internal bool TrySpendReserved()
    {
        lock (_preparing)
        {
            foreach (string name in ReservedNames)
            {
                if (_files.Disk.Exists(_files.PathOf(name)) && TryReuse(_files.PathOf(name), out IBlockFile? file))
                {
                    var segment = new Segment { File = file, Number = _files.NextNumber(), ReservedName = name };
                    Bind(segment);
                    lock (_lock)
                    {
                        _spare = new ReadySegment(file, segment.Number, ReservedBytes, null);
                        _spareFilled = ReservedBytes;
                    }

                    return true;
                }
            }
        }

        return false;
    }

    /// <summary>Deletes the reserved segments: the last space for a checkpoint, which then brings more back.</summary>
    internal void GiveUpReserved()
    {
        lock (_preparing)
        {
            lock (_lock)
            {
                foreach (ReadySegment reserved in _reserved)
                {
                    reserved.File.Dispose();
                }

                _reserved.Clear();
            }

            foreach (string name in ReservedNames)
            {
                bool isUsed;
                lock (_lock)
                {
                    isUsed = _unbound.Contains(name);
                }

                if (!isUsed)
                {
                    _files.Delete(name);
                }
            }
        }
    }

    /// <summary>Makes the reserved segments that are missing; one left from an earlier run is used again.</summary>
    /// <exception cref="IOException">No space, or the disk failed.</exception>
    internal void PrepareReserved(int wanted = int.MaxValue)
    {
        lock (_preparing)
        {
            foreach (string name in ReservedNames)
            {
                bool isThere;
                lock (_lock)
                {
                    isThere = _reserved.Count >= wanted || _unbound.Contains(name) || _reserved.Exists(r => r.ReservedName == name);
                }

                if (!isThere && ReservedBytes > 0)
                {
                    IBlockFile file = OpenReserved(name);
                    lock (_lock)
                    {
                        _reserved.Add(new ReadySegment(file, 0, ReservedBytes, name));
                    }
                }
            }
        }
    }

    /// <summary>Takes the spare segment. No I/O.</summary>
    internal bool TryTakeSpare(out ReadySegment ready)
    {
        lock (_lock)
        {
            ready = _spare.GetValueOrDefault();
            bool found = _spare is not null;
            _spare = null;
            return found;
        }
    }

    /// <summary>
    /// Takes a reserved segment; it gets its number now and its name with its first batch. None while there is a spare one,
    /// which has its number already: numbers follow LSNs, and a start takes a file for left over whose number does not. No I/O.
    /// </summary>
    internal bool TryTakeReserved(out ReadySegment ready)
    {
        lock (_lock)
        {
            ready = default;
            if (_reserved.Count == 0 || _spare is not null)
            {
                return false;
            }

            _lastReservedNumber = _files.NextNumber();
            ready = _reserved[0] with { Number = _lastReservedNumber };
            _reserved.RemoveAt(0);
            _unbound.Add(ready.ReservedName!);
            return true;
        }
    }

    /// <summary>Puts one back that was not used after all.</summary>
    internal void GiveBack(ReadySegment ready)
    {
        lock (_lock)
        {
            if (ready.ReservedName is { } name)
            {
                _unbound.Remove(name);
                _reserved.Insert(0, ready with { Number = 0 });
            }
            else if (_spare is null)
            {
                _spare = ready;
                _spareFilled = ready.Allocated;
            }
            else
            {
                // Another was made meanwhile; the next start deletes this one.
                ready.File.Dispose();
            }
        }
    }

    /// <summary>Gives a reserved segment its header and its name. The writer, before the first batch.</summary>
    /// <exception cref="IOException">The disk failed.</exception>
    internal void Bind(Segment segment)
    {
        string name = segment.ReservedName!;
        byte[] header = new byte[SegmentHeader.Size];
        (_files.Header(segment.Number) with { Allocated = ReservedBytes }).Write(header);
        segment.File!.Write(0, header);
        segment.File.DataSync();
        _files.Disk.Rename(_files.PathOf(name), _files.PathOf(segment.FileName));
        _files.Disk.SyncDirectory(_files.Directory);
        segment.ReservedName = null;
        lock (_lock)
        {
            _unbound.Remove(name);
        }
    }

    /// <summary>Writes zeros into the start of the spare segment, because a sync into written blocks is cheaper.</summary>
    /// <returns>False when there is nothing left to fill.</returns>
    internal bool FillSpare(bool firstPartOnly)
    {
        IBlockFile filled;
        lock (_lock)
        {
            long limit = firstPartOnly ? FirstFillBytes : _options.SegmentBytes;
            if (_spare is not { } spare || _spareFilled >= Math.Min(limit, spare.Allocated))
            {
                return false;
            }

            long length = Math.Min(firstPartOnly ? FirstFillBytes : FillBytes, spare.Allocated - _spareFilled);
            spare.File.ZeroFill(_spareFilled, length);
            _spareFilled += length;
            if (_spareFilled < Math.Min(limit, spare.Allocated))
            {
                return true;
            }

            filled = spare.File;
        }

        filled.DataSync();
        return true;
    }

    /// <summary>Lets go of what waits; reserved files stay for the next run.</summary>
    internal void Close(bool deleteSpare)
    {
        lock (_lock)
        {
            if (_spare is { } spare)
            {
                spare.File.Dispose();
                if (deleteSpare)
                {
                    _files.TryDelete(_files.PathOf(Segment.NameOf(spare.Number, ".log")));
                }

                _spare = null;
            }

            foreach (ReadySegment reserved in _reserved)
            {
                reserved.File.Dispose();
            }

            _reserved.Clear();
        }
    }

    private IBlockFile OpenReserved(string name)
    {
        string path = _files.PathOf(name);
        if (_files.Disk.Exists(path))
        {
            if (TryReuse(path, out IBlockFile? known))
            {
                return known;
            }

            _files.Disk.Delete(path);
        }

        return _files.Create(name, ReservedBytes, header: null);
    }

    // Its header may be there from a stop between header and name; it is written again. Batches never are: they come after.
    private bool TryReuse(string path, [NotNullWhen(true)] out IBlockFile? file)
    {
        file = _files.Disk.Open(path, BlockFileMode.Open);
        if (file.Length == ReservedBytes)
        {
            return true;
        }

        file.Dispose();
        file = null;
        return false;
    }
}
