using System.Diagnostics;
using RabbitMQ.Client;
using Warren.Interop.Tests.Raw;
using Warren.Interop.Tests.Running;
using static Warren.Interop.Tests.Raw.RawMethod;

namespace Warren.Interop.Tests;

/// <summary>Hostile clients: each meets its error or a limit, memory stays bounded, and others are served meanwhile.</summary>
public sealed class BadInputTests : OwnBrokerTest
{
    private const long Mebibyte = 1024 * 1024;

    public BadInputTests(SharedBroker broker)
        : base(broker)
    {
    }

    [Theory]
    [InlineData('F')]
    [InlineData('A')]
    public async Task Deeply_nested_tables_and_arrays_are_refused(char kind)
    {
        Assert.SkipWhen(Broker.IsReference, "3.10.8 takes any depth");
        RawClient client = OpenRaw();
        byte[] value = [];
        for (int depth = 0; depth < 10_000; depth++)
        {
            RawWriter outer = new();
            if (kind == 'F')
            {
                outer.ShortString("k");
            }

            value = outer.U8((byte)kind).U32((uint)value.Length).Bytes(value).ToArray();
        }

        byte[] arguments = kind == 'F' ? value : new RawWriter().ShortString("k").Bytes(value).ToArray();
        byte[] frame = new RawWriter().U16(50).U16(10).U16(0).ShortString("deep")
            .Bits(false).LongString(arguments).ToArray();
        client.SendFrame(1, 1, frame.AsSpan(0, Math.Min(frame.Length, 131_000)));

        Assert.InRange(client.ExpectConnectionClose().Code, 501, 502);
        await OthersGoOnAsync();
    }

    [Fact]
    public async Task Deeply_nested_message_headers_harm_nobody()
    {
        string queue = Unique("q");
        RawClient client = OpenRaw();
        client.Call(1, QueueDeclare(queue, exclusive: true), 11);
        byte[] table = [];
        for (int depth = 0; depth < 5_000; depth++)
        {
            table = new RawWriter().ShortString("k").U8((byte)'F').LongString(table).ToArray();
        }

        client.Publish(1, "amq.headers", queue, "x"u8, flags: 0x2000,
            properties: new RawWriter().LongString(table).ToArray());
        client.Publish(1, "", queue, "x"u8, flags: 0x2000,
            properties: new RawWriter().LongString(table).ToArray());

        await OthersGoOnAsync();
    }

    [Fact]
    public async Task Body_size_of_two_to_the_63_is_refused_at_the_header()
    {
        RawClient client = OpenRaw();

        client.Send(1, BasicPublish("", "k"));
        client.SendHeader(1, 1UL << 63);

        RawFrame answer = client.ReadNoHeartbeat();
        Assert.True(answer.Is(20, 40) || answer.Is(10, 50), $"got {answer}");
        await OthersGoOnAsync();
    }

    [Fact]
    public void Body_in_frames_of_one_byte_is_put_together()
    {
        string queue = Unique("q");
        RawClient client = OpenRaw();
        client.Call(1, QueueDeclare(queue, exclusive: true), 11);
        byte[] body = new byte[20_000];
        new Random(1).NextBytes(body);

        client.Send(1, BasicPublish("", queue));
        client.SendHeader(1, (ulong)body.Length);
        using MemoryStream frames = new();
        foreach (byte octet in body)
        {
            frames.Write(RawClient.Frame(3, 1, [octet]));
        }

        client.Send(frames.ToArray());

        client.Call(1, BasicGet(queue, noAck: true), 71);
        Assert.Equal(body, client.ReadContent(1).Body);
    }

    [Fact]
    public void Heartbeat_between_body_frames_is_fine()
    {
        string queue = Unique("q");
        RawClient client = OpenRaw();
        client.Call(1, QueueDeclare(queue, exclusive: true), 11);

        client.Send(1, BasicPublish("", queue));
        client.SendFrame(8, 0, []);
        client.SendHeader(1, 2);
        client.SendBody(1, "a"u8);
        client.SendFrame(8, 0, []);
        client.SendBody(1, []);
        client.SendBody(1, "b"u8);

        client.Call(1, BasicGet(queue, noAck: true), 71);
        Assert.Equal("ab"u8.ToArray(), client.ReadContent(1).Body);
    }

