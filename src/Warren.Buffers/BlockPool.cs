namespace Warren.Buffers;

/// <summary>Lends blocks of 16, 64 and 256 KiB for the bytes that are on their way in or out of a socket.</summary>
/// <remarks>
/// Thread-safe. One pool per broker. The pool keeps a bounded number of free blocks; the rest is left to the garbage
/// collector. How much can be out at a time is bounded by those who rent: each connection by its output's hard limit
/// and its read limit.
/// </remarks>
public sealed class BlockPool
{
    /// <summary>Bytes of the smallest block: for an output with little to say.</summary>
    public const int SmallSize = 16 * 1024;

    /// <summary>Bytes of the usual block: one read, or part of a busy output.</summary>
    public const int MediumSize = 64 * 1024;

    /// <summary>Bytes of the largest block that is kept: for reading frames above 64 KiB.</summary>
    public const int LargeSize = 256 * 1024;

    private readonly Shelf _small;
    private readonly Shelf _medium;
    private readonly Shelf _large;
    private long _rentedBytes;

    /// <param name="keepBytes">Bytes of free blocks the pool holds on to.</param>
    public BlockPool(long keepBytes = 32L * 1024 * 1024)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(keepBytes);
        _small = new Shelf(SmallSize, keepBytes / 4);
        _medium = new Shelf(MediumSize, keepBytes / 2);
        _large = new Shelf(LargeSize, keepBytes / 4);
    }

    /// <summary>Bytes of the blocks that are out.</summary>
    public long RentedBytes => Interlocked.Read(ref _rentedBytes);

    /// <summary>Lends a block of at least <paramref name="size"/> bytes.</summary>
    public Block Rent(int size)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(size);
        Block block = ShelfFor(size)?.Take() ?? new Block(size) { IsRented = true };
        Interlocked.Add(ref _rentedBytes, block.Bytes.Length);
        return block;
    }

    /// <summary>Takes a block back. The caller must not touch it again.</summary>
    /// <exception cref="InvalidOperationException">It is not out: returning twice would give it to two users.</exception>
    public void Return(Block block)
    {
        ArgumentNullException.ThrowIfNull(block);
        int size = block.Bytes.Length;
        Shelf? shelf = ShelfFor(size);
        if (shelf is not null && shelf.Size == size)
        {
            shelf.Put(block);
        }

        Interlocked.Add(ref _rentedBytes, -size);
    }

    /// <summary>Lets go of half of the blocks that nobody needed since the last call. Every few seconds.</summary>
    /// <param name="everything">Lets go of all that are free instead.</param>
    /// <returns>Bytes left to the garbage collector.</returns>
    public long Trim(bool everything = false) => _small.Trim(everything) + _medium.Trim(everything) + _large.Trim(everything);

    private Shelf? ShelfFor(int size) => size switch
    {
        <= SmallSize => _small,
        <= MediumSize => _medium,
        <= LargeSize => _large,
        _ => null,
    };

    // The free blocks of one size.
    private sealed class Shelf
    {
        private readonly Lock _lock = new();
        private readonly Stack<Block> _free = new();
        private readonly int _keep;
        private int _leastFree; // since the last trim

        internal Shelf(int size, long keepBytes)
        {
            Size = size;
            _keep = (int)Math.Min(int.MaxValue, keepBytes / size);
        }

        internal int Size { get; }

        internal Block Take()
        {
            lock (_lock)
            {
                if (_free.TryPop(out Block? block))
                {
                    block.IsRented = true;
                    _leastFree = Math.Min(_leastFree, _free.Count);
                    return block;
                }
            }

            return new Block(Size) { IsRented = true };
        }

        internal long Trim(bool everything)
        {
            lock (_lock)
            {
                int dropped = everything ? _free.Count : (_leastFree + 1) / 2;
                for (int i = 0; i < dropped; i++)
                {
                    _free.Pop();
                }

                if (everything)
                {
                    _free.TrimExcess();
                }

                _leastFree = _free.Count;
                return (long)dropped * Size;
            }
        }

        internal void Put(Block block)
        {
            lock (_lock)
            {
                if (!block.IsRented)
                {
                    throw new InvalidOperationException("a block was returned twice");
                }

                block.IsRented = false;
                if (_free.Count < _keep)
                {
                    _free.Push(block);
                }
            }
        }
    }
}
