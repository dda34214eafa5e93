using System.Collections.Concurrent;
using Warren.Storage;

namespace Warren.Protocols.Tests.Amqp091.InMemory;

/// <summary>A disk that keeps names and lengths and throws the bytes away: for what is written and never read.</summary>
/// <remarks>Thread-safe. Allocates nothing for a write.</remarks>
internal sealed class DiscardingDisk : IBlockDisk
{
    private readonly ConcurrentDictionary<string, DiscardingFile> _files = new(StringComparer.Ordinal);
    private long _writerAllocated;

    /// <summary>Bytes the log's writer thread had allocated at its last sync.</summary>
    public long WriterAllocatedBytes => Volatile.Read(ref _writerAllocated);

    public IBlockFile Open(string path, BlockFileMode mode) => mode switch
    {
        BlockFileMode.Temporary => new DiscardingFile(this),
        BlockFileMode.CreateNew => _files[path] = new DiscardingFile(this),
        _ => _files.TryGetValue(path, out DiscardingFile? file) ? file : throw new FileNotFoundException(path),
    };

    public bool Exists(string path) => _files.ContainsKey(path);

    public IReadOnlyList<string> List(string directory) =>
        [.. _files.Keys.Where(p => Path.GetDirectoryName(p) == directory).Select(p => Path.GetFileName(p)!)];

    public void CreateDirectory(string path)
    {
    }

    public void Rename(string from, string to)
    {
        if (_files.TryRemove(from, out DiscardingFile? file))
        {
            _files[to] = file;
        }
    }

    public void Delete(string path) => _files.TryRemove(path, out _);

    public void SyncDirectory(string path)
    {
    }

    public long FreeBytes(string directory) => 1L << 50;

    private sealed class DiscardingFile(DiscardingDisk disk) : IBlockFile
    {
        private long _length;

        public long Length => Volatile.Read(ref _length);

        public void Write(long offset, ReadOnlySpan<byte> bytes) => Extend(offset + bytes.Length);

        public int Read(long offset, Span<byte> destination)
        {
            int read = (int)Math.Clamp(Length - offset, 0, destination.Length);
            destination[..read].Clear();
            return read;
        }

        public void DataSync()
        {
            if (Thread.CurrentThread.Name?.StartsWith("warren-log-", StringComparison.Ordinal) == true)
            {
                Volatile.Write(ref disk._writerAllocated, GC.GetAllocatedBytesForCurrentThread());
            }
        }

        public void ZeroFill(long offset, long length) => Extend(offset + length);

        public void SetLength(long length) => Volatile.Write(ref _length, length);

        public void Dispose()
        {
        }

        private void Extend(long end) => Volatile.Write(ref _length, Math.Max(Length, end));
    }
}
