namespace Warren.Buffers;

/// <summary>One thread's open slab.</summary>
/// <remarks>
/// Not thread-safe: <see cref="SlabPool"/> keeps one per thread. When the thread has ended the finalizer settles the
/// open slab; without it every thread the pool retires would leave 64 KiB in the gauge for ever.
/// </remarks>
internal sealed class SlabWriter
{
    private const int Alignment = 8;

    private readonly SlabPool _pool;
    private Slab? _slab;
    private int _used;
    private int _cuts;

    internal SlabWriter(SlabPool pool) => _pool = pool;

    ~SlabWriter() => Close();

    internal Payload Cut(int length)
    {
        if (_slab is null || _used + length > SlabPool.SlabSize)
        {
            Close();
            _slab = _pool.Rent();
        }

        var payload = new Payload(_slab, _used, length);
        _cuts++;

        // An empty payload takes room too, so that a slab has a bounded number of cuts.
        _used += Math.Max(Alignment, (length + Alignment - 1) & ~(Alignment - 1));
        return payload;
    }

    /// <summary>Leaves the open slab: gives up the bias but for the cuts that are out. If all of them came home, this frees it.</summary>
    internal void Close()
    {
        Slab? slab = _slab;
        int cuts = _cuts;
        _slab = null;
        _used = 0;
        _cuts = 0;
        slab?.Release(Slab.WriterBias - cuts);
    }
}
