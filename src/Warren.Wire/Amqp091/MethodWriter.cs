using System.Buffers.Binary;
using Warren.Buffers.Fields;

namespace Warren.Wire.Amqp091;

/// <summary>Writes the frames a server sends, each whole, and returns its length in bytes.</summary>
/// <remarks>
/// Pure, no allocation. <see cref="MaxSize"/> bytes are enough for every method here but connection.start and
/// connection.secure. Short strings longer than 255 bytes throw <see cref="OverflowException"/>.
/// </remarks>
public static class MethodWriter
{
    /// <summary>Bytes the longest method frame takes, connection.start and connection.secure left aside.</summary>
    public const int MaxSize = 1024;

    /// <summary>Bytes of a method frame without arguments.</summary>
    public const int EmptySize = FrameReader.Overhead + Method.IdSize;

    /// <summary>Bytes of basic.ack, basic.nack and basic.reject.</summary>
    public const int AckSize = EmptySize + sizeof(ulong) + 1;

    private const int ContentHeaderOverhead = FrameReader.Overhead + ContentHeader.FixedSize;

    /// <summary>A method without arguments: most -ok methods and connection.unblocked.</summary>
    public static int WriteEmpty(Span<byte> destination, ushort channel, MethodId method) =>
        new FrameWriter(destination, channel, method).End();

    /// <summary>Bytes <see cref="WriteConnectionStart"/> writes.</summary>
    public static int SizeOfConnectionStart(
        FieldTable serverProperties, ReadOnlySpan<byte> mechanisms, ReadOnlySpan<byte> locales) =>
        EmptySize + 2 + (3 * sizeof(uint)) + FieldTableWriter.SizeOf(serverProperties) + mechanisms.Length
        + locales.Length;

    /// <summary>connection.start, version 0-9.</summary>
    public static int WriteConnectionStart(
        Span<byte> destination,
        FieldTable serverProperties,
        ReadOnlySpan<byte> mechanisms,
        ReadOnlySpan<byte> locales,
        byte versionMajor = 0,
        byte versionMinor = 9)
    {
        var frame = new FrameWriter(destination, 0, MethodId.ConnectionStart);
        frame.Octet(versionMajor);
        frame.Octet(versionMinor);
        frame.Table(serverProperties);
        frame.LongString(mechanisms);
        frame.LongString(locales);
        return frame.End();
    }

    /// <summary>connection.secure; takes 16 bytes more than the challenge.</summary>
    public static int WriteConnectionSecure(Span<byte> destination, ReadOnlySpan<byte> challenge)
    {
        var frame = new FrameWriter(destination, 0, MethodId.ConnectionSecure);
        frame.LongString(challenge);
        return frame.End();
    }

    /// <summary>connection.tune.</summary>
    /// <param name="destination">Where to write.</param>
    /// <param name="channelMax">Highest channel number; 0 is no limit.</param>
    /// <param name="frameMax">Largest frame in bytes.</param>
    /// <param name="heartbeat">Seconds; 0 is none.</param>
    public static int WriteConnectionTune(Span<byte> destination, ushort channelMax, uint frameMax, ushort heartbeat)
    {
        var frame = new FrameWriter(destination, 0, MethodId.ConnectionTune);
        frame.UInt16(channelMax);
        frame.UInt32(frameMax);
        frame.UInt16(heartbeat);
        return frame.End();
    }

    /// <summary>connection.open-ok.</summary>
    public static int WriteConnectionOpenOk(Span<byte> destination)
    {
        var frame = new FrameWriter(destination, 0, MethodId.ConnectionOpenOk);
        frame.ShortString([]);
        return frame.End();
    }

    /// <summary>connection.close.</summary>
    /// <param name="destination">Where to write.</param>
    /// <param name="code">Why.</param>
    /// <param name="text">Why, in words, as it goes on the wire; cut to 255 bytes.</param>
    /// <param name="method">The method that failed, or <see cref="MethodId.None"/>.</param>
    public static int WriteConnectionClose(Span<byte> destination, ReplyCode code, string text, MethodId method) =>
        WriteClose(destination, 0, MethodId.ConnectionClose, code, text, method);

    /// <summary>connection.close for an error.</summary>
    public static int WriteConnectionClose(Span<byte> destination, ConnectionError error)
    {
        ArgumentNullException.ThrowIfNull(error);
        return WriteConnectionClose(destination, error.Code, error.WireText, error.Method);
    }

    /// <summary>connection.blocked (RabbitMQ); the reason is cut to 255 bytes.</summary>
    public static int WriteConnectionBlocked(Span<byte> destination, string reason)
    {
        var frame = new FrameWriter(destination, 0, MethodId.ConnectionBlocked);
        frame.ShortText(reason);
        return frame.End();
    }

    /// <summary>channel.open-ok.</summary>
    public static int WriteChannelOpenOk(Span<byte> destination, ushort channel)
    {
        var frame = new FrameWriter(destination, channel, MethodId.ChannelOpenOk);
        frame.LongString([]);
        return frame.End();
    }

