using System.Runtime.InteropServices;

namespace Warren.Storage;

/// <summary>macOS: fsync reaches only the drive's cache; F_FULLFSYNC reaches the medium.</summary>
internal static partial class MacSync
{
    private const int FullSyncCommand = 51;

    /// <summary>0, or -1 with errno set. A file system without F_FULLFSYNC (network) gets fsync.</summary>
    internal static int SyncFile(int descriptor)
    {
        if (FileControl(descriptor, FullSyncCommand) != -1)
        {
            return 0;
        }

        const int notSupported = 45;
        const int invalidArgument = 22;
        const int notTypewriter = 25;
        int error = Marshal.GetLastPInvokeError();
        return error is notSupported or invalidArgument or notTypewriter ? UnixSync.Sync(descriptor) : -1;
    }

    [LibraryImport("libc", EntryPoint = "fcntl", SetLastError = true)]
    private static partial int FileControl(int descriptor, int command);
}
