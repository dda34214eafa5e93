namespace Warren.Buffers;

/// <summary>One thread's open slab.</summary>
/// <remarks>Not thread-safe: <see cref="SlabPool"/> keeps one per thread.</remarks>
internal sealed class SlabWriter
{
    private const int Alignment = 8;

    private readonly SlabPool _pool;
    private Slab? _slab;
    private int _used;
    private int _cuts;

    internal SlabWriter(SlabPool pool) => _pool = pool;

    internal Payload Cut(int length)
    {
        if (_slab is null || _used + length > SlabPool.SlabSize)
        {
            Open();
        }

        var payload = new Payload(_slab, _used, length);
        _used += (length + Alignment - 1) & ~(Alignment - 1);
        _cuts++;
        return payload;
    }

    private void Open()
    {
        // Give up the bias but for the cuts that are out: if all of them came home, this frees the slab.
        _slab?.Release(Slab.WriterBias - _cuts);
        _slab = _pool.Rent();
        _used = 0;
        _cuts = 0;
    }
}
