using System.Text;
using Warren.Wire.Amqp091;
using Warren.Wire.Amqp091.Methods;

namespace Warren.Wire.Tests.Amqp091;

/// <summary>The arguments of any method as text: the same text means the same arguments.</summary>
/// <remarks>Shared by the tests and the fuzz targets; goes through the reader of each method.</remarks>
internal static class MethodText
{
    /// <summary>Reads the arguments; null when the method has no reader.</summary>
    internal static string? Of(MethodId method, ReadOnlySpan<byte> arguments)
    {
        string? text = method switch
        {
            MethodId.ConnectionStartOk => ConnectionStartOkText(arguments),
            MethodId.ConnectionSecureOk => ConnectionSecureOkText(arguments),
            MethodId.ConnectionTuneOk => ConnectionTuneOkText(arguments),
            MethodId.ConnectionOpen => ConnectionOpenText(arguments),
            MethodId.ConnectionClose => ConnectionCloseText(arguments),
            MethodId.ConnectionUpdateSecret => ConnectionUpdateSecretText(arguments),
            MethodId.ChannelOpen => ChannelOpenText(arguments),
            MethodId.ChannelFlow => ChannelFlowText(arguments),
            MethodId.ChannelFlowOk => ChannelFlowOkText(arguments),
            MethodId.ChannelClose => ChannelCloseText(arguments),
            MethodId.AccessRequest => AccessRequestText(arguments),
            MethodId.ExchangeDeclare => ExchangeDeclareText(arguments),
            MethodId.ExchangeDelete => ExchangeDeleteText(arguments),
            MethodId.ExchangeBind => ExchangeBindText(arguments),
            MethodId.ExchangeUnbind => ExchangeUnbindText(arguments),
            MethodId.QueueDeclare => QueueDeclareText(arguments),
            MethodId.QueueBind => QueueBindText(arguments),
            MethodId.QueueUnbind => QueueUnbindText(arguments),
            MethodId.QueuePurge => QueuePurgeText(arguments),
            MethodId.QueueDelete => QueueDeleteText(arguments),
            MethodId.BasicQos => BasicQosText(arguments),
            MethodId.BasicConsume => BasicConsumeText(arguments),
            MethodId.BasicCancel => BasicCancelText(arguments),
            MethodId.BasicCancelOk => BasicCancelOkText(arguments),
            MethodId.BasicGet => BasicGetText(arguments),
            MethodId.BasicAck => BasicAckText(arguments),
            MethodId.BasicReject => BasicRejectText(arguments),
            MethodId.BasicNack => BasicNackText(arguments),
            MethodId.BasicRecover => BasicRecoverText(arguments),
            MethodId.BasicRecoverAsync => BasicRecoverAsyncText(arguments),
            MethodId.ConfirmSelect => ConfirmSelectText(arguments),
            MethodId.BasicPublish => BasicPublishText(arguments),
            MethodId.ConnectionStart => ConnectionStartText(arguments),
            MethodId.ConnectionSecure => ConnectionSecureText(arguments),
            MethodId.ConnectionTune => ConnectionTuneText(arguments),
            MethodId.ConnectionOpenOk => ConnectionOpenOkText(arguments),
            MethodId.ConnectionBlocked => ConnectionBlockedText(arguments),
            MethodId.ChannelOpenOk => ChannelOpenOkText(arguments),
            MethodId.AccessRequestOk => AccessRequestOkText(arguments),
            MethodId.QueueDeclareOk => QueueDeclareOkText(arguments),
            MethodId.QueuePurgeOk => QueuePurgeOkText(arguments),
            MethodId.QueueDeleteOk => QueueDeleteOkText(arguments),
            MethodId.BasicConsumeOk => BasicConsumeOkText(arguments),
            MethodId.BasicReturn => BasicReturnText(arguments),
            MethodId.BasicDeliver => BasicDeliverText(arguments),
            MethodId.BasicGetOk => BasicGetOkText(arguments),
            MethodId.BasicGetEmpty => BasicGetEmptyText(arguments),
            _ => Empty(method, arguments),
        };
        return text?.TrimEnd();
    }

    private static string ConnectionStartOkText(ReadOnlySpan<byte> arguments)
    {
        var m = ConnectionStartOk.Read(arguments);
        return $"ClientProperties={Convert.ToHexString(m.ClientProperties)} Mechanism={Text(m.Mechanism)} "
            + $"Response={Text(m.Response)} Locale={Text(m.Locale)} ";
    }

    private static string ConnectionSecureOkText(ReadOnlySpan<byte> arguments)
    {
        var m = ConnectionSecureOk.Read(arguments);
        return $"Response={Text(m.Response)} ";
    }

