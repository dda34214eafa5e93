using Warren.Buffers.Fields;
using Warren.Wire.Amqp091;

namespace Warren.Wire.Tests.Amqp091;

/// <summary>One method frame: its arguments byte by byte, what they mean, and the call that writes them.</summary>
internal sealed record MethodCase(
    MethodId Method, ushort Channel, string Arguments, string Text, Func<byte[], int> Write)
{
    public override string ToString() => $"{Method} {Text}";
}

/// <summary>Every method of AMQP 0-9-1 and of RabbitMQ's extensions at least once.</summary>
internal static class MethodCases
{
    // The table {k: Void} with its length prefix.
    private const string Table = "00000003 016B56";

    internal static readonly IReadOnlyList<MethodCase> Client =
    [
        new(MethodId.ConnectionStartOk, 0, Table + "05 504C41494E 00000004 00750070 05 656E5F5553",
            "ClientProperties=016B56 Mechanism=PLAIN Response=0x00750070 Locale=en_US",
            b => ClientMethodWriter.WriteStartOk(b, OneField(), "PLAIN"u8, "\0u\0p"u8, "en_US"u8)),
        new(MethodId.ConnectionSecureOk, 0, "00000002 6162", "Response=ab",
            b => ClientMethodWriter.WriteSecureOk(b, "ab"u8)),
        new(MethodId.ConnectionTuneOk, 0, "07FF 00020000 003C", "ChannelMax=2047 FrameMax=131072 Heartbeat=60",
            b => ClientMethodWriter.WriteTuneOk(b, 2047, 131072, 60)),
        new(MethodId.ConnectionOpen, 0, "01 2F 00 00", "VirtualHost=/",
            b => ClientMethodWriter.WriteConnectionOpen(b, "/"u8)),
        new(MethodId.ConnectionUpdateSecret, 0, "00000003 6E6577 01 72", "NewSecret=new Reason=r",
            b => ClientMethodWriter.WriteUpdateSecret(b, "new"u8, "r"u8)),
        new(MethodId.ChannelOpen, 7, "00", string.Empty, b => ClientMethodWriter.WriteChannelOpen(b, 7)),
        new(MethodId.AccessRequest, 7, "05 2F64617461 15", "Realm=/data Exclusive Active ReadAccess",
            b => ClientMethodWriter.WriteAccessRequest(b, 7, "/data"u8, true, false, true, false, true)),
        new(MethodId.ExchangeDeclare, 7, "0000 01 65 06 646972656374 02" + Table,
            "Exchange=e Type=direct Durable Arguments=016B56",
            b => ClientMethodWriter.WriteExchangeDeclare(b, 7, "e"u8, "direct"u8, OneField(), durable: true)),
        new(MethodId.ExchangeDeclare, 7, "0000 01 65 05 746F706963 1D 00000000",
            "Exchange=e Type=topic Passive AutoDelete Internal NoWait Arguments=",
            b => ClientMethodWriter.WriteExchangeDeclare(
                b, 7, "e"u8, "topic"u8, FieldTable.Empty,
                passive: true, autoDelete: true, isInternal: true, noWait: true)),
        new(MethodId.ExchangeDelete, 7, "0000 01 65 01", "Exchange=e IfUnused",
            b => ClientMethodWriter.WriteExchangeDelete(b, 7, "e"u8, ifUnused: true)),
        new(MethodId.ExchangeDelete, 7, "0000 01 65 02", "Exchange=e NoWait",
            b => ClientMethodWriter.WriteExchangeDelete(b, 7, "e"u8, noWait: true)),
        new(MethodId.ExchangeBind, 7, "0000 01 64 01 73 01 6B 01" + Table,
            "Destination=d Source=s RoutingKey=k NoWait Arguments=016B56",
            b => ClientMethodWriter.WriteExchangeBind(b, 7, "d"u8, "s"u8, "k"u8, OneField(), noWait: true)),
        new(MethodId.ExchangeUnbind, 7, "0000 01 64 01 73 01 6B 00" + Table,
            "Destination=d Source=s RoutingKey=k Arguments=016B56",
            b => ClientMethodWriter.WriteExchangeUnbind(b, 7, "d"u8, "s"u8, "k"u8, OneField())),
        new(MethodId.QueueDeclare, 7, "0000 01 71 02" + Table, "Queue=q Durable Arguments=016B56",
            b => ClientMethodWriter.WriteQueueDeclare(b, 7, "q"u8, OneField(), durable: true)),
        new(MethodId.QueueDeclare, 7, "0000 00 1D 00000000", "Queue= Passive Exclusive AutoDelete NoWait Arguments=",
            b => ClientMethodWriter.WriteQueueDeclare(
                b, 7, [], FieldTable.Empty, passive: true, exclusive: true, autoDelete: true, noWait: true)),
        new(MethodId.QueueBind, 7, "0000 01 71 01 65 01 6B 01" + Table,
            "Queue=q Exchange=e RoutingKey=k NoWait Arguments=016B56",
            b => ClientMethodWriter.WriteQueueBind(b, 7, "q"u8, "e"u8, "k"u8, OneField(), noWait: true)),
        new(MethodId.QueueUnbind, 7, "0000 01 71 01 65 01 6B" + Table,
            "Queue=q Exchange=e RoutingKey=k Arguments=016B56",
            b => ClientMethodWriter.WriteQueueUnbind(b, 7, "q"u8, "e"u8, "k"u8, OneField())),
        new(MethodId.QueuePurge, 7, "0000 01 71 01", "Queue=q NoWait",
            b => ClientMethodWriter.WriteQueuePurge(b, 7, "q"u8, noWait: true)),
        new(MethodId.QueueDelete, 7, "0000 01 71 05", "Queue=q IfUnused NoWait",
            b => ClientMethodWriter.WriteQueueDelete(b, 7, "q"u8, ifUnused: true, noWait: true)),
        new(MethodId.QueueDelete, 7, "0000 01 71 02", "Queue=q IfEmpty",
            b => ClientMethodWriter.WriteQueueDelete(b, 7, "q"u8, ifEmpty: true)),
        new(MethodId.BasicQos, 7, "0000000A 00C8 01", "PrefetchSize=10 PrefetchCount=200 Global",
            b => ClientMethodWriter.WriteQos(b, 7, 10, 200, global: true)),
        new(MethodId.BasicConsume, 7, "0000 01 71 01 63 0F" + Table,
            "Queue=q ConsumerTag=c NoLocal NoAck Exclusive NoWait Arguments=016B56",
            b => ClientMethodWriter.WriteConsume(
                b, 7, "q"u8, "c"u8, OneField(), noLocal: true, noAck: true, exclusive: true, noWait: true)),
        new(MethodId.BasicPublish, 7, "0000 01 65 03 6B6579 01", "Exchange=e RoutingKey=key Mandatory",
            b => ClientMethodWriter.WritePublish(b, 7, "e"u8, "key"u8, mandatory: true)),
        new(MethodId.BasicPublish, 7, "0000 00 00 02", "Exchange= RoutingKey= Immediate",
            b => ClientMethodWriter.WritePublish(b, 7, [], [], immediate: true)),
        new(MethodId.BasicGet, 7, "0000 01 71 01", "Queue=q NoAck",
            b => ClientMethodWriter.WriteGet(b, 7, "q"u8, noAck: true)),
        new(MethodId.BasicReject, 7, "0000000000000002 01", "DeliveryTag=2 Requeue",
            b => ClientMethodWriter.WriteReject(b, 7, 2, requeue: true)),
        new(MethodId.BasicRecover, 7, "01", "Requeue", b => ClientMethodWriter.WriteRecover(b, 7, requeue: true)),
        new(MethodId.BasicRecoverAsync, 7, "00", string.Empty,
            b => ClientMethodWriter.WriteRecoverNoReply(b, 7, requeue: false)),
        new(MethodId.ConfirmSelect, 7, "01", "NoWait", b => ClientMethodWriter.WriteConfirmSelect(b, 7, noWait: true)),
        Empty(MethodId.TxSelect, 7),
        Empty(MethodId.TxCommit, 7),
        Empty(MethodId.TxRollback, 7),
    ];

