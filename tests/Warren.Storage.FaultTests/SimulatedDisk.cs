namespace Warren.Storage.FaultTests;

/// <summary>
/// A disk in memory that forgets: at a crash every 512 byte sector written since the last sync is kept or lost by
/// chance, and so is every name created, renamed or deleted since the directory's last sync. Same seed, same disk.
/// </summary>
public sealed class SimulatedDisk : IBlockDisk
{
    private const int Sector = 512;
    private readonly Lock _lock = new();
    private readonly Random _random;
    private readonly Dictionary<string, Inode> _names = new(StringComparer.Ordinal);
    private readonly Dictionary<string, Inode> _durableNames = new(StringComparer.Ordinal);
    private int _generation;

    public SimulatedDisk(int seed) => _random = new Random(seed);

    /// <summary>Bytes all files may have together.</summary>
    public long Capacity { get; set; } = long.MaxValue;

    /// <summary>Calls that can fail, so far.</summary>
    public int Calls { get; private set; }

    /// <summary>The call that fails, counted from 1; 0 for none.</summary>
    public int FailAt { get; set; }

    /// <summary>The failing call has been made.</summary>
    public bool HasFailed => FailAt > 0 && Calls >= FailAt;

    /// <summary>The error it fails with.</summary>
    public int FailWith { get; set; } = 5;

    /// <summary>Every call after the failing one fails too.</summary>
    public bool FailForEver { get; set; }

    /// <summary>A failed write may have written part of its bytes.</summary>
    public bool TearFailedWrites { get; set; } = true;

    /// <summary>Runs before each call, for stopping inside an operation.</summary>
    public Action? BeforeCall { get; set; }

    public long Used
    {
        get
        {
            lock (_lock)
            {
                return _names.Values.Distinct().Sum(static inode => inode.Current.LongLength);
            }
        }
    }

    /// <summary>The machine stops and starts again: open files are gone, unsynced things are kept by chance.</summary>
    public void Crash()
    {
        lock (_lock)
        {
            _generation++;
            foreach (Inode inode in _names.Values.Concat(_durableNames.Values).Distinct())
            {
                inode.Crash(_random);
            }

            var survivors = new Dictionary<string, Inode>(_durableNames, StringComparer.Ordinal);
            foreach (string name in _names.Keys.Union(_durableNames.Keys, StringComparer.Ordinal).ToList())
            {
                _names.TryGetValue(name, out Inode? current);
                _durableNames.TryGetValue(name, out Inode? durable);
                if (!ReferenceEquals(current, durable) && _random.Next(2) == 0)
                {
                    if (current is null)
                    {
                        survivors.Remove(name);
                    }
                    else
                    {
                        survivors[name] = current;
                    }
                }
            }

            _names.Clear();
            _durableNames.Clear();
            foreach ((string name, Inode inode) in survivors)
            {
                _names[name] = inode;
                _durableNames[name] = inode;
            }

            FailAt = 0;
        }
    }

    /// <summary>The process stops, the machine goes on: everything written is still there.</summary>
    public void Kill()
    {
        lock (_lock)
        {
            _generation++;
            FailAt = 0;
        }
    }

    /// <summary>A copy whose files can be altered freely; everything in it is durable.</summary>
    public SimulatedDisk Clone(int seed)
    {
        var copy = new SimulatedDisk(seed);
        lock (_lock)
        {
            foreach ((string name, Inode inode) in _names)
            {
                var same = new Inode((byte[])inode.Current.Clone());
                copy._names[name] = same;
                copy._durableNames[name] = same;
            }
        }

        return copy;
    }

    public IReadOnlyList<string> Paths()
    {
        lock (_lock)
        {
            return [.. _names.Keys.Order(StringComparer.Ordinal)];
        }
    }

    /// <summary>The bytes of a file, to look at or to damage.</summary>
    public byte[] Bytes(string path)
    {
        lock (_lock)
        {
            return _names[path].Current;
        }
    }

    public void SetBytes(string path, byte[] bytes)
    {
        lock (_lock)
        {
            var inode = new Inode(bytes);
            _names[path] = inode;
            _durableNames[path] = inode;
        }
    }

    public IBlockFile Open(string path, BlockFileMode mode)
    {
        Step();
        lock (_lock)
        {
            bool exists = _names.TryGetValue(path, out Inode? inode);
            if (mode == BlockFileMode.CreateNew)
            {
                if (exists)
                {
                    throw new IOException("exists", 17);
                }

                inode = new Inode([]);
                _names[path] = inode;
            }
            else if (mode == BlockFileMode.Temporary)
            {
                inode = new Inode([]);
            }
            else if (!exists)
            {
                throw new FileNotFoundException(path);
            }

            return new SimulatedFile(this, inode!, _generation);
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
            return [.. _names.Keys.Where(p => Path.GetDirectoryName(p) == directory).Select(p => Path.GetFileName(p)!)];
        }
    }

    public void CreateDirectory(string path)
    {
    }

    public void Rename(string from, string to)
    {
        Step();
        lock (_lock)
        {
            _names[to] = _names[from];
            _names.Remove(from);
        }
    }

    public void Delete(string path)
    {
        Step();
        lock (_lock)
        {
            _names.Remove(path);
        }
    }

    public void SyncDirectory(string path)
    {
        Step();
        lock (_lock)
        {
            foreach (string name in _durableNames.Keys.Where(p => Path.GetDirectoryName(p) == path).ToList())
            {
                _durableNames.Remove(name);
            }

            foreach ((string name, Inode inode) in _names)
            {
                if (Path.GetDirectoryName(name) == path)
                {
                    _durableNames[name] = inode;
                }
            }
        }
    }