    private static string ConnectionTuneOkText(ReadOnlySpan<byte> arguments)
    {
        var m = ConnectionTuneOk.Read(arguments);
        return $"ChannelMax={m.ChannelMax} FrameMax={m.FrameMax} Heartbeat={m.Heartbeat} ";
    }

    private static string ConnectionOpenText(ReadOnlySpan<byte> arguments)
    {
        var m = ConnectionOpen.Read(arguments);
        return $"VirtualHost={Text(m.VirtualHost)} ";
    }

    private static string ConnectionCloseText(ReadOnlySpan<byte> arguments)
    {
        var m = ConnectionClose.Read(arguments);
        return $"Code={(ushort)m.Code} ReplyText={Text(m.ReplyText)} ClassId={m.ClassId} MethodId={m.MethodId} ";
    }

    private static string ConnectionUpdateSecretText(ReadOnlySpan<byte> arguments)
    {
        var m = ConnectionUpdateSecret.Read(arguments);
        return $"NewSecret={Text(m.NewSecret)} Reason={Text(m.Reason)} ";
    }

    private static string ChannelOpenText(ReadOnlySpan<byte> arguments)
    {
        _ = ChannelOpen.Read(arguments);
        return string.Empty;
    }

    private static string ChannelFlowText(ReadOnlySpan<byte> arguments)
    {
        var m = ChannelFlow.Read(arguments);
        return $"{Flag(m.Active, "Active")}";
    }

    private static string ChannelFlowOkText(ReadOnlySpan<byte> arguments)
    {
        var m = ChannelFlowOk.Read(arguments);
        return $"{Flag(m.Active, "Active")}";
    }

    private static string ChannelCloseText(ReadOnlySpan<byte> arguments)
    {
        var m = ChannelClose.Read(arguments);
        return $"Code={(ushort)m.Code} ReplyText={Text(m.ReplyText)} ClassId={m.ClassId} MethodId={m.MethodId} ";
    }

    private static string AccessRequestText(ReadOnlySpan<byte> arguments)
    {
        var m = AccessRequest.Read(arguments);
        return $"Realm={Text(m.Realm)} {Flag(m.Exclusive, "Exclusive")}{Flag(m.Passive, "Passive")}"
            + $"{Flag(m.Active, "Active")}{Flag(m.WriteAccess, "WriteAccess")}"
            + $"{Flag(m.ReadAccess, "ReadAccess")}";
    }

    private static string ExchangeDeclareText(ReadOnlySpan<byte> arguments)
    {
        var m = ExchangeDeclare.Read(arguments);
        return $"Exchange={Text(m.Exchange)} Type={Text(m.Type)} {Flag(m.Passive, "Passive")}"
            + $"{Flag(m.Durable, "Durable")}{Flag(m.AutoDelete, "AutoDelete")}{Flag(m.Internal, "Internal")}"
            + $"{Flag(m.NoWait, "NoWait")}Arguments={Convert.ToHexString(m.Arguments)} ";
    }

    private static string ExchangeDeleteText(ReadOnlySpan<byte> arguments)
    {
        var m = ExchangeDelete.Read(arguments);
        return $"Exchange={Text(m.Exchange)} {Flag(m.IfUnused, "IfUnused")}{Flag(m.NoWait, "NoWait")}";
    }

    private static string ExchangeBindText(ReadOnlySpan<byte> arguments)
    {
        var m = ExchangeBind.Read(arguments);
        return $"Destination={Text(m.Destination)} Source={Text(m.Source)} RoutingKey={Text(m.RoutingKey)} "
            + $"{Flag(m.NoWait, "NoWait")}Arguments={Convert.ToHexString(m.Arguments)} ";
    }

    private static string ExchangeUnbindText(ReadOnlySpan<byte> arguments)
    {
        var m = ExchangeUnbind.Read(arguments);
        return $"Destination={Text(m.Destination)} Source={Text(m.Source)} RoutingKey={Text(m.RoutingKey)} "
            + $"{Flag(m.NoWait, "NoWait")}Arguments={Convert.ToHexString(m.Arguments)} ";
    }

    private static string QueueDeclareText(ReadOnlySpan<byte> arguments)
    {
        var m = QueueDeclare.Read(arguments);
        return $"Queue={Text(m.Queue)} {Flag(m.Passive, "Passive")}{Flag(m.Durable, "Durable")}"
            + $"{Flag(m.Exclusive, "Exclusive")}{Flag(m.AutoDelete, "AutoDelete")}{Flag(m.NoWait, "NoWait")}"
            + $"Arguments={Convert.ToHexString(m.Arguments)} ";
    }

