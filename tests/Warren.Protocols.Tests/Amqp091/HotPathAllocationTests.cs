using Warren.Protocols.Tests.Amqp091.InMemory;
using Xunit;

namespace Warren.Protocols.Tests.Amqp091;

/// <summary>What a message leaves for the garbage collector between two sockets (docs/hot-path.md): nothing.</summary>
/// <remarks>
/// The broker runs on the client's thread, inside Send, and the log's writer on its own. The counters of both threads are
/// exact, whatever else the process does, and the broker's clock stands still.
/// </remarks>
[Collection(Alone)]
public sealed class HotPathAllocationTests : IDisposable
{
    // Beside other tests the runtime compiles, and what it compiles with is counted too.
    private const string Alone = "alone";

    private const int BodySize = 1024;
    private const int Batch = 1000;
    private const int WarmUp = 20 * Batch;
    private const int Messages = 100 * Batch;

    // Slabs are objects: 40 bytes for each 64 KiB of messages.
    private const double Nothing = 1;

    // What the log must know of each record while its segment stands: about 50 bytes, in arrays that grow by doubling;
    // and now and then a buffer, when the writer has one more in hand than before.
    private const double IndexOfTheLog = 256;

    private readonly InMemoryBroker _broker = new();
    private readonly byte[] _acks = new byte[Batch * 32];
    private ulong _acknowledged;
    private long _allocated; // by this thread, inside Send
    private long _allocatedByWriter; // while messages were measured

    public void Dispose() => _broker.Dispose();

    [Fact]
    public void A_message_to_a_consumer_without_acknowledgements_allocates_nothing()
    {
        using InMemoryClient consumer = Consumer("q"u8, durable: false, noAck: true);
        using InMemoryClient publisher = _broker.Connect();
        byte[] batch = ClientFrames.Publishes(Batch, ""u8, "q"u8, BodySize, persistent: false);

        double each = Measure(() =>
        {
            Send(publisher, batch);
            consumer.Receive();
        });

        Assert.Equal((ulong)(WarmUp + Messages), consumer.Deliveries);
        Assert.InRange(each, 0, Nothing);
    }

    [Fact]
    public void A_message_acknowledged_one_by_one_under_a_prefetch_limit_allocates_nothing()
    {
        using InMemoryClient consumer = Consumer("q"u8, durable: false, noAck: false, prefetch: 100);
        using InMemoryClient publisher = _broker.Connect();
        byte[] batch = ClientFrames.Publishes(Batch, ""u8, "q"u8, BodySize, persistent: false);

        double each = Measure(() =>
        {
            Send(publisher, batch);
            AcknowledgeAll(consumer);
        });

        Assert.Equal((ulong)(WarmUp + Messages), consumer.Deliveries);
        Assert.InRange(each, 0, Nothing);
    }

    [Fact]
    public void A_transient_message_with_a_confirm_to_a_durable_queue_allocates_nothing()
    {
        using InMemoryClient consumer = Consumer("q"u8, durable: true, noAck: true);
        using InMemoryClient publisher = _broker.Connect();
        publisher.SelectConfirms();
        byte[] batch = ClientFrames.Publishes(Batch, ""u8, "q"u8, BodySize, persistent: false);

        double each = Measure(() =>
        {
            Send(publisher, batch);
            publisher.Receive();
            consumer.Receive();
        });

        Assert.Equal((ulong)(WarmUp + Messages), publisher.Confirmed);
        Assert.InRange(each, 0, Nothing);
    }

    [Fact]
    public void A_stored_message_with_a_confirm_allocates_only_its_place_in_the_index_of_the_log()
    {
        using InMemoryClient consumer = Consumer("q"u8, durable: true, noAck: false);
        using InMemoryClient publisher = _broker.Connect();
        publisher.SelectConfirms();
        byte[] batch = ClientFrames.Publishes(Batch, ""u8, "q"u8, BodySize, persistent: true);
        ulong published = 0;

        double each = Measure(() =>
        {
            Send(publisher, batch);
            published += Batch;
            publisher.ReceiveUntil(client => client.Confirmed == published);
            AcknowledgeAll(consumer);
        });

        Assert.Equal((ulong)(WarmUp + Messages), consumer.Deliveries);
        Assert.InRange(each + ((double)_allocatedByWriter / Messages), 0, IndexOfTheLog);
    }

    private void AcknowledgeAll(InMemoryClient consumer)
    {
        consumer.Receive();
        while (_acknowledged < consumer.Deliveries)
        {
            int length = ClientFrames.WriteAcks(_acks, _acknowledged + 1, consumer.Deliveries);
            _acknowledged = consumer.Deliveries;
            Send(consumer, _acks.AsSpan(0, length));
            consumer.Receive();
        }
    }

    private InMemoryClient Consumer(ReadOnlySpan<byte> queue, bool durable, bool noAck, ushort prefetch = 0)
    {
        InMemoryClient client = _broker.Connect();
        client.DeclareQueue(queue, durable);
        client.Consume(queue, noAck, prefetch);
        return client;
    }

    private void Send(InMemoryClient client, ReadOnlySpan<byte> frames)
    {
        long before = GC.GetAllocatedBytesForCurrentThread();
        client.Send(frames);
        _allocated += GC.GetAllocatedBytesForCurrentThread() - before;
    }

    // Bytes allocated inside Send for each message, once everything pooled is there.
    private double Measure(Action batch)
    {
        for (int i = 0; i < WarmUp / Batch; i++)
        {
            batch();
        }

        _allocated = 0;
        long writerBefore = _broker.Disk.WriterAllocatedBytes;
        for (int i = 0; i < Messages / Batch; i++)
        {
            batch();
        }

        _allocatedByWriter = _broker.Disk.WriterAllocatedBytes - writerBefore;
        return (double)_allocated / Messages;
    }
}

/// <summary>Tests that run while no other does.</summary>
[CollectionDefinition("alone", DisableParallelization = true)]
public sealed class AloneCollection;
