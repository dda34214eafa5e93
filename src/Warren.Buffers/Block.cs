namespace Warren.Buffers;

/// <summary>An array on loan from a <see cref="BlockPool"/>: what a socket reads into, what an output collects.</summary>
/// <remarks>Not thread-safe: belongs to whoever rented it. The array is pinned for good, so sends need not pin it.</remarks>
public sealed class Block
{
    internal Block(int size) => Bytes = GC.AllocateUninitializedArray<byte>(size, pinned: true);

    /// <summary>The bytes. Not cleared between two users.</summary>
    public byte[] Bytes { get; }

    /// <summary>Segments of an output that lie in this block; guarded by that output's lock.</summary>
    internal int Segments { get; set; }

    /// <summary>True while it is out; guarded by the pool's lock.</summary>
    internal bool IsRented { get; set; }
}
