using Warren.Buffers.Fields;

namespace Warren.Wire.Amqp091;

/// <summary>Writes the frames a client sends, each whole, and returns its length in bytes.</summary>
/// <remarks>
/// For tests, tools and benchmarks. Methods both sides send (close, close-ok, flow, cancel, ack, nack) and content are
/// in <see cref="MethodWriter"/>. Methods without arguments: <see cref="MethodWriter.WriteEmpty"/>.
/// </remarks>
public static class ClientMethodWriter
{
    /// <summary>The eight octets that open a connection (AMQP 0-9-1, 4.2.2).</summary>
    public static ReadOnlySpan<byte> ProtocolHeader => "AMQP\0\0\u0009\u0001"u8;

    /// <summary>connection.start-ok.</summary>
    public static int WriteStartOk(
        Span<byte> destination,
        FieldTable clientProperties,
        ReadOnlySpan<byte> mechanism,
        ReadOnlySpan<byte> response,
        ReadOnlySpan<byte> locale)
    {
        var frame = new FrameWriter(destination, 0, MethodId.ConnectionStartOk);
        frame.Table(clientProperties);
        frame.ShortString(mechanism);
        frame.LongString(response);
        frame.ShortString(locale);
        return frame.End();
    }

    /// <summary>connection.secure-ok.</summary>
    public static int WriteSecureOk(Span<byte> destination, ReadOnlySpan<byte> response)
    {
        var frame = new FrameWriter(destination, 0, MethodId.ConnectionSecureOk);
        frame.LongString(response);
        return frame.End();
    }

    /// <summary>connection.tune-ok.</summary>
    public static int WriteTuneOk(Span<byte> destination, ushort channelMax, uint frameMax, ushort heartbeat)
    {
        var frame = new FrameWriter(destination, 0, MethodId.ConnectionTuneOk);
        frame.UInt16(channelMax);
        frame.UInt32(frameMax);
        frame.UInt16(heartbeat);
        return frame.End();
    }

    /// <summary>connection.open.</summary>
    public static int WriteConnectionOpen(Span<byte> destination, ReadOnlySpan<byte> virtualHost)
    {
        var frame = new FrameWriter(destination, 0, MethodId.ConnectionOpen);
        frame.ShortString(virtualHost);
        frame.ShortString([]);
        frame.Octet(0);
        return frame.End();
    }

    /// <summary>connection.update-secret (RabbitMQ).</summary>
    public static int WriteUpdateSecret(
        Span<byte> destination, ReadOnlySpan<byte> newSecret, ReadOnlySpan<byte> reason)
    {
        var frame = new FrameWriter(destination, 0, MethodId.ConnectionUpdateSecret);
        frame.LongString(newSecret);
        frame.ShortString(reason);
        return frame.End();
    }

    /// <summary>channel.open.</summary>
    public static int WriteChannelOpen(Span<byte> destination, ushort channel)
    {
        var frame = new FrameWriter(destination, channel, MethodId.ChannelOpen);
        frame.ShortString([]);
        return frame.End();
    }

    /// <summary>access.request.</summary>
    public static int WriteAccessRequest(
        Span<byte> destination, ushort channel, ReadOnlySpan<byte> realm, bool exclusive, bool passive, bool active,
        bool writeAccess, bool readAccess)
    {
        var frame = new FrameWriter(destination, channel, MethodId.AccessRequest);
        frame.ShortString(realm);
        frame.Bits(exclusive, passive, active, writeAccess, readAccess);
        return frame.End();
    }

    /// <summary>exchange.declare.</summary>
    public static int WriteExchangeDeclare(
        Span<byte> destination,
        ushort channel,
        ReadOnlySpan<byte> exchange,
        ReadOnlySpan<byte> type,
        FieldTable arguments,
        bool passive = false,
        bool durable = false,
        bool autoDelete = false,
        bool isInternal = false,
        bool noWait = false)
    {
        var frame = new FrameWriter(destination, channel, MethodId.ExchangeDeclare);
        frame.UInt16(0);
        frame.ShortString(exchange);
        frame.ShortString(type);
        frame.Bits(passive, durable, autoDelete, isInternal, noWait);
        frame.Table(arguments);
        return frame.End();
    }