    [Theory]
    [InlineData("x-message-ttl", 'l', "8000000000000000")]
    [InlineData("x-message-ttl", 'd', "7FF8000000000000")]
    [InlineData("x-max-length", 'd', "7FF0000000000000")]
    [InlineData("x-max-priority", 't', "01")]
    [InlineData("x-expires", 'F', "00000000")]
    [InlineData("x-max-length-bytes", 'A', "00000000")]
    [InlineData("x-dead-letter-exchange", 'V', "")]
    [InlineData("x-single-active-consumer", 'I', "00000001")]
    [InlineData("x-overflow", 't', "01")]
    [InlineData("x-queue-type", 'A', "00000000")]
    public async Task Argument_of_a_wrong_type_or_range_is_refused(string key, char type, string hex)
    {
        RawClient client = OpenRaw();

        client.Send(1, QueueDeclare(
            Unique("q"), exclusive: true, arguments: [(key, new RawValue(type, Convert.FromHexString(hex)))]));

        if (Broker.IsReference)
        {
            RawFrame answer = client.ReadNoHeartbeat();
            Assert.True(answer.Is(20, 40) || answer.Is(10, 50), $"got {answer}");
        }
        else
        {
            Assert.Equal(406, client.ExpectChannelClose(1).Code);
        }

        await OthersGoOnAsync();
    }

    [Fact]
    public async Task Every_channel_with_a_consumer_and_then_a_cut()
    {
        string queue = Unique("q");
        RawClient client = OpenRaw();
        client.Call(1, QueueDeclare(queue, autoDelete: true), 11);
        for (ushort channel = 2; channel <= 2047; channel++)
        {
            client.Send([
                .. RawClient.MethodFrame(channel, ChannelOpen()),
                .. RawClient.MethodFrame(channel, BasicConsume(queue, "c")),
            ]);
            client.Expect(channel, 20, 11);
            client.Expect(channel, 60, 21);
        }

        client.Dispose();

        await OthersGoOnAsync();
    }

    [Fact]
    public async Task Consumer_that_never_reads_does_not_fill_the_memory()
    {
        await StartAsync();
        RawClient deaf = OpenOwnRaw();
        deaf.Call(1, QueueDeclare("deaf", durable: true), 11);
        deaf.Send(1, BasicConsume("deaf", noAck: true, noWait: true));
        IChannel publisher = await OpenOwnAsync();
        byte[] body = new byte[64 * 1024];
        await PublishManyAsync(publisher, "deaf", body, 160);
        long before = Own.ResidentBytes;

        await PublishManyAsync(publisher, "deaf", body, 1_600);

        // the queue itself holds them; what is bounded is what waits for the socket
        Assert.InRange(await publisher.MessageCountAsync("deaf"), 1_000u, 1_760u);
        Assert.InRange(Own.ResidentBytes - before, long.MinValue, 400 * Mebibyte);
        IChannel other = await OpenOwnAsync();
        await other.ExchangeDeclarePassiveAsync("amq.direct");
    }

    [Fact]
    public async Task Publisher_that_never_reads_its_confirms_does_not_fill_the_memory()
    {
        await StartAsync();
        RawClient client = OpenOwnRaw();
        client.Call(1, ConfirmSelect(), 11);
        byte[] publishes = [.. Enumerable.Range(0, 1000).SelectMany(_ => (byte[])
            [
                .. RawClient.MethodFrame(1, BasicPublish("", "nowhere")),
                .. RawClient.Frame(2, 1, new RawWriter().U16(60).U16(0).U64(0).U16(0).ToArray()),
            ])];
        long before = Own.ResidentBytes;

        try
        {
            for (int i = 0; i < 500; i++)
            {
                client.Send(publishes);
            }
        }
        catch (IOException)
        {
            // the broker stopped reading, which is a bound as well
        }

        Assert.InRange(Own.ResidentBytes - before, long.MinValue, 100 * Mebibyte);
        OpenOwnRaw();
    }

    [Fact]
    public async Task Get_loop_and_a_hundred_thousand_unacked_messages()
    {
        const int Count = 100_000;
        string queue = Unique("q");
        RawClient client = OpenRaw();
        client.ReadTimeoutMs = 30_000;
        client.Call(1, QueueDeclare(queue, exclusive: true), 11);
        byte[] publish =
        [
            .. RawClient.MethodFrame(1, BasicPublish("", queue)),
            .. RawClient.Frame(2, 1, new RawWriter().U16(60).U16(0).U64(0).U16(0).ToArray()),
        ];
        client.Send([.. Enumerable.Range(0, Count / 100).SelectMany(_ => publish)]);
        for (int i = 0; i < 99; i++)
        {
            client.Send([.. Enumerable.Range(0, Count / 100).SelectMany(_ => publish)]);
        }

        client.Send(1, BasicConsume(queue, "c"));
        client.Expect(1, 60, 21);
        for (int i = 0; i < Count; i++)
        {
            client.Expect(1, 60, 60);
            client.ReadContent(1);
        }

        client.Send(1, BasicAck(0, multiple: true));
        RawReader counted = client.Call(1, QueueDeclare(queue, passive: true), 11).Arguments();
        counted.ShortString();
        Assert.Equal(0u, counted.U32());
        for (int i = 0; i < 5_000; i++)
        {
            client.Call(1, BasicGet(queue, noAck: true), 72);
        }

        client.Send(1, BasicAck(0, multiple: true));
        client.Send(1, BasicAck(Count));
        Assert.Equal(406, client.ExpectChannelClose(1).Code);
        await OthersGoOnAsync();
    }

