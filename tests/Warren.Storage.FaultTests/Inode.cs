namespace Warren.Storage.FaultTests;

/// <summary>The bytes of a simulated file, and which of them are on the disk.</summary>
internal sealed class Inode
{
    private const int Sector = 512;

    private byte[] _durable;
    private readonly HashSet<int> _dirty = [];

    internal Inode(byte[] bytes)
    {
        Current = bytes;
        _durable = (byte[])bytes.Clone();
    }

    internal byte[] Current { get; private set; }

    internal byte[] Durable => _durable;

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

    /// <summary>A sync failed: the system takes the pages for clean, and the disk has any part of them.</summary>
    internal void FailSync(Random random)
    {
        foreach (int sector in _dirty.Order())
        {
            if (random.Next(2) == 0)
            {
                Copy(Current, _durable, sector);
            }
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