    /// <summary>exchange.delete.</summary>
    public static int WriteExchangeDelete(
        Span<byte> destination, ushort channel, ReadOnlySpan<byte> exchange, bool ifUnused = false, bool noWait = false)
    {
        var frame = new FrameWriter(destination, channel, MethodId.ExchangeDelete);
        frame.UInt16(0);
        frame.ShortString(exchange);
        frame.Bits(ifUnused, noWait);
        return frame.End();
    }

    /// <summary>exchange.bind (RabbitMQ).</summary>
    public static int WriteExchangeBind(
        Span<byte> destination, ushort channel, ReadOnlySpan<byte> target, ReadOnlySpan<byte> source,
        ReadOnlySpan<byte> routingKey, FieldTable arguments, bool noWait = false) =>
        WriteExchangeToExchange(
            destination, channel, MethodId.ExchangeBind, target, source, routingKey, arguments, noWait);

    /// <summary>exchange.unbind (RabbitMQ).</summary>
    public static int WriteExchangeUnbind(
        Span<byte> destination, ushort channel, ReadOnlySpan<byte> target, ReadOnlySpan<byte> source,
        ReadOnlySpan<byte> routingKey, FieldTable arguments, bool noWait = false) =>
        WriteExchangeToExchange(
            destination, channel, MethodId.ExchangeUnbind, target, source, routingKey, arguments, noWait);

    /// <summary>queue.declare.</summary>
    public static int WriteQueueDeclare(
        Span<byte> destination,
        ushort channel,
        ReadOnlySpan<byte> queue,
        FieldTable arguments,
        bool passive = false,
        bool durable = false,
        bool exclusive = false,
        bool autoDelete = false,
        bool noWait = false)
    {
        var frame = new FrameWriter(destination, channel, MethodId.QueueDeclare);
        frame.UInt16(0);
        frame.ShortString(queue);
        frame.Bits(passive, durable, exclusive, autoDelete, noWait);
        frame.Table(arguments);
        return frame.End();
    }

    /// <summary>queue.bind.</summary>
    public static int WriteQueueBind(
        Span<byte> destination, ushort channel, ReadOnlySpan<byte> queue, ReadOnlySpan<byte> exchange,
        ReadOnlySpan<byte> routingKey, FieldTable arguments, bool noWait = false)
    {
        var frame = new FrameWriter(destination, channel, MethodId.QueueBind);
        frame.UInt16(0);
        frame.ShortString(queue);
        frame.ShortString(exchange);
        frame.ShortString(routingKey);
        frame.Bits(noWait);
        frame.Table(arguments);
        return frame.End();
    }

    /// <summary>queue.unbind.</summary>
    public static int WriteQueueUnbind(
        Span<byte> destination, ushort channel, ReadOnlySpan<byte> queue, ReadOnlySpan<byte> exchange,
        ReadOnlySpan<byte> routingKey, FieldTable arguments)
    {
        var frame = new FrameWriter(destination, channel, MethodId.QueueUnbind);
        frame.UInt16(0);
        frame.ShortString(queue);
        frame.ShortString(exchange);
        frame.ShortString(routingKey);
        frame.Table(arguments);
        return frame.End();
    }

    /// <summary>queue.purge.</summary>
    public static int WriteQueuePurge(
        Span<byte> destination, ushort channel, ReadOnlySpan<byte> queue, bool noWait = false)
    {
        var frame = new FrameWriter(destination, channel, MethodId.QueuePurge);
        frame.UInt16(0);
        frame.ShortString(queue);
        frame.Bits(noWait);
        return frame.End();
    }

    /// <summary>queue.delete.</summary>
    public static int WriteQueueDelete(
        Span<byte> destination, ushort channel, ReadOnlySpan<byte> queue, bool ifUnused = false, bool ifEmpty = false,
        bool noWait = false)
    {
        var frame = new FrameWriter(destination, channel, MethodId.QueueDelete);
        frame.UInt16(0);
        frame.ShortString(queue);
        frame.Bits(ifUnused, ifEmpty, noWait);
        return frame.End();
    }

