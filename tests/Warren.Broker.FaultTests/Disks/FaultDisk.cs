using Warren.Storage;

namespace Warren.FaultTests.Disks;

/// <summary>Real files, of which one call fails as planned, and whose process can be killed as far as the disk is concerned.</summary>
/// <remarks>
/// Thread-safe. After <see cref="Kill"/> every call fails and nothing is written: what the directory holds then is what
/// kill -9 leaves at that moment. Unless it is said to reserve space, that is left out of the file, which reads the same.
/// </remarks>
internal sealed class FaultDisk : IBlockDisk, IDisposable
{
    private readonly FileBlockDisk _disk = FileBlockDisk.Instance;
    private readonly ReaderWriterLockSlim _gate = new();
    private readonly FaultPlan _plan;
    private readonly bool _reserves;
    private bool _isKilled; // written under the gate

    internal FaultDisk(FaultPlan plan, bool reserves = false) => (_plan, _reserves) = (plan, reserves);

    /// <summary>A disk on which no call fails.</summary>
    internal static FaultDisk Sound(bool reserves = false) => new(new FaultPlan(FaultKind.InputOutputError, 0), reserves);

    /// <summary>Nothing reaches the disk from now on, not even what is under way.</summary>
    public void Kill()
    {
        _gate.EnterWriteLock();
        _isKilled = true;
        _gate.ExitWriteLock();
    }

    public IBlockFile Open(string path, BlockFileMode mode) =>
        Call("open", path, () => new FaultFile(this, path, _disk.Open(path, mode)));

    public bool Exists(string path) => _disk.Exists(path);

    public IReadOnlyList<string> List(string directory) => Call("list", directory, () => _disk.List(directory));

    public void CreateDirectory(string path) => Call("mkdir", path, () => _disk.CreateDirectory(path));

    public void Rename(string from, string to) => Call("rename", from, () => _disk.Rename(from, to));

    public void Delete(string path) => Call("delete", path, () => _disk.Delete(path));

    public void SyncDirectory(string path) => Call("sync of", path, () => _disk.SyncDirectory(path));

    public long FreeBytes(string directory) => Call("statfs", directory, () => _disk.FreeBytes(directory));

    public void Dispose() => _gate.Dispose();

    private void Call(string call, string path, Action work) => Call(call, path, () =>
    {
        work();
        return 0;
    });

    private T Call<T>(string call, string path, Func<T> work)
    {
        _gate.EnterReadLock();
        try
        {
            Check(call, path);
            return work();
        }
        finally
        {
            _gate.ExitReadLock();
        }
    }

    private void Check(string call, string path)
    {
        ThrowIfKilled();
        if (_plan.Next(call, path) is { } fault)
        {
            throw fault;
        }
    }

    private void ThrowIfKilled()
    {
        if (_isKilled)
        {
            throw new IOException("killed") { HResult = 5 };
        }
    }

    private sealed class FaultFile : IBlockFile
    {
        private readonly FaultDisk _owner;
        private readonly string _path;
        private readonly IBlockFile _file;

        internal FaultFile(FaultDisk owner, string path, IBlockFile file) => (_owner, _path, _file) = (owner, path, file);

        public long Length => _file.Length;

        public void Write(long offset, ReadOnlySpan<byte> bytes)
        {
            _owner._gate.EnterReadLock();
            try
            {
                _owner.ThrowIfKilled();
                if (_owner._plan.Next("write", _path) is { } fault)
                {
                    if (_owner._plan.Kind == FaultKind.ShortWrite)
                    {
                        _file.Write(offset, bytes[..(bytes.Length / 2)]);
                    }

                    throw fault;
                }

                _file.Write(offset, bytes);
            }
            finally
            {
                _owner._gate.ExitReadLock();
            }
        }

        public int Read(long offset, Span<byte> destination)
        {
            _owner._gate.EnterReadLock();
            try
            {
                _owner.Check("read", _path);
                return _file.Read(offset, destination);
            }
            finally
            {
                _owner._gate.ExitReadLock();
            }
        }

        public void DataSync() => _owner.Call("sync", _path, _file.DataSync);

        public void ZeroFill(long offset, long length) => _owner.Call("fill", _path, () => Clear(offset, length));

        public void Allocate(long offset, long length) => _owner.Call("reserve", _path, () =>
        {
            if (_owner._reserves)
            {
                _file.Allocate(offset, length);
            }
            else
            {
                Grow(offset + length);
            }
        });

        public bool IsLinked(string path) => _file.IsLinked(path);

        public void SetLength(long length) => _owner.Call("cut", _path, () => _file.SetLength(length));

        public void Dispose() => _file.Dispose();

        // Zeros over what is not zero; the rest of the range is left out of the file.
        private void Clear(long offset, long length)
        {
            if (_owner._reserves)
            {
                _file.ZeroFill(offset, length);
                return;
            }

            long end = Math.Min(offset + length, _file.Length);
            Grow(offset + length);
            byte[] chunk = new byte[256 * 1024];
            for (long at = offset; at < end; at += chunk.Length)
            {
                Span<byte> part = chunk.AsSpan(0, (int)Math.Min(chunk.Length, end - at));
                _file.Read(at, part);
                if (part.ContainsAnyExcept((byte)0))
                {
                    part.Clear();
                    _file.Write(at, part);
                }
            }
        }

        private void Grow(long length)
        {
            if (_file.Length < length)
            {
                _file.SetLength(length);
            }
        }
    }
}
