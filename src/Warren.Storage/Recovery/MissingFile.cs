namespace Warren.Storage.Recovery;

/// <summary>Stands for the file of a segment that is gone and of which a sidecar tells: nothing can be read of it.</summary>
internal sealed class MissingFile : IBlockFile
{
    /// <inheritdoc/>
    public long Length => 0;

    /// <inheritdoc/>
    public void Write(long offset, ReadOnlySpan<byte> bytes) => throw new IOException("the file is gone");

    /// <inheritdoc/>
    public int Read(long offset, Span<byte> destination) => 0;

    /// <inheritdoc/>
    public void DataSync() => throw new IOException("the file is gone");

    /// <inheritdoc/>
    public void ZeroFill(long offset, long length) => throw new IOException("the file is gone");

    /// <inheritdoc/>
    public void SetLength(long length) => throw new IOException("the file is gone");

    /// <inheritdoc/>
    public void Dispose()
    {
    }
}
