namespace Warren.Storage;

/// <summary>The store cannot be opened or used; the message says which file and why.</summary>
public class StorageException : IOException
{
    /// <summary>Creates the exception.</summary>
    public StorageException(string message)
        : base(message)
    {
    }

    /// <summary>Creates the exception.</summary>
    public StorageException(string message, Exception inner)
        : base(message, inner)
    {
    }
}
