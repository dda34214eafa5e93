using Warren.Buffers.Fields;
using Warren.Wire.Amqp091;
using Warren.Wire.Amqp091.Methods;

namespace Warren.Fuzz.Targets;

/// <summary>Reads the arguments of a method and writes the method again from what the reader saw.</summary>
internal static class MethodEcho
{
    /// <param name="d">Where to write the frame.</param>
    /// <param name="method">The method.</param>
    /// <param name="arguments">Valid arguments.</param>
    /// <param name="canonical">False when the arguments hold something that has more than one encoding.</param>
    /// <returns>Bytes of the frame.</returns>
    public static int Write(Span<byte> d, MethodId method, ReadOnlySpan<byte> arguments, out bool canonical)
    {
        canonical = IsCanonical(method, arguments);
        return method switch
        {
            MethodId.ConnectionStartOk => ConnectionStartOkFrame(d, arguments),
            MethodId.ConnectionSecureOk => ConnectionSecureOkFrame(d, arguments),
            MethodId.ConnectionTuneOk => ConnectionTuneOkFrame(d, arguments),
            MethodId.ConnectionOpen => ConnectionOpenFrame(d, arguments),
            MethodId.ConnectionUpdateSecret => ConnectionUpdateSecretFrame(d, arguments),
            MethodId.ChannelFlow => ChannelFlowFrame(d, arguments),
            MethodId.ChannelFlowOk => ChannelFlowOkFrame(d, arguments),
            MethodId.AccessRequest => AccessRequestFrame(d, arguments),
            MethodId.ExchangeDeclare => ExchangeDeclareFrame(d, arguments),
            MethodId.ExchangeDelete => ExchangeDeleteFrame(d, arguments),
            MethodId.ExchangeBind => ExchangeBindFrame(d, arguments),
            MethodId.ExchangeUnbind => ExchangeUnbindFrame(d, arguments),
            MethodId.QueueDeclare => QueueDeclareFrame(d, arguments),
            MethodId.QueueBind => QueueBindFrame(d, arguments),
            MethodId.QueueUnbind => QueueUnbindFrame(d, arguments),
            MethodId.QueuePurge => QueuePurgeFrame(d, arguments),
            MethodId.QueueDelete => QueueDeleteFrame(d, arguments),
            MethodId.BasicQos => BasicQosFrame(d, arguments),
            MethodId.BasicConsume => BasicConsumeFrame(d, arguments),
            MethodId.BasicCancel => BasicCancelFrame(d, arguments),
            MethodId.BasicCancelOk => BasicCancelOkFrame(d, arguments),
            MethodId.BasicPublish => BasicPublishFrame(d, arguments),
            MethodId.BasicGet => BasicGetFrame(d, arguments),
            MethodId.BasicAck => BasicAckFrame(d, arguments),
            MethodId.BasicReject => BasicRejectFrame(d, arguments),
            MethodId.BasicNack => BasicNackFrame(d, arguments),
            MethodId.BasicRecover => BasicRecoverFrame(d, arguments),
            MethodId.BasicRecoverAsync => BasicRecoverAsyncFrame(d, arguments),
            MethodId.ConfirmSelect => ConfirmSelectFrame(d, arguments),
            MethodId.ConnectionSecure => ConnectionSecureFrame(d, arguments),
            MethodId.ConnectionTune => ConnectionTuneFrame(d, arguments),
            MethodId.AccessRequestOk => AccessRequestOkFrame(d, arguments),
            MethodId.QueueDeclareOk => QueueDeclareOkFrame(d, arguments),
            MethodId.QueuePurgeOk => QueuePurgeOkFrame(d, arguments),
            MethodId.QueueDeleteOk => QueueDeleteOkFrame(d, arguments),
            MethodId.BasicConsumeOk => BasicConsumeOkFrame(d, arguments),
            MethodId.BasicReturn => BasicReturnFrame(d, arguments),
            MethodId.BasicDeliver => BasicDeliverFrame(d, arguments),
            MethodId.BasicGetOk => BasicGetOkFrame(d, arguments),
            _ => Copy(d, method, arguments),
        };
    }

