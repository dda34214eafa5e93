namespace Warren.Storage;

/// <summary>How a file is opened.</summary>
public enum BlockFileMode
{
    /// <summary>Must not exist yet.</summary>
    CreateNew,

    /// <summary>Must exist; read and write.</summary>
    Open,

    /// <summary>Must exist; read only.</summary>
    OpenRead,

    /// <summary>Without a name; gone when it is closed or the process dies.</summary>
    Temporary,
}

/// <summary>The directory operations of a disk, so that tests can simulate one. Paths are absolute.</summary>
/// <remarks>Thread-safe. Errors are <see cref="IOException"/>s whose HResult carries the errno or Win32 code.</remarks>
public interface IBlockDisk
{
    /// <summary>Opens or creates a file; for <see cref="BlockFileMode.Temporary"/> the path is a directory.</summary>
    IBlockFile Open(string path, BlockFileMode mode);

    /// <summary>Whether a file of that name exists.</summary>
    bool Exists(string path);

    /// <summary>Names (not paths) of the files in a directory; empty when it does not exist.</summary>
    IReadOnlyList<string> List(string directory);

    /// <summary>Creates a directory and its parents.</summary>
    void CreateDirectory(string path);

    /// <summary>Renames within a directory, replacing what is there.</summary>
    void Rename(string from, string to);

    /// <summary>Deletes a file; no error when it is gone.</summary>
    void Delete(string path);

    /// <summary>Makes created, renamed and deleted names of a directory durable.</summary>
    void SyncDirectory(string path);

    /// <summary>Free bytes for this user on the file system of a directory.</summary>
    long FreeBytes(string directory);
}

/// <summary>A file addressed by offset.</summary>
/// <remarks>Reads may run beside one writer; writes come from one thread at a time.</remarks>
public interface IBlockFile : IDisposable
{
    /// <summary>Length in bytes.</summary>
    long Length { get; }

    /// <summary>Writes all bytes or throws; after an error the range holds anything.</summary>
    void Write(long offset, ReadOnlySpan<byte> bytes);

    /// <summary>Reads up to the span's length; fewer only at the end of the file.</summary>
    int Read(long offset, Span<byte> destination);

    /// <summary>Returns when everything written before is on the disk. An error is final: never try again on this file.</summary>
    void DataSync();

    /// <summary>Extends the file with zeros that are really allocated, so that later writes inside cannot lack space.</summary>
    void ZeroFill(long offset, long length);

    /// <summary>
    /// Reserves space, so that later writes inside cannot lack it; cheaper than <see cref="ZeroFill"/> where the
    /// file system can reserve without writing. What was written there stays; the file grows to cover the range.
    /// </summary>
    void Allocate(long offset, long length) => ZeroFill(offset, length);

    /// <summary>
    /// Gives the blocks of a range back to the file system; what is read there afterwards is zeros, and the file stays as
    /// long as it is.
    /// </summary>
    /// <returns>False where the platform or the file system cannot.</returns>
    bool TryDiscard(long offset, long length) => false;

    /// <summary>
    /// Whether a path still leads to this very file. False: it was removed, or another stands in its place, and what is
    /// written here is gone when the file is closed. Where a platform cannot tell, whether there is a file at all.
    /// </summary>
    bool IsLinked(string path) => true;

    /// <summary>Cuts or extends the file.</summary>
    void SetLength(long length);
}
