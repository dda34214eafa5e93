using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using Warren.Storage.Directories;

namespace Warren.Storage.Metadata;

/// <summary>A metadata store in a directory of its own: a snapshot, and a log of every write since.</summary>
/// <remarks>
/// <para>Files: meta-N.snap and meta-N.log. The highest N with a .snap is the one that counts; a new pair is made when the
/// log has grown to 4 MiB (or to the size of its snapshot, if larger), and comes into force by one rename.</para>
/// <para>Locking: <see cref="_writer"/> is held while a write is synced, on purpose: writes are rare and each must follow
/// the one before. Readers take the map's lock only, never held across I/O. See docs/locks.md.</para>
/// </remarks>
public sealed class FileMetadataStore : IMetadataStore
{
    /// <summary>Bytes of log at which a snapshot is taken.</summary>
    public const long SnapshotThreshold = 4L * 1024 * 1024;

    private const string QuarantineName = "quarantine";

    private readonly Lock _writer = new();
    private readonly MetadataMap _map;
    private readonly IBlockDisk _disk;
    private readonly string _path;
    private MetadataLog _log; // guarded by _writer, as the fields below
    private uint _number;
    private long _nextSnapshotAt;
    private bool _disposed;
    private bool _toldFailure;
    private bool _hasWritten;

    private FileMetadataStore(IBlockDisk disk, string path, MetadataMap map, MetadataLog log, uint number, long snapshotSize)
    {
        _disk = disk;
        _path = path;
        _map = map;
        _log = log;
        _number = number;
        _nextSnapshotAt = Math.Max(SnapshotThreshold, snapshotSize);
        CutBytes = log.CutBytes;
        CutPath = CutBytes > 0 ? CutPathOf(path, number, log.Size) : null;
    }

    /// <inheritdoc/>
    public event Action<Exception>? Failed;

    /// <inheritdoc/>
    public long Revision => _map.Revision;

    /// <summary>Bytes at the log's end that were cut when it was opened: a write that was never confirmed. To be logged.</summary>
    public long CutBytes { get; }

    /// <summary>Where they are kept; null when there were none.</summary>
    public string? CutPath { get; }

    /// <summary>Why the last snapshot failed; null when it did not. The log then goes on growing and it is tried again.</summary>
    public Exception? SnapshotFailure { get; private set; }

    /// <summary>Opens the store of a directory, or makes one where there is none.</summary>
    /// <exception cref="DataDirectoryDamagedException">Something is unreadable that was confirmed once. Nothing was changed.</exception>
    /// <exception cref="NewerFormatException">A newer program wrote it. Nothing was changed.</exception>
    /// <param name="disk">The disk.</param>
    /// <param name="path">The directory.</param>
    /// <param name="mustExist">There was one: nothing is made when it is not there.</param>
    public static FileMetadataStore Open(IBlockDisk disk, string path, bool mustExist = false)
    {
        ArgumentNullException.ThrowIfNull(disk);
        ArgumentException.ThrowIfNullOrEmpty(path);
        disk.CreateDirectory(path);
        IReadOnlyList<string> names = disk.List(path);
        uint number = names.Select(static name => NumberOf(name, ".snap")).Max() ?? 0;
        var map = new MetadataMap();
        if (number == 0)
        {
            if (mustExist)
            {
                throw new DataDirectoryDamagedException(path, "there is no snapshot of the definitions");
            }

            RequireNoWritesFrom(disk, path, names, 1);

            (MetadataLog made, long madeSize) = PreparePair(disk, path, 1, map);
            CommitPair(disk, path, 1);
            return new FileMetadataStore(disk, path, map, made, 1, madeSize);
        }

        // A newer log with writes belonged to a snapshot that counted once.
        RequireNoWritesFrom(disk, path, names, number + 1);
        (MetadataLog log, long size) = OpenPair(disk, path, number, map);
        foreach (string name in names.Where(name => IsLeftOver(name, number)))
        {
            disk.Delete(Path.Combine(path, name));
        }

        return new FileMetadataStore(disk, path, map, log, number, size);
    }

