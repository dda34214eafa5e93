using Warren.Interop.Tests.Raw;
using Warren.Wire.Amqp091;
using static Warren.Interop.Tests.Raw.RawMethod;
using static Warren.Interop.Tests.Security.MatrixBroker;
using static Warren.Interop.Tests.Security.Need;

namespace Warren.Interop.Tests.Security;

/// <summary>The table of AMQP 0-9-1: which right each method of a client takes.</summary>
internal static class AmqpTable
{
    private const string Default = "amq.default";

    /// <summary>Methods that only the server sends.</summary>
    public static IReadOnlyList<MethodId> OfServer { get; } =
    [
        MethodId.ConnectionStart, MethodId.ConnectionSecure, MethodId.ConnectionTune, MethodId.ConnectionOpenOk, MethodId.ConnectionBlocked,
        MethodId.ConnectionUnblocked, MethodId.ConnectionUpdateSecretOk, MethodId.ChannelOpenOk, MethodId.AccessRequestOk,
        MethodId.ExchangeDeclareOk, MethodId.ExchangeDeleteOk, MethodId.ExchangeBindOk, MethodId.ExchangeUnbindOk, MethodId.QueueDeclareOk,
        MethodId.QueueBindOk, MethodId.QueuePurgeOk, MethodId.QueueDeleteOk, MethodId.QueueUnbindOk, MethodId.BasicQosOk,
        MethodId.BasicConsumeOk, MethodId.BasicCancelOk, MethodId.BasicReturn, MethodId.BasicDeliver, MethodId.BasicGetOk,
        MethodId.BasicGetEmpty, MethodId.BasicRecoverOk, MethodId.ConfirmSelectOk, MethodId.TxSelectOk, MethodId.TxCommitOk,
        MethodId.TxRollbackOk,
    ];

    /// <summary>Methods that come before there is a user in a virtual host, or answer the server; each with the test that is about it.</summary>
    public static IReadOnlyDictionary<MethodId, string> Elsewhere { get; } = new Dictionary<MethodId, string>
    {
        [MethodId.ConnectionStartOk] = nameof(AmqpPermissionTests.A_login_takes_the_password),
        [MethodId.ConnectionSecureOk] = nameof(AmqpPermissionTests.A_second_answer_to_a_challenge_is_no_way_in),
        [MethodId.ConnectionTuneOk] = nameof(AmqpPermissionTests.A_login_takes_the_password),
        [MethodId.ConnectionOpen] = nameof(AmqpPermissionTests.A_virtual_host_opens_to_those_with_any_permission_in_it),
        [MethodId.ConnectionClose] = nameof(AmqpPermissionTests.Everybody_may_leave),
        [MethodId.ConnectionCloseOk] = nameof(AmqpPermissionTests.Everybody_may_leave),
        [MethodId.ChannelOpen] = nameof(AmqpPermissionTests.Operation_is_answered_by_the_rights_of_the_user),
        [MethodId.ChannelClose] = nameof(AmqpPermissionTests.Operation_is_answered_by_the_rights_of_the_user),
        [MethodId.ChannelCloseOk] = nameof(AmqpPermissionTests.Operation_is_answered_by_the_rights_of_the_user),
        [MethodId.ChannelFlowOk] = nameof(AmqpPermissionTests.Everybody_may_leave),
    };

