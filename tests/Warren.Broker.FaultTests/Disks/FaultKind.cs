namespace Warren.FaultTests.Disks;

/// <summary>What a disk call that fails does.</summary>
public enum FaultKind
{
    /// <summary>EIO, once; the next call works.</summary>
    InputOutputError,

    /// <summary>EIO, and from then on for every call: the disk is gone.</summary>
    DeadDisk,

    /// <summary>ENOSPC, once; the next call has room.</summary>
    OutOfSpace,

    /// <summary>Half of the bytes are written, then ENOSPC; a call that writes nothing is as <see cref="OutOfSpace"/>.</summary>
    ShortWrite,
}