    private static int ConnectionStartOkFrame(Span<byte> d, ReadOnlySpan<byte> arguments)
    {
        var m = ConnectionStartOk.Read(arguments);
        return ClientMethodWriter.WriteStartOk(d, T(m.ClientProperties), m.Mechanism, m.Response, m.Locale);
    }

    private static int ConnectionSecureOkFrame(Span<byte> d, ReadOnlySpan<byte> arguments)
    {
        var m = ConnectionSecureOk.Read(arguments);
        return ClientMethodWriter.WriteSecureOk(d, m.Response);
    }

    private static int ConnectionTuneOkFrame(Span<byte> d, ReadOnlySpan<byte> arguments)
    {
        var m = ConnectionTuneOk.Read(arguments);
        return ClientMethodWriter.WriteTuneOk(d, m.ChannelMax, m.FrameMax, m.Heartbeat);
    }

    private static int ConnectionOpenFrame(Span<byte> d, ReadOnlySpan<byte> arguments)
    {
        var m = ConnectionOpen.Read(arguments);
        return ClientMethodWriter.WriteConnectionOpen(d, m.VirtualHost);
    }

    private static int ConnectionUpdateSecretFrame(Span<byte> d, ReadOnlySpan<byte> arguments)
    {
        var m = ConnectionUpdateSecret.Read(arguments);
        return ClientMethodWriter.WriteUpdateSecret(d, m.NewSecret, m.Reason);
    }

    private static int ChannelFlowFrame(Span<byte> d, ReadOnlySpan<byte> arguments)
    {
        var m = ChannelFlow.Read(arguments);
        return MethodWriter.WriteChannelFlow(d, 7, m.Active);
    }

    private static int ChannelFlowOkFrame(Span<byte> d, ReadOnlySpan<byte> arguments)
    {
        var m = ChannelFlowOk.Read(arguments);
        return MethodWriter.WriteChannelFlowOk(d, 7, m.Active);
    }

    private static int AccessRequestFrame(Span<byte> d, ReadOnlySpan<byte> arguments)
    {
        var m = AccessRequest.Read(arguments);
        return ClientMethodWriter.WriteAccessRequest(
            d, 7, m.Realm, m.Exclusive, m.Passive, m.Active, m.WriteAccess, m.ReadAccess);
    }

    private static int ExchangeDeclareFrame(Span<byte> d, ReadOnlySpan<byte> arguments)
    {
        var m = ExchangeDeclare.Read(arguments);
        return ClientMethodWriter.WriteExchangeDeclare(
            d, 7, m.Exchange, m.Type, T(m.Arguments), m.Passive, m.Durable, m.AutoDelete, m.Internal, m.NoWait);
    }

    private static int ExchangeDeleteFrame(Span<byte> d, ReadOnlySpan<byte> arguments)
    {
        var m = ExchangeDelete.Read(arguments);
        return ClientMethodWriter.WriteExchangeDelete(d, 7, m.Exchange, m.IfUnused, m.NoWait);
    }

    private static int ExchangeBindFrame(Span<byte> d, ReadOnlySpan<byte> arguments)
    {
        var m = ExchangeBind.Read(arguments);
        return ClientMethodWriter.WriteExchangeBind(
            d, 7, m.Destination, m.Source, m.RoutingKey, T(m.Arguments), m.NoWait);
    }

    private static int ExchangeUnbindFrame(Span<byte> d, ReadOnlySpan<byte> arguments)
    {
        var m = ExchangeUnbind.Read(arguments);
        return ClientMethodWriter.WriteExchangeUnbind(
            d, 7, m.Destination, m.Source, m.RoutingKey, T(m.Arguments), m.NoWait);
    }

    private static int QueueDeclareFrame(Span<byte> d, ReadOnlySpan<byte> arguments)
    {
        var m = QueueDeclare.Read(arguments);
        return ClientMethodWriter.WriteQueueDeclare(
            d, 7, m.Queue, T(m.Arguments), m.Passive, m.Durable, m.Exclusive, m.AutoDelete, m.NoWait);
    }

    private static int QueueBindFrame(Span<byte> d, ReadOnlySpan<byte> arguments)
    {
        var m = QueueBind.Read(arguments);
        return ClientMethodWriter.WriteQueueBind(d, 7, m.Queue, m.Exchange, m.RoutingKey, T(m.Arguments), m.NoWait);
    }

