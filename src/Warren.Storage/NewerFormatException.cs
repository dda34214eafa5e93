namespace Warren.Storage;

/// <summary>A file was written by a newer version, or holds a record that this version must not skip.</summary>
public sealed class NewerFormatException : StorageException
{
    /// <summary>Creates the exception.</summary>
    public NewerFormatException(string message)
        : base(message)
    {
    }
}
