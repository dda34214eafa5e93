namespace Warren.Storage.FaultTests;

/// <summary>
/// A disk in memory that forgets: at a crash every 512 byte sector written since the last sync is kept or lost by
/// chance, and so is every name created, renamed or deleted since the directory's last sync. Same seed, same disk.
/// </summary>
public sealed class SimulatedDisk : IBlockDisk
{
    private readonly Random _random;
    private readonly Dictionary<string, Inode> _names = new(StringComparer.Ordinal);
    private readonly Dictionary<string, Inode> _durableNames = new(StringComparer.Ordinal);

    public SimulatedDisk(int seed) => _random = new Random(seed);

    private int _calls;

    internal Lock Gate { get; } = new();

    /// <summary>Changes when the process stops: files opened before must not be used again.</summary>
    internal int Generation { get; private set; }

    /// <summary>Bytes all files may have together.</summary>
    public long Capacity { get; set; } = long.MaxValue;

    /// <summary>Calls that can fail, so far.</summary>
    public int Calls => Volatile.Read(ref _calls);

    /// <summary>The call that fails, counted from 1; 0 for none.</summary>
    public int FailAt { get; set; }

    /// <summary>The failing call has been made.</summary>
    public bool HasFailed => FailAt > 0 && Calls >= FailAt;

    /// <summary>The error it fails with.</summary>
    public int FailWith { get; set; } = 5;

    /// <summary>What it throws instead of an <see cref="IOException"/>.</summary>
    public Func<Exception>? FailBy { get; set; }

    internal Exception Injected() => FailBy?.Invoke() ?? new IOException("injected", FailWith);

    /// <summary>Every call after the failing one fails too.</summary>
    public bool FailForEver { get; set; }

    /// <summary>A failed write may have written part of its bytes.</summary>
    public bool TearFailedWrites { get; set; } = true;

    /// <summary>Runs before each call, for stopping inside an operation.</summary>
    public Action? BeforeCall { get; set; }

    /// <summary>Runs before each sync of a file, on the thread that syncs: where it blocks, the disk stalls.</summary>
    public Action? BeforeSync { get; set; }

    /// <summary>Runs before a name is deleted.</summary>
    public Action<string>? BeforeDelete { get; set; }

    /// <summary>Every read fails.</summary>
    public bool FailReads { get; set; }

    /// <summary>The most bytes asked for in one read.</summary>
    public int LargestRead { get; internal set; }

    public long Used
    {
        get
        {
            lock (Gate)
            {
                return _names.Values.Distinct().Sum(static inode => inode.Current.LongLength);
            }
        }
    }

    /// <summary>The machine stops and starts again: open files are gone, unsynced things are kept by chance.</summary>
    public void Crash()
    {
        lock (Gate)
        {
            Generation++;
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
        lock (Gate)
        {
            Generation++;
            FailAt = 0;
        }
    }

    /// <summary>A copy whose files can be altered freely; everything in it is durable.</summary>
    public SimulatedDisk Clone(int seed)
    {
        var copy = new SimulatedDisk(seed);
        lock (Gate)
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

    /// <summary>What the worst crash would leave now: nothing that no sync has made durable.</summary>
    public SimulatedDisk WorstCrash(int seed)
    {
        var copy = new SimulatedDisk(seed);
        lock (Gate)
        {
            foreach ((string name, Inode inode) in _durableNames)
            {
                copy.SetBytes(name, (byte[])inode.Durable.Clone());
            }
        }

        return copy;
    }

    public IReadOnlyList<string> Paths()
    {
        lock (Gate)
        {
            return [.. _names.Keys.Order(StringComparer.Ordinal)];
        }
    }

    /// <summary>The bytes of a file, to look at or to damage.</summary>
    public byte[] Bytes(string path)
    {
        lock (Gate)
        {
            return _names[path].Current;
        }
    }

    public void SetBytes(string path, byte[] bytes)
    {
        lock (Gate)
        {
            var inode = new Inode(bytes);
            _names[path] = inode;
            _durableNames[path] = inode;
        }
    }

    public IBlockFile Open(string path, BlockFileMode mode)
    {
        Step();
        lock (Gate)
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

            return new SimulatedFile(this, inode!, Generation);
        }
    }

    public bool Exists(string path)
    {
        lock (Gate)
        {
            return _names.ContainsKey(path);
        }
    }

    public IReadOnlyList<string> List(string directory)
    {
        lock (Gate)
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
        lock (Gate)
        {
            _names[to] = _names[from];
            _names.Remove(from);
        }
    }

    public void Delete(string path)
    {
        Step();
        BeforeDelete?.Invoke(path);
        lock (Gate)
        {
            _names.Remove(path);
        }
    }

    public void SyncDirectory(string path)
    {
        Step();
        lock (Gate)
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

    internal bool Leads(string path, Inode inode)
    {
        lock (Gate)
        {
            return _names.TryGetValue(path, out Inode? there) && ReferenceEquals(there, inode);
        }
    }

    internal int Chance(int limit) => _random.Next(limit);

    internal void FailSync(Inode inode) => inode.FailSync(_random);

    // True when this call must fail.
    internal bool IsFailing()
    {
        BeforeCall?.Invoke();
        int call = Interlocked.Increment(ref _calls);
        return FailAt > 0 && (call == FailAt || (FailForEver && call > FailAt));
    }

    internal void Step()
    {
        if (IsFailing())
        {
            throw Injected();
        }
    }
}