    internal static readonly IReadOnlyList<MethodCase> Both =
    [
        new(MethodId.ConnectionClose, 0, "0140 03 627965 003C 0028", "Code=320 ReplyText=bye ClassId=60 MethodId=40",
            b => MethodWriter.WriteConnectionClose(b, ReplyCode.ConnectionForced, "bye", MethodId.BasicPublish)),
        new(MethodId.ConnectionClose, 0, "01F5 0F 4652414D455F4552524F52202D2078 0000 0000",
            "Code=501 ReplyText=0x4652414D455F4552524F52202D2078 ClassId=0 MethodId=0",
            b => MethodWriter.WriteConnectionClose(b, new ConnectionError(ReplyCode.FrameError, "x"))),
        Empty(MethodId.ConnectionCloseOk, 0),
        new(MethodId.ChannelFlow, 7, "01", "Active", b => MethodWriter.WriteChannelFlow(b, 7, active: true)),
        new(MethodId.ChannelFlowOk, 7, "00", string.Empty, b => MethodWriter.WriteChannelFlowOk(b, 7, active: false)),
        new(MethodId.ChannelClose, 7, "0194 0D 4E4F545F464F554E44202D2078 0032 000A",
            "Code=404 ReplyText=0x4E4F545F464F554E44202D2078 ClassId=50 MethodId=10",
            b => MethodWriter.WriteChannelClose(
                b, 7, new ChannelError(ReplyCode.NotFound, "x", MethodId.QueueDeclare))),
        Empty(MethodId.ChannelCloseOk, 7),
        new(MethodId.BasicCancel, 7, "01 63 01", "ConsumerTag=c NoWait",
            b => MethodWriter.WriteCancel(b, 7, "c"u8, noWait: true)),
        new(MethodId.BasicCancelOk, 7, "01 63", "ConsumerTag=c", b => MethodWriter.WriteCancelOk(b, 7, "c"u8)),
        new(MethodId.BasicAck, 7, "0102030405060708 01", "DeliveryTag=72623859790382856 Multiple",
            b => MethodWriter.WriteAck(b, 7, 0x0102030405060708, multiple: true)),
        new(MethodId.BasicNack, 7, "FFFFFFFFFFFFFFFF 02", "DeliveryTag=18446744073709551615 Requeue",
            b => MethodWriter.WriteNack(b, 7, ulong.MaxValue, multiple: false, requeue: true)),
        new(MethodId.BasicNack, 7, "0000000000000000 01", "DeliveryTag=0 Multiple",
            b => MethodWriter.WriteNack(b, 7, 0, multiple: true, requeue: false)),
    ];