    private static int QueueUnbindFrame(Span<byte> d, ReadOnlySpan<byte> arguments)
    {
        var m = QueueUnbind.Read(arguments);
        return ClientMethodWriter.WriteQueueUnbind(d, 7, m.Queue, m.Exchange, m.RoutingKey, T(m.Arguments));
    }

    private static int QueuePurgeFrame(Span<byte> d, ReadOnlySpan<byte> arguments)
    {
        var m = QueuePurge.Read(arguments);
        return ClientMethodWriter.WriteQueuePurge(d, 7, m.Queue, m.NoWait);
    }

    private static int QueueDeleteFrame(Span<byte> d, ReadOnlySpan<byte> arguments)
    {
        var m = QueueDelete.Read(arguments);
        return ClientMethodWriter.WriteQueueDelete(d, 7, m.Queue, m.IfUnused, m.IfEmpty, m.NoWait);
    }

    private static int BasicQosFrame(Span<byte> d, ReadOnlySpan<byte> arguments)
    {
        var m = BasicQos.Read(arguments);
        return ClientMethodWriter.WriteQos(d, 7, m.PrefetchSize, m.PrefetchCount, m.Global);
    }

    private static int BasicConsumeFrame(Span<byte> d, ReadOnlySpan<byte> arguments)
    {
        var m = BasicConsume.Read(arguments);
        return ClientMethodWriter.WriteConsume(
            d, 7, m.Queue, m.ConsumerTag, T(m.Arguments), m.NoLocal, m.NoAck, m.Exclusive, m.NoWait);
    }

    private static int BasicCancelFrame(Span<byte> d, ReadOnlySpan<byte> arguments)
    {
        var m = BasicCancel.Read(arguments);
        return MethodWriter.WriteCancel(d, 7, m.ConsumerTag, m.NoWait);
    }

    private static int BasicCancelOkFrame(Span<byte> d, ReadOnlySpan<byte> arguments)
    {
        var m = BasicCancelOk.Read(arguments);
        return MethodWriter.WriteCancelOk(d, 7, m.ConsumerTag);
    }

    private static int BasicPublishFrame(Span<byte> d, ReadOnlySpan<byte> arguments)
    {
        var m = BasicPublish.Read(arguments);
        return ClientMethodWriter.WritePublish(d, 7, m.Exchange, m.RoutingKey, m.Mandatory, m.Immediate);
    }

    private static int BasicGetFrame(Span<byte> d, ReadOnlySpan<byte> arguments)
    {
        var m = BasicGet.Read(arguments);
        return ClientMethodWriter.WriteGet(d, 7, m.Queue, m.NoAck);
    }

    private static int BasicAckFrame(Span<byte> d, ReadOnlySpan<byte> arguments)
    {
        var m = BasicAck.Read(arguments);
        return MethodWriter.WriteAck(d, 7, m.DeliveryTag, m.Multiple);
    }

    private static int BasicRejectFrame(Span<byte> d, ReadOnlySpan<byte> arguments)
    {
        var m = BasicReject.Read(arguments);
        return ClientMethodWriter.WriteReject(d, 7, m.DeliveryTag, m.Requeue);
    }

    private static int BasicNackFrame(Span<byte> d, ReadOnlySpan<byte> arguments)
    {
        var m = BasicNack.Read(arguments);
        return MethodWriter.WriteNack(d, 7, m.DeliveryTag, m.Multiple, m.Requeue);
    }

    private static int BasicRecoverFrame(Span<byte> d, ReadOnlySpan<byte> arguments)
    {
        var m = BasicRecover.Read(arguments);
        return ClientMethodWriter.WriteRecover(d, 7, m.Requeue);
    }

    private static int BasicRecoverAsyncFrame(Span<byte> d, ReadOnlySpan<byte> arguments)
    {
        var m = BasicRecoverAsync.Read(arguments);
        return ClientMethodWriter.WriteRecoverNoReply(d, 7, m.Requeue);
    }

    private static int ConfirmSelectFrame(Span<byte> d, ReadOnlySpan<byte> arguments)
    {
        var m = ConfirmSelect.Read(arguments);
        return ClientMethodWriter.WriteConfirmSelect(d, 7, m.NoWait);
    }

