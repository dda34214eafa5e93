using System.Buffers;

namespace Warren.Buffers;

/// <summary>Hands out payloads cut from 64 KiB slabs, one open slab per thread, and recycles the slabs.</summary>
/// <remarks>
/// Thread-safe. One pool per broker. A payload above <see cref="LargestShared"/> bytes gets a slab of its own.
/// Free slabs are kept as long as they and the rented ones together stay below a bound, and are let go bit by bit by
/// <see cref="Trim"/> when they were not needed for a while: large arrays are expensive garbage.
/// </remarks>
public sealed class SlabPool : IDisposable
{
    /// <summary>Bytes in a shared slab.</summary>
    public const int SlabSize = 64 * 1024;

    /// <summary>Bytes of slabs, rented and free, up to which a pool holds on to free ones if it is not told otherwise.</summary>
    public const long DefaultKeepBytes = 384L * 1024 * 1024;

    /// <summary>The largest payload, in bytes, that shares a slab with others.</summary>
    public const int LargestShared = SlabSize / 4;

    // A large payload gets a whole number of slab sizes, so that one of a mebibyte and its envelope does not take two.
    private const int LargestKept = 4 * 1024 * 1024;

    private readonly Lock _lock = new();
    private readonly Stack<byte[]>?[] _free = new Stack<byte[]>?[(LargestKept / SlabSize) + 1]; // by slab sizes
    private readonly ThreadLocal<SlabWriter> _writers;
    private readonly Lock _survivorsLock = new();
    private readonly SlabWriter _survivors;
    private long _keepBytes;
    private long _freeBytes;
    private long _leastFreeBytes; // since the last trim
    private readonly List<WeakReference<SlabWriter>> _open = []; // of all threads; weak, so that a thread's end is noticed
    private long _rentedBytes;
    private long _watchedBytes = long.MaxValue; // above which _onAbove is told; MaxValue: nobody waits for it
    private Action? _onAbove;

    /// <param name="keepBytes">Bytes of slabs, rented and free, up to which the pool holds on to free ones.</param>
    public SlabPool(long keepBytes = DefaultKeepBytes)
    {
        _keepBytes = keepBytes;
        _writers = new ThreadLocal<SlabWriter>(AddWriter);
        _survivors = new SlabWriter(this);
    }

    /// <summary>Bytes of slabs, rented and free, up to which the pool holds on to free ones.</summary>
    public long KeepBytes
    {
        get => Interlocked.Read(ref _keepBytes);
        set => Interlocked.Exchange(ref _keepBytes, value);
    }

    /// <summary>Bytes of free slabs it holds on to.</summary>
    public long FreeBytes => Interlocked.Read(ref _freeBytes);

    /// <summary>Bytes of slabs that are out: those with payloads alive and those being filled.</summary>
    public long RentedBytes => Interlocked.Read(ref _rentedBytes);