    private static string QueueBindText(ReadOnlySpan<byte> arguments)
    {
        var m = QueueBind.Read(arguments);
        return $"Queue={Text(m.Queue)} Exchange={Text(m.Exchange)} RoutingKey={Text(m.RoutingKey)} "
            + $"{Flag(m.NoWait, "NoWait")}Arguments={Convert.ToHexString(m.Arguments)} ";
    }

    private static string QueueUnbindText(ReadOnlySpan<byte> arguments)
    {
        var m = QueueUnbind.Read(arguments);
        return $"Queue={Text(m.Queue)} Exchange={Text(m.Exchange)} RoutingKey={Text(m.RoutingKey)} "
            + $"Arguments={Convert.ToHexString(m.Arguments)} ";
    }

    private static string QueuePurgeText(ReadOnlySpan<byte> arguments)
    {
        var m = QueuePurge.Read(arguments);
        return $"Queue={Text(m.Queue)} {Flag(m.NoWait, "NoWait")}";
    }

    private static string QueueDeleteText(ReadOnlySpan<byte> arguments)
    {
        var m = QueueDelete.Read(arguments);
        return $"Queue={Text(m.Queue)} {Flag(m.IfUnused, "IfUnused")}{Flag(m.IfEmpty, "IfEmpty")}"
            + $"{Flag(m.NoWait, "NoWait")}";
    }

    private static string BasicQosText(ReadOnlySpan<byte> arguments)
    {
        var m = BasicQos.Read(arguments);
        return $"PrefetchSize={m.PrefetchSize} PrefetchCount={m.PrefetchCount} {Flag(m.Global, "Global")}";
    }

    private static string BasicConsumeText(ReadOnlySpan<byte> arguments)
    {
        var m = BasicConsume.Read(arguments);
        return $"Queue={Text(m.Queue)} ConsumerTag={Text(m.ConsumerTag)} {Flag(m.NoLocal, "NoLocal")}"
            + $"{Flag(m.NoAck, "NoAck")}{Flag(m.Exclusive, "Exclusive")}{Flag(m.NoWait, "NoWait")}"
            + $"Arguments={Convert.ToHexString(m.Arguments)} ";
    }

    private static string BasicCancelText(ReadOnlySpan<byte> arguments)
    {
        var m = BasicCancel.Read(arguments);
        return $"ConsumerTag={Text(m.ConsumerTag)} {Flag(m.NoWait, "NoWait")}";
    }

    private static string BasicCancelOkText(ReadOnlySpan<byte> arguments)
    {
        var m = BasicCancelOk.Read(arguments);
        return $"ConsumerTag={Text(m.ConsumerTag)} ";
    }

    private static string BasicGetText(ReadOnlySpan<byte> arguments)
    {
        var m = BasicGet.Read(arguments);
        return $"Queue={Text(m.Queue)} {Flag(m.NoAck, "NoAck")}";
    }

    private static string BasicAckText(ReadOnlySpan<byte> arguments)
    {
        var m = BasicAck.Read(arguments);
        return $"DeliveryTag={m.DeliveryTag} {Flag(m.Multiple, "Multiple")}";
    }

    private static string BasicRejectText(ReadOnlySpan<byte> arguments)
    {
        var m = BasicReject.Read(arguments);
        return $"DeliveryTag={m.DeliveryTag} {Flag(m.Requeue, "Requeue")}";
    }

    private static string BasicNackText(ReadOnlySpan<byte> arguments)
    {
        var m = BasicNack.Read(arguments);
        return $"DeliveryTag={m.DeliveryTag} {Flag(m.Multiple, "Multiple")}{Flag(m.Requeue, "Requeue")}";
    }

    private static string BasicRecoverText(ReadOnlySpan<byte> arguments)
    {
        var m = BasicRecover.Read(arguments);
        return $"{Flag(m.Requeue, "Requeue")}";
    }

    private static string BasicRecoverAsyncText(ReadOnlySpan<byte> arguments)
    {
        var m = BasicRecoverAsync.Read(arguments);
        return $"{Flag(m.Requeue, "Requeue")}";
    }

    private static string ConfirmSelectText(ReadOnlySpan<byte> arguments)
    {
        var m = ConfirmSelect.Read(arguments);
        return $"{Flag(m.NoWait, "NoWait")}";
    }

    private static string BasicPublishText(ReadOnlySpan<byte> arguments)
    {
        var m = BasicPublish.Read(arguments);
        return $"Exchange={Text(m.Exchange)} RoutingKey={Text(m.RoutingKey)} {Flag(m.Mandatory, "Mandatory")}"
            + $"{Flag(m.Immediate, "Immediate")}";
    }

