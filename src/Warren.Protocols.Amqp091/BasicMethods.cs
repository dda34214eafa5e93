using System.Text;
using Warren.Buffers;
using Warren.Buffers.Fields;
using Warren.Core.Arguments;
using Warren.Core.Events;
using Warren.Core.Metrics;
using Warren.Core.Queues;
using Warren.Core.Security;
using Warren.Wire.Amqp091;
using Warren.Wire.Amqp091.Methods;

namespace Warren.Protocols.Amqp091;

/// <summary>The basic class but for publishing.</summary>
internal static class BasicMethods
{
    public static void OnAck(Channel channel, BasicAck method) =>
        channel.Acknowledger.Settle(method.DeliveryTag, method.Multiple, SettlementKind.Accepted);

    public static void OnNack(Channel channel, BasicNack method) =>
        channel.Acknowledger.Settle(
            method.DeliveryTag, method.Multiple, method.Requeue ? SettlementKind.Returned : SettlementKind.Rejected);

    public static void OnReject(Channel channel, BasicReject method) =>
        channel.Acknowledger.Settle(
            method.DeliveryTag, multiple: false, method.Requeue ? SettlementKind.Returned : SettlementKind.Rejected);

    public static void OnQos(Channel channel, BasicQos method)
    {
        if (method.PrefetchSize != 0)
        {
            throw new ConnectionError(
                ReplyCode.NotImplemented, $"prefetch_size!=0 ({method.PrefetchSize})", MethodId.BasicQos);
        }

        if (method.Global)
        {
            channel.SetSharedPrefetch(method.PrefetchCount);
        }
        else
        {
            channel.DefaultPrefetch = method.PrefetchCount;
        }

        channel.Reply(noWait: false, default, s => MethodWriter.WriteEmpty(s, channel.Number, MethodId.BasicQosOk));
    }

    public static void OnRecover(Channel channel, bool requeue, bool replies)
    {
        if (!requeue)
        {
            throw new ConnectionError(ReplyCode.NotImplemented, "requeue=false", MethodId.BasicRecover);
        }

        channel.Acknowledger.RequeueAll(channel.Flush);
        if (replies)
        {
            channel.Reply(noWait: false, default, s => MethodWriter.WriteEmpty(s, channel.Number, MethodId.BasicRecoverOk));
        }
    }

    public static void OnConsume(Channel channel, BasicConsume method)
    {
        string tag = method.ConsumerTag.IsEmpty
            ? EntityNames.Random("amq.ctag-")
            : Encoding.UTF8.GetString(method.ConsumerTag);
        if (channel.FindConsumer(tag) is not null || channel.DirectReply?.Tag == tag)
        {
            throw new ConnectionError(
                ReplyCode.NotAllowed, $"attempt to reuse consumer tag '{tag}'", MethodId.BasicConsume);
        }

        if (method.Queue.SequenceEqual("amq.rabbitmq.reply-to"u8))
        {
            OnConsumeReplies(channel, tag, method.NoAck, method.NoWait);
            return;
        }

        MessageQueue queue = QueueMethods.FindQueue(channel, method.Queue, PermissionKind.Read);
        FieldTable arguments = FieldTableReader.Read(method.Arguments);
        ConsumerArguments parsed = ConsumerArguments.Parse(
            arguments, queue.Name, channel.VirtualHost.Name, queue.Definition.Parsed.Kind);
        var consumer = new ChannelConsumer(
            channel, queue, tag, method.NoAck, method.Exclusive, parsed.Priority, arguments, channel.DefaultPrefetch);

        // The client must see consume-ok before the first delivery, and only if the queue takes the consumer.
        queue.CheckSubscribe(consumer);
        channel.AddConsumer(consumer);
        byte[] tagUtf8 = Encoding.UTF8.GetBytes(tag);
        channel.Reply(method.NoWait, default, s => MethodWriter.WriteConsumeOk(s, channel.Number, tagUtf8));
        queue.Subscribe(consumer, channel.Flush);
        if (channel.Broker.Events.IsHeard)
        {
            channel.Broker.Events.ConsumerCreated(channel.Report, consumer.View());
        }
    }

    public static void OnCancel(Channel channel, BasicCancel method)
    {
        string tag = Encoding.UTF8.GetString(method.ConsumerTag);
        if (channel.FindConsumer(tag) is { } consumer)
        {
            channel.RemoveConsumer(consumer, channel.Flush);
        }
        else if (channel.DirectReply is { } reply && reply.Tag == tag)
        {
            channel.Broker.DirectReplies.Unregister(reply.Address);
            channel.DirectReply = null;
        }

        byte[] tagUtf8 = method.ConsumerTag.ToArray();
        channel.Reply(method.NoWait, default, s => MethodWriter.WriteCancelOk(s, channel.Number, tagUtf8));
    }

    public static void OnGet(Channel channel, BasicGet method)
    {
        MessageQueue queue = QueueMethods.FindQueue(channel, method.Queue, PermissionKind.Read);
        if (!queue.TryGet(method.NoAck, channel.Flush, out TakenMessage taken))
        {
            channel.Statistics.OnNothingToTake(queue.Name);
            channel.Reply(noWait: false, default, s => MethodWriter.WriteGetEmpty(s, channel.Number));
            return;
        }

        channel.Connection.Appended();
        Neighbour? counted = channel.Statistics.Deliveries.Of(queue.Name);
        OutputBuffer output = channel.Connection.Output;
        lock (output.Lock)
        {
            channel.Statistics.OnTaken(counted, method.NoAck, taken.Redelivered);
            ulong tag = channel.NextDeliveryTag();
            if (!method.NoAck)
            {
                channel.AddUnacked(tag, queue, taken.EntryId, consumer: null);
            }

            Span<byte> frame = output.GetSpan(FrameSizes.Close + 512);
            output.Advance(MethodWriter.WriteGetOk(
                frame,
                channel.Number,
                tag,
                taken.Redelivered,
                taken.Message.Exchange,
                ForeignMessage.KeyOf(taken.Message),
                (uint)Math.Min(taken.Remaining, uint.MaxValue)));
            ReadOnlySpan<byte> properties = ForeignMessage.PropertiesOf(
                channel.Broker, taken.Message, channel.Connection.FrameMax);
            if (taken.DeliveryCount > 0 && queue.Definition.Parsed.Kind == QueueKind.Quorum)
            {
                properties = ChannelConsumer.WithDeliveryCount(properties, taken.DeliveryCount);
            }

            DeliveryWriter.WriteContent(output, channel.Connection.FrameMax, channel.Number, taken.Message, properties);
            channel.Connection.PauseWhileFull();
        }

        channel.VirtualHost.Firehose?.OnDelivered(taken.Message, queue, taken.Redelivered, channel.Origin);
        taken.Message.Payload.Release();
        channel.Flush.Add(output);
    }

    private static void OnConsumeReplies(Channel channel, string tag, bool noAck, bool noWait)
    {
        if (!noAck)
        {
            throw new ChannelError(
                ReplyCode.PreconditionFailed, "reply consumer cannot acknowledge", MethodId.BasicConsume);
        }

        if (channel.DirectReply is not null)
        {
            throw new ChannelError(ReplyCode.PreconditionFailed, "reply consumer already set", MethodId.BasicConsume);
        }

        channel.DirectReply = new ReplyConsumer(channel, tag);
        byte[] tagUtf8 = Encoding.UTF8.GetBytes(tag);
        channel.Reply(noWait, default, s => MethodWriter.WriteConsumeOk(s, channel.Number, tagUtf8));
    }
}
