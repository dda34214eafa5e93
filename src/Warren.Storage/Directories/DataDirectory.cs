namespace Warren.Storage.Directories;

/// <summary>One broker's data directory: checked, locked for this process, and identified.</summary>
/// <remarks>Thread-safe. Disposing gives the lock up; nothing may write below the directory any more then.</remarks>
public sealed class DataDirectory : IDisposable
{
    private const string FormatName = "FORMAT";
    private const string TemporaryName = "FORMAT.new";
    private const string LockName = "LOCK";

    // What opening a file that another one has locked fails with: EWOULDBLOCK, or ERROR_SHARING_VIOLATION as an HRESULT.
    private const int LinuxWouldBlock = 11;
    private const int MacWouldBlock = 35;
    private const int WindowsSharingViolation = unchecked((int)0x80070020);

    private readonly FileStream? _lock;

    private DataDirectory(string path, DirectoryFormat format, FileStream? @lock, bool isNew)
    {
        Root = path;
        Format = format;
        _lock = @lock;
        IsNew = isNew;
    }

    /// <summary>The directory, absolute.</summary>
    public string Root { get; }

    /// <summary>What its FORMAT file says.</summary>
    public DirectoryFormat Format { get; }

    /// <summary>True when it was made by this call.</summary>
    public bool IsNew { get; }

    /// <summary>The cluster; also of a single node.</summary>
    public Guid ClusterUuid => Format.ClusterUuid;

    /// <summary>The node's number in its cluster.</summary>
    public ushort NodeId => Format.NodeId;

    /// <summary>This directory: a node that comes back with another one has lost its data.</summary>
    public Guid DiskUuid => Format.DiskUuid;

    /// <summary>Where the metadata store lives.</summary>
    public string MetadataPath => Path.Combine(Root, "meta");

    /// <summary>Where damaged files are copied before anything is cut.</summary>
    public string QuarantinePath => Path.Combine(Root, "quarantine");

    /// <summary>Where page files lie, without names.</summary>
    public string PagingPath => Path.Combine(Root, "paging");

    /// <summary>Where a shard's log lives.</summary>
    public string ShardPath(int shard) => Path.Combine(Root, $"shard-{shard:D4}");

    /// <summary>Opens a data directory, or makes one where there is nothing.</summary>
    /// <param name="disk">The disk; a simulated one is locked by nobody.</param>
    /// <param name="path">The directory, absolute.</param>
    /// <param name="time">Dates a new directory.</param>
    /// <exception cref="DataDirectoryLockedException">Another process, or another broker of this one, has it open.</exception>
    /// <exception cref="NewerFormatException">A newer program wrote it for newer readers only.</exception>
    /// <exception cref="DataDirectoryDamagedException">FORMAT is unreadable, or gone while data is there.</exception>
    public static DataDirectory Open(IBlockDisk disk, string path, TimeProvider time)
    {
        ArgumentNullException.ThrowIfNull(disk);
        ArgumentException.ThrowIfNullOrEmpty(path);
        ArgumentNullException.ThrowIfNull(time);
        disk.CreateDirectory(path);
        FileStream? @lock = Directory.Exists(path) ? Lock(path) : null;
        try
        {
            string formatPath = Path.Combine(path, FormatName);
            bool isNew = !disk.Exists(formatPath);
            DirectoryFormat format = isNew ? Create(disk, path, time) : Read(disk, formatPath);
            return new DataDirectory(path, format, @lock, isNew);
        }
        catch
        {
            @lock?.Dispose();
            throw;
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _lock?.Dispose();

    // The system gives the lock up when the process dies, however it dies; the file stays and means nothing by itself.
    private static FileStream Lock(string path)
    {
        try
        {
            return new FileStream(Path.Combine(path, LockName), FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
        }
        catch (IOException e) when (e.HResult is LinuxWouldBlock or MacWouldBlock or WindowsSharingViolation)
        {
            throw new DataDirectoryLockedException(path, e);
        }
    }

    private static DirectoryFormat Read(IBlockDisk disk, string formatPath)
    {
        using IBlockFile file = disk.Open(formatPath, BlockFileMode.OpenRead);
        if (file.Length is 0 or > DirectoryFormat.MaxBytes)
        {
            throw new DataDirectoryDamagedException(formatPath, $"a FORMAT file does not have {file.Length} bytes");
        }

        byte[] bytes = new byte[file.Length];
        int read = file.Read(0, bytes);
        return DirectoryFormat.Decode(formatPath, bytes.AsSpan(0, read));
    }

    // FORMAT appears whole or not at all: written under another name, synced, renamed, and the rename synced.
    private static DirectoryFormat Create(IBlockDisk disk, string path, TimeProvider time)
    {
        if (disk.List(Path.Combine(path, "meta")).Count > 0
            || disk.List(Path.Combine(path, "shard-0000")).Count > 0
            || disk.List(Path.Combine(path, "shard-0001")).Count > 0)
        {
            throw new DataDirectoryDamagedException(path, "there is data but no FORMAT");
        }

        var format = new DirectoryFormat(
            DirectoryFormat.Current,
            DirectoryFormat.Current,
            Guid.NewGuid(),
            NodeId: 1,
            Guid.NewGuid(),
            time.GetUtcNow().ToUnixTimeMilliseconds());
        string temporary = Path.Combine(path, TemporaryName);
        disk.Delete(temporary);
        using (IBlockFile file = disk.Open(temporary, BlockFileMode.CreateNew))
        {
            file.Write(0, format.Encode());
            file.DataSync();
        }

        disk.Rename(temporary, Path.Combine(path, FormatName));
        disk.SyncDirectory(path);
        if (Path.GetDirectoryName(path) is { Length: > 0 } parent)
        {
            disk.SyncDirectory(parent);
        }

        return format;
    }
}
