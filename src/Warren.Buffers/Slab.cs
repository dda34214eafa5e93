using System.Diagnostics;

namespace Warren.Buffers;

/// <summary>A run of pooled bytes shared by many payloads, and the count of those still alive.</summary>
/// <remarks>
/// One thread at a time cuts payloads off a slab (its <see cref="SlabWriter"/>); any thread gives them back. The writer
/// holds a bias of references and counts its cuts without an interlocked operation; it settles the difference when it
/// leaves the slab. When the count reaches zero the bytes go back to the pool.
/// </remarks>
public sealed class Slab
{
    internal const int WriterBias = 1 << 30;

    private readonly SlabPool _pool;
    private int _references = WriterBias;

    internal Slab(SlabPool pool, byte[] bytes)
    {
        _pool = pool;
        Bytes = bytes;
    }

    /// <summary>The bytes. A payload reads only its own range.</summary>
    public byte[] Bytes { get; private set; }

    /// <summary>
    /// Whether little of it is in use, as far as the number of references says: if all that is alive were so long, less than
    /// a quarter. Never one that is still being filled.
    /// </summary>
    internal bool IsSparseFor(int length)
    {
        int references = Volatile.Read(ref _references);
        return references < WriterBias / 2 && (long)references * length < Bytes.Length / 4;
    }

    internal void Retain()
    {
        int references = Interlocked.Increment(ref _references);
        Debug.Assert(references > 1, "slab retained after its last release");
    }

    internal void Release(int count = 1)
    {
        int references = Interlocked.Add(ref _references, -count);
        Debug.Assert(references >= 0, "slab released too often");
        if (references == 0)
        {
            byte[] bytes = Bytes;
            Bytes = [];
            _pool.Return(bytes);
        }
    }
}
