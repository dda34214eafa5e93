using System.Buffers.Binary;
using Warren.Buffers.Fields;

namespace Warren.Wire.Amqp091;

/// <summary>Writes the frames a server sends. Each writes one whole frame into the span and answers its length.</summary>
/// <remarks>Pure; the ones of a delivery do not allocate.</remarks>
public static class MethodWriter
{
    /// <summary>Bytes <see cref="WriteDeliver"/> takes.</summary>
    public static int SizeOfDeliver(
        ReadOnlySpan<byte> consumerTag, ReadOnlySpan<byte> exchange, ReadOnlySpan<byte> routingKey) =>
        FrameReader.HeaderSize + MethodHeader.Size + 1 + consumerTag.Length + sizeof(ulong) + 1 + 1 + exchange.Length + 1
        + routingKey.Length + 1;

    /// <summary>basic.deliver.</summary>
    public static int WriteDeliver(
        Span<byte> destination,
        ushort channel,
        ReadOnlySpan<byte> consumerTag,
        ulong deliveryTag,
        bool redelivered,
        ReadOnlySpan<byte> exchange,
        ReadOnlySpan<byte> routingKey)
    {
        var frame = FrameWriter.Method(destination, channel, MethodId.BasicDeliver);
        frame.ShortString(consumerTag);
        frame.LongLong(deliveryTag);
        frame.Bit(redelivered);
        frame.ShortString(exchange);
        frame.ShortString(routingKey);
        return frame.End();
    }

    /// <summary>A content header of class basic (AMQP 0-9-1, 4.2.6.1).</summary>
    /// <param name="destination">Room for 20 bytes and the properties.</param>
    /// <param name="channel">The channel.</param>
    /// <param name="bodySize">Bytes of the body.</param>
    /// <param name="properties">Property flags and list as they were received.</param>
    public static int WriteContentHeader(
        Span<byte> destination, ushort channel, long bodySize, ReadOnlySpan<byte> properties)
    {
        var frame = FrameWriter.Header(destination, channel);
        frame.Short(ContentHeader.BasicClass);
        frame.Short(0);
        frame.LongLong((ulong)bodySize);
        frame.Raw(properties);
        return frame.End();
    }

    /// <summary>The seven octets before a part of a body; the end octet follows the part.</summary>
    public static int WriteBodyFrameHeader(Span<byte> destination, ushort channel, int partLength)
    {
        destination[0] = (byte)FrameType.Body;
        BinaryPrimitives.WriteUInt16BigEndian(destination[1..], channel);
        BinaryPrimitives.WriteUInt32BigEndian(destination[3..], (uint)partLength);
        return FrameReader.HeaderSize;
    }

    /// <summary>A whole body frame.</summary>
    public static int WriteBodyFrame(Span<byte> destination, ushort channel, ReadOnlySpan<byte> part)
    {
        int at = WriteBodyFrameHeader(destination, channel, part.Length);
        part.CopyTo(destination[at..]);
        at += part.Length;
        destination[at] = FrameReader.FrameEnd;
        return at + 1;
    }

    /// <summary>basic.return.</summary>
    public static int WriteBasicReturn(
        Span<byte> destination,
        ushort channel,
        ReplyCode code,
        ReadOnlySpan<byte> text,
        ReadOnlySpan<byte> exchange,
        ReadOnlySpan<byte> routingKey)
    {
        var frame = FrameWriter.Method(destination, channel, MethodId.BasicReturn);
        frame.Short((ushort)code);
        frame.ShortString(text);
        frame.ShortString(exchange);
        frame.ShortString(routingKey);
        return frame.End();
    }

    /// <summary>basic.get-ok.</summary>
    public static int WriteBasicGetOk(
        Span<byte> destination,
        ushort channel,
        ulong deliveryTag,
        bool redelivered,
        ReadOnlySpan<byte> exchange,
        ReadOnlySpan<byte> routingKey,
        uint messageCount)
    {
        var frame = FrameWriter.Method(destination, channel, MethodId.BasicGetOk);
        frame.LongLong(deliveryTag);
        frame.Bit(redelivered);
        frame.ShortString(exchange);
        frame.ShortString(routingKey);
        frame.Long(messageCount);
        return frame.End();
    }

    /// <summary>connection.start.</summary>
    public static int WriteConnectionStart(
        Span<byte> destination,
        byte versionMajor,
        byte versionMinor,
        FieldTable serverProperties,
        ReadOnlySpan<byte> mechanisms,
        ReadOnlySpan<byte> locales)
    {
        var frame = FrameWriter.Method(destination, 0, MethodId.ConnectionStart);
        frame.Octet(versionMajor);
        frame.Octet(versionMinor);
        frame.Table(serverProperties);
        frame.LongString(mechanisms);
        frame.LongString(locales);
        return frame.End();
    }

