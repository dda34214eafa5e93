using System.Runtime.InteropServices;

namespace Warren.Buffers;

/// <summary>A run of bytes waiting in an <see cref="OutputBuffer"/>: part of a pooled block, or of a shared slab.</summary>
[StructLayout(LayoutKind.Auto)]
internal struct OutputSegment
{
    /// <summary>The block the bytes lie in; null when they are shared.</summary>
    internal Block? Block;

    /// <summary>The slab one reference of which is held; null when the bytes are the output's own.</summary>
    internal Slab? Slab;

    /// <summary>First byte not yet sent.</summary>
    internal int Offset;

    /// <summary>Bytes not yet sent.</summary>
    internal int Length;

    internal readonly byte[] Bytes => Block is not null ? Block.Bytes : Slab!.Bytes;
}
