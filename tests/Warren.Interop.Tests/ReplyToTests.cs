using RabbitMQ.Client;
using Warren.Interop.Tests.Raw;
using Warren.Interop.Tests.Running;
using static Warren.Interop.Tests.Raw.RawMethod;

namespace Warren.Interop.Tests;

/// <summary>Direct reply-to: requests and replies without a reply queue.</summary>
public sealed class ReplyToTests : BrokerTest
{
    private const string ReplyTo = "amq.rabbitmq.reply-to";

    public ReplyToTests(SharedBroker broker)
        : base(broker)
    {
    }

    [Fact]
    public async Task Reply_finds_the_asker()
    {
        IChannel asker = await OpenAsync();
        IChannel server = await OpenAsync();
        string requests = await QueueAsync(asker);
        string work = Unique("rpc");
        await server.QueueDeclareAsync(work, durable: false, exclusive: false, autoDelete: true);
        Inbox replies = await Inbox.OnAsync(asker, ReplyTo, autoAck: true);
        Inbox serving = await Inbox.OnAsync(server, work);

        await asker.BasicPublishAsync("", work, mandatory: true, new BasicProperties
        {
            ReplyTo = ReplyTo,
            CorrelationId = "c1",
        }, Text.Bytes("21"));
        Delivery request = await serving.NextAsync();
        Assert.StartsWith(ReplyTo + ".", request.Properties.ReplyTo, StringComparison.Ordinal);
        await server.BasicPublishAsync("", request.Properties.ReplyTo!, mandatory: true, new BasicProperties
        {
            CorrelationId = request.Properties.CorrelationId,
        }, Text.Bytes("42"));

        Delivery reply = await replies.NextAsync();
        Assert.Equal(("42", "c1", ""), (reply.Body, reply.Properties.CorrelationId, reply.Exchange));
        Assert.NotEmpty(requests);
    }

    [Fact]
    public async Task Reply_address_can_be_checked_while_the_asker_lives()
    {
        IConnection connection = await ConnectAsync();
        IChannel asker = await connection.CreateChannelAsync();
        IChannel server = await OpenAsync();
        string address = await AddressAsync(asker, server);

        await server.QueueDeclarePassiveAsync(address);
        await connection.CloseAsync();

        await EventuallyAsync(
            async () =>
            {
                IChannel checking = await OpenAsync();
                try
                {
                    await checking.QueueDeclarePassiveAsync(address);
                    return false;
                }
                catch (RabbitMQ.Client.Exceptions.OperationInterruptedException gone)
                {
                    return gone.ShutdownReason?.ReplyCode == 404;
                }
            },
            "end of the reply address");
    }

    [Theory]
    [InlineData(".guessed")]
    [InlineData(".g2dkABByZXBseUA")]
    [InlineData("")]
    [InlineData(".")]
    public async Task Forged_reply_address_reaches_nobody(string token)
    {
        IChannel asker = await OpenAsync();
        Inbox replies = await Inbox.OnAsync(asker, ReplyTo, autoAck: true);
        RawClient forger = OpenRaw();
        forger.Call(1, ConfirmSelect(), 11);

        forger.Publish(1, "", ReplyTo + token, "forged"u8, mandatory: true);

        forger.Expect(1, 60, 50);
        forger.ReadContent(1);
        forger.Expect(1, 60, 80);
        await replies.NothingMoreAsync();
    }

    [Fact]
    public async Task Changed_token_is_refused()
    {
        IChannel asker = await OpenAsync();
        IChannel server = await OpenAsync();
        string address = await AddressAsync(asker, server);
        Inbox replies = await Inbox.OnAsync(await OpenAsync(), ReplyTo, autoAck: true);
        char last = address[^1];

        await server.BasicPublishAsync("", address[..^1] + (last == 'A' ? 'B' : 'A'), Text.Bytes("forged"));

        await replies.NothingMoreAsync();
    }

    [Fact]
    public async Task Cancelled_reply_consumer_can_be_set_again()
    {
        IChannel asker = await OpenAsync();
        Inbox replies = await Inbox.OnAsync(asker, ReplyTo, autoAck: true);

        await asker.BasicCancelAsync(replies.Tag);
        await Inbox.OnAsync(asker, ReplyTo, autoAck: true);
    }

    private static async Task<string> AddressAsync(IChannel asker, IChannel server)
    {
        string work = Unique("rpc");
        await server.QueueDeclareAsync(work, durable: false, exclusive: true, autoDelete: false);
        await Inbox.OnAsync(asker, ReplyTo, autoAck: true);
        await asker.BasicPublishAsync(
            "", work, mandatory: false, new BasicProperties { ReplyTo = ReplyTo }, Text.Bytes("?"));
        return (await GetAsync(server, work)).Properties.ReplyTo!;
    }
}
