namespace Warren.Server;

/// <summary>Where a broker keeps its data when nobody says.</summary>
public static class DataDirectoryLocation
{
    /// <summary>
    /// The machine's place if this user may write there, else the user's own: <c>/var/lib/warren</c> or
    /// <c>$XDG_DATA_HOME/warren</c> (<c>~/.local/share/warren</c>); on Windows <c>%PROGRAMDATA%\Warren</c> or
    /// <c>%APPDATA%\Warren</c>; on macOS <c>/usr/local/var/warren</c> or <c>~/Library/Application Support/warren</c>.
    /// </summary>
    public static string Default()
    {
        string machine = MachineDirectory();
        return IsWritable(machine) ? machine : UserDirectory();
    }

    /// <summary>Both places, without touching either: where a tool looks for a broker of this machine.</summary>
    public static IReadOnlyList<string> Candidates() => [MachineDirectory(), UserDirectory()];

    private static string MachineDirectory()
    {
        if (OperatingSystem.IsWindows())
        {
            return Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.CommonApplicationData), "Warren");
        }

        return OperatingSystem.IsMacOS() ? "/usr/local/var/warren" : "/var/lib/warren";
    }

    // LocalApplicationData is $XDG_DATA_HOME on Linux and ~/Library/Application Support on macOS.
    private static string UserDirectory() => OperatingSystem.IsWindows()
        ? Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.ApplicationData), "Warren")
        : Path.Combine(
            Environment.GetFolderPath(Environment.SpecialFolder.LocalApplicationData, Environment.SpecialFolderOption.DoNotVerify),
            "warren");

    // The only answer that counts is an attempt: modes, access lists and read-only mounts all have a say.
    private static bool IsWritable(string directory)
    {
        try
        {
            Directory.CreateDirectory(directory);
            string probe = Path.Combine(directory, $".probe-{Environment.ProcessId}");
            using var file = new FileStream(
                probe, FileMode.CreateNew, FileAccess.Write, FileShare.None, bufferSize: 1, FileOptions.DeleteOnClose);
            return true;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return false;
        }
    }
}