    /// <summary>basic.qos.</summary>
    public static int WriteQos(
        Span<byte> destination, ushort channel, uint prefetchSize, ushort prefetchCount, bool global)
    {
        var frame = new FrameWriter(destination, channel, MethodId.BasicQos);
        frame.UInt32(prefetchSize);
        frame.UInt16(prefetchCount);
        frame.Bits(global);
        return frame.End();
    }

    /// <summary>basic.consume.</summary>
    public static int WriteConsume(
        Span<byte> destination,
        ushort channel,
        ReadOnlySpan<byte> queue,
        ReadOnlySpan<byte> consumerTag,
        FieldTable arguments,
        bool noLocal = false,
        bool noAck = false,
        bool exclusive = false,
        bool noWait = false)
    {
        var frame = new FrameWriter(destination, channel, MethodId.BasicConsume);
        frame.UInt16(0);
        frame.ShortString(queue);
        frame.ShortString(consumerTag);
        frame.Bits(noLocal, noAck, exclusive, noWait);
        frame.Table(arguments);
        return frame.End();
    }

    /// <summary>Bytes <see cref="WritePublish"/> writes for names of these lengths.</summary>
    public static int SizeOfPublish(int exchange, int routingKey) =>
        MethodWriter.EmptySize + sizeof(ushort) + 1 + exchange + 1 + routingKey + 1;

    /// <summary>basic.publish; the content follows.</summary>
    public static int WritePublish(
        Span<byte> destination,
        ushort channel,
        ReadOnlySpan<byte> exchange,
        ReadOnlySpan<byte> routingKey,
        bool mandatory = false,
        bool immediate = false)
    {
        var frame = new FrameWriter(destination, channel, MethodId.BasicPublish);
        frame.UInt16(0);
        frame.ShortString(exchange);
        frame.ShortString(routingKey);
        frame.Bits(mandatory, immediate);
        return frame.End();
    }

    /// <summary>basic.get.</summary>
    public static int WriteGet(Span<byte> destination, ushort channel, ReadOnlySpan<byte> queue, bool noAck = false)
    {
        var frame = new FrameWriter(destination, channel, MethodId.BasicGet);
        frame.UInt16(0);
        frame.ShortString(queue);
        frame.Bits(noAck);
        return frame.End();
    }

    /// <summary>basic.reject.</summary>
    public static int WriteReject(Span<byte> destination, ushort channel, ulong deliveryTag, bool requeue)
    {
        var frame = new FrameWriter(destination, channel, MethodId.BasicReject);
        frame.UInt64(deliveryTag);
        frame.Bits(requeue);
        return frame.End();
    }

    /// <summary>basic.recover.</summary>
    public static int WriteRecover(Span<byte> destination, ushort channel, bool requeue) =>
        WriteBit(destination, channel, MethodId.BasicRecover, requeue);

    /// <summary>basic.recover-async (deprecated).</summary>
    public static int WriteRecoverNoReply(Span<byte> destination, ushort channel, bool requeue) =>
        WriteBit(destination, channel, MethodId.BasicRecoverAsync, requeue);

    /// <summary>confirm.select (RabbitMQ).</summary>
    public static int WriteConfirmSelect(Span<byte> destination, ushort channel, bool noWait = false) =>
        WriteBit(destination, channel, MethodId.ConfirmSelect, noWait);

    private static int WriteBit(Span<byte> destination, ushort channel, MethodId method, bool bit)
    {
        var frame = new FrameWriter(destination, channel, method);
        frame.Bits(bit);
        return frame.End();
    }

    private static int WriteExchangeToExchange(
        Span<byte> destination,
        ushort channel,
        MethodId method,
        ReadOnlySpan<byte> target,
        ReadOnlySpan<byte> source,
        ReadOnlySpan<byte> routingKey,
        FieldTable arguments,
        bool noWait)
    {
        var frame = new FrameWriter(destination, channel, method);
        frame.UInt16(0);
        frame.ShortString(target);
        frame.ShortString(source);
        frame.ShortString(routingKey);
        frame.Bits(noWait);
        frame.Table(arguments);
        return frame.End();
    }
}
