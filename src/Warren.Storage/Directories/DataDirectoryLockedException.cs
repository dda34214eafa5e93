namespace Warren.Storage.Directories;

/// <summary>Another process uses the data directory. Nothing was changed.</summary>
public sealed class DataDirectoryLockedException : StorageException
{
    /// <param name="path">The directory.</param>
    /// <param name="inner">What the system said.</param>
    public DataDirectoryLockedException(string path, Exception inner)
        : base($"data directory {path} is in use by another broker", inner)
    {
    }
}
