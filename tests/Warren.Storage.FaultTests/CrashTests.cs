using Xunit;

namespace Warren.Storage.FaultTests;

/// <summary>The invariants of the log over many seeded crashes.</summary>
public sealed class CrashTests
{
    [Fact]
    public void I1_I2_I3_I9_a_restart_after_any_crash_brings_back_a_prefix_with_everything_confirmed() =>
        Seeded.Run(400, RunWithCrashes);

    private static void RunWithCrashes(int seed)
    {
        var random = new Random(seed * 7919);
        var work = new LogWorkload(seed);
        bool opened = false;
        for (int life = 0; life < 6; life++)
        {
            try
            {
                work.OpenAndJudge();
                opened = true;
                work.Disk.FailForEver = true;
                work.Disk.FailAt = random.Next(3) == 0 ? 0 : work.Disk.Calls + random.Next(1, 150);
                for (int step = random.Next(150); step > 0 && work.Log.State == LogState.Open; step--)
                {
                    work.Step();
                }

                if (!work.Disk.HasFailed)
                {
                    work.Disk.FailAt = 0;
                    work.CheckEverything();
                }
            }
            catch (IOException) when (work.Disk.HasFailed)
            {
                // The machine stopped while the log was being opened or read.
            }

            Stop(work, random, opened);
            work.Disk.FailForEver = true;
            work.Disk.FailAt = random.Next(4) == 0 ? work.Disk.Calls + random.Next(1, 40) : 0;
        }

        work.Disk.FailAt = 0;
        work.OpenAndJudge();
        work.CheckEverything();
    }

    private static void Stop(LogWorkload work, Random random, bool opened)
    {
        bool clean = opened && random.Next(4) == 0 && work.Log.State == LogState.Open && work.Disk.FailAt == 0;
        if (clean)
        {
            work.Log.Dispose();
            Assert.Equal(work.Log.LastLsn, work.Log.CommittedLsn);
            work.Model.AllDurable();
        }

        if (random.Next(3) == 0)
        {
            work.Disk.Kill();
        }
        else
        {
            work.Disk.Crash();
        }
    }
}
