using System.Runtime.CompilerServices;
using FsCheck;
using FsCheck.Fluent;
using Warren.Core.Queues;
using Warren.Protocols.Mqtt;
using Warren.Protocols.Tests.Amqp091.InMemory;
using Xunit;

namespace Warren.Protocols.Tests.Mqtt;

/// <summary>Deliveries under way by packet identifier, against a dictionary, and what the table takes for them.</summary>
public sealed class InflightTableTests : IDisposable
{
    private readonly InMemoryBroker _broker = new();
    private readonly MessageQueue _queue;

    public InflightTableTests()
    {
        using InMemoryClient client = _broker.Connect();
        client.DeclareQueue("q"u8, durable: false);
        _queue = _broker.VirtualHost.FindQueue("q")!;
    }

    public void Dispose() => _broker.Dispose();

    [Fact]
    public void It_does_what_a_dictionary_does()
    {
        Gen<(int, int)[]> steps =
            from many in Gen.Choose(1, 600)
            from all in Gen.Choose(0, 9).Zip(Gen.Choose(0, int.MaxValue - 1)).ArrayOf(many)
            select all;

        Prop.ForAll(steps.ToArbitrary(), all => Check(all)).Check(Config.QuickThrowOnFailure.WithMaxTest(300));
    }

    [Fact]
    public void Two_identifiers_far_apart_take_no_more_room_than_two_neighbours()
    {
        var table = new InflightTable();
        for (int i = 0; i < 6; i++)
        {
            table.Resume(new NumberedDelivery(_queue, i, 0, (ushort)(1 + (i * 8192)), false));
        }

        Assert.InRange(table.Capacity, 6, 24);
        Assert.Equal(6, table.ResumedCount);
    }

    [Fact]
    public void An_identifier_that_is_never_settled_is_stepped_over_and_takes_no_room_of_others()
    {
        var table = new InflightTable();
        table.Add().EntryId = 42;
        for (int i = 0; i < 200_000; i++)
        {
            ushort id = table.Add().PacketId;
            Assert.NotEqual(1, id);
            table.Remove(id);
        }

        Assert.Equal(42, table.Find(1).EntryId);
        Assert.InRange(table.Capacity, 1, 8);
    }

    [Fact]
    public void When_every_identifier_is_taken_there_is_no_room()
    {
        var table = new InflightTable();
        for (int i = 1; i <= ushort.MaxValue; i++)
        {
            Assert.True(table.HasRoom);
            Assert.Equal(i, table.Add().PacketId);
        }

        Assert.False(table.HasRoom);
        table.Remove(77);
        Assert.True(table.HasRoom);
        Assert.Equal(77, table.Add().PacketId);
    }

    [Fact]
    public void The_identifier_of_a_message_that_is_gone_is_used_again_as_late_as_can_be()
    {
        var table = new InflightTable();
        var gone = new NumberedDelivery(_queue, 5, 0, 9, false);
        table.Resume(gone);

        table.Forget(gone);

        Assert.Equal(0, table.ResumedCount);
        Assert.Equal(10, table.Add().PacketId);
    }

    private void Check((int Step, int Number)[] steps)
    {
        var table = new InflightTable();
        var model = new Dictionary<ushort, (long EntryId, bool IsResumed)>();
        long entry = 0;
        int most = 0;
        foreach ((int step, int number) in steps)
        {
            switch (step)
            {
                case <= 3:
                    ref Inflight added = ref table.Add();
                    added.EntryId = ++entry;
                    added.Queue = _queue;
                    model.Add(added.PacketId, (entry, false));
                    break;
                case <= 5:
                    // few identifiers, which meet in small tables
                    ushort id = (ushort)(1 + (number % 40 * 1024) + (number % 3));
                    table.Resume(new NumberedDelivery(_queue, ++entry, 0, id, false));
                    model.TryAdd(id, (entry, true));
                    break;
                case 6 when model.Values.FirstOrDefault(m => m.IsResumed) is { IsResumed: true } resumed:
                    ref Inflight slot = ref table.FindResumed(_queue, resumed.EntryId);
                    table.Sending(ref slot, InflightStage.AwaitReceipt);
                    model[slot.PacketId] = (resumed.EntryId, false);
                    break;
                default:
                    if (model.Count > 0)
                    {
                        ushort one = model.Keys.ElementAt(number % model.Count);
                        table.Remove(one);
                        model.Remove(one);
                    }

                    break;
            }

            most = Math.Max(most, model.Count);
            Assert.Equal(model.Count(m => m.Value.IsResumed), table.ResumedCount);
            Assert.Equal(model.Count(m => !m.Value.IsResumed), table.Sent);
            Assert.InRange(table.Capacity, 0, Math.Max(8, 4 * most));
            foreach ((ushort id, (long entryId, bool isResumed)) in model)
            {
                Assert.Equal(entryId, table.Find(id).EntryId);
                Assert.Equal(isResumed, !Unsafe.IsNullRef(ref table.FindResumed(_queue, entryId)));
            }

            Assert.True(Unsafe.IsNullRef(ref table.Find((ushort)(60_001 + (number % 1000)))));
        }

        Assert.Equal(model.Keys.Order(), table.All().Select(i => i.PacketId).Order());
    }
}
