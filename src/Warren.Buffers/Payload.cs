using System.Diagnostics;

namespace Warren.Buffers;

/// <summary>A counted view of bytes in a <see cref="Buffers.Slab"/>: 16 bytes, no object of its own.</summary>
/// <remarks>
/// Ownership: whoever allocates holds one reference; everyone who keeps a copy of the struct calls <see cref="Retain"/>
/// and later <see cref="Release"/> once. Reading after the last release reads somebody else's bytes.
/// </remarks>
public readonly struct Payload : IEquatable<Payload>
{
    private readonly Slab? _slab;
    private readonly int _offset;
    private readonly int _length;

    /// <summary>A view of <paramref name="length"/> bytes of <paramref name="slab"/>; takes no reference.</summary>
    public Payload(Slab? slab, int offset, int length)
    {
        _slab = slab;
        _offset = offset;
        _length = length;
    }

    /// <summary>The slab that holds the bytes; null for the empty payload.</summary>
    public Slab? Slab => _slab;

    /// <summary>Index of the first byte in the slab.</summary>
    public int Offset => _offset;

    /// <summary>Length in bytes.</summary>
    public int Length => _length;

    /// <summary>True when there are no bytes behind this view, as in a payload that is paged out.</summary>
    public bool IsEmpty => _slab is null;

    /// <summary>Whether it keeps a slab in memory that holds little else; see <see cref="SlabPool.CopySurvivor"/>.</summary>
    /// <remarks>An estimate from the number of references. Only for who holds one.</remarks>
    public bool PinsSparseSlab => _slab is not null && _slab.IsSparseFor(_length);

    /// <summary>The bytes, to read.</summary>
    public ReadOnlySpan<byte> Span => _slab is null ? default : _slab.Bytes.AsSpan(_offset, _length);

    /// <summary>The bytes, to fill. Only the one who allocated, before anyone else sees the payload.</summary>
    public Span<byte> Writable => _slab is null ? default : _slab.Bytes.AsSpan(_offset, _length);

    /// <summary>The bytes as memory, for a gathered send.</summary>
    public ReadOnlyMemory<byte> Memory => _slab is null ? default : _slab.Bytes.AsMemory(_offset, _length);

    /// <summary>Takes one more reference.</summary>
    public void Retain() => _slab?.Retain();

    /// <summary>Gives one reference back.</summary>
    public void Release() => _slab?.Release();

    /// <summary>A part of the same bytes; takes no reference of its own.</summary>
    public Payload Slice(int offset, int length)
    {
        Debug.Assert((uint)offset <= (uint)_length && (uint)length <= (uint)(_length - offset), "slice outside the payload");
        return new Payload(_slab, _offset + offset, length);
    }

    /// <inheritdoc/>
    public bool Equals(Payload other) => _slab == other._slab && _offset == other._offset && _length == other._length;

    /// <inheritdoc/>
    public override bool Equals(object? obj) => obj is Payload other && Equals(other);

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(_slab, _offset, _length);

    /// <summary>Same bytes in the same place.</summary>
    public static bool operator ==(Payload left, Payload right) => left.Equals(right);

    /// <summary>Not the same place.</summary>
    public static bool operator !=(Payload left, Payload right) => !left.Equals(right);
}
