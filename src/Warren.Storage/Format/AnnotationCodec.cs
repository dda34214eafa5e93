namespace Warren.Storage.Format;

/// <summary>Writes and reads numbers kept with references: owner distance, LSN distance, value.</summary>
/// <remarks>Not thread-safe.</remarks>
internal sealed class AnnotationCodec
{
    private const int MaxEntry = 3 * Varint.MaxSize;

    private byte[] _bytes = new byte[1024];
    private int _length;
    private ulong _owner;
    private ulong _lsn;

    internal int MaxBytes => _length;

    internal void Add(ulong owner, ulong lsn, uint value)
    {
        if (_bytes.Length - _length < MaxEntry)
        {
            Array.Resize(ref _bytes, _bytes.Length * 2);
        }

        Span<byte> free = _bytes.AsSpan(_length);
        int written = Varint.WriteDelta(free, _owner, owner);
        written += Varint.WriteDelta(free[written..], _lsn, lsn);
        written += Varint.Write(free[written..], value);
        _length += written;
        _owner = owner;
        _lsn = lsn;
    }

    /// <summary>Copies what was added and starts anew; returns the bytes copied.</summary>
    internal int Take(Span<byte> destination)
    {
        int length = _length;
        _bytes.AsSpan(0, length).CopyTo(destination);
        _length = 0;
        _owner = 0;
        _lsn = 0;
        return length;
    }

    /// <summary>Calls <paramref name="visit"/> for each number; false when the bytes are malformed.</summary>
    internal static bool TryRead(ReadOnlySpan<byte> input, Action<ulong, ulong, uint> visit)
    {
        ulong owner = 0;
        ulong lsn = 0;
        while (!input.IsEmpty)
        {
            if (!Varint.TryReadDelta(ref input, owner, out owner) || !Varint.TryReadDelta(ref input, lsn, out lsn)
                || !Varint.TryRead(ref input, out ulong value) || value > uint.MaxValue)
            {
                return false;
            }

            visit(owner, lsn, (uint)value);
        }

        return true;
    }
}
