using FsCheck;
using FsCheck.Fluent;
using Warren.Storage.Paging;
using Warren.Storage.Tests.Directories;
using Xunit;

namespace Warren.Storage.Tests.Paging;

/// <summary>A page file against a dictionary of bodies, with small extents, over a disk that fills and fails.</summary>
public sealed class PageFilePropertyTests
{
    private const int Extent = 1024;
    private const int Tail = 256;

    private enum Step
    {
        WriteSmall,
        WriteLarge,
        WriteExact,
        Release,
        ReleaseMany,
        Trim,
        FillDisk,
        EmptyDisk,
        FailSync,
        LittleSpace,
    }

    [Fact]
    public void What_is_read_is_what_was_written_or_nothing()
    {
        Gen<(Step, int)[]> steps =
            from many in Gen.Choose(1, 400)
            from all in Gen.Frequency(
                (12, Gen.Constant(Step.WriteSmall)),
                (5, Gen.Constant(Step.WriteLarge)),
                (3, Gen.Constant(Step.WriteExact)),
                (10, Gen.Constant(Step.Release)),
                (1, Gen.Constant(Step.ReleaseMany)),
                (1, Gen.Constant(Step.Trim)),
                (1, Gen.Constant(Step.FillDisk)),
                (1, Gen.Constant(Step.EmptyDisk)),
                (1, Gen.Constant(Step.FailSync)),
                (1, Gen.Constant(Step.LittleSpace))).Zip(Gen.Choose(0, int.MaxValue - 1)).ArrayOf(many)
            select all;

        Prop.ForAll(steps.ToArbitrary(), Check).Check(Config.QuickThrowOnFailure.WithMaxTest(500));
    }

    private static void Check((Step Step, int Choice)[] steps)
    {
        var disk = new MemoryDisk();
        using var pages = new PageFile(disk, "/data/paging", keepFreeBytes: 0, Extent, Tail, syncInterval: 8 * Extent);
        var alive = new List<(long Address, byte[] Body)>();
        foreach ((Step step, int choice) in steps)
        {
            switch (step)
            {
                case Step.WriteSmall:
                    Write(1 + (choice % Tail), choice);
                    break;
                case Step.WriteLarge:
                    Write(1 + (choice % (3 * Extent)), choice);
                    break;
                case Step.WriteExact:
                    Write(((int[])[Tail, Tail + 1, Extent, Extent + 1, 2 * Extent, Extent - 8])[choice % 6], choice);
                    break;
                case Step.Release when alive.Count > 0:
                    Release(choice % alive.Count);
                    break;
                case Step.ReleaseMany:
                    for (int i = alive.Count - 1; i >= 0; i -= 1 + (choice % 3))
                    {
                        Release(i);
                    }

                    break;
                case Step.Trim:
                    pages.Trim(choice % 4 * Extent);
                    break;
                case Step.FillDisk:
                    disk.IsFull = true;
                    break;
                case Step.EmptyDisk:
                    disk.IsFull = disk.SyncFails = false;
                    disk.Free = long.MaxValue;
                    break;
                case Step.FailSync:
                    disk.SyncFails = true;
                    break;
                case Step.LittleSpace:
                    disk.Free = Extent;
                    break;
            }

            if (alive.Count > 0)
            {
                CheckBody(alive[choice % alive.Count]);
            }
        }

        disk.IsFull = disk.SyncFails = false;
        Assert.Equal(alive.Sum(one => (long)one.Body.Length), pages.LiveBytes);
        while (alive.Count > 0)
        {
            Release(alive.Count - 1);
        }

        pages.Trim();
        Assert.Equal(0, pages.LiveBytes);
        Assert.Equal(0, pages.FileBytes);

        void Write(int length, int seed)
        {
            byte[] body = new byte[length];
            new Random(seed).NextBytes(body);
            long address = pages.Write(body);
            if (address != PageFile.NoRoom)
            {
                alive.Add((address, body));
                CheckBody((address, body));
            }
        }

        // What was in the destination before is never taken for the body.
        void CheckBody((long Address, byte[] Body) one)
        {
            byte[] found = new byte[one.Body.Length];
            found.AsSpan().Fill(0xEE);
            Assert.Equal(RecordReadResult.Ok, pages.Read(one.Address, found));
            Assert.Equal(one.Body, found);
        }

        void Release(int index)
        {
            CheckBody(alive[index]);
            pages.Release(alive[index].Address, alive[index].Body.Length);
            alive.RemoveAt(index);
        }
    }
}
