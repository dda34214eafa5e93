using Warren.Storage;

namespace Warren.Protocols.Tests.Mqtt.InMemory;

/// <summary>A disk in memory that keeps what is written; what is only filled with zeros takes no room.</summary>
/// <remarks>Thread-safe.</remarks>
internal sealed class SparseDisk : IBlockDisk
{
    private readonly Lock _lock = new();
    private readonly Dictionary<string, SparseFile> _files = new(StringComparer.Ordinal);

    public IBlockFile Open(string path, BlockFileMode mode)
    {
        lock (_lock)
        {
            return mode switch
            {
                BlockFileMode.Temporary => new SparseFile(),
                BlockFileMode.CreateNew => _files[path] = new SparseFile(),
                _ => _files.TryGetValue(path, out SparseFile? file) ? file : throw new FileNotFoundException(path),
            };
        }
    }

    public bool Exists(string path)
    {
        lock (_lock)
        {
            return _files.ContainsKey(path);
        }
    }

    public IReadOnlyList<string> List(string directory)
    {
        lock (_lock)
        {
            return [.. _files.Keys.Where(p => Path.GetDirectoryName(p) == directory).Select(p => Path.GetFileName(p)!)];
        }
    }

    public void CreateDirectory(string path)
    {
    }

    public void Rename(string from, string to)
    {
        lock (_lock)
        {
            if (_files.Remove(from, out SparseFile? file))
            {
                _files[to] = file;
            }
        }
    }

    public void Delete(string path)
    {
        lock (_lock)
        {
            _files.Remove(path);
        }
    }

    public void SyncDirectory(string path)
    {
    }

    public long FreeBytes(string directory) => 1L << 50;

    private sealed class SparseFile : IBlockFile
    {
        private const int PageSize = 64 * 1024;

        private readonly Lock _lock = new();
        private readonly Dictionary<long, byte[]> _pages = [];
        private long _length;

        public long Length
        {
            get
            {
                lock (_lock)
                {
                    return _length;
                }
            }
        }

        public void Write(long offset, ReadOnlySpan<byte> bytes)
        {
            lock (_lock)
            {
                _length = Math.Max(_length, offset + bytes.Length);
                while (!bytes.IsEmpty)
                {
                    if (!_pages.TryGetValue(offset / PageSize, out byte[]? page))
                    {
                        page = new byte[PageSize];
                        _pages.Add(offset / PageSize, page);
                    }

                    int at = (int)(offset % PageSize);
                    int count = Math.Min(bytes.Length, PageSize - at);
                    bytes[..count].CopyTo(page.AsSpan(at));
                    bytes = bytes[count..];
                    offset += count;
                }
            }
        }

        public int Read(long offset, Span<byte> destination)
        {
            lock (_lock)
            {
                int read = (int)Math.Clamp(_length - offset, 0, destination.Length);
                for (int done = 0; done < read;)
                {
                    int at = (int)((offset + done) % PageSize);
                    int count = Math.Min(read - done, PageSize - at);
                    Span<byte> to = destination.Slice(done, count);
                    if (_pages.TryGetValue((offset + done) / PageSize, out byte[]? page))
                    {
                        page.AsSpan(at, count).CopyTo(to);
                    }
                    else
                    {
                        to.Clear();
                    }

                    done += count;
                }

                return read;
            }
        }

        public void DataSync()
        {
        }

        public void ZeroFill(long offset, long length)
        {
            lock (_lock)
            {
                _length = Math.Max(_length, offset + length);
                foreach (long page in _pages.Keys.Where(p => p >= offset / PageSize && p <= (offset + length) / PageSize).ToArray())
                {
                    long from = Math.Max(offset, page * PageSize);
                    long to = Math.Min(offset + length, (page + 1) * PageSize);
                    if (to > from)
                    {
                        _pages[page].AsSpan((int)(from - (page * PageSize)), (int)(to - from)).Clear();
                    }
                }
            }
        }

        public void SetLength(long length)
        {
            lock (_lock)
            {
                long old = _length;
                if (length < old)
                {
                    ZeroFill(length, old - length);
                }

                _length = length;
            }
        }

        public void Dispose()
        {
            // The bytes are the disk's.
        }
    }
}
