namespace Warren.Storage.FaultTests;

/// <summary>An open file of a simulated disk.</summary>
internal sealed class SimulatedFile : IBlockFile
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
            lock (_disk.Gate)
            {
                return _inode.Current.Length;
            }
        }
    }

    public void Write(long offset, ReadOnlySpan<byte> bytes)
    {
        bool failing = _disk.IsFailing();
        lock (_disk.Gate)
        {
            RequireSameLife();
            if (failing)
            {
                if (_disk.TearFailedWrites && bytes.Length > 0)
                {
                    _inode.Write(offset, bytes[..(_disk.Chance(bytes.Length) + 1)]);
                }

                throw _disk.Injected();
            }

            RequireSpace(offset + bytes.Length);
            _inode.Write(offset, bytes);
        }
    }

    public int Read(long offset, Span<byte> destination)
    {
        _disk.Step();
        lock (_disk.Gate)
        {
            if (_disk.FailReads)
            {
                throw new IOException("injected", 5);
            }

            _disk.LargestRead = Math.Max(_disk.LargestRead, destination.Length);
            int length = (int)Math.Clamp(_inode.Current.Length - offset, 0, destination.Length);
            _inode.Current.AsSpan((int)Math.Min(offset, _inode.Current.Length), length).CopyTo(destination);
            return length;
        }
    }

    public void DataSync()
    {
        _disk.BeforeSync?.Invoke();
        bool failing = _disk.IsFailing();
        lock (_disk.Gate)
        {
            RequireSameLife();
            Assert(!_syncFailed, "a failed sync was tried again on the same file");
            if (failing)
            {
                _syncFailed = true;
                _disk.FailSync(_inode);
                throw _disk.Injected();
            }

            _inode.Sync();
        }
    }

    public void ZeroFill(long offset, long length)
    {
        _disk.Step();
        lock (_disk.Gate)
        {
            RequireSameLife();
            RequireSpace(offset + length);
            _inode.Write(offset, new byte[length]);
        }
    }

    public void Allocate(long offset, long length)
    {
        _disk.Step();
        lock (_disk.Gate)
        {
            RequireSameLife();
            RequireSpace(offset + length);
            if (offset + length > _inode.Current.Length)
            {
                _inode.Resize(offset + length);
            }
        }
    }

    public bool IsLinked(string path) => _disk.Leads(path, _inode);

    public void SetLength(long length)
    {
        _disk.Step();
        lock (_disk.Gate)
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

    private void RequireSameLife() => Assert(_generation == _disk.Generation, "a file was used after the crash");

    private void RequireSpace(long end)
    {
        long growth = end - _inode.Current.Length;
        if (growth > 0 && _disk.Capacity != long.MaxValue && _disk.Used + growth > _disk.Capacity)
        {
            throw new IOException("no space", 28);
        }
    }
}