    public long FreeBytes(string directory) => Capacity - Used;

    // True when this call must fail.
    private bool IsFailing()
    {
        BeforeCall?.Invoke();
        Calls++;
        return FailAt > 0 && (Calls == FailAt || (FailForEver && Calls > FailAt));
    }

    private void Step()
    {
        if (IsFailing())
        {
            throw new IOException("injected", FailWith);
        }
    }

    private sealed class Inode
    {
        private byte[] _durable;
        private readonly HashSet<int> _dirty = [];

        internal Inode(byte[] bytes)
        {
            Current = bytes;
            _durable = (byte[])bytes.Clone();
        }

        internal byte[] Current { get; private set; }

        internal void Resize(long length)
        {
            byte[] bytes = Current;
            Array.Resize(ref bytes, (int)length);
            Current = bytes;
        }

        internal void Write(long offset, ReadOnlySpan<byte> bytes)
        {
            if (offset + bytes.Length > Current.Length)
            {
                Resize(offset + bytes.Length);
            }

            bytes.CopyTo(Current.AsSpan((int)offset));
            for (long sector = offset / Sector; sector <= (offset + bytes.Length - 1) / Sector; sector++)
            {
                _dirty.Add((int)sector);
            }
        }

        internal void Sync()
        {
            if (_durable.Length != Current.Length)
            {
                Array.Resize(ref _durable, Current.Length);
            }

            foreach (int sector in _dirty)
            {
                Copy(Current, _durable, sector);
            }

            _dirty.Clear();
        }

        internal void Crash(Random random)
        {
            byte[] survived = (byte[])_durable.Clone();
            if (Current.Length != survived.Length && random.Next(2) == 0)
            {
                Array.Resize(ref survived, Current.Length);
            }

            int kept = random.Next(3);
            foreach (int sector in _dirty.Order())
            {
                // All, none, or each by chance.
                if (kept == 0 || (kept == 1 && random.Next(2) == 0))
                {
                    int end = Math.Min(Current.Length, (sector + 1) * Sector);
                    if (end > survived.Length)
                    {
                        Array.Resize(ref survived, end);
                    }

                    Copy(Current, survived, sector);
                }
            }

            Current = survived;
            _durable = (byte[])survived.Clone();
            _dirty.Clear();
        }

        private static void Copy(byte[] from, byte[] to, int sector)
        {
            int start = sector * Sector;
            int end = Math.Min(Math.Min(start + Sector, from.Length), to.Length);
            if (end > start)
            {
                from.AsSpan(start, end - start).CopyTo(to.AsSpan(start));
            }
        }
    }

    private sealed class SimulatedFile : IBlockFile
    {
        private readonly SimulatedDisk _disk;
        private readonly Inode _inode;
        private readonly int _generation;
        private bool _syncFailed;

        internal SimulatedFile(SimulatedDisk disk, Inode inode, int generation)
        {
            _disk = disk;
            _inode = inode;
            _generation = generation;
        }

        public long Length
        {
            get
            {
                lock (_disk._lock)
                {
                    return _inode.Current.Length;
                }
            }
        }

        public void Write(long offset, ReadOnlySpan<byte> bytes)
        {
            bool failing = _disk.IsFailing();
            lock (_disk._lock)
            {
                RequireSameLife();
                if (failing)
                {
                    if (_disk.TearFailedWrites && bytes.Length > 0)
                    {
                        _inode.Write(offset, bytes[..(_disk._random.Next(bytes.Length) + 1)]);
                    }

                    throw new IOException("injected", _disk.FailWith);
                }

                RequireSpace(offset + bytes.Length);
                _inode.Write(offset, bytes);
            }
        }

        public int Read(long offset, Span<byte> destination)
        {
            _disk.Step();
            lock (_disk._lock)
            {
                int length = (int)Math.Clamp(_inode.Current.Length - offset, 0, destination.Length);
                _inode.Current.AsSpan((int)Math.Min(offset, _inode.Current.Length), length).CopyTo(destination);
                return length;
            }
        }

        public void DataSync()
        {
            bool failing = _disk.IsFailing();
            lock (_disk._lock)
            {
                RequireSameLife();
                Assert(!_syncFailed, "a failed sync was tried again on the same file");
                if (failing)
                {
                    _syncFailed = true;
                    throw new IOException("injected", _disk.FailWith);
                }

                _inode.Sync();
            }
        }

        public void ZeroFill(long offset, long length)
        {
            _disk.Step();
            lock (_disk._lock)
            {
                RequireSameLife();
                RequireSpace(offset + length);
                _inode.Write(offset, new byte[length]);
            }
        }

        public void Allocate(long offset, long length)
        {
            _disk.Step();
            lock (_disk._lock)
            {
                RequireSameLife();
                RequireSpace(offset + length);
                if (offset + length > _inode.Current.Length)
                {
                    _inode.Resize(offset + length);
                }
            }
        }

        public void SetLength(long length)
        {
            _disk.Step();
            lock (_disk._lock)
            {
                RequireSameLife();
                _inode.Resize(length);
            }
        }

        public void Dispose()
        {
        }

        private static void Assert(bool holds, string text)
        {
            if (!holds)
            {
                throw new InvalidOperationException(text);
            }
        }

        private void RequireSameLife() => Assert(_generation == _disk._generation, "a file was used after the crash");

        private void RequireSpace(long end)
        {
            long growth = end - _inode.Current.Length;
            if (growth > 0 && _disk.Capacity != long.MaxValue
                && _disk._names.Values.Distinct().Sum(static inode => inode.Current.LongLength) + growth > _disk.Capacity)
            {
                throw new IOException("no space", 28);
            }
        }
    }
}
