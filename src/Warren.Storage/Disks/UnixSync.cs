using System.Runtime.InteropServices;

namespace Warren.Storage;

/// <summary>What every Unix has: fsync, and a directory opened to sync it.</summary>
internal static partial class UnixSync
{
    private const int ReadOnly = 0;
    private const int LinuxCloseOnExec = 0x80000;
    private const int MacCloseOnExec = 0x1000000;

    /// <summary>A descriptor, or -1 with errno set.</summary>
    internal static int OpenDirectory(string path) =>
        Open(path, ReadOnly | (OperatingSystem.IsMacOS() ? MacCloseOnExec : OperatingSystem.IsLinux() ? LinuxCloseOnExec : 0));

    /// <summary>0, or -1 with errno set.</summary>
    [LibraryImport("libc", EntryPoint = "fsync", SetLastError = true)]
    internal static partial int Sync(int descriptor);

    /// <summary>0, or -1 with errno set.</summary>
    [LibraryImport("libc", EntryPoint = "close", SetLastError = true)]
    internal static partial int Close(int descriptor);

    [LibraryImport("libc", EntryPoint = "open", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Open(string path, int flags);
}
