using System.Security.Cryptography;
using RabbitMQ.Client;
using RabbitMQ.Client.Exceptions;
using Warren.Interop.Tests.Raw;
using Warren.Interop.Tests.Running;
using static Warren.Interop.Tests.Raw.RawMethod;

namespace Warren.Interop.Tests;

/// <summary>What is published arrives unchanged, is returned, confirmed and copied as asked.</summary>
public sealed class PublishTests : BrokerTest
{
    public PublishTests(SharedBroker broker)
        : base(broker)
    {
    }

    [Fact]
    public async Task All_properties_arrive_unchanged()
    {
        IChannel channel = await OpenAsync();
        string queue = await QueueAsync(channel);
        BasicProperties sent = new()
        {
            ContentType = "application/json",
            ContentEncoding = "utf-8",
            Headers = Arguments(("h", "v")),
            DeliveryMode = DeliveryModes.Persistent,
            Priority = 7,
            CorrelationId = "corr",
            ReplyTo = "reply",
            Expiration = "600000",
            MessageId = "id",
            Timestamp = new AmqpTimestamp(1_700_000_000),
            Type = "type",
            UserId = "guest",
            AppId = "app",
            ClusterId = "cluster",
        };

        await channel.BasicPublishAsync("", queue, mandatory: false, sent, Text.Bytes("body"));

        IReadOnlyBasicProperties got = (await GetAsync(channel, queue)).Properties;
        Assert.Equal(
            (sent.ContentType, sent.ContentEncoding, sent.DeliveryMode, sent.Priority, sent.CorrelationId,
                sent.ReplyTo, sent.Expiration),
            (got.ContentType, got.ContentEncoding, got.DeliveryMode, got.Priority, got.CorrelationId, got.ReplyTo,
                got.Expiration));
        Assert.Equal(
            (sent.MessageId, sent.Timestamp, sent.Type, sent.UserId, sent.AppId, sent.ClusterId),
            (got.MessageId, got.Timestamp, got.Type, got.UserId, got.AppId, got.ClusterId));
        Assert.Equal("v", Text.Of(got.Headers?["h"]));
    }

    [Fact]
    public async Task Headers_of_every_field_type_arrive_unchanged()
    {
        IChannel channel = await OpenAsync();
        string queue = await QueueAsync(channel);
        Dictionary<string, object?> sent = Arguments(
            ("bool", true), ("byte", (byte)200), ("sbyte", (sbyte)-100), ("short", (short)-30000),
            ("ushort", (ushort)60000), ("int", int.MinValue), ("uint", uint.MaxValue), ("long", long.MaxValue),
            ("float", 1.5f), ("double", Math.PI), ("decimal", 12.34m), ("string", "텍스트"),
            ("binary", new BinaryTableValue([0, 1, 255])), ("time", new AmqpTimestamp(1_700_000_000)),
            ("null", null), ("table", Arguments(("inner", Arguments(("deep", 1L))))),
            ("array", new List<object?> { 1, "two", true, new List<object?> { 3.0 } }), ("empty", ""));

        await channel.BasicPublishAsync(
            "", queue, mandatory: false, new BasicProperties { Headers = sent }, Text.Bytes("x"));

        IDictionary<string, object?> got = (await GetAsync(channel, queue)).Headers;
        Assert.Equal(sent.Keys.Order(StringComparer.Ordinal), got.Keys.Order(StringComparer.Ordinal));
        Assert.Equivalent(
            new object?[]
            {
                true, (byte)200, (sbyte)-100, (short)-30000, (ushort)60000, int.MinValue, uint.MaxValue,
                long.MaxValue, 1.5f, Math.PI, 12.34m,
            },
            new[] { "bool", "byte", "sbyte", "short", "ushort", "int", "uint", "long", "float", "double", "decimal" }
                .Select(key => got[key]).ToArray());
        Assert.Equal("텍스트", Text.Of(got["string"]));
        Assert.Equal([0, 1, 255], Assert.IsType<BinaryTableValue>(got["binary"]).Bytes);
        Assert.Equal(new AmqpTimestamp(1_700_000_000), got["time"]);
        Assert.Null(got["null"]);
        var table = Assert.IsType<IDictionary<string, object?>>(got["table"], exactMatch: false);
        Assert.Equal(1L, Assert.IsType<IDictionary<string, object?>>(table["inner"], exactMatch: false)["deep"]);
        var array = Assert.IsType<IList<object?>>(got["array"], exactMatch: false);
        Assert.Equal((1, "two", true), (array[0], Text.Of(array[1]), array[2]));
        Assert.Equal(3.0, Assert.IsType<IList<object?>>(array[3], exactMatch: false)[0]);
        Assert.Equal("", Text.Of(got["empty"]));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(131064)]
    [InlineData(131065)]
    [InlineData(1_000_000)]
    [InlineData(16 * 1024 * 1024)]
    public async Task Body_of_any_size_arrives_unchanged(int size)
    {
        IChannel channel = await OpenConfirmingAsync();
        string queue = await QueueAsync(channel);
        byte[] body = new byte[size];
        new Random(size).NextBytes(body);

        await channel.BasicPublishAsync("", queue, body);

        Delivery got = await GetAsync(channel, queue);
        Assert.Equal(size, got.Bytes.Length);
        Assert.Equal(SHA256.HashData(body), SHA256.HashData(got.Bytes));
    }