    private static int ConnectionSecureFrame(Span<byte> d, ReadOnlySpan<byte> arguments)
    {
        var m = ConnectionSecure.Read(arguments);
        return MethodWriter.WriteConnectionSecure(d, m.Challenge);
    }

    private static int ConnectionTuneFrame(Span<byte> d, ReadOnlySpan<byte> arguments)
    {
        var m = ConnectionTune.Read(arguments);
        return MethodWriter.WriteConnectionTune(d, m.ChannelMax, m.FrameMax, m.Heartbeat);
    }

    private static int AccessRequestOkFrame(Span<byte> d, ReadOnlySpan<byte> arguments)
    {
        var m = AccessRequestOk.Read(arguments);
        return MethodWriter.WriteAccessRequestOk(d, 7, m.Ticket);
    }

    private static int QueueDeclareOkFrame(Span<byte> d, ReadOnlySpan<byte> arguments)
    {
        var m = QueueDeclareOk.Read(arguments);
        return MethodWriter.WriteQueueDeclareOk(d, 7, m.Queue, m.MessageCount, m.ConsumerCount);
    }

    private static int QueuePurgeOkFrame(Span<byte> d, ReadOnlySpan<byte> arguments)
    {
        var m = QueuePurgeOk.Read(arguments);
        return MethodWriter.WriteQueuePurgeOk(d, 7, m.MessageCount);
    }

    private static int QueueDeleteOkFrame(Span<byte> d, ReadOnlySpan<byte> arguments)
    {
        var m = QueueDeleteOk.Read(arguments);
        return MethodWriter.WriteQueueDeleteOk(d, 7, m.MessageCount);
    }

    private static int BasicConsumeOkFrame(Span<byte> d, ReadOnlySpan<byte> arguments)
    {
        var m = BasicConsumeOk.Read(arguments);
        return MethodWriter.WriteConsumeOk(d, 7, m.ConsumerTag);
    }

    private static int BasicReturnFrame(Span<byte> d, ReadOnlySpan<byte> arguments)
    {
        var m = BasicReturn.Read(arguments);
        return MethodWriter.WriteReturn(d, 7, m.Code, m.ReplyText, m.Exchange, m.RoutingKey);
    }

    private static int BasicDeliverFrame(Span<byte> d, ReadOnlySpan<byte> arguments)
    {
        var m = BasicDeliver.Read(arguments);
        return MethodWriter.WriteDeliver(d, 7, m.ConsumerTag, m.DeliveryTag, m.Redelivered, m.Exchange, m.RoutingKey);
    }

    private static int BasicGetOkFrame(Span<byte> d, ReadOnlySpan<byte> arguments)
    {
        var m = BasicGetOk.Read(arguments);
        return MethodWriter.WriteGetOk(
            d, 7, m.DeliveryTag, m.Redelivered, m.Exchange, m.RoutingKey, m.MessageCount);
    }

    // Fixed answers, and methods whose writer takes text: nothing to echo.
    private static int Copy(Span<byte> d, MethodId method, ReadOnlySpan<byte> arguments)
    {
        var frame = new FrameWriter(d, 7, method);
        frame.Raw(arguments);
        return frame.End();
    }

    private static bool IsCanonical(MethodId method, ReadOnlySpan<byte> arguments)
    {
        ReadOnlySpan<byte> table = method switch
        {
            MethodId.ConnectionStartOk => ConnectionStartOk.Read(arguments).ClientProperties,
            MethodId.ExchangeDeclare => ExchangeDeclare.Read(arguments).Arguments,
            MethodId.ExchangeBind => ExchangeBind.Read(arguments).Arguments,
            MethodId.ExchangeUnbind => ExchangeUnbind.Read(arguments).Arguments,
            MethodId.QueueDeclare => QueueDeclare.Read(arguments).Arguments,
            MethodId.QueueBind => QueueBind.Read(arguments).Arguments,
            MethodId.QueueUnbind => QueueUnbind.Read(arguments).Arguments,
            MethodId.BasicConsume => BasicConsume.Read(arguments).Arguments,
            _ => [],
        };
        return PlainTableReader.IsValid(table, out bool canonical) && canonical;
    }

    private static FieldTable T(ReadOnlySpan<byte> table) => FieldTableReader.Read(table);
}
