using Xunit;

namespace Warren.Storage.FaultTests;

/// <summary>A log whose directory is removed or replaced under it stops confirming.</summary>
public sealed class RemovedDirectoryTests : IDisposable
{
    private readonly DirectoryInfo _root = Directory.CreateTempSubdirectory("warren-removed-");

    [Theory]
    [InlineData("removed")]
    [InlineData("renamed")]
    [InlineData("replaced")]
    public void A_log_whose_directory_is_gone_fails_within_a_second_and_says_which(string how)
    {
        Assert.SkipUnless(OperatingSystem.IsLinux() || how != "replaced", "only there a replaced file is told apart");
        string directory = Path.Combine(_root.FullName, "shard");
        var time = new StillTime();
        ShardLog log = ShardLog.Open(
            FileBlockDisk.Instance, directory, new ShardLogOptions { SegmentBytes = 1 << 20, RunThreads = false }, time, new FoundRecords());
        Exception? told = null;
        log.StateChanged += (_, error) => told = error;
        log.Append(new RecordDraft { Type = RecordType.Publish, Owners = [1] });
        Assert.True(log.CommitOnce());
        time.Advance(TimeSpan.FromSeconds(2));
        log.MaintainOnce();
        Assert.Equal(LogState.Open, log.State);

        if (how == "removed")
        {
            Directory.Delete(directory, recursive: true);
        }
        else
        {
            string aside = Path.Combine(_root.FullName, "aside");
            Directory.Move(directory, aside);
            if (how == "replaced")
            {
                Directory.CreateDirectory(directory);
                foreach (string file in Directory.GetFiles(aside))
                {
                    File.Copy(file, Path.Combine(directory, Path.GetFileName(file)));
                }
            }
        }

        time.Advance(TimeSpan.FromSeconds(2));
        log.MaintainOnce();

        Assert.Equal(LogState.Failed, log.State);
        Assert.Contains(directory, Assert.IsType<IOException>(told).Message, StringComparison.Ordinal);
        Assert.Equal(0UL, log.Append(new RecordDraft { Type = RecordType.Publish, Owners = [1] }));
        log.Dispose();
    }

    public void Dispose() => _root.Delete(recursive: true);

    private sealed class StillTime : TimeProvider
    {
        private long _ticks = TimeSpan.TicksPerDay;

        public override long TimestampFrequency => TimeSpan.TicksPerSecond;

        public override long GetTimestamp() => _ticks;

        internal void Advance(TimeSpan by) => _ticks += by.Ticks;
    }
}
