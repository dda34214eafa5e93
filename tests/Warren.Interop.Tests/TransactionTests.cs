using RabbitMQ.Client;
using Warren.Interop.Tests.Running;

namespace Warren.Interop.Tests;

/// <summary>tx.select, commit and rollback for publishes and acknowledgements.</summary>
public sealed class TransactionTests : BrokerTest
{
    private IChannel _tx = null!;
    private IChannel _observer = null!;
    private string _queue = "";

    public TransactionTests(SharedBroker broker)
        : base(broker)
    {
    }

    /// <inheritdoc/>
    public override async ValueTask InitializeAsync()
    {
        IConnection connection = await ConnectAsync();
        _tx = await connection.CreateChannelAsync();
        _observer = await connection.CreateChannelAsync();
        _queue = await QueueAsync(_observer);
        await _tx.TxSelectAsync();
    }

    [Fact]
    public async Task Published_messages_appear_with_the_commit()
    {
        await _tx.BasicPublishAsync("", _queue, Text.Bytes("1"));
        await _tx.BasicPublishAsync("", _queue, Text.Bytes("2"));
        await _tx.ExchangeDeclarePassiveAsync("amq.direct");
        Assert.Equal(0u, await _observer.MessageCountAsync(_queue));

        await _tx.TxCommitAsync();

        Assert.Equal(["1", "2"], await DrainAsync(_observer, _queue));
    }

    [Fact]
    public async Task Rolled_back_messages_never_appear()
    {
        await _tx.BasicPublishAsync("", _queue, Text.Bytes("no"));
        await _tx.TxRollbackAsync();
        await _tx.BasicPublishAsync("", _queue, Text.Bytes("yes"));
        await _tx.TxCommitAsync();

        Assert.Equal(["yes"], await DrainAsync(_observer, _queue));
    }

    [Fact]
    public async Task Closing_the_channel_rolls_back()
    {
        await _tx.BasicPublishAsync("", _queue, Text.Bytes("no"));

        await _tx.CloseAsync();

        Assert.Equal(0u, await _observer.MessageCountAsync(_queue));
    }

    [Fact]
    public async Task Committed_acks_take_messages_off()
    {
        await _observer.BasicPublishAsync("", _queue, Text.Bytes("1"));
        Delivery got = await GetAsync(_tx, _queue, autoAck: false);

        await _tx.BasicAckAsync(got.Tag, multiple: false);
        await _tx.TxCommitAsync();
        await _tx.CloseAsync();

        Assert.Equal(0u, await _observer.MessageCountAsync(_queue));
    }

    [Fact]
    public async Task Uncommitted_acks_are_forgotten_when_the_channel_closes()
    {
        await _observer.BasicPublishAsync("", _queue, Text.Bytes("1"));
        Delivery got = await GetAsync(_tx, _queue, autoAck: false);

        await _tx.BasicAckAsync(got.Tag, multiple: false);
        await _tx.CloseAsync();

        Delivery again = await GetAsync(_observer, _queue);
        Assert.Equal(("1", true), (again.Body, again.Redelivered));
    }

    [Fact]
    public async Task Rolled_back_ack_can_be_given_again()
    {
        await _observer.BasicPublishAsync("", _queue, Text.Bytes("1"));
        Delivery got = await GetAsync(_tx, _queue, autoAck: false);
        await _tx.BasicAckAsync(got.Tag, multiple: false);

        await _tx.TxRollbackAsync();
        await _tx.BasicAckAsync(got.Tag, multiple: false);
        await _tx.TxCommitAsync();
        await _tx.CloseAsync();

        Assert.Equal(0u, await _observer.MessageCountAsync(_queue));
    }

    [Fact]
    public async Task Committed_requeue_brings_the_message_back()
    {
        await _observer.BasicPublishAsync("", _queue, Text.Bytes("1"));
        Delivery got = await GetAsync(_tx, _queue, autoAck: false);

        await _tx.BasicNackAsync(got.Tag, multiple: false, requeue: true);
        await _tx.ExchangeDeclarePassiveAsync("amq.direct");
        Assert.Equal(0u, await _observer.MessageCountAsync(_queue));
        await _tx.TxCommitAsync();

        Assert.Equal("1", (await GetAsync(_observer, _queue)).Body);
    }

    [Fact]
    public async Task Empty_transactions_are_fine()
    {
        await _tx.TxSelectAsync();
        await _tx.TxCommitAsync();
        await _tx.TxRollbackAsync();
    }

    [Fact]
    public async Task Error_inside_the_transaction_drops_it()
    {
        await _tx.BasicPublishAsync("", _queue, Text.Bytes("no"));

        await RefusedAsync(404, "NOT_FOUND - no exchange 'no-such' in vhost '/'",
            () => _tx.ExchangeDeclarePassiveAsync("no-such"));

        Assert.Equal(0u, await _observer.MessageCountAsync(_queue));
    }
}
