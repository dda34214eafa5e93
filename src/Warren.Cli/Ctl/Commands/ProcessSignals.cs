using System.ComponentModel;
using System.Diagnostics;
using System.Runtime.InteropServices;

namespace Warren.Cli.Ctl.Commands;

/// <summary>Other processes of this machine.</summary>
internal static partial class ProcessSignals
{
    private const int SigTerm = 15;
    private static readonly TimeSpan Tolerance = TimeSpan.FromSeconds(30);

    /// <summary>Whether there is such a process.</summary>
    public static bool IsRunning(int pid)
    {
        try
        {
            using var process = Process.GetProcessById(pid);
            return !process.HasExited;
        }
        catch (Exception e) when (e is ArgumentException or InvalidOperationException or Win32Exception)
        {
            return false;
        }
    }

    /// <summary>Whether a process has been running about as long as somebody says.</summary>
    public static bool HasAge(int pid, TimeSpan uptime)
    {
        try
        {
            using var process = Process.GetProcessById(pid);
            TimeSpan age = TimeProvider.System.GetUtcNow() - new DateTimeOffset(process.StartTime);
            return (age - uptime).Duration() < Tolerance;
        }
        catch (Exception e) when (e is ArgumentException or InvalidOperationException or Win32Exception)
        {
            return false;
        }
    }

    /// <summary>Asks a process to end in an orderly way.</summary>
    /// <exception cref="CtlError">It is not ours to stop, or this platform has no such signal.</exception>
    public static void Terminate(int pid)
    {
        if (OperatingSystem.IsWindows())
        {
            throw new CtlError(CtlExit.Usage, "Windows cannot ask another process to end; stop the service, or press Ctrl-C in its window");
        }

        if (Kill(pid, SigTerm) != 0)
        {
            throw new CtlError(CtlExit.Unavailable, $"cannot stop process {pid}: {Marshal.GetLastPInvokeErrorMessage()}");
        }
    }

    [LibraryImport("libc", EntryPoint = "kill", SetLastError = true)]
    private static partial int Kill(int pid, int signal);
}
