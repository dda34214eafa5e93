namespace Warren.Storage;

/// <summary>A live record found at recovery.</summary>
public readonly ref struct RecoveredRecord
{
    /// <summary>Its LSN.</summary>
    public ulong Lsn { get; internal init; }

    /// <summary>What it is.</summary>
    public RecordType Type { get; internal init; }

    /// <summary>As given at Append.</summary>
    public byte Flags { get; internal init; }

    /// <summary>As given at Append.</summary>
    public ulong TagA { get; internal init; }

    /// <summary>As given at Append.</summary>
    public ulong TagB { get; internal init; }

    /// <summary>Bytes of head and body.</summary>
    public int PayloadLength { get; internal init; }

    /// <summary>The owners that still hold it, in the order they were given.</summary>
    public ReadOnlySpan<ulong> Owners { get; internal init; }

    /// <summary>Beside each owner the number kept with its reference, 0 when none.</summary>
    public ReadOnlySpan<uint> Annotations { get; internal init; }

    internal RecordReader Reader { get; init; }

    /// <summary>The second copy of a definition's payload; empty when there is none.</summary>
    internal ReadOnlyMemory<byte> Copy { get; init; }

    /// <summary>Reads and checks the payload, or takes its second copy; false when it is damaged or cannot be read.</summary>
    /// <param name="destination">At least <see cref="PayloadLength"/> bytes.</param>
    public bool TryReadPayload(Span<byte> destination)
    {
        if (Reader.TryRead(Lsn, destination) == RecordReadResult.Ok)
        {
            return true;
        }

        if (Copy.IsEmpty || Copy.Length != PayloadLength)
        {
            return false;
        }

        Copy.Span.CopyTo(destination);
        return true;
    }
}
