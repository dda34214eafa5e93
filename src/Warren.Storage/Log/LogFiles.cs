using Warren.Storage.Format;
using Warren.Storage.Memory;

namespace Warren.Storage.Log;

/// <summary>Creates, prepares and deletes the files of one shard.</summary>
/// <remarks>Thread-safe where it says so.</remarks>
internal sealed class LogFiles
{
    /// <summary>Room behind a segment's limit for references given back after the last record was placed.</summary>
    internal const int SlackBytes = 512 * 1024;

    private const int FirstFillBytes = 1 << 20;
    private const long MaxSmallFileBytes = 1L << 30;
    private const string ReserveName = "reserve";

    private readonly Lock _spareLock = new();
    private readonly ShardLogOptions _options;
    private readonly TimeProvider _time;
    private ulong _nextNumber;
    private (IBlockFile File, ulong Number, long Allocated)? _spare;
    private long _spareFilled;
    private bool _hasReserve;

    internal LogFiles(IBlockDisk disk, string directory, ShardLogOptions options, TimeProvider time, ulong nextNumber)
    {
        Disk = disk;
        Directory = directory;
        _options = options;
        _time = time;
        _nextNumber = nextNumber;
        Identity = new LogIdentity(options.ClusterUuid, options.ShardId);
    }

    internal IBlockDisk Disk { get; }

    internal string Directory { get; }

    internal LogIdentity Identity { get; }

    internal ulong NextNumber() => Interlocked.Increment(ref _nextNumber) - 1;

    internal string PathOf(string name) => Path.Combine(Directory, name);

    /// <summary>Whether a segment is ready. Thread-safe.</summary>
    internal bool HasSpare
    {
        get
        {
            lock (_spareLock)
            {
                return _spare is not null;
            }
        }
    }

    /// <summary>Makes the next segment's file, durable and with its space reserved. Thread-safe.</summary>
    /// <exception cref="IOException">No space, or the disk failed.</exception>
    internal void PrepareSpare() =>
        PrepareSpare(_options.SegmentBytes + Math.Min(SlackBytes, _options.SegmentBytes / 8));

    /// <summary>The same with fewer bytes reserved, for a full disk. Thread-safe.</summary>
    internal void PrepareSpare(long size)
    {
        lock (_spareLock)
        {
            if (_spare is not null)
            {
                return;
            }

            ulong number = NextNumber();
            IBlockFile file = Create(Segment.NameOf(number, ".log"), size, Header(number));
            _spare = (file, number, size);
            _spareFilled = SegmentHeader.Size;
        }
    }

    /// <summary>Gives the spare segment to the log. Thread-safe.</summary>
    internal void TakeSpare(Segment segment)
    {
        lock (_spareLock)
        {
            PrepareSpare();
            (segment.File, segment.Number, segment.Allocated) = _spare!.Value;
            _spare = null;
        }
    }

    /// <summary>Writes zeros into the start of the spare segment, because a sync into written blocks is cheaper. Thread-safe.</summary>
    /// <returns>False when there is nothing left to fill.</returns>
    internal bool FillSpare(bool firstPartOnly)
    {
        lock (_spareLock)
        {
            long limit = firstPartOnly ? FirstFillBytes : _options.SegmentBytes;
            if (_spare is not { } spare || _spareFilled >= Math.Min(limit, spare.Allocated))
            {
                return false;
            }

            long length = Math.Min(FirstFillBytes, spare.Allocated - _spareFilled);
            spare.File.ZeroFill(_spareFilled, length);
            _spareFilled += length;
            if (_spareFilled >= Math.Min(limit, spare.Allocated))
            {
                spare.File.DataSync();
            }

            return true;
        }
    }

    /// <summary>Creates an empty segment file of a size with a header; durable when it returns.</summary>
    internal IBlockFile Create(string name, long size, SegmentHeader? header)
    {
        string path = PathOf(name);
        IBlockFile file = Disk.Open(path, BlockFileMode.CreateNew);
        try
        {
            file.Allocate(0, size);
            if (header is { } first)
            {
                byte[] bytes = new byte[SegmentHeader.Size];
                first.Write(bytes);
                file.Write(0, bytes);
            }

            file.DataSync();
            Disk.SyncDirectory(Directory);
            return file;
        }
        catch
        {
            file.Dispose();
            TryDelete(path);
            throw;
        }
    }

    internal SegmentHeader Header(ulong number) => new()
    {
        ClusterUuid = _options.ClusterUuid,
        ShardId = _options.ShardId,
        NodeId = _options.NodeId,
        Number = number,
        Epoch = 1,
        CreatedMs = _time.GetUtcNow().ToUnixTimeMilliseconds(),
    };

    /// <summary>Writes a small file so that it is there whole or not at all.</summary>
    internal void WriteAtomically(string name, ReadOnlySpan<byte> bytes)
    {
        string temporary = PathOf(name + ".tmp");
        TryDelete(temporary);
        try
        {
            using (IBlockFile file = Disk.Open(temporary, BlockFileMode.CreateNew))
            {
                file.Write(0, bytes);
                file.DataSync();
            }

            Disk.Rename(temporary, PathOf(name));
        }
        catch
        {
            TryDelete(temporary);
            throw;
        }
    }

    /// <summary>Reads a whole checkpoint or sidecar into a buffer that is used again.</summary>
    /// <exception cref="StorageException">The file is larger than any such file.</exception>
    internal ReadOnlyMemory<byte> ReadAll(string name, ref byte[] buffer)
    {
        using IBlockFile file = Disk.Open(PathOf(name), BlockFileMode.OpenRead);
        long length = file.Length;
        if (length > MaxSmallFileBytes)
        {
            throw new StorageException($"'{name}' has {length} bytes, more than any such file of a log");
        }

        if (buffer.Length < length)
        {
            buffer = GC.AllocateUninitializedArray<byte>((int)length);
        }

        return buffer.AsMemory(0, file.Read(0, buffer.AsSpan(0, (int)length)));
    }

    internal void Delete(string name) => Disk.Delete(PathOf(name));

    /// <summary>Keeps some space allocated that can be given up to a checkpoint on a full disk.</summary>
    internal void EnsureReserve()
    {
        if (_hasReserve || _options.ReserveBytes <= 0)
        {
            return;
        }

        if (!Disk.Exists(PathOf(ReserveName)))
        {
            Create(ReserveName, _options.ReserveBytes, header: null).Dispose();
        }

        _hasReserve = true;
    }

    internal void GiveUpReserve()
    {
        _hasReserve = false;
        Disk.Delete(PathOf(ReserveName));
    }

    /// <summary>Closes the spare segment; one that is not deleted now is at the next start. Thread-safe.</summary>
    internal void CloseSpare(bool delete)
    {
        lock (_spareLock)
        {
            if (_spare is { } spare)
            {
                spare.File.Dispose();
                if (delete)
                {
                    TryDelete(PathOf(Segment.NameOf(spare.Number, ".log")));
                }

                _spare = null;
            }
        }
    }

    internal static bool IsOutOfSpace(IOException error)
    {
        const int linuxNoSpace = 28;
        const int linuxQuota = 122;
        const int macQuota = 69;
        const int windowsDiskFull = unchecked((int)0x80070070);
        const int windowsHandleDiskFull = unchecked((int)0x80070027);
        return error.HResult is linuxNoSpace or linuxQuota or macQuota or windowsDiskFull or windowsHandleDiskFull;
    }

    // What is left over is deleted at the next start.
    private bool TryDelete(string path)
    {
        try
        {
            Disk.Delete(path);
            return true;
        }
        catch (IOException)
        {
            return false;
        }
    }
}