    private static string ConnectionStartText(ReadOnlySpan<byte> arguments)
    {
        var m = ConnectionStart.Read(arguments);
        return $"VersionMajor={m.VersionMajor} VersionMinor={m.VersionMinor} "
            + $"ServerProperties={Convert.ToHexString(m.ServerProperties)} Mechanisms={Text(m.Mechanisms)} "
            + $"Locales={Text(m.Locales)} ";
    }

    private static string ConnectionSecureText(ReadOnlySpan<byte> arguments)
    {
        var m = ConnectionSecure.Read(arguments);
        return $"Challenge={Text(m.Challenge)} ";
    }

    private static string ConnectionTuneText(ReadOnlySpan<byte> arguments)
    {
        var m = ConnectionTune.Read(arguments);
        return $"ChannelMax={m.ChannelMax} FrameMax={m.FrameMax} Heartbeat={m.Heartbeat} ";
    }

    private static string ConnectionOpenOkText(ReadOnlySpan<byte> arguments)
    {
        _ = ConnectionOpenOk.Read(arguments);
        return string.Empty;
    }

    private static string ConnectionBlockedText(ReadOnlySpan<byte> arguments)
    {
        var m = ConnectionBlocked.Read(arguments);
        return $"Reason={Text(m.Reason)} ";
    }

    private static string ChannelOpenOkText(ReadOnlySpan<byte> arguments)
    {
        _ = ChannelOpenOk.Read(arguments);
        return string.Empty;
    }

    private static string AccessRequestOkText(ReadOnlySpan<byte> arguments)
    {
        var m = AccessRequestOk.Read(arguments);
        return $"Ticket={m.Ticket} ";
    }

    private static string QueueDeclareOkText(ReadOnlySpan<byte> arguments)
    {
        var m = QueueDeclareOk.Read(arguments);
        return $"Queue={Text(m.Queue)} MessageCount={m.MessageCount} ConsumerCount={m.ConsumerCount} ";
    }

    private static string QueuePurgeOkText(ReadOnlySpan<byte> arguments)
    {
        var m = QueuePurgeOk.Read(arguments);
        return $"MessageCount={m.MessageCount} ";
    }

    private static string QueueDeleteOkText(ReadOnlySpan<byte> arguments)
    {
        var m = QueueDeleteOk.Read(arguments);
        return $"MessageCount={m.MessageCount} ";
    }

    private static string BasicConsumeOkText(ReadOnlySpan<byte> arguments)
    {
        var m = BasicConsumeOk.Read(arguments);
        return $"ConsumerTag={Text(m.ConsumerTag)} ";
    }

    private static string BasicReturnText(ReadOnlySpan<byte> arguments)
    {
        var m = BasicReturn.Read(arguments);
        return $"Code={(ushort)m.Code} ReplyText={Text(m.ReplyText)} Exchange={Text(m.Exchange)} "
            + $"RoutingKey={Text(m.RoutingKey)} ";
    }

    private static string BasicDeliverText(ReadOnlySpan<byte> arguments)
    {
        var m = BasicDeliver.Read(arguments);
        return $"ConsumerTag={Text(m.ConsumerTag)} DeliveryTag={m.DeliveryTag} "
            + $"{Flag(m.Redelivered, "Redelivered")}Exchange={Text(m.Exchange)} "
            + $"RoutingKey={Text(m.RoutingKey)} ";
    }

    private static string BasicGetOkText(ReadOnlySpan<byte> arguments)
    {
        var m = BasicGetOk.Read(arguments);
        return $"DeliveryTag={m.DeliveryTag} {Flag(m.Redelivered, "Redelivered")}Exchange={Text(m.Exchange)} "
            + $"RoutingKey={Text(m.RoutingKey)} MessageCount={m.MessageCount} ";
    }

    private static string BasicGetEmptyText(ReadOnlySpan<byte> arguments)
    {
        _ = BasicGetEmpty.Read(arguments);
        return string.Empty;
    }

    private static string? Empty(MethodId method, ReadOnlySpan<byte> arguments)
    {
        if (!method.IsKnown())
        {
            return null;
        }

        Method.ReadEmpty(method, arguments);
        return string.Empty;
    }

    private static string Flag(bool set, string name) => set ? name + " " : string.Empty;

    // Printable text as it is, anything else as hex digits.
    private static string Text(ReadOnlySpan<byte> value)
    {
        bool plain = !value.ContainsAnyExceptInRange((byte)'!', (byte)'~') && !value.StartsWith("0x"u8);
        return plain ? Encoding.ASCII.GetString(value) : "0x" + Convert.ToHexString(value);
    }
}
