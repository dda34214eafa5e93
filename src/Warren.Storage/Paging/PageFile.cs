using System.Diagnostics;

namespace Warren.Storage.Paging;

/// <summary>Where transient messages wait when memory is short: a file without a name, gone when the process ends.</summary>
/// <remarks>
/// <para>Thread-safe. A write is a copy into a buffer of 1 MiB; one write in about a thousand waits for the file. Every
/// 64 MiB the file is synced, not for safety but so that the system never holds more dirty pages than that.</para>
/// <para>Space is organised in extents of 16 MiB that count their live bytes; an extent without any is used again.
/// Nothing is made before the first write.</para>
/// <para>Locking: <see cref="_writer"/> serialises writers and is held across the file's I/O on purpose: who pages out is
/// meant to feel the disk. <see cref="_lock"/> guards what readers and releasers need and is never held across I/O.
/// Order: _writer, then _lock. See docs/locks.md.</para>
/// </remarks>
public sealed class PageFile : IDisposable
{
    /// <summary>Bytes of an extent.</summary>
    public const int ExtentSize = 16 * 1024 * 1024;

    /// <summary>What <see cref="Write"/> answers when there is no room.</summary>
    public const long NoRoom = -1;

    private const int BufferSize = 1024 * 1024;
    private const long SyncInterval = 64L * 1024 * 1024;

    private readonly Lock _writer = new();
    private readonly Lock _lock = new();
    private readonly IBlockDisk _disk;
    private readonly string _directory;
    private readonly long _keepFreeBytes;
    private readonly PageExtents _extents = new(ExtentSize); // guarded by _lock
    private IBlockFile? _file; // set under both locks
    private byte[] _buffer = []; // guarded by _lock; bytes below _buffered are changed by nobody
    private long _bufferAt; // position of the buffer's first byte
    private int _buffered;
    private long _unsynced; // guarded by _writer
    private bool _failed; // guarded by _writer
    private bool _disposed;

    /// <param name="disk">The disk.</param>
    /// <param name="directory">Where the file lies; made when needed.</param>
    /// <param name="keepFreeBytes">Bytes the file leaves free on the file system: the durable log needs them more.</param>
    public PageFile(IBlockDisk disk, string directory, long keepFreeBytes = 256L * 1024 * 1024)
    {
        ArgumentNullException.ThrowIfNull(disk);
        ArgumentException.ThrowIfNullOrEmpty(directory);
        _disk = disk;
        _directory = directory;
        _keepFreeBytes = keepFreeBytes;
    }

    /// <summary>Bytes written and not yet released.</summary>
    public long LiveBytes
    {
        get
        {
            lock (_lock)
            {
                return _extents.LiveBytes;
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
                return _extents.Count * (long)ExtentSize;
            }
        }
    }

    /// <summary>Why the last write to the file failed; null when it did not. To be logged and shown.</summary>
    public Exception? Failure { get; private set; }

