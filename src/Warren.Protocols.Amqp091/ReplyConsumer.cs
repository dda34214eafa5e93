using System.Text;
using Warren.Buffers;
using Warren.Core.DirectReplies;
using Warren.Core.Messages;

namespace Warren.Protocols.Amqp091;

/// <summary>A consumer of the pseudo queue amq.rabbitmq.reply-to: replies reach it without a queue.</summary>
internal sealed class ReplyConsumer : DirectReplyTarget
{
    private readonly Channel _channel;
    private readonly byte[] _tag;

    public ReplyConsumer(Channel channel, string tag)
    {
        _channel = channel;
        Tag = tag;
        _tag = Encoding.UTF8.GetBytes(tag);
        Address = channel.Broker.DirectReplies.Register(this);
    }

    public string Tag { get; }

    /// <summary>What reply-to is rewritten to.</summary>
    public string Address { get; }

    /// <inheritdoc/>
    public override bool TryDeliver(Message message, FlushSet flush)
    {
        OutputBuffer output = _channel.Connection.Output;
        lock (output.Lock)
        {
            if (!_channel.IsOpen || output.IsFull)
            {
                return false;
            }

            _channel.Statistics.OnDelivered(queue: null, noAck: true, redelivered: false);
            DeliveryWriter.WriteDeliver(
                output,
                _channel.Connection.FrameMax,
                _channel.Number,
                _tag,
                _channel.NextDeliveryTag(),
                redelivered: false,
                message,
                ForeignMessage.PropertiesOf(_channel.Broker, message, _channel.Connection.FrameMax));
        }

        flush.Add(output);
        return true;
    }
}
