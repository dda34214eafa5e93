using System.Diagnostics;

namespace Warren.Storage.Paging;

/// <summary>The last bodies of a page file, on their way into it: whole bodies, one behind the other.</summary>
/// <remarks>
/// Not thread-safe: the page file's lock. A body is added whole and leaves whole, and an empty tail has no place: a range
/// is in here from its first byte to its last, or not at all.
/// </remarks>
internal sealed class PageTail
{
    private byte[] _bytes = [];
    private long _start; // position of the first byte; means nothing while there is none

    internal PageTail(int capacity) => Capacity = capacity;

    /// <summary>Bytes it can hold.</summary>
    internal int Capacity { get; }

    /// <summary>Bytes it holds.</summary>
    internal int Length { get; private set; }

    /// <summary>The position of its first byte. There must be one.</summary>
    internal long Start
    {
        get
        {
            Debug.Assert(Length > 0, "an empty tail has no place");
            return _start;
        }
    }

    /// <summary>The bytes it holds. They do not change until <see cref="Clear"/>.</summary>
    internal ReadOnlySpan<byte> Bytes => _bytes.AsSpan(0, Length);

    internal bool HasRoom(long length) => length <= Capacity - Length;

    /// <summary>Takes a body that begins at a position, right behind the last one.</summary>
    internal void Add(long position, ReadOnlySpan<byte> body, int room)
    {
        Debug.Assert(Length == 0 || position == _start + Length, "the tail is written before its place is left");
        if (_bytes.Length == 0)
        {
            _bytes = GC.AllocateUninitializedArray<byte>(Capacity);
        }

        if (Length == 0)
        {
            _start = position;
        }

        body.CopyTo(_bytes.AsSpan(Length));
        _bytes.AsSpan(Length + body.Length, room - body.Length).Clear();
        Length += room;
    }

    /// <summary>Copies a range if it is in here.</summary>
    internal bool TryCopy(long position, Span<byte> destination)
    {
        if (Length == 0 || position < _start || position - _start > Length - destination.Length)
        {
            return false;
        }

        _bytes.AsSpan((int)(position - _start), destination.Length).CopyTo(destination);
        return true;
    }

    /// <summary>Forgets what it holds; gives its memory back if it is not needed soon.</summary>
    internal void Clear(bool release = false)
    {
        Length = 0;
        if (release)
        {
            _bytes = [];
        }
    }
}