    /// <summary>connection.tune.</summary>
    public static int WriteConnectionTune(Span<byte> destination, ushort channelMax, uint frameMax, ushort heartbeat)
    {
        var frame = FrameWriter.Method(destination, 0, MethodId.ConnectionTune);
        frame.Short(channelMax);
        frame.Long(frameMax);
        frame.Short(heartbeat);
        return frame.End();
    }

    /// <summary>connection.close.</summary>
    public static int WriteConnectionClose(Span<byte> destination, ReplyCode code, string text, MethodId failed) =>
        WriteClose(FrameWriter.Method(destination, 0, MethodId.ConnectionClose), code, text, failed);

    /// <summary>channel.close.</summary>
    public static int WriteChannelClose(Span<byte> destination, ushort channel, ReplyCode code, string text, MethodId failed) =>
        WriteClose(FrameWriter.Method(destination, channel, MethodId.ChannelClose), code, text, failed);

    private static int WriteClose(FrameWriter frame, ReplyCode code, string text, MethodId failed)
    {
        frame.Short((ushort)code);
        frame.ShortString(text);
        frame.Short((ushort)((uint)failed >> 16));
        frame.Short((ushort)failed);
        return frame.End();
    }

    /// <summary>connection.open-ok.</summary>
    public static int WriteConnectionOpenOk(Span<byte> destination)
    {
        var frame = FrameWriter.Method(destination, 0, MethodId.ConnectionOpenOk);
        frame.ShortString(default(ReadOnlySpan<byte>));
        return frame.End();
    }

    /// <summary>connection.close-ok.</summary>
    public static int WriteConnectionCloseOk(Span<byte> destination) =>
        FrameWriter.Method(destination, 0, MethodId.ConnectionCloseOk).End();

    /// <summary>connection.unblocked.</summary>
    public static int WriteConnectionUnblocked(Span<byte> destination) =>
        FrameWriter.Method(destination, 0, MethodId.ConnectionUnblocked).End();

    /// <summary>connection.update-secret-ok.</summary>
    public static int WriteConnectionUpdateSecretOk(Span<byte> destination) =>
        FrameWriter.Method(destination, 0, MethodId.ConnectionUpdateSecretOk).End();

    /// <summary>connection.blocked.</summary>
    public static int WriteConnectionBlocked(Span<byte> destination, string reason)
    {
        var frame = FrameWriter.Method(destination, 0, MethodId.ConnectionBlocked);
        frame.ShortString(reason);
        return frame.End();
    }

    /// <summary>channel.open-ok.</summary>
    public static int WriteChannelOpenOk(Span<byte> destination, ushort channel)
    {
        var frame = FrameWriter.Method(destination, channel, MethodId.ChannelOpenOk);
        frame.LongString(default);
        return frame.End();
    }

    /// <summary>channel.flow-ok.</summary>
    public static int WriteChannelFlowOk(Span<byte> destination, ushort channel, bool active)
    {
        var frame = FrameWriter.Method(destination, channel, MethodId.ChannelFlowOk);
        frame.Bit(active);
        return frame.End();
    }

    /// <summary>channel.close-ok.</summary>
    public static int WriteChannelCloseOk(Span<byte> destination, ushort channel) =>
        FrameWriter.Method(destination, channel, MethodId.ChannelCloseOk).End();

    /// <summary>access.request-ok.</summary>
    public static int WriteAccessRequestOk(Span<byte> destination, ushort channel, ushort ticket)
    {
        var frame = FrameWriter.Method(destination, channel, MethodId.AccessRequestOk);
        frame.Short(ticket);
        return frame.End();
    }

    /// <summary>exchange.declare-ok.</summary>
    public static int WriteExchangeDeclareOk(Span<byte> destination, ushort channel) =>
        FrameWriter.Method(destination, channel, MethodId.ExchangeDeclareOk).End();

    /// <summary>exchange.delete-ok.</summary>
    public static int WriteExchangeDeleteOk(Span<byte> destination, ushort channel) =>
        FrameWriter.Method(destination, channel, MethodId.ExchangeDeleteOk).End();

    /// <summary>exchange.bind-ok.</summary>
    public static int WriteExchangeBindOk(Span<byte> destination, ushort channel) =>
        FrameWriter.Method(destination, channel, MethodId.ExchangeBindOk).End();

    /// <summary>exchange.unbind-ok.</summary>
    public static int WriteExchangeUnbindOk(Span<byte> destination, ushort channel) =>
        FrameWriter.Method(destination, channel, MethodId.ExchangeUnbindOk).End();

    /// <summary>queue.declare-ok.</summary>
    public static int WriteQueueDeclareOk(Span<byte> destination, ushort channel, ReadOnlySpan<byte> queue, uint messageCount, uint consumerCount)
    {
        var frame = FrameWriter.Method(destination, channel, MethodId.QueueDeclareOk);
        frame.ShortString(queue);
        frame.Long(messageCount);
        frame.Long(consumerCount);
        return frame.End();
    }

