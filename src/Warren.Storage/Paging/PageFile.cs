using System.Diagnostics;

namespace Warren.Storage.Paging;

/// <summary>Where transient messages wait when memory is short: a file without a name, gone when the process ends.</summary>
/// <remarks>
/// <para>Thread-safe. A write is a copy into a buffer of 1 MiB; one write in about a thousand waits for the file. Every
/// 64 MiB the file is synced, not for safety but so that the system never holds more dirty pages than that.</para>
/// <para>What is read is what was written: the checksum is part of the address, and a body that does not match it is
/// damaged, whatever it is that lies there.</para>
/// <para>Space is organised in extents of 4 MiB that count their live bytes; those without any are used again, lowest
/// first, and <see cref="Trim"/> gives them back to the file system. Nothing is made before the first write.</para>
/// <para>Locking: <see cref="_writer"/> serialises writers and is held across the file's I/O on purpose: who pages out is
/// meant to feel the disk. <see cref="_lock"/> guards what readers and releasers need and is never held across I/O.
/// Order: _writer, then _lock. See docs/locks.md.</para>
/// </remarks>
public sealed class PageFile : IDisposable
{
    /// <summary>Bytes of an extent.</summary>
    public const int ExtentSize = 4 * 1024 * 1024;

    /// <summary>What <see cref="Write"/> answers when there is no room now.</summary>
    public const long NoRoom = -1;

    private const int TailSize = 1024 * 1024;
    private const long SyncInterval = 64L * 1024 * 1024;

    private readonly Lock _writer = new();
    private readonly Lock _lock = new();
    private readonly IBlockDisk _disk;
    private readonly string _directory;
    private readonly long _keepFreeBytes;
    private readonly int _extentSize;
    private readonly long _syncInterval;
    private readonly PageExtents _extents; // guarded by _lock
    private readonly PageTail _tail; // guarded by _lock; only a writer changes it
    private IBlockFile? _file; // set under both locks
    private long _liveBytes; // guarded by _lock
    private long _writtenBytes; // guarded by _lock
    private long _unsynced; // guarded by _writer
    private bool _isBroken; // guarded by _writer; a sync has failed, so this file is written no more
    private bool _cannotDiscard; // guarded by _writer
    private bool _disposed; // set under both locks

    /// <param name="disk">The disk.</param>
    /// <param name="directory">Where the file lies; made when needed.</param>
    /// <param name="keepFreeBytes">Bytes the file leaves free on the file system: the durable log needs them more.</param>
    public PageFile(IBlockDisk disk, string directory, long keepFreeBytes = 256L * 1024 * 1024)
        : this(disk, directory, keepFreeBytes, ExtentSize, TailSize, SyncInterval)
    {
    }

    internal PageFile(IBlockDisk disk, string directory, long keepFreeBytes, int extentSize, int tailSize, long syncInterval)
    {
        ArgumentNullException.ThrowIfNull(disk);
        ArgumentException.ThrowIfNullOrEmpty(directory);
        Debug.Assert(extentSize % PageAddress.Unit == 0 && tailSize <= extentSize, "sizes that do not fit together");
        _disk = disk;
        _directory = directory;
        _keepFreeBytes = keepFreeBytes;
        _extentSize = extentSize;
        _syncInterval = syncInterval;
        _extents = new PageExtents(extentSize);
        _tail = new PageTail(tailSize);
    }

    /// <summary>Bytes written and not yet released.</summary>
    public long LiveBytes
    {
        get
        {
            lock (_lock)
            {
                return _liveBytes;
            }
        }
    }

    /// <summary>Bytes written since the start, released ones included.</summary>
    public long WrittenBytes
    {
        get
        {
            lock (_lock)
            {
                return _writtenBytes;
            }
        }
    }

    /// <summary>Bytes the file takes on the disk, at most.</summary>
    public long FileBytes
    {
        get
        {
            lock (_lock)
            {
                return _extents.SolidBytes;
            }
        }
    }

    /// <summary>Why the last write to the file failed; null when it did not. To be logged and shown.</summary>
    public Exception? Failure { get; private set; }

    /// <summary>Keeps a copy of a body.</summary>
    /// <param name="bytes">At least one byte.</param>
    /// <returns>The address to read it at, or <see cref="NoRoom"/>: the disk is full or fails, or it is
    /// disposed. The body stays in memory then, for now.</returns>
    public long Write(ReadOnlySpan<byte> bytes)
    {
        ArgumentOutOfRangeException.ThrowIfZero(bytes.Length, nameof(bytes));
        uint check = PageAddress.CheckOf(bytes);
        lock (_writer)
        {
            try
            {
                return !_disposed && TryPrepare(PageAddress.RoomFor(bytes.Length)) ? new PageAddress(Place(bytes), check).Value : NoRoom;
            }
            catch (IOException e)
            {
                Failure = e;
                lock (_lock)
                {
                    _extents.Unreserve();
                }

                return NoRoom;
            }
        }
    }

    /// <summary>Reads a body, whole.</summary>
    /// <param name="address">What <see cref="Write"/> has answered.</param>
    /// <param name="destination">As many bytes as were written. Not to be looked at unless the answer is Ok.</param>
    /// <returns>Ok; Damaged: what lies there is not what was written; IOError: the disk fails, try again later.</returns>
    public RecordReadResult Read(long address, Span<byte> destination)
    {
        var page = new PageAddress(address);
        IBlockFile? file;
        bool isCopied;
        lock (_lock)
        {
            file = _disposed ? null : _file;
            isCopied = file is not null && _tail.TryCopy(page.Position, destination);
        }

        if (file is null)
        {
            return RecordReadResult.IOError;
        }

        try
        {
            bool isWhole = isCopied || file.Read(page.Position, destination) == destination.Length;
            return isWhole && PageAddress.CheckOf(destination) == page.Check ? RecordReadResult.Ok : RecordReadResult.Damaged;
        }
        catch (Exception e) when (e is IOException or ObjectDisposedException)
        {
            return RecordReadResult.IOError;
        }
    }

