namespace Warren.Storage;

/// <summary>The disk of this machine. Every durability call is our own: see docs/decisions/0004.</summary>
/// <remarks>Thread-safe; holds no state.</remarks>
public sealed class FileBlockDisk : IBlockDisk
{
    private const FileShare Shared = FileShare.ReadWrite | FileShare.Delete;

    /// <summary>The one instance: the disk has no state of its own.</summary>
    public static FileBlockDisk Instance { get; } = new();

    /// <inheritdoc/>
    public IBlockFile Open(string path, BlockFileMode mode)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        try
        {
            return mode switch
            {
                BlockFileMode.CreateNew => new FileBlockFile(
                    File.OpenHandle(path, FileMode.CreateNew, FileAccess.ReadWrite, Shared)),
                BlockFileMode.Open => new FileBlockFile(
                    File.OpenHandle(path, FileMode.Open, FileAccess.ReadWrite, Shared)),
                BlockFileMode.OpenRead => new FileBlockFile(
                    File.OpenHandle(path, FileMode.Open, FileAccess.Read, Shared)),
                BlockFileMode.Temporary => OpenTemporary(path),
                _ => throw new ArgumentOutOfRangeException(nameof(mode), mode, "not a file mode"),
            };
        }
        catch (UnauthorizedAccessException denied)
        {
            throw AsIOException(denied);
        }
    }

    /// <inheritdoc/>
    public bool Exists(string path) => File.Exists(path);

    /// <inheritdoc/>
    public IReadOnlyList<string> List(string directory)
    {
        try
        {
            string[] paths = Directory.GetFiles(directory);
            for (int i = 0; i < paths.Length; i++)
            {
                paths[i] = Path.GetFileName(paths[i]);
            }

            return paths;
        }
        catch (DirectoryNotFoundException)
        {
            return [];
        }
        catch (UnauthorizedAccessException denied)
        {
            throw AsIOException(denied);
        }
    }

    /// <inheritdoc/>
    public void CreateDirectory(string path)
    {
        try
        {
            Directory.CreateDirectory(path);
        }
        catch (UnauthorizedAccessException denied)
        {
            throw AsIOException(denied);
        }
    }

    /// <inheritdoc/>
    public void Rename(string from, string to)
    {
        try
        {
            File.Move(from, to, overwrite: true);
        }
        catch (UnauthorizedAccessException denied)
        {
            throw AsIOException(denied);
        }
    }

    /// <inheritdoc/>
    public void Delete(string path)
    {
        try
        {
            File.Delete(path);
        }
        catch (DirectoryNotFoundException)
        {
            // The directory is gone, and the file with it: what was asked for.
            return;
        }
        catch (UnauthorizedAccessException denied)
        {
            throw AsIOException(denied);
        }
    }

    /// <inheritdoc/>
    public void SyncDirectory(string path) => Durability.SyncDirectory(path);

    /// <inheritdoc/>
    public long FreeBytes(string directory)
    {
        try
        {
            return new DriveInfo(Path.GetFullPath(directory)).AvailableFreeSpace;
        }
        catch (UnauthorizedAccessException denied)
        {
            throw AsIOException(denied);
        }
    }

    private static FileBlockFile OpenTemporary(string directory)
    {
        string path = Path.Combine(directory, "tmp-" + Guid.NewGuid().ToString("N"));
        if (OperatingSystem.IsWindows())
        {
            return new FileBlockFile(File.OpenHandle(
                path, FileMode.CreateNew, FileAccess.ReadWrite, Shared, FileOptions.DeleteOnClose));
        }

        var file = new FileBlockFile(File.OpenHandle(path, FileMode.CreateNew, FileAccess.ReadWrite, Shared));
        try
        {
            File.Delete(path);
            return file;
        }
        catch
        {
            file.Dispose();
            throw;
        }
    }

    // Callers know one kind of disk error; the code says which.
    private static IOException AsIOException(UnauthorizedAccessException denied) =>
        new(denied.Message, denied) { HResult = (denied.InnerException ?? denied).HResult };
}
