using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Warren.Storage;

/// <summary>Chooses the platform's way to make bytes and names durable, and turns its errors into exceptions.</summary>
/// <remarks>Thread-safe. An error is never retried: the kernel may have marked the lost pages clean.</remarks>
internal static class Durability
{
    /// <summary>Returns when everything written to the file before is on the disk.</summary>
    /// <exception cref="IOException">With the errno or Win32 code as HResult.</exception>
    internal static void SyncFile(SafeFileHandle handle)
    {
        if (OperatingSystem.IsWindows())
        {
            // FlushFileBuffers; there the framework reports its failure.
            RandomAccess.FlushToDisk(handle);
            return;
        }

        bool added = false;
        try
        {
            handle.DangerousAddRef(ref added);
            int descriptor = (int)handle.DangerousGetHandle();
            int result = OperatingSystem.IsMacOS() ? MacSync.SyncFile(descriptor)
                : OperatingSystem.IsLinux() ? LinuxSync.DataSync(descriptor)
                : UnixSync.Sync(descriptor);
            if (result != 0)
            {
                throw Failure("sync of a file", Marshal.GetLastPInvokeError());
            }
        }
        finally
        {
            if (added)
            {
                handle.DangerousRelease();
            }
        }
    }

    /// <summary>Makes created, renamed and deleted names durable. On Windows the file system's own journal does it.</summary>
    /// <exception cref="IOException">With the errno as HResult.</exception>
    internal static void SyncDirectory(string path)
    {
        if (OperatingSystem.IsWindows())
        {
            return;
        }

        int descriptor = UnixSync.OpenDirectory(path);
        if (descriptor < 0)
        {
            throw Failure($"open of the directory '{path}'", Marshal.GetLastPInvokeError());
        }

        int result = OperatingSystem.IsMacOS() ? MacSync.SyncFile(descriptor) : UnixSync.Sync(descriptor);
        int error = Marshal.GetLastPInvokeError();
        int closed = UnixSync.Close(descriptor);
        if (result != 0)
        {
            throw Failure($"sync of the directory '{path}'", error);
        }

        if (closed != 0)
        {
            throw Failure($"close of the directory '{path}'", Marshal.GetLastPInvokeError());
        }
    }

    /// <summary>Reserves space without writing zeros; false where the platform or the file system cannot.</summary>
    /// <exception cref="IOException">No space, or the disk failed.</exception>
    internal static bool TryAllocate(SafeFileHandle handle, long offset, long length)
    {
        if (OperatingSystem.IsWindows())
        {
            // Extending an NTFS file reserves its clusters.
            if (RandomAccess.GetLength(handle) < offset + length)
            {
                RandomAccess.SetLength(handle, offset + length);
            }

            return true;
        }

        if (!OperatingSystem.IsLinux())
        {
            return false;
        }

        bool added = false;
        try
        {
            handle.DangerousAddRef(ref added);
            int error = LinuxSync.Allocate((int)handle.DangerousGetHandle(), offset, length);
            return error switch
            {
                0 => true,
                LinuxSync.NotSupported or LinuxSync.InvalidArgument => false,
                _ => throw Failure("allocation of a file", error),
            };
        }
        finally
        {
            if (added)
            {
                handle.DangerousRelease();
            }
        }
    }

    /// <summary>Gives the blocks of a range back; false where the platform or the file system cannot.</summary>
    /// <exception cref="IOException">The disk failed.</exception>
    internal static bool TryDiscard(SafeFileHandle handle, long offset, long length)
    {
        if (!OperatingSystem.IsLinux())
        {
            return false;
        }

        bool added = false;
        try
        {
            handle.DangerousAddRef(ref added);
            int error;
            do
            {
                int result = LinuxSync.Allocate((int)handle.DangerousGetHandle(), LinuxSync.PunchHole, offset, length);
                error = result == 0 ? 0 : Marshal.GetLastPInvokeError();
            }
            while (error == LinuxSync.Interrupted);

            return error switch
            {
                0 => true,
                LinuxSync.NotSupported or LinuxSync.InvalidArgument or LinuxSync.NotImplemented => false,
                _ => throw Failure("giving back a part of a file", error),
            };
        }
        finally
        {
            if (added)
            {
                handle.DangerousRelease();
            }
        }
    }

    private static IOException Failure(string what, int error) =>
        new($"{what} failed: {Marshal.GetPInvokeErrorMessage(error)} ({error})", error);
}