    /// <summary>Gives a body back, once. What reads it after that is told it is damaged, at the latest when others lie there.</summary>
    public void Release(long address, int length)
    {
        lock (_lock)
        {
            _extents.Release(new PageAddress(address).Position, PageAddress.RoomFor(length));
            _liveBytes -= length;
        }
    }

    /// <summary>Gives the file system back what nothing is alive in: the end of the file, and holes where it has them.</summary>
    /// <param name="keepBytes">Bytes of free space the file may keep for what comes next.</param>
    /// <returns>Bytes given back.</returns>
    public long Trim(long keepBytes = 0)
    {
        lock (_writer)
        {
            if (_file is null || _disposed)
            {
                return 0;
            }

            long before = FileBytes;
            try
            {
                if (!TryReplaceBroken() && !_isBroken)
                {
                    GiveBack(_file, keepBytes);
                }
            }
            catch (IOException e)
            {
                Failure = e; // the space stays with the file, which uses it again
            }

            return before - FileBytes;
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        lock (_writer)
        {
            lock (_lock)
            {
                _disposed = true;
                _file?.Dispose();
            }
        }
    }

    // ---- under _writer ------------------------------------------------------------------------------------------------

    // Makes sure that the next bytes have a place: in the extent being filled, in free ones, or behind the last.
    private bool TryPrepare(long length)
    {
        if (_isBroken && !TryReplaceBroken())
        {
            return false;
        }

        if (_file is null)
        {
            OpenFile();
        }

        PageRun run;
        lock (_lock)
        {
            Rewind();
            if (_extents.HasRoom(length))
            {
                return true;
            }
        }

        // The tail's bytes belong to the extent being left.
        FlushTail();
        lock (_lock)
        {
            run = _extents.Find(length);
        }

        bool isFar = ((long)run.First + run.Count) * _extentSize > PageAddress.End;
        if (isFar || (run.NewBytes > 0 && _disk.FreeBytes(_directory) - run.NewBytes < _keepFreeBytes))
        {
            return false;
        }

        lock (_lock)
        {
            _extents.Enter(run); // still free: only writers take
        }

        return true;
    }

    // Under _lock. What only went through the tail, and is dead by now, never meets the disk.
    private void Rewind()
    {
        if (_extents.TryRewind())
        {
            _tail.Clear();
        }
    }

    private long Place(ReadOnlySpan<byte> bytes)
    {
        int room = (int)Math.Min(int.MaxValue, PageAddress.RoomFor(bytes.Length));
        long position;
        bool fits;
        lock (_lock)
        {
            position = _extents.NextPosition;
            fits = _tail.HasRoom(room);
        }

        if (!fits)
        {
            FlushTail();
        }

        bool isDirect = room > _tail.Capacity;
        if (isDirect)
        {
            _file!.Write(position, bytes);
            _unsynced += bytes.Length;
            Failure = null;
        }

        lock (_lock)
        {
            if (!isDirect)
            {
                _tail.Add(position, bytes, room);
            }

            _extents.Take(PageAddress.RoomFor(bytes.Length));
            _liveBytes += bytes.Length;
            _writtenBytes += bytes.Length;
        }

        return position;
    }

    // If this fails the bytes stay in the tail, where they are read from, and the next write tries again.
    private void FlushTail()
    {
        if (_tail.Length > 0)
        {
            _file!.Write(_tail.Start, _tail.Bytes);
            _unsynced += _tail.Length;
            lock (_lock)
            {
                _tail.Clear();
            }

            Failure = null;
        }

        if (_unsynced >= _syncInterval)
        {
            _unsynced = 0;
            _isBroken = true; // a sync that fails is final for this file
            _file!.DataSync();
            _isBroken = false;
        }
    }

    private void GiveBack(IBlockFile file, long keepBytes)
    {
        long length;
        List<int> excess;
        lock (_lock)
        {
            Rewind();
            if (!_extents.HasBegun)
            {
                _extents.Leave();
                _tail.Clear(release: true);
            }

            _extents.CutEnd(keepBytes);
            length = _extents.Length;
            excess = _cannotDiscard ? [] : _extents.Excess(keepBytes);
        }

        if (file.Length > length)
        {
            file.SetLength(length);
        }

        foreach (int extent in excess)
        {
            if (!file.TryDiscard((long)extent * _extentSize, _extentSize))
            {
                _cannotDiscard = true;
                return;
            }

            lock (_lock)
            {
                _extents.MarkHollow(extent);
            }
        }
    }

    // A file whose sync has failed serves those who still read it; then another takes its place.
    private bool TryReplaceBroken()
    {
        lock (_lock)
        {
            if (!_isBroken || _extents.LiveBytes > 0)
            {
                return false;
            }

            _extents.Clear();
            _tail.Clear(release: true);
            _file?.Dispose();
            _file = null;
        }

        _isBroken = false;
        return true;
    }

    private void OpenFile()
    {
        _disk.CreateDirectory(_directory);
        IBlockFile file = _disk.Open(_directory, BlockFileMode.Temporary);
        lock (_lock)
        {
            _file = file;
        }
    }
}
