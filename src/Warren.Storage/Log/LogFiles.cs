using Warren.Storage.Format;
using Warren.Storage.Memory;

namespace Warren.Storage.Log;

/// <summary>Creates, prepares and deletes the files of one shard.</summary>
/// <remarks>Thread-safe where it says so.</remarks>
internal sealed class LogFiles
{
    private const long MaxSmallFileBytes = 1L << 30;
    private const string ReserveName = "reserve";
    internal const string QuarantineName = "quarantine";

    private readonly ShardLogOptions _options;
    private readonly TimeProvider _time;
    private ulong _nextNumber;
    private bool _hasReserve;
    private long _reserveWanted;

    internal LogFiles(IBlockDisk disk, string directory, ShardLogOptions options, TimeProvider time, ulong nextNumber)
    {
        Disk = disk;
        Directory = directory;
        _options = options;
        _time = time;
        _nextNumber = nextNumber;
        Identity = new LogIdentity(options.ClusterUuid, options.ShardId);
        Supply = new SegmentSupply(this, options);
    }

    internal IBlockDisk Disk { get; }

    internal string Directory { get; }

    internal LogIdentity Identity { get; }

    internal ulong NextNumber() => Interlocked.Increment(ref _nextNumber) - 1;

    internal string PathOf(string name) => Path.Combine(Directory, name);

    /// <summary>Segments prepared ahead.</summary>
    internal SegmentSupply Supply { get; }

    /// <summary>See <see cref="SegmentSupply.PrepareSpare()"/>.</summary>
    internal void PrepareSpare() => Supply.PrepareSpare();

    /// <summary>See <see cref="SegmentSupply.PrepareSpare(long)"/>.</summary>
    /// <remarks>A start: on a disk without any space a reserved segment serves.</remarks>
    internal void PrepareSpare(long size)
    {
        try
        {
            Supply.PrepareSpare(size);
        }
        catch (IOException error) when (IsOutOfSpace(error) && Supply.TrySpendReserved())
        {
            return;
        }
    }

    /// <summary>Gives the spare segment to a log that is being opened.</summary>
    internal void TakeSpare(Segment segment)
    {
        if (!Supply.TryTakeSpare(out ReadySegment ready))
        {
            Supply.PrepareSpare();
            Supply.TryTakeSpare(out ready);
        }

        (segment.File, segment.Number, segment.Allocated) = (ready.File, ready.Number, ready.Allocated);
    }

    /// <summary>See <see cref="SegmentSupply.FillSpare"/>.</summary>
    internal bool FillSpare(bool firstPartOnly) => Supply.FillSpare(firstPartOnly);

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

    /// <summary>Deletes a segment nobody holds anything of. One that is damaged is put aside: who looks after it may still want it.</summary>
    internal void Remove(Segment segment)
    {
        if (segment.IsDamaged)
        {
            PutAside(segment.FileName);
            PutAside(Segment.NameOf(segment.Number, ".idx"));
            return;
        }

        Delete(Segment.NameOf(segment.Number, ".idx"));
        Delete(segment.FileName);
    }

    /// <summary>Moves a damaged file into the quarantine, where no start looks; nothing when there is none.</summary>
    internal void PutAside(string name)
    {
        string path = PathOf(name);
        if (!Disk.Exists(path))
        {
            return;
        }

        string quarantine = PathOf(QuarantineName);
        Disk.CreateDirectory(quarantine);
        string target = Path.Combine(quarantine, name);
        for (int i = 1; Disk.Exists(target); i++)
        {
            target = Path.Combine(quarantine, $"{name}.{i}");
        }

        Disk.Rename(path, target);
        Disk.SyncDirectory(quarantine);
    }

    /// <summary>Numbers of new segments are higher than this one, which a file that is gone had.</summary>
    internal void SkipNumber(ulong number) => _nextNumber = Math.Max(_nextNumber, number + 1);

    /// <summary>Whether the space for a checkpoint on a full disk is there.</summary>
    internal bool HasReserve => _hasReserve || _options.ReserveBytes <= 0;

    /// <summary>Keeps some space allocated that can be given up to a checkpoint on a full disk. The keeper's.</summary>
    internal void EnsureReserve()
    {
        if (HasReserve)
        {
            return;
        }

        long wanted = Math.Max(_options.ReserveBytes, _reserveWanted);
        if (!Disk.Exists(PathOf(ReserveName)) || LengthOf(ReserveName) < wanted)
        {
            Delete(ReserveName);
            Create(ReserveName, wanted, header: null).Dispose();
        }

        _hasReserve = true;
    }

    /// <summary>A checkpoint has grown: the reserve must have room for three, two copies and what is left over. The keeper's.</summary>
    internal void WantReserve(long checkpointBytes)
    {
        long wanted = 3 * checkpointBytes;
        if (_options.ReserveBytes > 0 && wanted > Math.Max(_options.ReserveBytes, _reserveWanted))
        {
            _reserveWanted = 2 * wanted;
            GiveUpReserve();
        }
    }

    internal void GiveUpReserve()
    {
        _hasReserve = false;
        Disk.Delete(PathOf(ReserveName));
    }

    internal void CloseSpare(bool delete) => Supply.Close(delete);

    /// <summary>What a file throws when the disk, its rights or the file itself are the matter.</summary>
    internal static bool IsDiskError(Exception error) =>
        error is IOException or UnauthorizedAccessException or ObjectDisposedException or NotSupportedException;

    private long LengthOf(string name)
    {
        using IBlockFile file = Disk.Open(PathOf(name), BlockFileMode.OpenRead);
        return file.Length;
    }

    /// <summary>Whether there is no room now and may be later; for descriptors too, which clients can use up.</summary>
    internal static bool IsOutOfSpace(IOException error)
    {
        const int noDescriptorsInSystem = 23;
        const int noDescriptors = 24;
        const int linuxNoSpace = 28;
        const int linuxQuota = 122;
        const int macQuota = 69;
        const int windowsDiskFull = unchecked((int)0x80070070);
        const int windowsHandleDiskFull = unchecked((int)0x80070027);
        const int windowsNoDescriptors = unchecked((int)0x80070004);
        return error.HResult is noDescriptors or noDescriptorsInSystem or windowsNoDescriptors or linuxNoSpace or linuxQuota or macQuota or windowsDiskFull or windowsHandleDiskFull;
    }

    // What is left over is deleted at the next start.
    internal bool TryDelete(string path)
    {
        try
        {
            Disk.Delete(path);
            return true;
        }
        catch (Exception error) when (IsDiskError(error))
        {
            return false;
        }
    }
}
