namespace Warren.Storage.Directories;

/// <summary>A data directory cannot be read as one. Nothing was changed; the operator decides.</summary>
public sealed class DataDirectoryDamagedException : StorageException
{
    /// <param name="path">The directory or the file in it.</param>
    /// <param name="what">What is wrong, and where.</param>
    public DataDirectoryDamagedException(string path, string what)
        : base($"{path} is damaged: {what}")
    {
    }
}
