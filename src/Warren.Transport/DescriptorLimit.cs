using System.Net.Sockets;
using System.Runtime.InteropServices;

namespace Warren.Transport;

/// <summary>How many file descriptors this process may have; the part of it that clients must not take.</summary>
/// <remarks>
/// A runtime without a free descriptor can load no assembly and dies ("Out of memory"), and a log can open no segment. So
/// clients are refused before that. The system hands out the lowest free descriptor: a high one says that few are left.
/// </remarks>
internal static partial class DescriptorLimit
{
    private const int LinuxNumberOfFiles = 7; // RLIMIT_NOFILE
    private const int MacNumberOfFiles = 8;

    /// <summary>The first descriptor that clients must not take, of a limit as it is now; no limit on Windows.</summary>
    internal static long FirstReserved(int reserved)
    {
        if (OperatingSystem.IsWindows())
        {
            return long.MaxValue;
        }

        int resource = OperatingSystem.IsLinux() ? LinuxNumberOfFiles : MacNumberOfFiles;
        return GetLimit(resource, out Limit limit) == 0 && limit.Soft is > 0 and < int.MaxValue
            ? Math.Max(limit.Soft - reserved, limit.Soft / 2)
            : long.MaxValue;
    }

    /// <summary>Whether a client's socket is one of the last descriptors.</summary>
    internal static bool IsReserved(Socket client, long firstReserved) =>
        firstReserved != long.MaxValue && client.SafeHandle.DangerousGetHandle() >= firstReserved;

    [LibraryImport("libc", EntryPoint = "getrlimit", SetLastError = true)]
    private static partial int GetLimit(int resource, out Limit limit);

    [StructLayout(LayoutKind.Sequential)]
    private struct Limit
    {
        internal long Soft;
        internal long Hard;
    }
}
