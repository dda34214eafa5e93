using Xunit;

namespace Warren.Storage.Tests.Directories;

/// <summary>A disk in memory that forgets at <see cref="Crash"/> what was not synced, and fails when told to.</summary>
internal sealed class MemoryDisk : IBlockDisk
{
    private readonly Lock _lock = new();
    private Dictionary<string, Content> _names = new(StringComparer.Ordinal);
    private Dictionary<string, Content> _durableNames = new(StringComparer.Ordinal);

    /// <summary>Changes and syncs made so far.</summary>
    public int Operations { get; private set; }

    /// <summary>The operation, counted from 0, from which on everything fails. Null: none.</summary>
    public int? FailsFrom { get; set; }

    /// <summary>Writes and growth fail while true, as on a full disk.</summary>
    public bool IsFull { get; set; }

    /// <summary>A sync fails while true.</summary>
    public bool SyncFails { get; set; }

    /// <summary>Bytes of files given back so far, without their length.</summary>
    public long DiscardedBytes { get; private set; }

    public long Free { get; set; } = long.MaxValue;

    /// <summary>Power off and on: only what was synced is there. With <paramref name="keepWritten"/> the bytes of files are
    /// as written, as when only the names were late.</summary>
    public void Crash(bool keepWritten = false)
    {
        lock (_lock)
        {
            foreach (Content content in _names.Values.Concat(_durableNames.Values))
            {
                content.Recover(keepWritten);
            }

            _names = new Dictionary<string, Content>(_durableNames, StringComparer.Ordinal);
            FailsFrom = null;
        }
    }

    /// <summary>A copy of the bytes of a file.</summary>
    public byte[] Bytes(string path)
    {
        lock (_lock)
        {
            return _names[path].Span.ToArray();
        }
    }

    /// <summary>Sets the bytes of a file for good.</summary>
    public void SetBytes(string path, byte[] bytes)
    {
        lock (_lock)
        {
            _names[path].Set(bytes);
            _names[path].Sync();
        }
    }

    public IBlockFile Open(string path, BlockFileMode mode)
    {
        lock (_lock)
        {
            switch (mode)
            {
                case BlockFileMode.CreateNew:
                    Count();
                    var made = new Content();
                    Assert.True(_names.TryAdd(path, made), path);
                    return new MemoryFile(this, made);
                case BlockFileMode.Temporary:
                    return new MemoryFile(this, new Content { IsNamed = false });
                default:
                    return new MemoryFile(
                        this, _names.TryGetValue(path, out Content? found) ? found : throw new FileNotFoundException(path));
            }
        }
    }

    public bool Exists(string path)
    {
        lock (_lock)
        {
            return _names.ContainsKey(path);
        }
    }

    public IReadOnlyList<string> List(string directory)
    {
        lock (_lock)
        {
            return [.. _names.Keys.Where(path => Path.GetDirectoryName(path) == directory).Select(path => Path.GetFileName(path))];
        }
    }

    public void CreateDirectory(string path) => Assert.True(Path.IsPathRooted(path));

    public void Rename(string from, string to)
    {
        lock (_lock)
        {
            Count();
            _names[to] = _names[from];
            _names.Remove(from);
        }
    }

    public void Delete(string path)
    {
        lock (_lock)
        {
            Count();
            _names.Remove(path);
        }
    }

    public void SyncDirectory(string path)
    {
        lock (_lock)
        {
            Count();
            _durableNames = new Dictionary<string, Content>(_names, StringComparer.Ordinal);
        }
    }

    public long FreeBytes(string directory) => Free;

    private void Count()
    {
        if (Operations++ >= FailsFrom)
        {
            throw new IOException("the power is off");
        }
    }

    private sealed class Content
    {
        private byte[] _durable = [];
        private byte[] _room = [];

        internal int Length { get; private set; }

        /// <summary>False for a file without a name, of which nothing survives anyway.</summary>
        internal bool IsNamed { get; init; } = true;

        internal Span<byte> Span => _room.AsSpan(0, Length);

        internal void Set(byte[] bytes)
        {
            _room = [.. bytes];
            Length = bytes.Length;
        }

        internal void SetLength(int length)
        {
            if (length > _room.Length)
            {
                Array.Resize(ref _room, Math.Max(length, _room.Length * 2));
            }

            _room.AsSpan(Math.Min(length, Length)).Clear();
            Length = length;
        }

        internal void Sync()
        {
            if (IsNamed)
            {
                _durable = Span.ToArray();
            }
        }

        internal void Recover(bool keepWritten)
        {
            if (!keepWritten)
            {
                Set(_durable);
            }
        }
    }

    private sealed class MemoryFile(MemoryDisk disk, Content content) : IBlockFile
    {
        public long Length
        {
            get
            {
                lock (disk._lock)
                {
                    return content.Length;
                }
            }
        }

        public void Write(long offset, ReadOnlySpan<byte> bytes)
        {
            lock (disk._lock)
            {
                disk.Count();
                if (disk.IsFull)
                {
                    // What a full disk does: part of it gets through.
                    Put(offset, bytes[..(bytes.Length / 2)]);
                    throw new IOException("no space left");
                }

                Put(offset, bytes);
            }
        }

        public int Read(long offset, Span<byte> destination)
        {
            lock (disk._lock)
            {
                int read = (int)Math.Clamp(content.Length - offset, 0, destination.Length);
                content.Span.Slice((int)Math.Min(offset, content.Length), read).CopyTo(destination);
                return read;
            }
        }

        public void DataSync()
        {
            lock (disk._lock)
            {
                disk.Count();
                if (disk.SyncFails)
                {
                    throw new IOException("input/output error");
                }

                content.Sync();
            }
        }

        public void ZeroFill(long offset, long length) => Write(offset, new byte[length]);

        public bool TryDiscard(long offset, long length)
        {
            lock (disk._lock)
            {
                disk.Count();
                int end = (int)Math.Min(content.Length, offset + length);
                content.Span[Math.Min((int)offset, end)..end].Clear();
                disk.DiscardedBytes += length;
                return true;
            }
        }

        public void SetLength(long length)
        {
            lock (disk._lock)
            {
                disk.Count();
                content.SetLength((int)length);
            }
        }

        public void Dispose()
        {
            // The content is the disk's.
        }

        private void Put(long offset, ReadOnlySpan<byte> bytes)
        {
            content.SetLength((int)Math.Max(content.Length, offset + bytes.Length));
            bytes.CopyTo(content.Span[(int)offset..]);
        }
    }
}
