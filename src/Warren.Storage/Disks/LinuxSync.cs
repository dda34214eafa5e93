using System.Runtime.InteropServices;

namespace Warren.Storage;

/// <summary>Linux: fdatasync and fallocate of libc.</summary>
internal static partial class LinuxSync
{
    internal const int Interrupted = 4;
    internal const int InvalidArgument = 22;
    internal const int NotImplemented = 38;
    internal const int NotSupported = 95;

    /// <summary>0, or -1 with errno set.</summary>
    [LibraryImport("libc", EntryPoint = "fdatasync", SetLastError = true)]
    internal static partial int DataSync(int descriptor);

    /// <summary>FALLOC_FL_KEEP_SIZE | FALLOC_FL_PUNCH_HOLE.</summary>
    internal const int PunchHole = 3;

    /// <summary>0, or -1 with errno set.</summary>
    [LibraryImport("libc", EntryPoint = "fallocate", SetLastError = true)]
    internal static partial int Allocate(int descriptor, int mode, long offset, long length);

    /// <summary>0, or the errno itself.</summary>
    [LibraryImport("libc", EntryPoint = "posix_fallocate")]
    internal static partial int Allocate(int descriptor, long offset, long length);
}