    /// <summary>Reads what is there, as far as it goes, and changes nothing.</summary>
    /// <param name="disk">The disk.</param>
    /// <param name="path">The directory.</param>
    /// <returns>The entries, and what is wrong; of a log that is damaged in the middle the entries before the damage.</returns>
    /// <exception cref="NewerFormatException">A newer program wrote it.</exception>
    /// <exception cref="IOException">The disk failed.</exception>
    public static (IReadOnlyList<MetadataEntry> Entries, DamageReport? Damage) Read(IBlockDisk disk, string path)
    {
        ArgumentNullException.ThrowIfNull(disk);
        IReadOnlyList<string> names = disk.List(path);
        uint number = names.Select(static name => NumberOf(name, ".snap")).Max() ?? 0;
        var map = new MetadataMap();
        if (number == 0)
        {
            return ([], new DamageReport(DamageKind.LostRecords, "", 0, 0, 0, "there is no snapshot of the definitions"));
        }

        try
        {
            RequireNoWritesFrom(disk, path, names, number + 1);
            uint crc;
            using (IBlockFile snapshot = disk.Open(PathOf(path, number, ".snap"), BlockFileMode.OpenRead))
            {
                (crc, _) = MetadataSnapshot.Read(snapshot, PathOf(path, number, ".snap"), number, map);
            }

            string logPath = PathOf(path, number, ".log");
            if (!disk.Exists(logPath))
            {
                throw new DataDirectoryDamagedException(logPath, "the log is missing");
            }

            using IBlockFile file = disk.Open(logPath, BlockFileMode.OpenRead);
            using var log = MetadataLog.Open(file, logPath, number, crc, map, keep: null);
            DamageReport? torn = log.CutBytes == 0 ? null : new DamageReport(
                DamageKind.TornTail, Path.GetFileName(logPath), log.Size, 0, 0, $"{log.CutBytes} bytes of an unfinished write");
            return (map.List(string.Empty), torn);
        }
        catch (DataDirectoryDamagedException error)
        {
            return (map.List(string.Empty), new DamageReport(DamageKind.LostRecords, "", 0, 0, 0, error.Message));
        }
    }

    /// <inheritdoc/>
    public bool TryGet(string key, [NotNullWhen(true)] out MetadataEntry? entry) => _map.TryGet(key, out entry);

    /// <inheritdoc/>
    public IReadOnlyList<MetadataEntry> List(string prefix) => _map.List(prefix);

    /// <inheritdoc/>
    public long Put(string key, ReadOnlySpan<byte> value, long? expectedModRevision = null) =>
        Write([MetadataOperation.Put(key, value)], expectedModRevision);

    /// <inheritdoc/>
    public long PutAll(IReadOnlyList<KeyValuePair<string, ReadOnlyMemory<byte>>> entries)
    {
        MetadataOperation[] operations = MetadataOperation.PutAll(entries);
        return operations.Length == 0 ? Revision : Write(operations, expectedModRevision: null);
    }

    /// <inheritdoc/>
    public bool Delete(string key, long? expectedModRevision = null) =>
        Write([MetadataOperation.Delete(key)], expectedModRevision) != IMetadataStore.Conflict;

    /// <inheritdoc/>
    public void DeleteAll(IEnumerable<string> keys)
    {
        MetadataOperation[] operations;
        do
        {
            operations = MetadataOperation.DeleteAll(keys.Where(key => _map.TryGet(key, out _)));
        }
        while (operations.Length > 0 && Write(operations, expectedModRevision: null) == IMetadataStore.Conflict);
    }

    /// <inheritdoc/>
    public IDisposable Watch(string prefix, Action<MetadataChange> onChange) => _map.Watch(prefix, onChange);