    /// <summary>queue.bind-ok.</summary>
    public static int WriteQueueBindOk(Span<byte> destination, ushort channel) =>
        FrameWriter.Method(destination, channel, MethodId.QueueBindOk).End();

    /// <summary>queue.unbind-ok.</summary>
    public static int WriteQueueUnbindOk(Span<byte> destination, ushort channel) =>
        FrameWriter.Method(destination, channel, MethodId.QueueUnbindOk).End();

    /// <summary>queue.purge-ok.</summary>
    public static int WriteQueuePurgeOk(Span<byte> destination, ushort channel, uint messageCount)
    {
        var frame = FrameWriter.Method(destination, channel, MethodId.QueuePurgeOk);
        frame.Long(messageCount);
        return frame.End();
    }

    /// <summary>queue.delete-ok.</summary>
    public static int WriteQueueDeleteOk(Span<byte> destination, ushort channel, uint messageCount)
    {
        var frame = FrameWriter.Method(destination, channel, MethodId.QueueDeleteOk);
        frame.Long(messageCount);
        return frame.End();
    }

    /// <summary>basic.qos-ok.</summary>
    public static int WriteBasicQosOk(Span<byte> destination, ushort channel) =>
        FrameWriter.Method(destination, channel, MethodId.BasicQosOk).End();

    /// <summary>basic.consume-ok.</summary>
    public static int WriteBasicConsumeOk(Span<byte> destination, ushort channel, ReadOnlySpan<byte> consumerTag)
    {
        var frame = FrameWriter.Method(destination, channel, MethodId.BasicConsumeOk);
        frame.ShortString(consumerTag);
        return frame.End();
    }

    /// <summary>basic.cancel.</summary>
    public static int WriteBasicCancel(Span<byte> destination, ushort channel, ReadOnlySpan<byte> consumerTag, bool noWait)
    {
        var frame = FrameWriter.Method(destination, channel, MethodId.BasicCancel);
        frame.ShortString(consumerTag);
        frame.Bit(noWait);
        return frame.End();
    }

    /// <summary>basic.cancel-ok.</summary>
    public static int WriteBasicCancelOk(Span<byte> destination, ushort channel, ReadOnlySpan<byte> consumerTag)
    {
        var frame = FrameWriter.Method(destination, channel, MethodId.BasicCancelOk);
        frame.ShortString(consumerTag);
        return frame.End();
    }

    /// <summary>basic.get-empty.</summary>
    public static int WriteBasicGetEmpty(Span<byte> destination, ushort channel)
    {
        var frame = FrameWriter.Method(destination, channel, MethodId.BasicGetEmpty);
        frame.ShortString(default(ReadOnlySpan<byte>));
        return frame.End();
    }

    /// <summary>basic.ack.</summary>
    public static int WriteBasicAck(Span<byte> destination, ushort channel, ulong deliveryTag, bool multiple)
    {
        var frame = FrameWriter.Method(destination, channel, MethodId.BasicAck);
        frame.LongLong(deliveryTag);
        frame.Bit(multiple);
        return frame.End();
    }

    /// <summary>basic.nack.</summary>
    public static int WriteBasicNack(Span<byte> destination, ushort channel, ulong deliveryTag, bool multiple, bool requeue)
    {
        var frame = FrameWriter.Method(destination, channel, MethodId.BasicNack);
        frame.LongLong(deliveryTag);
        frame.Bit(multiple);
        frame.Bit(requeue);
        return frame.End();
    }

    /// <summary>basic.recover-ok.</summary>
    public static int WriteBasicRecoverOk(Span<byte> destination, ushort channel) =>
        FrameWriter.Method(destination, channel, MethodId.BasicRecoverOk).End();

    /// <summary>confirm.select-ok.</summary>
    public static int WriteConfirmSelectOk(Span<byte> destination, ushort channel) =>
        FrameWriter.Method(destination, channel, MethodId.ConfirmSelectOk).End();

    /// <summary>tx.select-ok.</summary>
    public static int WriteTxSelectOk(Span<byte> destination, ushort channel) =>
        FrameWriter.Method(destination, channel, MethodId.TxSelectOk).End();

    /// <summary>tx.commit-ok.</summary>
    public static int WriteTxCommitOk(Span<byte> destination, ushort channel) =>
        FrameWriter.Method(destination, channel, MethodId.TxCommitOk).End();

    /// <summary>tx.rollback-ok.</summary>
    public static int WriteTxRollbackOk(Span<byte> destination, ushort channel) =>
        FrameWriter.Method(destination, channel, MethodId.TxRollbackOk).End();
}
