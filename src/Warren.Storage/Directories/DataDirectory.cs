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

    private readonly IBlockDisk _disk;
    private readonly FileStream? _lock;

    private DataDirectory(IBlockDisk disk, string path, DirectoryFormat format, FileStream? @lock, bool isNew)
    {
        _disk = disk;
        Root = path;
        Format = format;
        _lock = @lock;
        IsNew = isNew;
    }

    /// <summary>The directory, absolute.</summary>
    public string Root { get; }

    /// <summary>What its FORMAT file says.</summary>
    public DirectoryFormat Format { get; private set; }

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

    /// <summary>A start was complete once: a log and definitions that are not there were lost.</summary>
    public bool IsComplete => Format.CompleteMs != 0;

    /// <summary>Where files are moved that an operator has given up.</summary>
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
            var directory = new DataDirectory(disk, path, format, @lock, isNew);
            directory.RequireParts();
            return directory;
        }
        catch
        {
            @lock?.Dispose();
            throw;
        }
    }

    /// <summary>Opens one that is there, to look at it: makes nothing and refuses nothing but what cannot be identified.</summary>
    /// <param name="disk">The disk.</param>
    /// <param name="path">The directory, absolute.</param>
    /// <exception cref="DataDirectoryLockedException">A broker has it open.</exception>
    /// <exception cref="NewerFormatException">A newer program wrote it for newer readers only.</exception>
    /// <exception cref="DataDirectoryDamagedException">There is no readable FORMAT.</exception>
    public static DataDirectory OpenExisting(IBlockDisk disk, string path)
    {
        ArgumentNullException.ThrowIfNull(disk);
        ArgumentException.ThrowIfNullOrEmpty(path);
        string formatPath = Path.Combine(path, FormatName);
        if (!disk.Exists(formatPath))
        {
            throw new DataDirectoryDamagedException(path, "there is no FORMAT file: this is no data directory, or its identity is lost");
        }

        FileStream? @lock = Directory.Exists(path) ? Lock(path) : null;
        try
        {
            return new DataDirectory(disk, path, Read(disk, formatPath), @lock, isNew: false);
        }
        catch
        {
            @lock?.Dispose();
            throw;
        }
    }

    /// <summary>Makes a fresh directory for the data of another: the same cluster and node, another disk.</summary>
    /// <param name="disk">The disk.</param>
    /// <param name="path">The directory, absolute; must not exist or be empty.</param>
    /// <param name="original">Whose data it will have.</param>
    /// <param name="time">Dates it.</param>
    /// <exception cref="StorageException">It is not empty.</exception>
    /// <exception cref="IOException">The disk failed.</exception>
    public static DataDirectory CreateCopy(IBlockDisk disk, string path, DirectoryFormat original, TimeProvider time)
    {
        ArgumentNullException.ThrowIfNull(disk);
        ArgumentException.ThrowIfNullOrEmpty(path);
        ArgumentNullException.ThrowIfNull(original);
        ArgumentNullException.ThrowIfNull(time);
        if (disk.Exists(path) || disk.List(path).Count > 0 || (Directory.Exists(path) && Directory.EnumerateFileSystemEntries(path).Any()))
        {
            throw new StorageException($"{path} is not empty");
        }

        disk.CreateDirectory(path);
        FileStream? @lock = Directory.Exists(path) ? Lock(path) : null;
        try
        {
            DirectoryFormat format = original with
            {
                DiskUuid = Guid.NewGuid(),
                CreatedMs = time.GetUtcNow().ToUnixTimeMilliseconds(),
                CompleteMs = 0,
                Accepted = AcceptedLoss.None,
            };
            Write(disk, path, format);
            return new DataDirectory(disk, path, format, @lock, isNew: true);
        }
        catch
        {
            @lock?.Dispose();
            throw;
        }
    }

    /// <summary>Moves the files of a directory below into quarantine/.</summary>
    internal void PutAside(string directory)
    {
        string target = Path.Combine(QuarantinePath, Path.GetFileName(directory));
        _disk.CreateDirectory(target);
        foreach (string name in _disk.List(directory))
        {
            string to = Path.Combine(target, name);
            for (int i = 1; _disk.Exists(to); i++)
            {
                to = Path.Combine(target, $"{name}.{i}");
            }

            _disk.Rename(Path.Combine(directory, name), to);
        }

        _disk.SyncDirectory(target);
    }

    /// <summary>A start is complete: from now on a missing log or missing definitions are damage. What was accepted is over.</summary>
    /// <param name="time">Dates it.</param>
    /// <exception cref="IOException">The disk failed; the file is as before, or as it should be.</exception>
    public void MarkComplete(TimeProvider time)
    {
        ArgumentNullException.ThrowIfNull(time);
        if (!IsComplete || Format.Accepted != AcceptedLoss.None)
        {
            long now = IsComplete ? Format.CompleteMs : Math.Max(1, time.GetUtcNow().ToUnixTimeMilliseconds());
            Replace(Format with { CompleteMs = now, Accepted = AcceptedLoss.None });
        }
    }

    /// <summary>An operator accepts a loss: the next start goes on without these parts.</summary>
    /// <param name="loss">Which.</param>
    /// <exception cref="IOException">The disk failed.</exception>
    public void Accept(AcceptedLoss loss) => Replace(Format with { Accepted = Format.Accepted | loss });

    /// <summary>What cannot be there when it is a file, and what must be there once a start was complete. Null: all is well.</summary>
    /// <remarks>Looks at names only.</remarks>
    public DataDirectoryDamagedException? FindMissingPart()
    {
        string shard = ShardPath(1);
        foreach (string path in (ReadOnlySpan<string>)[MetadataPath, shard])
        {
            if (_disk.Exists(path))
            {
                return new DataDirectoryDamagedException(path, "there is a file where the directory should be");
            }
        }

        IReadOnlyList<string> log = _disk.List(shard);
        bool hasLog = log.Any(static n => n.StartsWith("seg-", StringComparison.Ordinal) || n.StartsWith("ckpt-", StringComparison.Ordinal));
        bool hasMetadata = _disk.List(MetadataPath).Any(static n => n.EndsWith(".snap", StringComparison.Ordinal));
        if (!hasMetadata && (IsComplete || hasLog) && !Format.Accepted.HasFlag(AcceptedLoss.Metadata))
        {
            return new DataDirectoryDamagedException(
                MetadataPath, $"the definitions (users, virtual hosts, exchanges, policies) are gone; {Ways(Root)}");
        }

        return !hasLog && IsComplete && !Format.Accepted.HasFlag(AcceptedLoss.Log)
            ? new DataDirectoryDamagedException(shard, $"the log (queues, sessions, messages) is gone; {Ways(Root)}")
            : null;
    }

    /// <inheritdoc/>
    public void Dispose() => _lock?.Dispose();

    /// <summary>What an operator can do about a loss that stops a start.</summary>
    internal static string Ways(string root) =>
        $"'warren storage accept-loss {root}' lets the broker start without it, 'warren storage salvage {root} --to NEWDIR' copies what is left";

    private void RequireParts()
    {
        if (FindMissingPart() is { } missing)
        {
            throw missing;
        }
    }

    private void Replace(DirectoryFormat format)
    {
        Write(_disk, Root, format);
        Format = format;
    }

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
        Write(disk, path, format);
        if (Path.GetDirectoryName(path) is { Length: > 0 } parent)
        {
            disk.SyncDirectory(parent);
        }

        return format;
    }

    private static void Write(IBlockDisk disk, string path, DirectoryFormat format)
    {
        string temporary = Path.Combine(path, TemporaryName);
        disk.Delete(temporary);
        using (IBlockFile file = disk.Open(temporary, BlockFileMode.CreateNew))
        {
            file.Write(0, format.Encode());
            file.DataSync();
        }

        disk.Rename(temporary, Path.Combine(path, FormatName));
        disk.SyncDirectory(path);
    }
}
