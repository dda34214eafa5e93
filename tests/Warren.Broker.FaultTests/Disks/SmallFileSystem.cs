using System.ComponentModel;
using System.Diagnostics;

namespace Warren.FaultTests.Disks;

/// <summary>A real file system of a few hundred megabytes, in memory, for the time of a test.</summary>
internal sealed class SmallFileSystem : IDisposable
{
    private SmallFileSystem(string path) => Path = path;

    internal string Path { get; }

    /// <summary>Mounts one, or skips the test and says why.</summary>
    internal static SmallFileSystem Mount(int megabytes)
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "mounts a tmpfs: Linux only");
        string path = Directory.CreateTempSubdirectory("warren-small-").FullName;
        string error = Run("mount", "-t", "tmpfs", "-o", $"size={megabytes}m", "warren-test", path);
        if (error.Length > 0)
        {
            Directory.Delete(path);
            Assert.Skip($"cannot mount a tmpfs: {error}");
        }

        return new SmallFileSystem(path);
    }

    public void Dispose()
    {
        Run("umount", "-l", Path);
        Directory.Delete(Path);
    }

    private static string Run(string program, params string[] arguments)
    {
        try
        {
            using Process process = Process.Start(new ProcessStartInfo(program, arguments)
            {
                RedirectStandardError = true,
                UseShellExecute = false,
            })!;
            string error = process.StandardError.ReadToEnd();
            process.WaitForExit();
            return process.ExitCode == 0 ? string.Empty : $"{error.Trim()} ({process.ExitCode})";
        }
        catch (Win32Exception missing)
        {
            return missing.Message;
        }
    }
}