    internal static readonly IReadOnlyList<MethodCase> Server =
    [
        new(MethodId.ConnectionStart, 0, "00 09" + Table + "00000005 504C41494E 00000005 656E5F5553",
            "VersionMajor=0 VersionMinor=9 ServerProperties=016B56 Mechanisms=PLAIN Locales=en_US",
            b => MethodWriter.WriteConnectionStart(b, OneField(), "PLAIN"u8, "en_US"u8)),
        new(MethodId.ConnectionSecure, 0, "00000001 63", "Challenge=c",
            b => MethodWriter.WriteConnectionSecure(b, "c"u8)),
        new(MethodId.ConnectionTune, 0, "07FF 00020000 003C", "ChannelMax=2047 FrameMax=131072 Heartbeat=60",
            b => MethodWriter.WriteConnectionTune(b, 2047, 131072, 60)),
        new(MethodId.ConnectionOpenOk, 0, "00", string.Empty, b => MethodWriter.WriteConnectionOpenOk(b)),
        new(MethodId.ConnectionBlocked, 0, "0D 6C6F77206F6E206D656D6F7279", "Reason=0x6C6F77206F6E206D656D6F7279",
            b => MethodWriter.WriteConnectionBlocked(b, "low on memory")),
        Empty(MethodId.ConnectionUnblocked, 0),
        Empty(MethodId.ConnectionUpdateSecretOk, 0),
        new(MethodId.ChannelOpenOk, 7, "00000000", string.Empty, b => MethodWriter.WriteChannelOpenOk(b, 7)),
        new(MethodId.AccessRequestOk, 7, "0001", "Ticket=1", b => MethodWriter.WriteAccessRequestOk(b, 7, 1)),
        Empty(MethodId.ExchangeDeclareOk, 7),
        Empty(MethodId.ExchangeDeleteOk, 7),
        Empty(MethodId.ExchangeBindOk, 7),
        Empty(MethodId.ExchangeUnbindOk, 7),
        new(MethodId.QueueDeclareOk, 7, "01 71 00000002 00000001", "Queue=q MessageCount=2 ConsumerCount=1",
            b => MethodWriter.WriteQueueDeclareOk(b, 7, "q"u8, 2, 1)),
        Empty(MethodId.QueueBindOk, 7),
        Empty(MethodId.QueueUnbindOk, 7),
        new(MethodId.QueuePurgeOk, 7, "00000003", "MessageCount=3", b => MethodWriter.WriteQueuePurgeOk(b, 7, 3)),
        new(MethodId.QueueDeleteOk, 7, "FFFFFFFF", "MessageCount=4294967295",
            b => MethodWriter.WriteQueueDeleteOk(b, 7, uint.MaxValue)),
        Empty(MethodId.BasicQosOk, 7),
        new(MethodId.BasicConsumeOk, 7, "01 63", "ConsumerTag=c", b => MethodWriter.WriteConsumeOk(b, 7, "c"u8)),
        new(MethodId.BasicReturn, 7, "0138 08 4E4F5F524F555445 01 65 01 6B",
            "Code=312 ReplyText=NO_ROUTE Exchange=e RoutingKey=k",
            b => MethodWriter.WriteReturn(b, 7, ReplyCode.NoRoute, "NO_ROUTE"u8, "e"u8, "k"u8)),
        new(MethodId.BasicDeliver, 7, "01 63 0000000000000005 01 01 65 01 6B",
            "ConsumerTag=c DeliveryTag=5 Redelivered Exchange=e RoutingKey=k",
            b => MethodWriter.WriteDeliver(b, 7, "c"u8, 5, redelivered: true, "e"u8, "k"u8)),
        new(MethodId.BasicGetOk, 7, "0000000000000005 00 01 65 01 6B 00000009",
            "DeliveryTag=5 Exchange=e RoutingKey=k MessageCount=9",
            b => MethodWriter.WriteGetOk(b, 7, 5, redelivered: false, "e"u8, "k"u8, 9)),
        new(MethodId.BasicGetEmpty, 7, "00", string.Empty, b => MethodWriter.WriteGetEmpty(b, 7)),
        Empty(MethodId.BasicRecoverOk, 7),
        Empty(MethodId.ConfirmSelectOk, 7),
        Empty(MethodId.TxSelectOk, 7),
        Empty(MethodId.TxCommitOk, 7),
        Empty(MethodId.TxRollbackOk, 7),
    ];

    internal static IEnumerable<MethodCase> All => [.. Client, .. Both, .. Server];

    private static MethodCase Empty(MethodId method, ushort channel) =>
        new(method, channel, string.Empty, string.Empty, b => MethodWriter.WriteEmpty(b, channel, method));

    private static FieldTable OneField()
    {
        var table = new FieldTable();
        table.Add("k", FieldValue.Void);
        return table;
    }
}