    /// <summary>channel.flow.</summary>
    public static int WriteChannelFlow(Span<byte> destination, ushort channel, bool active) =>
        WriteBit(destination, channel, MethodId.ChannelFlow, active);

    /// <summary>channel.flow-ok.</summary>
    public static int WriteChannelFlowOk(Span<byte> destination, ushort channel, bool active) =>
        WriteBit(destination, channel, MethodId.ChannelFlowOk, active);

    /// <summary>channel.close.</summary>
    /// <param name="destination">Where to write.</param>
    /// <param name="channel">The channel to close.</param>
    /// <param name="code">Why.</param>
    /// <param name="text">Why, in words, as it goes on the wire; cut to 255 bytes.</param>
    /// <param name="method">The method that failed, or <see cref="MethodId.None"/>.</param>
    public static int WriteChannelClose(
        Span<byte> destination, ushort channel, ReplyCode code, string text, MethodId method) =>
        WriteClose(destination, channel, MethodId.ChannelClose, code, text, method);

    /// <summary>channel.close for an error.</summary>
    public static int WriteChannelClose(Span<byte> destination, ushort channel, ChannelError error)
    {
        ArgumentNullException.ThrowIfNull(error);
        return WriteChannelClose(destination, channel, error.Code, error.WireText, error.Method);
    }

    /// <summary>access.request-ok.</summary>
    public static int WriteAccessRequestOk(Span<byte> destination, ushort channel, ushort ticket)
    {
        var frame = new FrameWriter(destination, channel, MethodId.AccessRequestOk);
        frame.UInt16(ticket);
        return frame.End();
    }

    /// <summary>queue.declare-ok.</summary>
    public static int WriteQueueDeclareOk(
        Span<byte> destination, ushort channel, ReadOnlySpan<byte> queue, uint messageCount, uint consumerCount)
    {
        var frame = new FrameWriter(destination, channel, MethodId.QueueDeclareOk);
        frame.ShortString(queue);
        frame.UInt32(messageCount);
        frame.UInt32(consumerCount);
        return frame.End();
    }

    /// <summary>queue.purge-ok.</summary>
    public static int WriteQueuePurgeOk(Span<byte> destination, ushort channel, uint messageCount) =>
        WriteCount(destination, channel, MethodId.QueuePurgeOk, messageCount);

    /// <summary>queue.delete-ok.</summary>
    public static int WriteQueueDeleteOk(Span<byte> destination, ushort channel, uint messageCount) =>
        WriteCount(destination, channel, MethodId.QueueDeleteOk, messageCount);

    /// <summary>basic.consume-ok.</summary>
    public static int WriteConsumeOk(Span<byte> destination, ushort channel, ReadOnlySpan<byte> consumerTag)
    {
        var frame = new FrameWriter(destination, channel, MethodId.BasicConsumeOk);
        frame.ShortString(consumerTag);
        return frame.End();
    }

    /// <summary>basic.cancel; a server sends it with no-wait when the queue is gone (RabbitMQ).</summary>
    public static int WriteCancel(
        Span<byte> destination, ushort channel, ReadOnlySpan<byte> consumerTag, bool noWait)
    {
        var frame = new FrameWriter(destination, channel, MethodId.BasicCancel);
        frame.ShortString(consumerTag);
        frame.Bits(noWait);
        return frame.End();
    }

    /// <summary>basic.cancel-ok.</summary>
    public static int WriteCancelOk(Span<byte> destination, ushort channel, ReadOnlySpan<byte> consumerTag)
    {
        var frame = new FrameWriter(destination, channel, MethodId.BasicCancelOk);
        frame.ShortString(consumerTag);
        return frame.End();
    }

    /// <summary>basic.get-empty.</summary>
    public static int WriteGetEmpty(Span<byte> destination, ushort channel)
    {
        var frame = new FrameWriter(destination, channel, MethodId.BasicGetEmpty);
        frame.ShortString([]);
        return frame.End();
    }

    /// <summary>Bytes <see cref="WriteDeliver"/> writes for names of these lengths.</summary>
    public static int SizeOfDeliver(int consumerTag, int exchange, int routingKey) =>
        EmptySize + 1 + consumerTag + sizeof(ulong) + 1 + 1 + exchange + 1 + routingKey;

    /// <summary>basic.deliver; the content follows.</summary>
    public static int WriteDeliver(
        Span<byte> destination,
        ushort channel,
        ReadOnlySpan<byte> consumerTag,
        ulong deliveryTag,
        bool redelivered,
        ReadOnlySpan<byte> exchange,
        ReadOnlySpan<byte> routingKey)
    {
        var frame = new FrameWriter(destination, channel, MethodId.BasicDeliver);
        frame.ShortString(consumerTag);
        frame.UInt64(deliveryTag);
        frame.Bits(redelivered);
        frame.ShortString(exchange);
        frame.ShortString(routingKey);
        return frame.End();
    }

    /// <summary>Bytes <see cref="WriteGetOk"/> writes for names of these lengths.</summary>
    public static int SizeOfGetOk(int exchange, int routingKey) =>
        EmptySize + sizeof(ulong) + 1 + 1 + exchange + 1 + routingKey + sizeof(uint);

