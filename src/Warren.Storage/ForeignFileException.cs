namespace Warren.Storage;

/// <summary>A file belongs to another cluster, shard or segment number than its place says.</summary>
public sealed class ForeignFileException : StorageException
{
    /// <summary>Creates the exception.</summary>
    public ForeignFileException(string message)
        : base(message)
    {
    }
}
