using Warren.Protocols.Amqp091;
using Warren.Protocols.Tests.Amqp091.InMemory;
using Warren.Wire.Amqp091;
using Xunit;

namespace Warren.Protocols.Tests.Amqp091;

/// <summary>Whatever size of message the broker takes, its consumers get, and one that does not read holds up nobody's memory.</summary>
public sealed class LargeMessageTests : IDisposable
{
    private const int MiB = 1024 * 1024;
    private const int FrameMax = 131072;

    private readonly InMemoryBroker _broker = new(new Amqp091Options { MaxMessageSize = 512 * MiB });
    private long _received;
    private bool _isDamaged;

    public void Dispose() => _broker.Dispose();

    [Theory]
    [InlineData(40)]
    [InlineData(100)]
    public void A_consumer_gets_a_message_of_any_size_the_broker_took(int mebibytes)
    {
        using InMemoryClient consumer = Client();
        consumer.DeclareQueue("q"u8, durable: false);
        consumer.Consume("q"u8, noAck: false);

        Publish(mebibytes * MiB);
        consumer.ReceiveUntil(_ => _received == mebibytes * (long)MiB);

        Assert.False(_isDamaged);
        Assert.Equal(1UL, consumer.Deliveries);
    }

    [Fact]
    public void A_message_that_is_asked_for_is_got_whatever_its_size()
    {
        using InMemoryClient client = Client();
        client.DeclareQueue("q"u8, durable: false);
        Publish(40 * MiB);

        client.Get("q"u8, noAck: true);
        client.ReceiveUntil(_ => _received == 40 * MiB);

        Assert.False(_isDamaged);
    }

    [Fact]
    public void A_message_that_goes_nowhere_comes_back_whatever_its_size()
    {
        using InMemoryClient client = Client();

        Publish(client, 40 * MiB, mandatory: true);
        client.ReceiveUntil(_ => _received == 40 * MiB);

        Assert.False(_isDamaged);
        Assert.Equal(MethodId.BasicReturn, client.LastMethod);
    }

    [Fact]
    public void Large_bodies_are_not_copied_however_small_the_frames_of_the_client()
    {
        using InMemoryClient consumer = Client(frameMax: 4096);
        consumer.DeclareQueue("q"u8, durable: false);
        consumer.Consume("q"u8, noAck: true);
        consumer.StopsReading = true;

        Publish(40 * MiB);

        Assert.InRange(consumer.Session.Output.PendingBytes, 40 * MiB, 41 * MiB);
        Assert.InRange(_broker.Resources.Blocks.RentedBytes, 0, MiB);

        consumer.StopsReading = false;
        consumer.ReceiveUntil(_ => _received == 40 * MiB);
        Assert.False(_isDamaged);
    }

    [Fact]
    public void A_consumer_that_does_not_read_is_sent_one_large_message_and_the_others_wait_in_the_queue()
    {
        using InMemoryClient consumer = Client();
        consumer.DeclareQueue("q"u8, durable: false);
        consumer.Consume("q"u8, noAck: true);
        consumer.StopsReading = true;

        for (int i = 0; i < 4; i++)
        {
            Publish(20 * MiB);
        }

        Assert.InRange(consumer.Session.Output.PendingBytes, 20 * MiB, 21 * MiB);
        Assert.Equal(3, _broker.VirtualHost.FindQueue("q")!.Counts.Ready);

        consumer.StopsReading = false;
        consumer.ReceiveUntil(_ => _received == 80 * MiB);
        Assert.False(_isDamaged);
    }

    [Fact]
    public void A_client_that_asks_for_more_than_it_reads_is_answered_as_it_reads()
    {
        using InMemoryClient client = Client();
        client.DeclareQueue("q"u8, durable: false);
        for (int i = 0; i < 6; i++)
        {
            Publish(10 * MiB);
        }

        client.StopsReading = true;
        for (int i = 0; i < 6; i++)
        {
            client.Get("q"u8, noAck: true);
        }

        Assert.InRange(client.Session.Output.PendingBytes, 10 * MiB, 11 * MiB);
        Assert.Equal(5, _broker.VirtualHost.FindQueue("q")!.Counts.Ready);

        client.StopsReading = false;
        client.ReceiveUntil(_ => _received == 60 * MiB);
        Assert.False(_isDamaged);
    }

    private static byte At(long position) => (byte)(position * 31 >> 3);

    private InMemoryClient Client(uint frameMax = FrameMax)
    {
        InMemoryClient client = _broker.Connect(frameMax);
        client.OnBody = part =>
        {
            foreach (byte one in part.Span)
            {
                _isDamaged |= one != At(_received++ % (10 * MiB));
            }
        };
        return client;
    }

    private void Publish(int bodySize)
    {
        using InMemoryClient publisher = _broker.Connect();
        Publish(publisher, bodySize, mandatory: false);
    }

    private static void Publish(InMemoryClient client, int bodySize, bool mandatory)
    {
        byte[] frame = new byte[FrameMax];
        byte[] body = new byte[FrameMax - 8];
        int length = ClientMethodWriter.WritePublish(frame, 1, ""u8, "q"u8, mandatory: mandatory);
        length += MethodWriter.WriteContentHeader(frame.AsSpan(length), 1, (ulong)bodySize, BasicPropertiesWriter.Write(new BasicPropertyValues()));
        client.Send(frame.AsSpan(0, length));
        for (long at = 0; at < bodySize;)
        {
            int part = (int)Math.Min(body.Length, bodySize - at);
            for (int i = 0; i < part; i++)
            {
                body[i] = At((at + i) % (10 * MiB));
            }

            client.Send(frame.AsSpan(0, MethodWriter.WriteBody(frame, 1, body.AsSpan(0, part))));
            at += part;
        }
    }
}