    /// <inheritdoc/>
    public void Dispose()
    {
        lock (_writer)
        {
            // What was stopped in order is whole: a log cut short afterwards could not be told from an unfinished write.
            if (!_disposed && _hasWritten && !_log.HasFailed && _log.Size > MetadataLog.HeaderSize)
            {
                TakeSnapshot();
            }

            _disposed = true;
            _log.Dispose();
        }
    }

    private static (MetadataLog Log, long SnapshotSize) OpenPair(IBlockDisk disk, string path, uint number, MetadataMap map)
    {
        string snapshotPath = PathOf(path, number, ".snap");
        string logPath = PathOf(path, number, ".log");
        uint crc;
        long size;
        using (IBlockFile snapshot = disk.Open(snapshotPath, BlockFileMode.OpenRead))
        {
            (crc, size) = MetadataSnapshot.Read(snapshot, snapshotPath, number, map);
        }

        if (!disk.Exists(logPath))
        {
            throw new DataDirectoryDamagedException(logPath, "the log is missing");
        }

        IBlockFile file = disk.Open(logPath, BlockFileMode.Open);
        try
        {
            return (MetadataLog.Open(file, logPath, number, crc, map, (log, from, end) => Keep(disk, path, number, log, from, end)), size);
        }
        catch
        {
            file.Dispose();
            throw;
        }
    }

    // What is cut off was never finished, unless the disk has lost what it had: it is kept for who wants to know.
    private static void Keep(IBlockDisk disk, string path, uint number, IBlockFile log, long from, long end)
    {
        string directory = Path.Combine(path, QuarantineName);
        string torn = CutPathOf(path, number, from);
        disk.CreateDirectory(directory);
        disk.Delete(torn);
        using IBlockFile kept = disk.Open(torn, BlockFileMode.CreateNew);
        byte[] chunk = new byte[Math.Min(end - from, 1 << 20)];
        for (long at = from; at < end;)
        {
            int read = log.Read(at, chunk.AsSpan(0, (int)Math.Min(chunk.Length, end - at)));
            if (read == 0)
            {
                break;
            }

            kept.Write(at - from, chunk.AsSpan(0, read));
            at += read;
        }

        kept.DataSync();
        disk.SyncDirectory(directory);
    }

    private static string CutPathOf(string path, uint number, long from) =>
        Path.Combine(path, QuarantineName, $"meta-{number.ToString(CultureInfo.InvariantCulture)}.log-{from}.torn");

    // Both files are whole and their names durable before the rename that makes them count.
    private static (MetadataLog Log, long SnapshotSize) PreparePair(IBlockDisk disk, string path, uint number, MetadataMap map)
    {
        string temporaryPath = PathOf(path, number, ".tmp");
        string logPath = PathOf(path, number, ".log");
        disk.Delete(temporaryPath);
        disk.Delete(logPath);
        uint crc;
        long size;
        using (IBlockFile snapshot = disk.Open(temporaryPath, BlockFileMode.CreateNew))
        {
            (crc, size) = MetadataSnapshot.Write(snapshot, number, map.Revision, map.List(string.Empty));
        }

        IBlockFile file = disk.Open(logPath, BlockFileMode.CreateNew);
        try
        {
            var log = MetadataLog.Create(file, number, crc);
            disk.SyncDirectory(path);
            return (log, size);
        }
        catch
        {
            file.Dispose();
            throw;
        }
    }

    private static void CommitPair(IBlockDisk disk, string path, uint number)
    {
        disk.Rename(PathOf(path, number, ".tmp"), PathOf(path, number, ".snap"));
        disk.SyncDirectory(path);
    }

    private static void RequireNoWritesFrom(IBlockDisk disk, string path, IReadOnlyList<string> names, uint lowest)
    {
        foreach (string name in names)
        {
            if (NumberOf(name, ".log") is uint number && number >= lowest && HasWrites(disk, Path.Combine(path, name)))
            {
                throw new DataDirectoryDamagedException(Path.Combine(path, name), "there is a metadata log without its snapshot");
            }
        }
    }