    /// <summary>The rows.</summary>
    public static IReadOnlyList<AmqpRow> Rows { get; } =
    [
        new(MethodId.ConnectionUpdateSecret, "connection.update-secret", (c, _) => c.Send(0, ConnectionUpdateSecret("s", "r")), MethodId.ConnectionUpdateSecretOk)
        {
            OnChannelZero = true,
        },
        new(MethodId.ChannelFlow, "channel.flow", (c, n) => c.Send(n, ChannelFlow(true)), MethodId.ChannelFlowOk),
        new(MethodId.AccessRequest, "access.request", (c, n) => c.Send(n, AccessRequest()), MethodId.AccessRequestOk),

        // exchanges
        new(MethodId.ExchangeDeclare, "exchange.declare", (c, n) => c.Send(n, ExchangeDeclare(New)), MethodId.ExchangeDeclareOk, ConfigureExchange(New)),
        new(MethodId.ExchangeDeclare, "exchange.declare of one that is there", (c, n) => c.Send(n, ExchangeDeclare(Direct, durable: true)),
            MethodId.ExchangeDeclareOk, ConfigureExchange(Direct)),
        new(MethodId.ExchangeDeclare, "exchange.declare with an alternate exchange",
            (c, n) => c.Send(n, ExchangeDeclare(New, arguments: [("alternate-exchange", Fanout)])),
            MethodId.ExchangeDeclareOk, ConfigureExchange(New), ReadExchange(New), WriteExchange(Fanout)),
        new(MethodId.ExchangeDeclare, "exchange.declare with the default exchange as alternate",
            (c, n) => c.Send(n, ExchangeDeclare(New, arguments: [("alternate-exchange", "")])),
            MethodId.ExchangeDeclareOk, ConfigureExchange(New), ReadExchange(New), WriteExchange(Default)),
        new(MethodId.ExchangeDelete, "exchange.delete", (c, n) => c.Send(n, ExchangeDelete(Topic)), MethodId.ExchangeDeleteOk, ConfigureExchange(Topic)),
        new(MethodId.ExchangeDelete, "exchange.delete of one that is not there", (c, n) => c.Send(n, ExchangeDelete(New)),
            MethodId.ExchangeDeleteOk, ConfigureExchange(New)),
        new(MethodId.ExchangeBind, "exchange.bind", (c, n) => c.Send(n, ExchangeBind(Fanout, Direct, "k")),
            MethodId.ExchangeBindOk, WriteExchange(Fanout), ReadExchange(Direct)),
        new(MethodId.ExchangeBind, "exchange.bind to a topic", (c, n) => c.Send(n, ExchangeBind(Fanout, Topic, Key)),
            MethodId.ExchangeBindOk, WriteExchange(Fanout), ReadExchange(Topic), ReadTopic(Topic, Key)),
        new(MethodId.ExchangeUnbind, "exchange.unbind", (c, n) => c.Send(n, ExchangeUnbind(Fanout, Direct, Key)),
            MethodId.ExchangeUnbindOk, WriteExchange(Fanout), ReadExchange(Direct)),
        new(MethodId.ExchangeUnbind, "exchange.unbind from a topic", (c, n) => c.Send(n, ExchangeUnbind(Fanout, Topic, Key)),
            MethodId.ExchangeUnbindOk, WriteExchange(Fanout), ReadExchange(Topic), ReadTopic(Topic, Key)),

        // queues
        new(MethodId.QueueDeclare, "queue.declare", (c, n) => c.Send(n, QueueDeclare(New)), MethodId.QueueDeclareOk, ConfigureQueue(New)),
        new(MethodId.QueueDeclare, "queue.declare of one that is there", (c, n) => c.Send(n, QueueDeclare(Queue, durable: true)),
            MethodId.QueueDeclareOk, ConfigureQueue(Queue)),
        new(MethodId.QueueDeclare, "queue.declare, exclusive", (c, n) => c.Send(n, QueueDeclare(New, exclusive: true)),
            MethodId.QueueDeclareOk, ConfigureQueue(New)),
        new(MethodId.QueueDeclare, "queue.declare without a name", (c, n) => c.Send(n, QueueDeclare("", exclusive: true)),
            MethodId.QueueDeclareOk, ConfigureQueue("*")),
        new(MethodId.QueueDeclare, "queue.declare with a dead letter exchange",
            (c, n) => c.Send(n, QueueDeclare(New, arguments: [("x-dead-letter-exchange", Fanout)])),
            MethodId.QueueDeclareOk, ConfigureQueue(New), ReadQueue(New), WriteExchange(Fanout)),
        new(MethodId.QueueDeclare, "queue.declare with the default exchange for dead letters",
            (c, n) => c.Send(n, QueueDeclare(New, arguments: [("x-dead-letter-exchange", ""), ("x-dead-letter-routing-key", Queue)])),
            MethodId.QueueDeclareOk, ConfigureQueue(New), ReadQueue(New), WriteExchange(Default)),
        new(MethodId.QueueBind, "queue.bind", (c, n) => c.Send(n, QueueBind(Queue, Direct, "k")),
            MethodId.QueueBindOk, WriteQueue(Queue), ReadExchange(Direct)),
        new(MethodId.QueueBind, "queue.bind to an exchange of the server", (c, n) => c.Send(n, QueueBind(Queue, "amq.direct", "k")),
            MethodId.QueueBindOk, WriteQueue(Queue), ReadExchange("amq.direct")),
        new(MethodId.QueueBind, "queue.bind to a topic", (c, n) => c.Send(n, QueueBind(Queue, Topic, Key)),
            MethodId.QueueBindOk, WriteQueue(Queue), ReadExchange(Topic), ReadTopic(Topic, Key)),
        new(MethodId.QueueUnbind, "queue.unbind", (c, n) => c.Send(n, QueueUnbind(Queue, Direct, Key)),
            MethodId.QueueUnbindOk, WriteQueue(Queue), ReadExchange(Direct)),
        new(MethodId.QueueUnbind, "queue.unbind from a topic", (c, n) => c.Send(n, QueueUnbind(Queue, Topic, Key)),
            MethodId.QueueUnbindOk, WriteQueue(Queue), ReadExchange(Topic), ReadTopic(Topic, Key)),
        new(MethodId.QueuePurge, "queue.purge", (c, n) => c.Send(n, QueuePurge(Queue)), MethodId.QueuePurgeOk, ReadQueue(Queue)),
        new(MethodId.QueueDelete, "queue.delete", (c, n) => c.Send(n, QueueDelete(Queue)), MethodId.QueueDeleteOk, ConfigureQueue(Queue)),
        new(MethodId.QueueDelete, "queue.delete of one that is not there", (c, n) => c.Send(n, QueueDelete(New)),
            MethodId.QueueDeleteOk, ConfigureQueue(New)),

        // messages
        new(MethodId.BasicPublish, "basic.publish", (c, n) => Publish(c, n, Direct, Key), MethodId.BasicAck, WriteExchange(Direct)),
        new(MethodId.BasicPublish, "basic.publish to the default exchange", (c, n) => Publish(c, n, "", Queue), MethodId.BasicAck, WriteExchange(Default)),
        new(MethodId.BasicPublish, "basic.publish of what nobody takes", (c, n) => Publish(c, n, Direct, "nobody"), MethodId.BasicAck, WriteExchange(Direct)),
        new(MethodId.BasicPublish, "basic.publish to a topic", (c, n) => Publish(c, n, Topic, Key),
            MethodId.BasicAck, WriteExchange(Topic), WriteTopic(Topic, Key)),
        new(MethodId.BasicPublish, "basic.publish with another topic in CC", (c, n) => Publish(c, n, Topic, "else", ("CC", new object?[] { Key })),
            MethodId.BasicAck, WriteExchange(Topic), WriteTopic(Topic, Key)),
        new(MethodId.BasicPublish, "basic.publish with another topic in BCC", (c, n) => Publish(c, n, Topic, "else", ("BCC", new object?[] { Key })),
            MethodId.BasicAck, WriteExchange(Topic), WriteTopic(Topic, Key)),
        new(MethodId.BasicPublish, "basic.publish in a transaction",
            (c, n) =>
            {
                c.Call(n, TxSelect(), 11);
                c.Publish(n, Direct, Key, "x"u8);
                c.Send(n, TxCommit());
            },
            MethodId.TxCommitOk, WriteExchange(Direct)),
        new(MethodId.BasicGet, "basic.get", (c, n) => c.Send(n, BasicGet(Queue, noAck: true)), MethodId.BasicGetOk, ReadQueue(Queue)),
        new(MethodId.BasicConsume, "basic.consume", (c, n) => c.Send(n, BasicConsume(Queue, noAck: true)), MethodId.BasicConsumeOk, ReadQueue(Queue)),
        new(MethodId.BasicConsume, "basic.consume of replies", (c, n) => c.Send(n, BasicConsume("amq.rabbitmq.reply-to", noAck: true)), MethodId.BasicConsumeOk),

        // what belongs to a channel and to no resource
        new(MethodId.BasicQos, "basic.qos", (c, n) => c.Send(n, BasicQos(1)), MethodId.BasicQosOk),
        new(MethodId.BasicCancel, "basic.cancel", (c, n) => c.Send(n, BasicCancel("nothing")), MethodId.BasicCancelOk),
        new(MethodId.BasicAck, "basic.ack of nothing", (c, n) => AllAtOnce(c, n, BasicAck(0, multiple: true)), MethodId.BasicQosOk),
        new(MethodId.BasicNack, "basic.nack of nothing", (c, n) => AllAtOnce(c, n, BasicNack(0, multiple: true)), MethodId.BasicQosOk),
        new(MethodId.BasicReject, "basic.reject of nothing", (c, n) => c.Send(n, BasicReject(77, requeue: true)), MethodId.ChannelClose),
        new(MethodId.BasicRecover, "basic.recover", (c, n) => c.Send(n, BasicRecover(true)), MethodId.BasicRecoverOk),
        new(MethodId.BasicRecoverAsync, "basic.recover-async", (c, n) => AllAtOnce(c, n, BasicRecoverAsync(true)), MethodId.BasicQosOk),
        new(MethodId.ConfirmSelect, "confirm.select", (c, n) => c.Send(n, ConfirmSelect()), MethodId.ConfirmSelectOk),
        new(MethodId.TxSelect, "tx.select", (c, n) => c.Send(n, TxSelect()), MethodId.TxSelectOk),
        new(MethodId.TxCommit, "tx.commit", (c, n) => AfterTxSelect(c, n, TxCommit()), MethodId.TxCommitOk),
        new(MethodId.TxRollback, "tx.rollback", (c, n) => AfterTxSelect(c, n, TxRollback()), MethodId.TxRollbackOk),
    ];

    // The confirmation is the answer a publish does not have.
    private static void Publish(RawClient client, ushort channel, string exchange, string key, params (string, object?)[] headers)
    {
        client.Call(channel, ConfirmSelect(), 11);
        byte[] properties = headers.Length == 0 ? [] : new RawWriter().Table(headers).ToArray();
        client.Publish(channel, exchange, key, "x"u8, flags: headers.Length == 0 ? (ushort)0 : (ushort)0x2000, properties: properties);
    }

    // A method without an answer, and one with an answer behind it.
    private static void AllAtOnce(RawClient client, ushort channel, RawMethod method)
    {
        client.Send(channel, method);
        client.Send(channel, BasicQos(1));
    }

    private static void AfterTxSelect(RawClient client, ushort channel, RawMethod method)
    {
        client.Call(channel, TxSelect(), 11);
        client.Send(channel, method);
    }
}
