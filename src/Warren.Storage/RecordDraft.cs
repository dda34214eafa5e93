namespace Warren.Storage;

/// <summary>A record to append. Every span is copied before Append returns.</summary>
public readonly ref struct RecordDraft
{
    /// <summary>Bit of <see cref="Flags"/>: a purge of an owner leaves this record's references alone.</summary>
    public const byte KeepOnPurge = 1;

    /// <summary>Bit of <see cref="Flags"/>: a version that does not know the type may skip the record.</summary>
    public const byte Ignorable = 0x80;

    /// <summary>What the record is; the types the log writes itself are refused.</summary>
    public RecordType Type { get; init; }

    /// <summary><see cref="KeepOnPurge"/>, <see cref="Ignorable"/>; the other bits are the caller's.</summary>
    public byte Flags { get; init; }

    /// <summary>Opaque; handed back at recovery without reading the payload.</summary>
    public ulong TagA { get; init; }

    /// <summary>Opaque; handed back at recovery without reading the payload.</summary>
    public ulong TagB { get; init; }

    /// <summary>First part of the payload.</summary>
    public ReadOnlySpan<byte> Head { get; init; }

    /// <summary>Second part of the payload.</summary>
    public ReadOnlySpan<byte> Body { get; init; }

    /// <summary>Owners that hold one reference each, at most 65535; <see cref="ShardLog.Self"/> is this record's LSN.</summary>
    public ReadOnlySpan<ulong> Owners { get; init; }

    /// <summary>References given back in the same step, at most 65535.</summary>
    public ReadOnlySpan<RecordReference> Releases { get; init; }
}
