using System.Globalization;

namespace Warren.Core.Alarms;

/// <summary>The memory this process may use: the machine's, the container's, or what the runtime was told.</summary>
/// <remarks>
/// The runtime keeps a quarter of a container's limit from its heap and reports the rest as all there is; a share of the
/// limit is meant as a share of the whole, so the limit is read where the system keeps it.
/// </remarks>
public static class AvailableMemory
{
    private const int DeepestGroup = 64;

    /// <summary>Bytes available to this process, at this moment.</summary>
    public static long Bytes() => Bytes("/", GC.GetGCMemoryInfo().TotalAvailableMemoryBytes, HeapLimit());

    /// <summary>Bytes available to a process.</summary>
    /// <param name="root">The root of the file system that holds <c>proc</c> and <c>sys</c>.</param>
    /// <param name="reported">What the runtime reports; used where the system says nothing.</param>
    /// <param name="heapLimit">A limit the runtime was started with; 0: none.</param>
    internal static long Bytes(string root, long reported, long heapLimit)
    {
        long least = Math.Min(MachineBytes(root) ?? long.MaxValue, GroupBytes(root) ?? long.MaxValue);
        least = least == long.MaxValue ? reported : least;
        return heapLimit > 0 ? Math.Min(least, heapLimit) : least;
    }

    // As somebody has set it: the one the runtime chose itself is the share of the container it leaves to its heap.
    private static long HeapLimit()
    {
        string? hexadecimal = Environment.GetEnvironmentVariable("DOTNET_GCHeapHardLimit");
        if (hexadecimal is not null)
        {
            ReadOnlySpan<char> digits = hexadecimal.StartsWith("0x", StringComparison.OrdinalIgnoreCase) ? hexadecimal.AsSpan(2) : hexadecimal;
            return long.TryParse(digits, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out long bytes) ? bytes : 0;
        }

        return AppContext.GetData("System.GC.HeapHardLimit") is string text
            && long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out long configured)
            ? configured
            : 0;
    }

    // MemTotal:       65536000 kB
    private static long? MachineBytes(string root)
    {
        foreach (string line in Lines(Path.Combine(root, "proc/meminfo")))
        {
            string[] words = line.Split(' ', StringSplitOptions.RemoveEmptyEntries);
            if (words is ["MemTotal:", var amount, ..] && long.TryParse(amount, NumberStyles.None, CultureInfo.InvariantCulture, out long kilobytes))
            {
                return kilobytes * 1024;
            }
        }

        return null;
    }

    // 0::/path (version 2) or 4:memory:/path (version 1). Every group above counts too; in a container the path may be
    // one of the machine outside, then the root of what is mounted here is the container's group.
    private static long? GroupBytes(string root)
    {
        long? least = null;
        foreach (string line in Lines(Path.Combine(root, "proc/self/cgroup")))
        {
            string[] parts = line.Split(':', 3);
            if (parts is ["0", "", var unified])
            {
                least = Least(least, Walk(Path.Combine(root, "sys/fs/cgroup"), unified, "memory.max"));
            }
            else if (parts is [_, var controllers, var path] && controllers.Split(',').Contains("memory"))
            {
                least = Least(least, Walk(Path.Combine(root, "sys/fs/cgroup/memory"), path, "memory.limit_in_bytes"));
            }
        }

        return least;
    }

    private static long? Walk(string mount, string path, string file)
    {
        long? least = Limit(Path.Combine(mount, file));
        string group = path.Trim('/');
        for (int depth = 0; group.Length > 0 && depth < DeepestGroup; depth++)
        {
            least = Least(least, Limit(Path.Combine(mount, group, file)));
            int slash = group.LastIndexOf('/');
            group = slash < 0 ? "" : group[..slash];
        }

        return least;
    }

    // "max", or in version 1 a number of the size of the address space, means none.
    private static long? Limit(string file) =>
        long.TryParse(Lines(file).FirstOrDefault(), NumberStyles.None, CultureInfo.InvariantCulture, out long bytes)
            && bytes is > 0 and < 1L << 60
            ? bytes
            : null;

    private static long? Least(long? one, long? other) => one is null ? other : other is null ? one : Math.Min(one.Value, other.Value);

    private static string[] Lines(string file)
    {
        try
        {
            return File.Exists(file) ? File.ReadAllLines(file) : [];
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return []; // not told is no limit
        }
    }
}
