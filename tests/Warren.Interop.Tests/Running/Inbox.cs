using System.Threading.Channels;
using RabbitMQ.Client;
using RabbitMQ.Client.Events;

namespace Warren.Interop.Tests.Running;

/// <summary>A consumer that keeps what it gets until the test asks for it.</summary>
public sealed class Inbox
{
    private readonly Channel<Delivery> _deliveries = System.Threading.Channels.Channel.CreateUnbounded<Delivery>();

    private Inbox(IChannel channel) => Channel = channel;

    /// <summary>The channel the consumer lives on.</summary>
    public IChannel Channel { get; }

    /// <summary>The consumer tag.</summary>
    public string Tag { get; private set; } = string.Empty;

    /// <summary>Completes with the consumer tag when the server cancels the consumer.</summary>
    public TaskCompletionSource<string> Cancelled { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Deliveries not taken yet.</summary>
    public int Waiting => _deliveries.Reader.Count;

    /// <summary>Starts a consumer.</summary>
    public static async Task<Inbox> OnAsync(
        IChannel channel,
        string queue,
        bool autoAck = false,
        bool exclusive = false,
        string tag = "",
        IDictionary<string, object?>? arguments = null)
    {
        Inbox inbox = new(channel);
        AsyncEventingBasicConsumer consumer = new(channel);
        consumer.ReceivedAsync += (_, e) =>
        {
            inbox._deliveries.Writer.TryWrite(Delivery.Of(e));
            return Task.CompletedTask;
        };
        consumer.UnregisteredAsync += (_, e) =>
        {
            inbox.Cancelled.TrySetResult(e.ConsumerTags[0]);
            return Task.CompletedTask;
        };
        inbox.Tag = await channel.BasicConsumeAsync(
            queue, autoAck, tag, noLocal: false, exclusive, arguments, consumer);
        return inbox;
    }

    /// <summary>The next delivery, waited for up to 20 s.</summary>
    public async Task<Delivery> NextAsync()
    {
        using CancellationTokenSource limit = new(TimeSpan.FromSeconds(20));
        try
        {
            return await _deliveries.Reader.ReadAsync(limit.Token);
        }
        catch (OperationCanceledException late)
        {
            throw new TimeoutException($"no delivery for consumer {Tag} in 20 s", late);
        }
    }

    /// <summary>The next deliveries, in order.</summary>
    public async Task<List<Delivery>> NextAsync(int count)
    {
        List<Delivery> got = [];
        for (int i = 0; i < count; i++)
        {
            got.Add(await NextAsync());
        }

        return got;
    }

    /// <summary>Asserts that nothing more is on its way: a round trip on the channel comes back first.</summary>
    /// <remarks>The broker sends a channel's frames in order, so whatever it delivered before would be here.</remarks>
    public async Task NothingMoreAsync()
    {
        await Channel.ExchangeDeclarePassiveAsync("amq.direct");
        await Task.Delay(100);
        Assert.False(_deliveries.Reader.TryPeek(out Delivery? more), $"unexpected delivery: {more?.Body}");
    }

    /// <summary>Asserts that nothing arrives within the time given.</summary>
    public async Task QuietForAsync(int milliseconds)
    {
        await Task.Delay(milliseconds);
        Assert.False(_deliveries.Reader.TryPeek(out Delivery? more), $"unexpected delivery: {more?.Body}");
    }
}