    [Fact]
    public async Task Big_body_reaches_a_consumer_unchanged()
    {
        IChannel channel = await OpenAsync();
        string queue = await QueueAsync(channel);
        Inbox inbox = await Inbox.OnAsync(channel, queue, autoAck: true);
        byte[] body = new byte[16 * 1024 * 1024];
        new Random(1).NextBytes(body);

        await channel.BasicPublishAsync("", queue, body);

        Assert.Equal(SHA256.HashData(body), SHA256.HashData((await inbox.NextAsync()).Bytes));
    }

    [Fact]
    public void Unroutable_mandatory_message_is_returned_before_it_is_confirmed()
    {
        string key = Unique("nowhere");
        RawClient client = OpenRaw();
        client.Call(1, ConfirmSelect(), 11);

        client.Publish(1, "amq.direct", key, "back"u8, mandatory: true, flags: 0x8000,
            properties: new RawWriter().ShortString("text/plain").ToArray());

        RawReader returned = client.Expect(1, 60, 50).Arguments();
        Assert.Equal(
            (312, "NO_ROUTE", "amq.direct", key),
            (returned.U16(), returned.ShortString(), returned.ShortString(), returned.ShortString()));
        (byte[] header, byte[] body) = client.ReadContent(1);
        Assert.Equal("back"u8.ToArray(), body);
        Assert.Equal(new RawWriter().U16(0x8000).ShortString("text/plain").ToArray(), header[12..]);
        RawReader ack = client.Expect(1, 60, 80).Arguments();
        Assert.Equal((1UL, (byte)0), (ack.U64(), ack.U8()));
    }

    [Fact]
    public async Task Client_library_gets_its_message_back()
    {
        IChannel channel = await OpenAsync();
        TaskCompletionSource<(int Code, string Text, string Body)> returned = new();
        channel.BasicReturnAsync += (_, e) =>
        {
            returned.SetResult((e.ReplyCode, e.ReplyText, Text.Of(e.Body.ToArray())));
            return Task.CompletedTask;
        };

        await channel.BasicPublishAsync("", Unique("nowhere"), mandatory: true, Text.Bytes("back"));

        Assert.Equal((312, "NO_ROUTE", "back"), await returned.Task.WaitAsync(Patience));
    }

    [Fact]
    public async Task Routed_mandatory_message_is_not_returned()
    {
        IChannel channel = await OpenConfirmingAsync();
        string queue = await QueueAsync(channel);

        await channel.BasicPublishAsync("", queue, mandatory: true, Text.Bytes("fine"));

        Assert.Equal("fine", (await GetAsync(channel, queue)).Body);
    }

    [Fact]
    public async Task Unroutable_message_is_confirmed_and_dropped()
    {
        IChannel channel = await OpenConfirmingAsync();

        await channel.BasicPublishAsync("", Unique("nowhere"), Text.Bytes("dropped"));
        PublishException returned = await Assert.ThrowsAnyAsync<PublishException>(async () =>
            await channel.BasicPublishAsync("", Unique("nowhere"), mandatory: true, Text.Bytes("returned")));

        Assert.True(returned.IsReturn);
    }