    /// <summary>basic.get-ok; the content follows.</summary>
    public static int WriteGetOk(
        Span<byte> destination,
        ushort channel,
        ulong deliveryTag,
        bool redelivered,
        ReadOnlySpan<byte> exchange,
        ReadOnlySpan<byte> routingKey,
        uint messageCount)
    {
        var frame = new FrameWriter(destination, channel, MethodId.BasicGetOk);
        frame.UInt64(deliveryTag);
        frame.Bits(redelivered);
        frame.ShortString(exchange);
        frame.ShortString(routingKey);
        frame.UInt32(messageCount);
        return frame.End();
    }

    /// <summary>Bytes <see cref="WriteReturn"/> writes for names of these lengths.</summary>
    public static int SizeOfReturn(int replyText, int exchange, int routingKey) =>
        EmptySize + sizeof(ushort) + 1 + replyText + 1 + exchange + 1 + routingKey;

    /// <summary>basic.return; the content follows.</summary>
    public static int WriteReturn(
        Span<byte> destination,
        ushort channel,
        ReplyCode code,
        ReadOnlySpan<byte> replyText,
        ReadOnlySpan<byte> exchange,
        ReadOnlySpan<byte> routingKey)
    {
        var frame = new FrameWriter(destination, channel, MethodId.BasicReturn);
        frame.UInt16((ushort)code);
        frame.ShortString(replyText);
        frame.ShortString(exchange);
        frame.ShortString(routingKey);
        return frame.End();
    }

    /// <summary>basic.ack: a publisher confirm, or a consumer's acknowledgement.</summary>
    public static int WriteAck(Span<byte> destination, ushort channel, ulong deliveryTag, bool multiple)
    {
        var frame = new FrameWriter(destination, channel, MethodId.BasicAck);
        frame.UInt64(deliveryTag);
        frame.Bits(multiple);
        return frame.End();
    }

    /// <summary>basic.nack: a publish that was refused, or a consumer's refusal (RabbitMQ).</summary>
    public static int WriteNack(Span<byte> destination, ushort channel, ulong deliveryTag, bool multiple, bool requeue)
    {
        var frame = new FrameWriter(destination, channel, MethodId.BasicNack);
        frame.UInt64(deliveryTag);
        frame.Bits(multiple, requeue);
        return frame.End();
    }

    /// <summary>Bytes <see cref="WriteContentHeader"/> writes.</summary>
    public static int SizeOfContentHeader(int encodedProperties) => ContentHeaderOverhead + encodedProperties;

    /// <summary>A content header frame of class basic (AMQP 0-9-1, 4.2.6.1).</summary>
    /// <param name="destination">Where to write.</param>
    /// <param name="channel">The channel of the method before it.</param>
    /// <param name="bodySize">Bytes of the whole body.</param>
    /// <param name="encodedProperties">
    /// Property flags and property list, as <see cref="ContentHeader"/> gives them.
    /// </param>
    public static int WriteContentHeader(
        Span<byte> destination, ushort channel, ulong bodySize, ReadOnlySpan<byte> encodedProperties)
    {
        var frame = new FrameWriter(destination, FrameType.Header, channel);
        frame.UInt16(ContentHeader.BasicClass);
        frame.UInt16(0);
        frame.UInt64(bodySize);
        frame.Raw(encodedProperties);
        return frame.End();
    }

    /// <summary>The seven octets before a piece of body; body and <see cref="FrameReader.FrameEnd"/> follow.</summary>
    public static int WriteBodyFrameHeader(Span<byte> destination, ushort channel, int payloadSize)
    {
        destination[0] = (byte)FrameType.Body;
        BinaryPrimitives.WriteUInt16BigEndian(destination[1..], channel);
        BinaryPrimitives.WriteUInt32BigEndian(destination[3..], (uint)payloadSize);
        return FrameReader.HeaderSize;
    }

    /// <summary>A whole body frame.</summary>
    public static int WriteBody(Span<byte> destination, ushort channel, ReadOnlySpan<byte> payload)
    {
        var frame = new FrameWriter(destination, FrameType.Body, channel);
        frame.Raw(payload);
        return frame.End();
    }

    private static int WriteBit(Span<byte> destination, ushort channel, MethodId method, bool bit)
    {
        var frame = new FrameWriter(destination, channel, method);
        frame.Bits(bit);
        return frame.End();
    }

    private static int WriteCount(Span<byte> destination, ushort channel, MethodId method, uint count)
    {
        var frame = new FrameWriter(destination, channel, method);
        frame.UInt32(count);
        return frame.End();
    }

    private static int WriteClose(
        Span<byte> destination, ushort channel, MethodId close, ReplyCode code, string text, MethodId failed)
    {
        var frame = new FrameWriter(destination, channel, close);
        frame.UInt16((ushort)code);
        frame.ShortText(text);
        frame.UInt16(failed.ToClass());
        frame.UInt16(failed.ToNumber());
        return frame.End();
    }
}
