namespace Warren.Storage.Format;

/// <summary>Writes references that are given back, coalescing neighbours of one owner, and reads them.</summary>
/// <remarks>
/// One entry: varint (run &lt;&lt; 1 | ownerChanged); if changed, the owner's distance from the one before; the first
/// LSN's distance from the last LSN of the entry before. A run is consecutive LSNs. Not thread-safe.
/// </remarks>
internal sealed class ReleaseCodec
{
    private const int MaxEntry = 3 * Varint.MaxSize;
    private const int SmallBuffer = 4096;

    private byte[] _bytes = new byte[SmallBuffer];
    private int _length;
    private ulong _owner;
    private ulong _writtenOwner;
    private ulong _writtenLsn;
    private ulong _first;
    private ulong _run;

    /// <summary>Most bytes <see cref="Take"/> can copy now.</summary>
    internal int MaxBytes => _run == 0 ? 0 : _length + MaxEntry;

    internal void Add(ulong owner, ulong lsn)
    {
        if (_run != 0)
        {
            if (owner == _owner && lsn == _first + _run)
            {
                _run++;
                return;
            }

            Flush();
        }

        _owner = owner;
        _first = lsn;
        _run = 1;
    }

    /// <summary>Copies what was added and starts anew; returns the bytes copied.</summary>
    internal int Take(Span<byte> destination)
    {
        if (_run == 0)
        {
            return 0;
        }

        Flush();
        int length = _length;
        _bytes.AsSpan(0, length).CopyTo(destination);
        _length = 0;
        _run = 0;
        _writtenOwner = 0;
        _writtenLsn = 0;
        return length;
    }

    /// <summary>Calls <paramref name="visit"/> for each run; false when the bytes are malformed.</summary>
    internal static bool TryRead(ReadOnlySpan<byte> input, Action<ulong, ulong, ulong> visit)
    {
        ulong owner = 0;
        ulong lsn = 0;
        while (!input.IsEmpty)
        {
            if (!Varint.TryRead(ref input, out ulong tag) || tag < 2
                || ((tag & 1) != 0 && !Varint.TryReadDelta(ref input, owner, out owner))
                || !Varint.TryReadDelta(ref input, lsn, out lsn))
            {
                return false;
            }

            ulong run = tag >> 1;
            visit(owner, lsn, run);
            lsn = unchecked(lsn + run - 1);
        }

        return true;
    }

    private void Flush()
    {
        if (_bytes.Length - _length < 2 * MaxEntry)
        {
            Array.Resize(ref _bytes, _bytes.Length * 2);
        }

        Span<byte> free = _bytes.AsSpan(_length);
        bool changed = _owner != _writtenOwner;
        int written = Varint.Write(free, (_run << 1) | (changed ? 1u : 0u));
        if (changed)
        {
            written += Varint.WriteDelta(free[written..], _writtenOwner, _owner);
        }

        written += Varint.WriteDelta(free[written..], _writtenLsn, _first);
        _length += written;
        _writtenOwner = _owner;
        _writtenLsn = _first + _run - 1;
    }
}