    [Fact]
    public async Task Huge_transaction_is_committed_whole_or_refused()
    {
        const int Count = 50_000;
        string queue = Unique("q");
        RawClient client = OpenRaw();
        client.ReadTimeoutMs = 60_000;
        client.Call(1, QueueDeclare(queue, exclusive: true), 11);
        client.Call(1, TxSelect(), 11);
        byte[] publish =
        [
            .. RawClient.MethodFrame(1, BasicPublish("", queue)),
            .. RawClient.Frame(2, 1, new RawWriter().U16(60).U16(0).U64(16).U16(0).ToArray()),
            .. RawClient.Frame(3, 1, new byte[16]),
        ];
        byte[] thousand = [.. Enumerable.Range(0, 1000).SelectMany(_ => publish)];
        for (int i = 0; i < Count / 1000; i++)
        {
            client.Send(thousand);
        }

        client.Send(1, TxCommit());
        RawFrame answer = client.ReadNoHeartbeat();

        if (answer.Is(90, 21))
        {
            RawReader counted = client.Call(1, QueueDeclare(queue, passive: true), 11).Arguments();
            counted.ShortString();
            Assert.Equal((uint)Count, counted.U32());
        }
        else
        {
            Assert.True(answer.Is(20, 40) || answer.Is(10, 50), $"got {answer}");
        }

        await OthersGoOnAsync();
    }

    [Fact]
    public async Task Thousands_of_queues_and_bindings_come_and_go()
    {
        string prefix = Unique("many");
        RawClient client = OpenRaw();
        client.ReadTimeoutMs = 30_000;
        for (int i = 0; i < 3_000; i++)
        {
            client.Send(1, QueueDeclare($"{prefix}-{i}", exclusive: true, noWait: true));
            client.Send(1, QueueBind($"{prefix}-{i}", "amq.topic", $"{prefix}.*.{i}.#", noWait: true));
        }

        client.Publish(1, "amq.topic", $"{prefix}.x.2999.y", "found"u8);
        client.Call(1, BasicGet($"{prefix}-2999", noAck: true), 71);
        client.ReadContent(1);
        client.Dispose();

        await OthersGoOnAsync();
    }

    [Fact]
    public async Task Hostile_topic_patterns_cost_no_exponential_time()
    {
        IChannel channel = await OpenConfirmingAsync();
        string exchange = Unique("x");
        await channel.ExchangeDeclareAsync(exchange, "topic", durable: false, autoDelete: true);
        string queue = await QueueAsync(channel);
        string key = string.Join('.', Enumerable.Repeat("a", 127));
        for (int i = 0; i < 100; i++)
        {
            string pattern = string.Concat(Enumerable.Repeat("#.#.*.", 1 + (i % 8))) + $"none{i}";
            await channel.QueueBindAsync(queue, exchange, pattern);
        }

        if (Broker.IsReference)
        {
            // 3.10.8 needs minutes for this one
            return;
        }

        var watch = Stopwatch.StartNew();
        for (int i = 0; i < 20; i++)
        {
            await channel.BasicPublishAsync(exchange, key, Text.Bytes("x"));
        }

        Assert.InRange(watch.ElapsedMilliseconds, 0, 5_000);
        await OthersGoOnAsync();
    }

    [Fact]
    public async Task Connections_that_come_and_go_leave_nothing()
    {
        await StartAsync();
        for (int i = 0; i < 200; i++)
        {
            OpenOwnRaw().Dispose();
        }

        long before = Own.ResidentBytes;
        for (int i = 0; i < 1_000; i++)
        {
            using RawClient client = RawClient.Connect("127.0.0.1", Own.Port);
            client.SendProtocolHeader();
            client.Expect(0, 10, 10);
        }

        Assert.InRange(Own.ResidentBytes - before, long.MinValue, 64 * Mebibyte);
        OpenOwnRaw();
    }

    private static async Task PublishManyAsync(IChannel channel, string queue, byte[] body, int count)
    {
        for (int i = 0; i < count; i += 16)
        {
            await Task.WhenAll(Enumerable.Range(0, 16).Select(
                _ => channel.BasicPublishAsync("", queue, body).AsTask()));
        }
    }
}
