using System.Diagnostics;
using System.Globalization;

namespace Warren.Management.Views;

/// <summary>What the process uses of the machine, at one moment.</summary>
internal sealed record ProcessResources
{
    private const string Descriptors = "/proc/self/fd";
    private const string Limits = "/proc/self/limits";
    private const int UnknownLimit = 1_048_576;

    /// <summary>File descriptors open; 0 where the system does not tell.</summary>
    public int OpenDescriptors { get; private init; }

    /// <summary>File descriptors that may be open.</summary>
    public long MostDescriptors { get; private init; }

    /// <summary>Bytes of memory in use.</summary>
    public long ResidentBytes { get; private init; }

    /// <summary>Bytes of objects after the last collection.</summary>
    public long HeapBytes { get; private init; }

    /// <summary>Collections so far.</summary>
    public long Collections { get; private init; }

    /// <summary>Bytes ever allocated.</summary>
    public long AllocatedBytes { get; private init; }

    /// <summary>Threads of the pool.</summary>
    public int Threads { get; private init; }

    /// <summary>Work items waiting.</summary>
    public long WaitingWork { get; private init; }

    /// <summary>Work items done.</summary>
    public long DoneWork { get; private init; }

    /// <summary>Processor time used, in seconds.</summary>
    public double ProcessorSeconds { get; private init; }

    /// <summary>Looks now.</summary>
    public static ProcessResources Look()
    {
        using Process process = Process.GetCurrentProcess();
        return new ProcessResources
        {
            OpenDescriptors = Directory.Exists(Descriptors) ? Directory.EnumerateFileSystemEntries(Descriptors).Count() : 0,
            MostDescriptors = LimitOfDescriptors(),
            ResidentBytes = Environment.WorkingSet,
            HeapBytes = GC.GetTotalMemory(forceFullCollection: false),
            Collections = GC.CollectionCount(0),
            AllocatedBytes = GC.GetTotalAllocatedBytes(),
            Threads = ThreadPool.ThreadCount,
            WaitingWork = ThreadPool.PendingWorkItemCount,
            DoneWork = ThreadPool.CompletedWorkItemCount,
            ProcessorSeconds = process.TotalProcessorTime.TotalSeconds,
        };
    }

    private static long LimitOfDescriptors()
    {
        const string Name = "Max open files";
        if (!File.Exists(Limits))
        {
            return UnknownLimit;
        }

        foreach (string line in File.ReadLines(Limits))
        {
            if (line.StartsWith(Name, StringComparison.Ordinal))
            {
                string soft = line[Name.Length..].Split(' ', StringSplitOptions.RemoveEmptyEntries)[0];
                return long.TryParse(soft, NumberStyles.None, CultureInfo.InvariantCulture, out long limit) ? limit : UnknownLimit;
            }
        }

        return UnknownLimit;
    }
}