    /// <summary>Keeps a copy of <paramref name="bytes"/>.</summary>
    /// <param name="bytes">At least one byte.</param>
    /// <returns>The position to read them at, or <see cref="NoRoom"/>: the disk is full or broken, keep them in memory.</returns>
    public long Write(ReadOnlySpan<byte> bytes)
    {
        ArgumentOutOfRangeException.ThrowIfZero(bytes.Length, nameof(bytes));
        lock (_writer)
        {
            ObjectDisposedException.ThrowIf(_disposed, this);
            try
            {
                return !_failed && TryPrepare(bytes.Length) ? Place(bytes) : NoRoom;
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

    /// <summary>Reads what was written at a position; any part of it, too.</summary>
    /// <exception cref="IOException">The disk failed, or nothing was written there.</exception>
    public void Read(long position, Span<byte> destination)
    {
        IBlockFile file;
        int fromFile;
        lock (_lock)
        {
            ObjectDisposedException.ThrowIf(_disposed, this);
            file = _file ?? throw new IOException("nothing was paged out");

            // The front of the range is in the file, its end may be in the buffer.
            long end = position + destination.Length;
            bool inBuffer = end > _bufferAt && position < _bufferAt + _buffered;
            fromFile = inBuffer ? (int)Math.Max(0, _bufferAt - position) : destination.Length;
            if (inBuffer)
            {
                int offset = (int)(position + fromFile - _bufferAt);
                int length = Math.Min(destination.Length - fromFile, _buffered - offset);
                _buffer.AsSpan(offset, length).CopyTo(destination[fromFile..]);
            }
        }

        if (fromFile > 0 && file.Read(position, destination[..fromFile]) < fromFile)
        {
            throw new IOException($"the page file ends before {position + fromFile}");
        }
    }

    /// <summary>Gives bytes back that were written at a position; all of them or part by part, each byte once.</summary>
    public void Release(long position, int length)
    {
        lock (_lock)
        {
            _extents.Release(position, length);
        }
    }

    /// <summary>Gives the end of the file back to the disk where nothing is alive. Now and then, when memory is not short.</summary>
    public void Trim()
    {
        lock (_writer)
        {
            if (_file is null || _failed || _disposed)
            {
                return;
            }

            long length;
            lock (_lock)
            {
                if (_extents.LiveBytes == 0)
                {
                    _extents.Clear();
                    _buffered = 0;
                    _bufferAt = 0;
                    _buffer = [];
                }
                else
                {
                    _extents.RemoveFreeEnd();
                }

                length = _extents.Count * (long)ExtentSize;
            }

            try
            {
                if (_file.Length > length)
                {
                    _file.SetLength(length);
                }
            }
            catch (IOException e)
            {
                Failure = e; // the space stays with the file, which uses it again
            }
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

    // Makes sure that the next bytes have a place: in the extent being filled, in a free one, or behind the last.
    private bool TryPrepare(int length)
    {
        if (_file is null)
        {
            OpenFile();
        }

        lock (_lock)
        {
            if (_extents.HasRoom(length))
            {
                return true;
            }
        }

        // The buffer's bytes belong to the extent being left.
        FlushBuffer();
        lock (_lock)
        {
            if (_extents.TryReuse(length))
            {
                return true;
            }
        }

        long needed = PageExtents.RoundUp(length, ExtentSize);
        if (_disk.FreeBytes(_directory) - needed < _keepFreeBytes)
        {
            return false;
        }

        lock (_lock)
        {
            _extents.Append(length);
        }

        return true;
    }

    private long Place(ReadOnlySpan<byte> bytes)
    {
        long position;
        int buffered;
        lock (_lock)
        {
            position = _extents.NextPosition;
            buffered = _buffered;
        }

        Debug.Assert(buffered == 0 || position == _bufferAt + buffered, "the buffer is flushed before its extent is left");
        if (bytes.Length > BufferSize - buffered)
        {
            FlushBuffer();
        }

        if (bytes.Length >= BufferSize)
        {
            _file!.Write(position, bytes);
            _unsynced += bytes.Length;
        }

        lock (_lock)
        {
            if (bytes.Length < BufferSize)
            {
                if (_buffer.Length == 0)
                {
                    _buffer = GC.AllocateUninitializedArray<byte>(BufferSize);
                }

                if (_buffered == 0)
                {
                    _bufferAt = position;
                }

                bytes.CopyTo(_buffer.AsSpan(_buffered));
                _buffered += bytes.Length;
            }

            _extents.Take(bytes.Length);
        }

        return position;
    }

    // If this fails the bytes stay in the buffer, where they are read from, and the next write tries again.
    private void FlushBuffer()
    {
        if (_buffered > 0)
        {
            _file!.Write(_bufferAt, _buffer.AsSpan(0, _buffered));
            _unsynced += _buffered;
            lock (_lock)
            {
                _bufferAt += _buffered;
                _buffered = 0;
            }

            Failure = null;
        }

        if (_unsynced >= SyncInterval)
        {
            _unsynced = 0;
            _failed = true; // a sync that fails is final
            _file!.DataSync();
            _failed = false;
        }
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
