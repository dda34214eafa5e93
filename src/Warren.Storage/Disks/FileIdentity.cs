using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Warren.Storage;

/// <summary>Tells whether a path leads to a file that is open.</summary>
/// <remarks>
/// Linux: statx, whose structure is the same on every architecture. Elsewhere, and with a C library that lacks it, only
/// whether a file of that name exists.
/// </remarks>
internal static partial class FileIdentity
{
    private const int CurrentDirectory = -100;
    private const int EmptyPath = 0x1000;
    private const uint LinksAndInode = 0x004 | 0x100;

    internal static bool IsSame(SafeFileHandle handle, string path)
    {
        if (!OperatingSystem.IsLinux())
        {
            return File.Exists(path);
        }

        bool added = false;
        try
        {
            handle.DangerousAddRef(ref added);
            int descriptor = (int)handle.DangerousGetHandle();
            if (Status(descriptor, string.Empty, EmptyPath, LinksAndInode, out FileStatus open) != 0)
            {
                return File.Exists(path);
            }

            return open.Links > 0 && Status(CurrentDirectory, path, 0, LinksAndInode, out FileStatus named) == 0
                && named.Inode == open.Inode && named.DeviceMajor == open.DeviceMajor && named.DeviceMinor == open.DeviceMinor;
        }
        catch (EntryPointNotFoundException)
        {
            return File.Exists(path);
        }
        finally
        {
            if (added)
            {
                handle.DangerousRelease();
            }
        }
    }

    /// <summary>0, or -1 with errno set.</summary>
    [LibraryImport("libc", EntryPoint = "statx", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Status(int directory, string path, int flags, uint mask, out FileStatus status);

    [StructLayout(LayoutKind.Explicit, Size = 256)]
    private struct FileStatus
    {
        [FieldOffset(16)]
        internal uint Links;

        [FieldOffset(32)]
        internal ulong Inode;

        [FieldOffset(136)]
        internal uint DeviceMajor;

        [FieldOffset(140)]
        internal uint DeviceMinor;
    }
}
