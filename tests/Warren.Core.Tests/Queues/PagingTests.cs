using System.Buffers.Binary;
using Warren.Buffers;
using Warren.Core.Queues;
using Warren.Storage.FaultTests;
using Warren.Storage.Paging;
using Xunit;

namespace Warren.Core.Tests.Queues;

/// <summary>The bodies of all queues stay within the budget, and come back as they were.</summary>
public sealed class PagingTests : IDisposable
{
    private const long Budget = 4 * 1024 * 1024;
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(60);

    private readonly SimulatedDisk _disk = new(1);
    private readonly SteppedBroker _broker;

    public PagingTests() => _broker = new SteppedBroker(_disk);

    private PageFile Pages => _broker.Broker.QueueServices.PageFile;

    private SlabPool Slabs => _broker.Broker.Slabs;

    public void Dispose() => _broker.Dispose();

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Small_messages_do_not_keep_the_slabs_of_large_ones(bool persistent)
    {
        SetBudget(Budget);
        _broker.Queue("stuck");
        MessageQueue fast = _broker.Queue("fast");
        byte[] large = new byte[15_900];
        for (int i = 0; i < 2000; i++)
        {
            Publish("stuck", i, 100, persistent);
            for (int j = 0; j < 4; j++)
            {
                _broker.Publish("fast", large, persistent: false);
            }

            fast.Purge(out _);
        }

        AwaitRented(Budget);
        CheckBodies("stuck", 2000, 100);
    }

    [Fact]
    public void Heads_of_queues_nobody_publishes_to_are_paged_too()
    {
        const int Queues = 40;
        const int Each = 10;
        for (int q = 0; q < Queues; q++)
        {
            _broker.Queue($"q{q}");
            for (int i = 0; i < Each; i++)
            {
                Publish($"q{q}", i, 30_000, persistent: q % 2 == 0);
            }
        }

        SetBudget(1024 * 1024);

        AwaitRented(1024 * 1024);
        for (int q = 0; q < Queues; q++)
        {
            CheckBodies($"q{q}", Each, 30_000);
        }
    }

    [Fact]
    public void Survivors_of_sparse_slabs_move_together_when_the_broker_is_idle()
    {
        _broker.Queue("stuck");
        MessageQueue fast = _broker.Queue("fast");
        for (int i = 0; i < 500; i++)
        {
            Publish("stuck", i, 100, persistent: false);
            _broker.Publish("fast", new byte[15_000], persistent: false);
            _broker.Publish("fast", new byte[15_000], persistent: false);
        }

        fast.Purge(out _);
        Assert.InRange(Slabs.RentedBytes, 100 * SlabPool.SlabSize, long.MaxValue);

        _broker.Broker.Memory.OnIdle!();

        AwaitRented(16 * SlabPool.SlabSize);
        CheckBodies("stuck", 500, 100);
    }

    [Fact]
    public void A_queue_goes_on_while_its_pages_are_written()
    {
        MessageQueue queue = _broker.Queue("q");
        bool wasHeld = false;
        int writes = 0;
        _disk.BeforeCall = () =>
        {
            var others = new Thread(() => _ = queue.Counts);
            others.Start();
            wasHeld |= !others.Join(TimeSpan.FromSeconds(5));
            writes++;
        };
        SetBudget(Budget);
        for (int i = 0; i < 300; i++)
        {
            Publish("q", i, 50_000, persistent: false);
        }

        AwaitRented(Budget);
        _disk.BeforeCall = null;
        Assert.InRange(writes, 1, int.MaxValue);
        Assert.False(wasHeld);
        CheckBodies("q", 300, 50_000);
    }

    [Fact]
    public void A_page_written_for_a_message_that_has_gone_meanwhile_is_given_back()
    {
        MessageQueue queue = _broker.Queue("q");
        for (int i = 0; i < 100; i++)
        {
            Publish("q", i, 50_000, persistent: false);
        }

        int purged = 0;
        _disk.BeforeCall = () =>
        {
            purged++;
            queue.Purge(out _);
        };
        int letGo = queue.PageOut(PageOutDepth.Everything, round: 1, out _);
        _disk.BeforeCall = null;

        Assert.InRange(purged, 1, int.MaxValue);
        Assert.Equal(0, letGo);
        Assert.Equal(0, Pages.LiveBytes);
    }

    [Fact]
    public void A_full_disk_keeps_bodies_in_memory_until_there_is_room()
    {
        _broker.Queue("q");
        _disk.Capacity = _disk.Used;
        SetBudget(Budget);
        for (int i = 0; i < 200; i++)
        {
            Publish("q", i, 50_000, persistent: false);
        }

        Assert.InRange(Slabs.RentedBytes, 200 * 50_000, long.MaxValue);
        CheckBodies("q", 200, 50_000);

        _disk.Capacity = long.MaxValue;
        AwaitRented(Budget);
        CheckBodies("q", 200, 50_000);
    }

    [Fact]
    public void The_page_file_is_given_back_when_nothing_is_paged_out_any_more()
    {
        SetBudget(Budget);
        MessageQueue queue = _broker.Queue("q");
        for (int i = 0; i < 500; i++)
        {
            Publish("q", i, 50_000, persistent: false);
        }

        AwaitRented(Budget);
        Assert.InRange(Pages.FileBytes, PageFile.ExtentSize, long.MaxValue);
        queue.Purge(out _);

        _broker.Time.Elapse(TimeSpan.FromSeconds(11));

        Assert.Equal(0, Pages.LiveBytes);
        Assert.Equal(0, Pages.FileBytes);
    }

    private static byte[] BodyOf(int number, int length)
    {
        byte[] body = new byte[length];
        new Random(number).NextBytes(body);
        BinaryPrimitives.WriteInt32LittleEndian(body, number);
        return body;
    }

    private void Publish(string queue, int number, int length, bool persistent) =>
        _broker.Publish(queue, BodyOf(number, length), persistent: persistent);

    private void SetBudget(long bytes) => _broker.Broker.SetPageBudget(bytes);

    // The pager works on the pool, and rests by the broker's time.
    private void AwaitRented(long bytes)
    {
        bool isReached = SpinWait.SpinUntil(
            () =>
            {
                _broker.Time.Elapse(TimeSpan.FromMilliseconds(20));
                return Slabs.RentedBytes <= bytes;
            },
            Limit);
        Assert.True(isReached, $"{Slabs.RentedBytes} bytes are out");
    }

    private void CheckBodies(string name, int count, int length)
    {
        int number = 0;
        _broker.Host.FindQueue(name)!.Browse().Read(long.MaxValue, (in BrowsedMessage message) =>
        {
            Assert.Equal(BodyOf(number++, length), message.Message.Body);
            return true;
        });
        Assert.Equal(count, number);
    }
}
