namespace Warren.Interop.Tests.Running;

/// <summary>A control group with a limit of memory, as a container has one; disposing removes it.</summary>
public sealed class MemoryGroup : IDisposable
{
    private const string Unified = "/sys/fs/cgroup";
    private const string Legacy = "/sys/fs/cgroup/memory";

    private readonly string _path;

    private MemoryGroup(string path) => _path = path;

    /// <summary>What a shell runs to put itself into the group.</summary>
    public string EnterCommand => $"echo $$ > {_path}/cgroup.procs";

    /// <summary>Makes one; null where this user or machine cannot.</summary>
    public static MemoryGroup? TryCreate(long bytes)
    {
        string parent = Directory.Exists(Legacy) ? Legacy : Unified;
        string path = Path.Combine(parent, $"warren-test-{Environment.ProcessId}");
        if (!Directory.Exists(parent))
        {
            return null;
        }

        try
        {
            Directory.CreateDirectory(path);
            File.WriteAllText(Path.Combine(path, parent == Legacy ? "memory.limit_in_bytes" : "memory.max"), $"{bytes}");
            return new MemoryGroup(path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            if (Directory.Exists(path))
            {
                Directory.Delete(path);
            }

            return null;
        }
    }

    /// <summary>Removes it; nobody may be in it any more.</summary>
    public void Dispose() => Directory.Delete(_path);
}
