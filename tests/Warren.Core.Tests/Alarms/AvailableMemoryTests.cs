using Warren.Core.Alarms;
using Xunit;

namespace Warren.Core.Tests.Alarms;

public sealed class AvailableMemoryTests : IDisposable
{
    private const long Reported = 7L << 30;

    private readonly string _root = Directory.CreateTempSubdirectory("warren-memory-").FullName;

    public void Dispose() => Directory.Delete(_root, recursive: true);

    [Fact]
    public void Machine_without_limits_has_all_its_memory()
    {
        Write("proc/meminfo", "MemTotal:        2048 kB\nMemFree: 1 kB\n");

        Assert.Equal(2 << 20, AvailableMemory.Bytes(_root, Reported, heapLimit: 0));
    }

    [Fact]
    public void System_that_says_nothing_leaves_it_to_the_runtime() =>
        Assert.Equal(Reported, AvailableMemory.Bytes(_root, Reported, heapLimit: 0));

    [Fact]
    public void Limit_of_the_runtime_counts() =>
        Assert.Equal(1 << 28, AvailableMemory.Bytes(_root, Reported, heapLimit: 1 << 28));

    [Theory]
    [InlineData("0::/\n", "sys/fs/cgroup/memory.max")]
    [InlineData("0::/system.slice/warren.service\n", "sys/fs/cgroup/system.slice/warren.service/memory.max")]
    [InlineData("0::/system.slice/warren.service\n", "sys/fs/cgroup/system.slice/memory.max")]
    [InlineData("0::/docker/of-the-machine-outside\n", "sys/fs/cgroup/memory.max")]
    [InlineData("4:memory:/docker/abc\n0::/\n", "sys/fs/cgroup/memory/docker/abc/memory.limit_in_bytes")]
    [InlineData("4:cpu,memory:/docker/abc\n", "sys/fs/cgroup/memory/memory.limit_in_bytes")]
    public void Limit_of_the_group_or_of_one_above_counts_as_a_whole(string groups, string file)
    {
        Write("proc/meminfo", "MemTotal:  8388608 kB\n");
        Write("proc/self/cgroup", groups);
        Write(file, "1073741824\n");

        Assert.Equal(1L << 30, AvailableMemory.Bytes(_root, Reported, heapLimit: 0));
    }

    [Theory]
    [InlineData("0::/a\n", "sys/fs/cgroup/a/memory.max", "max\n")]
    [InlineData("4:memory:/a\n", "sys/fs/cgroup/memory/a/memory.limit_in_bytes", "9223372036854771712\n")]
    public void Group_without_a_limit_has_the_machines_memory(string groups, string file, string text)
    {
        Write("proc/meminfo", "MemTotal:  8388608 kB\n");
        Write("proc/self/cgroup", groups);
        Write(file, text);

        Assert.Equal(8L << 30, AvailableMemory.Bytes(_root, Reported, heapLimit: 0));
    }

    private void Write(string path, string text)
    {
        string full = Path.Combine(_root, path);
        Directory.CreateDirectory(Path.GetDirectoryName(full)!);
        File.WriteAllText(full, text);
    }
}
