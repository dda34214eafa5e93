using Warren.Storage.Format;

namespace Warren.Storage.Memory;

/// <summary>References given back and numbers kept with references, until they become records of a batch.</summary>
/// <remarks>Not thread-safe: the append lock. In memory they have been applied already.</remarks>
internal sealed class PendingReturns
{
    internal ReleaseCodec Releases { get; } = new();

    internal AnnotationCodec Annotations { get; } = new();

    internal bool Any => Releases.MaxBytes > 0 || Annotations.MaxBytes > 0;

    /// <summary>How many records they become.</summary>
    internal int Records => (Releases.MaxBytes > 0 ? 1 : 0) + (Annotations.MaxBytes > 0 ? 1 : 0);

    /// <summary>Most payload bytes their records take.</summary>
    internal int MaxBytes => Releases.MaxBytes + Annotations.MaxBytes;
}