    private static bool HasWrites(IBlockDisk disk, string logPath)
    {
        using IBlockFile file = disk.Open(logPath, BlockFileMode.OpenRead);
        return file.Length > MetadataLog.HeaderSize;
    }

    private static string PathOf(string path, uint number, string extension) =>
        Path.Combine(path, $"meta-{number.ToString(CultureInfo.InvariantCulture)}{extension}");

    private static uint? NumberOf(string name, string extension) =>
        name.StartsWith("meta-", StringComparison.Ordinal)
        && name.EndsWith(extension, StringComparison.Ordinal)
        && uint.TryParse(name.AsSpan(5, name.Length - 5 - extension.Length), NumberStyles.None, CultureInfo.InvariantCulture, out uint number)
            ? number
            : null;

    private static bool IsLeftOver(string name, uint number) =>
        NumberOf(name, ".tmp") is not null
        || (NumberOf(name, ".snap") is uint snapshot && snapshot != number)
        || (NumberOf(name, ".log") is uint log && log != number);

    private long Write(MetadataOperation[] operations, long? expectedModRevision)
    {
        long revision;
        lock (_writer)
        {
            ObjectDisposedException.ThrowIf(_disposed, this);
            if (!_map.IsAt(operations[0].Key, expectedModRevision)
                || (operations[0].IsDelete && !_map.TryGet(operations[0].Key, out _)))
            {
                return IMetadataStore.Conflict;
            }

            try
            {
                _hasWritten = true;
                _log.Append(operations, _map.Revision + 1);
                RequireLinked();
            }
            catch (Exception error)
            {
                TellFailure(error);
                throw;
            }

            revision = _map.Apply(operations);
            if (_log.Size >= _nextSnapshotAt)
            {
                TakeSnapshot();
            }
        }

        _map.TellWatchers();
        return revision;
    }

    // Somebody has removed or replaced the directory: what is written goes into a file that nobody finds again.
    private void RequireLinked()
    {
        string path = PathOf(_path, _number, ".log");
        if (!_log.IsLinked(path))
        {
            _log.Fail();
            throw new IOException($"'{path}' is not the file any more that definitions are written to: it was removed or replaced");
        }
    }

    // What was refused because the disk is full is not there, and the next write may be.
    private void TellFailure(Exception error)
    {
        if (_log.HasFailed && !_toldFailure)
        {
            _toldFailure = true;
            Failed?.Invoke(error);
        }
    }

    // A failure before the rename costs disk space, not data: what was written so far is durable in the old log. After
    // it, only a restart can tell which pair counts; the new snapshot has everything so far, the old log would get more.
    private void TakeSnapshot()
    {
        uint old = _number;
        MetadataLog log;
        long size;
        try
        {
            (log, size) = PreparePair(_disk, _path, old + 1, _map);
        }
        catch (IOException e)
        {
            SnapshotFailure = e;
            _nextSnapshotAt = _log.Size + SnapshotThreshold;
            return;
        }

        try
        {
            CommitPair(_disk, _path, old + 1);
        }
        catch (IOException e)
        {
            SnapshotFailure = e;
            log.Dispose();
            _log.Fail();
            TellFailure(e);
            return;
        }

        _log.Dispose();
        _log = log;
        _number = old + 1;
        _nextSnapshotAt = Math.Max(SnapshotThreshold, size);
        SnapshotFailure = null;
        DeleteLeftOvers(old);
    }

    // What cannot be deleted now is deleted at the next start.
    private void DeleteLeftOvers(uint number)
    {
        try
        {
            _disk.Delete(PathOf(_path, number, ".snap"));
            _disk.Delete(PathOf(_path, number, ".log"));
        }
        catch (IOException e)
        {
            SnapshotFailure = e;
        }
    }
}
