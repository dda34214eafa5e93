using System.Globalization;

namespace Warren.Cli;

/// <summary>A file that holds the process id while the server takes clients; gone after a clean stop.</summary>
internal sealed class PidFile : IDisposable
{
    private readonly string _path;

    private PidFile(string path) => _path = path;

    /// <summary>Writes the file, replacing one that a crash left.</summary>
    /// <exception cref="PidFileError">It cannot be written.</exception>
    public static PidFile Write(string path)
    {
        try
        {
            string full = Path.GetFullPath(path);
            string temporary = $"{full}.{Environment.ProcessId}";
            File.WriteAllText(temporary, string.Create(CultureInfo.InvariantCulture, $"{Environment.ProcessId}\n"));
            File.Move(temporary, full, overwrite: true);
            return new PidFile(full);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new PidFileError(path, e);
        }
    }

    public void Dispose()
    {
        try
        {
            File.Delete(_path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            Console.Error.WriteLine($"warren: cannot delete the pid file: {e.Message}");
        }
    }
}
