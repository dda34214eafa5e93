using Microsoft.Win32.SafeHandles;

namespace Warren.Storage;

/// <summary>A file of this machine, by positional reads and writes. Never memory-mapped: a full disk would kill the process.</summary>
/// <remarks>Reads may run beside one writer; writes come from one thread at a time.</remarks>
public sealed class FileBlockFile : IBlockFile
{
    private const int ZeroChunkBytes = 256 * 1024;

    private static readonly byte[] Zeros = new byte[ZeroChunkBytes];

    private readonly SafeFileHandle _handle;

    internal FileBlockFile(SafeFileHandle handle) => _handle = handle;

    /// <inheritdoc/>
    public long Length => RandomAccess.GetLength(_handle);

    /// <inheritdoc/>
    public void Write(long offset, ReadOnlySpan<byte> bytes) => RandomAccess.Write(_handle, bytes, offset);

    /// <inheritdoc/>
    public int Read(long offset, Span<byte> destination)
    {
        int total = 0;
        while (total < destination.Length)
        {
            int read = RandomAccess.Read(_handle, destination[total..], offset + total);
            if (read == 0)
            {
                break;
            }

            total += read;
        }

        return total;
    }

    /// <inheritdoc/>
    public void DataSync() => Durability.SyncFile(_handle);

    /// <inheritdoc/>
    public void ZeroFill(long offset, long length)
    {
        while (length > 0)
        {
            int chunk = (int)Math.Min(length, ZeroChunkBytes);
            RandomAccess.Write(_handle, Zeros.AsSpan(0, chunk), offset);
            offset += chunk;
            length -= chunk;
        }
    }

    /// <inheritdoc/>
    public void Allocate(long offset, long length)
    {
        if (length > 0 && !Durability.TryAllocate(_handle, offset, length))
        {
            long end = Length;
            if (offset + length > end)
            {
                ZeroFill(Math.Max(offset, end), offset + length - Math.Max(offset, end));
            }
        }
    }

    /// <inheritdoc/>
    public bool TryDiscard(long offset, long length) => Durability.TryDiscard(_handle, offset, length);

    /// <inheritdoc/>
    public bool IsLinked(string path) => FileIdentity.IsSame(_handle, path);

    /// <inheritdoc/>
    public void SetLength(long length) => RandomAccess.SetLength(_handle, length);

    /// <inheritdoc/>
    public void Dispose() => _handle.Dispose();
}