    /// <summary>Cuts <paramref name="length"/> bytes with one reference. The bytes are not cleared.</summary>
    public Payload Allocate(int length)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(length);
        return length > LargestShared ? AllocateOwn(length) : _writers.Value!.Cut(length);
    }

    /// <summary>Copies <paramref name="bytes"/> once; the caller holds one reference.</summary>
    public Payload CopyFrom(ReadOnlySpan<byte> bytes)
    {
        Payload payload = Allocate(bytes.Length);
        bytes.CopyTo(payload.Writable);
        return payload;
    }

    /// <summary>Copies the bytes of a payload to where only such copies are, so that the slab it is in comes home.</summary>
    /// <remarks>Among others it would soon be the last one in its slab again.</remarks>
    public Payload CopySurvivor(Payload payload)
    {
        if (payload.Length > LargestShared)
        {
            return CopyFrom(payload.Span);
        }

        Payload copy;
        lock (_survivorsLock)
        {
            copy = _survivors.Cut(payload.Length);
        }

        payload.Span.CopyTo(copy.Writable);
        return copy;
    }

    /// <summary>Calls, once, when more than so many bytes are out; at once if they are already.</summary>
    /// <param name="bytes">The mark. <see cref="long.MaxValue"/> gives the wish up.</param>
    /// <param name="above">Called on the thread that took the slab, under any lock: must not wait.</param>
    public void Watch(long bytes, Action above)
    {
        ArgumentNullException.ThrowIfNull(above);
        Volatile.Write(ref _onAbove, above);
        Interlocked.Exchange(ref _watchedBytes, bytes);
        TellIfAbove(RentedBytes);
    }

    /// <summary>Lets go of half of the slabs that nobody needed since the last call. Every few seconds.</summary>
    /// <param name="everything">Lets go of all that are free instead.</param>
    /// <returns>Bytes left to the garbage collector.</returns>
    public long Trim(bool everything = false)
    {
        lock (_lock)
        {
            long before = _freeBytes;
            long target = everything ? 0 : _freeBytes - (_leastFreeBytes / 2);
            for (int size = _free.Length - 1; size > 0; size--)
            {
                while (_freeBytes > target && _free[size] is { } free && free.TryPop(out byte[]? bytes))
                {
                    _freeBytes -= bytes.Length;
                }
            }

            _leastFreeBytes = _freeBytes;
            return before - _freeBytes;
        }
    }

    /// <summary>
    /// Closes the slabs being filled; after that <see cref="RentedBytes"/> is zero exactly when every payload came home.
    /// Nobody may allocate any more; payloads may still be released.
    /// </summary>
    public void Dispose()
    {
        WeakReference<SlabWriter>[] open;
        lock (_lock)
        {
            open = [.. _open];
            _open.Clear();
        }

        foreach (WeakReference<SlabWriter> reference in open)
        {
            if (reference.TryGetTarget(out SlabWriter? writer))
            {
                writer.Close();
            }
        }

        lock (_survivorsLock)
        {
            _survivors.Close();
        }

        _writers.Dispose();
    }

    internal Slab Rent() => new(this, RentBytes(1));

    internal void Return(byte[] bytes)
    {
        Interlocked.Add(ref _rentedBytes, -bytes.Length);
        int sizes = bytes.Length / SlabSize;
        if (bytes.Length % SlabSize != 0)
        {
            ArrayPool<byte>.Shared.Return(bytes);
            return;
        }

        if (sizes >= _free.Length)
        {
            return;
        }

        lock (_lock)
        {
            long room = KeepBytes - RentedBytes;
            if (_freeBytes + bytes.Length > room)
            {
                MakeRoom(sizes, room);
            }

            if (_freeBytes + bytes.Length <= room)
            {
                _freeBytes += bytes.Length;
                (_free[sizes] ??= new Stack<byte[]>()).Push(bytes);
            }
        }
    }

    // What comes home was in use just now; free slabs of another size may be left from a load long gone.
    private void MakeRoom(int sizes, long room)
    {
        for (int other = _free.Length - 1; other > 0; other--)
        {
            while (other != sizes && _freeBytes + (sizes * SlabSize) > room && _free[other] is { } free
                && free.TryPop(out byte[]? bytes))
            {
                _freeBytes -= bytes.Length;
            }
        }
    }

    private Payload AllocateOwn(int length)
    {
        byte[] bytes;
        if (length <= SlabSize / 2)
        {
            bytes = ArrayPool<byte>.Shared.Rent(length);
            CountRented(bytes.Length);
        }
        else
        {
            bytes = RentBytes((int)(((long)length + SlabSize - 1) / SlabSize));
        }

        var slab = new Slab(this, bytes);
        slab.Release(Slab.WriterBias - 1);
        return new Payload(slab, 0, length);
    }

    private byte[] RentBytes(int sizes)
    {
        byte[]? bytes = null;
        if (sizes < _free.Length)
        {
            lock (_lock)
            {
                if (_free[sizes] is { } free && free.TryPop(out bytes))
                {
                    _freeBytes -= bytes.Length;
                    _leastFreeBytes = Math.Min(_leastFreeBytes, _freeBytes);
                }
            }
        }

        bytes ??= GC.AllocateUninitializedArray<byte>(checked(sizes * SlabSize));
        CountRented(bytes.Length);
        return bytes;
    }

    private void CountRented(int bytes) => TellIfAbove(Interlocked.Add(ref _rentedBytes, bytes));

    private void TellIfAbove(long rented)
    {
        if (rented > Volatile.Read(ref _watchedBytes)
            && Interlocked.Exchange(ref _watchedBytes, long.MaxValue) != long.MaxValue)
        {
            _onAbove?.Invoke();
        }
    }

    private SlabWriter AddWriter()
    {
        var writer = new SlabWriter(this);
        lock (_lock)
        {
            _open.RemoveAll(static reference => !reference.TryGetTarget(out _));
            _open.Add(new WeakReference<SlabWriter>(writer));
        }

        return writer;
    }
}