    [Fact]
    public void Confirms_count_from_one_after_select()
    {
        string queue = Unique("q");
        RawClient client = OpenRaw();
        client.Call(1, QueueDeclare(queue, exclusive: true), 11);
        client.Publish(1, "", queue, "before"u8);
        client.Call(1, ConfirmSelect(), 11);
        client.Call(1, ConfirmSelect(), 11);

        client.Publish(1, "", queue, "first"u8);

        Assert.Equal(1UL, client.Expect(1, 60, 80).Arguments().U64());
    }

    [Fact]
    public void Ten_thousand_confirms_cover_every_message_once()
    {
        const int Count = 10_000;
        string queue = Unique("q");
        RawClient client = OpenRaw();
        client.Call(1, QueueDeclare(queue, durable: true), 11);
        client.Call(1, ConfirmSelect(), 11);
        Thread publisher = new(() =>
        {
            for (int i = 0; i < Count; i++)
            {
                // delivery-mode 2
                client.Publish(1, "", queue, "persistent"u8, flags: 0x1000, properties: [2]);
            }
        });
        publisher.Start();

        bool[] confirmed = new bool[Count + 1];
        int open = Count;
        ulong covered = 0;
        while (open > 0)
        {
            RawReader ack = client.Expect(1, 60, 80).Arguments();
            ulong tag = ack.U64();
            bool multiple = ack.U8() == 1;
            for (ulong i = multiple ? covered + 1 : tag; i <= tag; i++)
            {
                if (!confirmed[i])
                {
                    confirmed[i] = true;
                    open--;
                }
                else
                {
                    Assert.True(multiple, $"{tag} was confirmed twice");
                }
            }

            covered = multiple ? tag : covered;
        }

        publisher.Join();
        Assert.Equal((uint)Count, client.Call(1, QueueDelete(queue), 41).Arguments().U32());
    }

    [Fact]
    public async Task Client_library_confirms_a_thousand_publishes()
    {
        IChannel channel = await OpenConfirmingAsync();
        string queue = await QueueAsync(channel);

        await Task.WhenAll(Enumerable.Range(0, 1000).Select(
            i => channel.BasicPublishAsync("", queue, Text.Bytes($"{i}")).AsTask()));

        Assert.Equal(1000u, await channel.MessageCountAsync(queue));
    }

    [Fact]
    public async Task Cc_and_bcc_add_routing_keys_and_bcc_stays_hidden()
    {
        IChannel channel = await OpenAsync();
        string to = await QueueAsync(channel);
        string cc = await QueueAsync(channel);
        string bcc = await QueueAsync(channel);

        await channel.BasicPublishAsync("", to, mandatory: false, new BasicProperties
        {
            Headers = Arguments(
                ("CC", new List<object?> { cc, to }), ("BCC", new List<object?> { bcc }), ("kept", "yes")),
        }, Text.Bytes("all"));

        foreach (string queue in (string[])[to, cc, bcc])
        {
            Delivery got = await GetAsync(channel, queue);
            Assert.Equal(("all", to), (got.Body, got.RoutingKey));
            Assert.Equal(["CC", "kept"], got.Headers.Keys.Order(StringComparer.Ordinal));
            Assert.Null(await TryGetAsync(channel, queue));
        }
    }

    [Fact]
    public async Task Own_user_id_is_accepted()
    {
        IChannel channel = await OpenConfirmingAsync();
        string queue = await QueueAsync(channel);

        await channel.BasicPublishAsync(
            "", queue, mandatory: false, new BasicProperties { UserId = "guest" }, Text.Bytes("me"));

        Assert.Equal("guest", (await GetAsync(channel, queue)).Properties.UserId);
    }

    [Fact]
    public async Task One_publisher_keeps_its_order()
    {
        IChannel channel = await OpenAsync();
        string queue = await QueueAsync(channel);
        Inbox inbox = await Inbox.OnAsync(channel, queue, autoAck: true);

        for (int i = 0; i < 2000; i++)
        {
            await channel.BasicPublishAsync("", queue, Text.Bytes($"{i}"));
        }

        Assert.Equal(Enumerable.Range(0, 2000).Select(i => $"{i}"), (await inbox.NextAsync(2000)).Select(d => d.Body));
    }
}
