using Warren.Interop.Tests.Raw;
using Warren.Interop.Tests.Running;
using static Warren.Interop.Tests.Raw.RawMethod;

namespace Warren.Interop.Tests;

/// <summary>Soft errors: code, text and method on the wire; the connection and its other channels go on.</summary>
public sealed class ChannelErrorTests : BrokerTest
{
    private const string Locked =
        "RESOURCE_LOCKED - cannot obtain exclusive access to locked queue '%q' in vhost '/'. It could be originally "
        + "declared on another connection or the exclusive property value does not match that of the original "
        + "declaration.";

    private static readonly ErrorCase[] All =
    [
        // 404
        Case("passive declare of a missing queue", (c, q) => c.Send(1, QueueDeclare(q, passive: true)),
            404, "NOT_FOUND - no queue '%q' in vhost '/'", 50, 10),
        Case("consume from a missing queue", (c, q) => c.Send(1, BasicConsume(q)),
            404, "NOT_FOUND - no queue '%q' in vhost '/'", 60, 20),
        Case("get from a missing queue", (c, q) => c.Send(1, BasicGet(q)),
            404, "NOT_FOUND - no queue '%q' in vhost '/'", 60, 70),
        Case("purge of a missing queue", (c, q) => c.Send(1, QueuePurge(q)),
            404, "NOT_FOUND - no queue '%q' in vhost '/'", 50, 30),
        Case("bind of a missing queue", (c, q) => c.Send(1, QueueBind(q, "amq.direct", "k")),
            404, "NOT_FOUND - no queue '%q' in vhost '/'", 50, 20),
        Case("passive declare of a missing exchange", (c, q) => c.Send(1, ExchangeDeclare(q, passive: true)),
            404, "NOT_FOUND - no exchange '%q' in vhost '/'", 40, 10),
        Case("publish to a missing exchange", (c, q) => c.Publish(1, q, "k", "x"u8),
            404, "NOT_FOUND - no exchange '%q' in vhost '/'", 60, 40),
        Case("bind to a missing exchange", (c, q) =>
            {
                c.Call(1, QueueDeclare(q, exclusive: true), 11);
                c.Send(1, QueueBind(q, q, "k"));
            },
            404, "NOT_FOUND - no exchange '%q' in vhost '/'", 50, 20),
        Case("exchange bind with a missing source", (c, q) => c.Send(1, ExchangeBind("amq.fanout", q)),
            404, "NOT_FOUND - no exchange '%q' in vhost '/'", 40, 30),
        Case("exchange bind with a missing destination", (c, q) => c.Send(1, ExchangeBind(q, "amq.fanout")),
            404, "NOT_FOUND - no exchange '%q' in vhost '/'", 40, 30),
        Case("consume with an empty name before any declare", (c, _) => c.Send(1, BasicConsume("")),
            404, "NOT_FOUND - no previously declared queue", 60, 20),
        Case("get with an empty name before any declare", (c, _) => c.Send(1, BasicGet("")),
            404, "NOT_FOUND - no previously declared queue", 60, 70),
        Case("bind with an empty name before any declare", (c, _) => c.Send(1, QueueBind("", "amq.direct", "k")),
            404, "NOT_FOUND - no previously declared queue", 50, 20),
        Case("purge with an empty name before any declare", (c, _) => c.Send(1, QueuePurge("")),
            404, "NOT_FOUND - no previously declared queue", 50, 30),
        Case("delete with an empty name before any declare", (c, _) => c.Send(1, QueueDelete("")),
            404, "NOT_FOUND - no previously declared queue", 50, 40),
        Case("reply text is cut to 255 bytes", (c, _) => c.Send(1, QueueDeclare(new string('n', 255), passive: true)),
            404, $"NOT_FOUND - no queue '{new string('n', 255)}' in vhost '/'", 50, 10),

        // 406, redeclared otherwise
        Redeclared("durable", (c, q) => c.Send(1, QueueDeclare(q, durable: true, autoDelete: true)),
            "durable", "received 'true' but current is 'false'"),
        Redeclared("auto-delete", (c, q) => c.Send(1, QueueDeclare(q)),
            "auto_delete", "received 'false' but current is 'true'"),
        Redeclared("an argument only now", (c, q) => c.Send(1, QueueDeclare(
            q, autoDelete: true, arguments: [("x-message-ttl", 5)])),
            "x-message-ttl", "received the value '5' of type 'signedint' but current is none"),
        RedeclaredWithTtl("no argument now", null,
            "received none but current is the value '5' of type 'signedint'"),
        RedeclaredWithTtl("another argument", [("x-message-ttl", 6)], "received '6' but current is '5'"),
        Case("redeclare of an exchange with another type", (c, q) =>
            {
                c.Call(1, ExchangeDeclare(q, "direct", autoDelete: true), 11);
                c.Send(1, ExchangeDeclare(q, "fanout", autoDelete: true));
            },
            406, ExchangeInequivalent("type", "received 'fanout' but current is 'direct'"), 40, 10),
        Case("redeclare of an exchange as durable", (c, q) =>
            {
                c.Call(1, ExchangeDeclare(q, autoDelete: true), 11);
                c.Send(1, ExchangeDeclare(q, autoDelete: true, durable: true));
            },
            406, ExchangeInequivalent("durable", "received 'true' but current is 'false'"), 40, 10),
        Case("redeclare of an exchange as not auto-delete", (c, q) =>
            {
                c.Call(1, ExchangeDeclare(q, autoDelete: true), 11);
                c.Send(1, ExchangeDeclare(q));
            },
            406, ExchangeInequivalent("auto_delete", "received 'false' but current is 'true'"), 40, 10),
        Case("redeclare of an exchange as internal", (c, q) =>
            {
                c.Call(1, ExchangeDeclare(q, autoDelete: true), 11);
                c.Send(1, ExchangeDeclare(q, autoDelete: true, isInternal: true));
            },
            406, ExchangeInequivalent("internal", "received 'true' but current is 'false'"), 40, 10),
        Case("redeclare of an exchange with another alternate", (c, q) =>
            {
                c.Call(1, ExchangeDeclare(q, autoDelete: true), 11);
                c.Send(1, ExchangeDeclare(q, autoDelete: true, arguments: [("alternate-exchange", "a")]));
            },
            406, ExchangeInequivalent(
                "alternate-exchange", "received the value 'a' of type 'longstr' but current is none"), 40, 10),

        // 405
        Case("exclusive redeclare of a queue that is not", (c, q) =>
            {
                c.Call(1, QueueDeclare(q, autoDelete: true), 11);
                c.Send(1, QueueDeclare(q, exclusive: true, autoDelete: true));
            },
            405, Locked, 50, 10),

        // 403
        Case("queue name with the reserved prefix", (c, q) => c.Send(1, QueueDeclare("amq." + q)),
            403, "ACCESS_REFUSED - queue name 'amq.%q' contains reserved prefix 'amq.*'", 50, 10),
        Case("exchange name with the reserved prefix", (c, q) => c.Send(1, ExchangeDeclare("amq." + q)),
            403, "ACCESS_REFUSED - exchange name 'amq.%q' contains reserved prefix 'amq.*'", 40, 10),
        Case("delete of a predeclared exchange", (c, _) => c.Send(1, ExchangeDelete("amq.topic")),
            403, "ACCESS_REFUSED - deletion of system exchange 'amq.topic' in vhost '/' not allowed", 40, 20),
        Case("declare of the default exchange", (c, _) => c.Send(1, ExchangeDeclare("")),
            403, "ACCESS_REFUSED - operation not permitted on the default exchange", 40, 10),
        Case("delete of the default exchange", (c, _) => c.Send(1, ExchangeDelete("")),
            403, "ACCESS_REFUSED - operation not permitted on the default exchange", 40, 20),
        Case("bind to the default exchange", (c, q) =>
            {
                c.Call(1, QueueDeclare(q, exclusive: true), 11);
                c.Send(1, QueueBind(q, "", "k"));
            },
            403, "ACCESS_REFUSED - operation not permitted on the default exchange", 50, 20),
        Case("unbind from the default exchange", (c, q) =>
            {
                c.Call(1, QueueDeclare(q, exclusive: true), 11);
                c.Send(1, QueueUnbind(q, "", "k"));
            },
            403, "ACCESS_REFUSED - operation not permitted on the default exchange", 50, 50),
        Case("exchange bind to the default exchange", (c, _) => c.Send(1, ExchangeBind("amq.fanout", "")),
            403, "ACCESS_REFUSED - operation not permitted on the default exchange", 40, 30),
        Case("publish to an internal exchange", (c, q) =>
            {
                c.Call(1, ExchangeDeclare(q, "fanout", isInternal: true), 11);
                c.Publish(1, q, "", "x"u8);
            },
            403, "ACCESS_REFUSED - cannot publish to internal exchange '%q' in vhost '/'", 60, 40),
        Case("consume beside an exclusive consumer", (c, q) =>
            {
                c.Call(1, QueueDeclare(q, autoDelete: true), 11);
                c.Call(1, BasicConsume(q, exclusive: true), 21);
                c.Send(1, BasicConsume(q));
            },
            403, "ACCESS_REFUSED - queue '%q' in vhost '/' in exclusive use", 60, 20),
        Case("exclusive consume beside a consumer", (c, q) =>
            {
                c.Call(1, QueueDeclare(q, autoDelete: true), 11);
                c.Call(1, BasicConsume(q), 21);
                c.Send(1, BasicConsume(q, exclusive: true));
            },
            403, "ACCESS_REFUSED - queue '%q' in vhost '/' in exclusive use", 60, 20),

        // 406, deletes
        Case("delete if-unused of a queue in use", (c, q) =>
            {
                c.Call(1, QueueDeclare(q, autoDelete: true), 11);
                c.Call(1, BasicConsume(q), 21);
                c.Send(1, QueueDelete(q, ifUnused: true));
            },
            406, "PRECONDITION_FAILED - queue '%q' in vhost '/' in use", 50, 40),
        Case("delete if-empty of a queue that is not", (c, q) =>
            {
                c.Call(1, QueueDeclare(q, exclusive: true), 11);
                c.Publish(1, "", q, "x"u8);
                c.Send(1, QueueDelete(q, ifEmpty: true));
            },
            406, "PRECONDITION_FAILED - queue '%q' in vhost '/' not empty", 50, 40),
        Case("delete if-unused of an exchange in use", (c, q) =>
            {
                c.Call(1, ExchangeDeclare(q, autoDelete: true), 11);
                c.Call(1, QueueDeclare(q, exclusive: true), 11);
                c.Call(1, QueueBind(q, q, "k"), 21);
                c.Send(1, ExchangeDelete(q, ifUnused: true));
            },
            406, "PRECONDITION_FAILED - exchange '%q' in vhost '/' in use", 40, 20),

        // 406, delivery tags
        Case("ack of an unknown tag", (c, _) => c.Send(1, BasicAck(99)),
            406, "PRECONDITION_FAILED - unknown delivery tag 99", 60, 80),
        Case("ack multiple of an unknown tag", (c, _) => c.Send(1, BasicAck(99, multiple: true)),
            406, "PRECONDITION_FAILED - unknown delivery tag 99", 60, 80),
        Case("ack of tag 0", (c, _) => c.Send(1, BasicAck(0)),
            406, "PRECONDITION_FAILED - unknown delivery tag 0", 60, 80),
        Case("nack of an unknown tag", (c, _) => c.Send(1, BasicNack(99)),
            406, "PRECONDITION_FAILED - unknown delivery tag 99", 60, 120),
        Case("reject of an unknown tag", (c, _) => c.Send(1, BasicReject(99, requeue: true)),
            406, "PRECONDITION_FAILED - unknown delivery tag 99", 60, 90),
        Case("ack twice", (c, q) =>
            {
                c.Call(1, QueueDeclare(q, exclusive: true), 11);
                c.Publish(1, "", q, "x"u8);
                c.Call(1, BasicGet(q), 71);
                c.ReadContent(1);
                c.Send(1, BasicAck(1));
                c.Send(1, BasicAck(1));
            },
            406, "PRECONDITION_FAILED - unknown delivery tag 1", 60, 80),

        // 406, message properties
        Expiration("x", "invalid expiration 'x': no_integer"),
        Expiration("-1", "invalid expiration '-1': {value_negative,-1}"),
        Expiration("5s", "invalid expiration '5s': {leftover_string,\"s\"}"),
        Case("user_id of somebody else", (c, _) => c.Publish(
            1, "", "k", "x"u8, flags: 0x0010, properties: new RawWriter().ShortString("bob").ToArray()),
            406, "PRECONDITION_FAILED - user_id property set to 'bob' but authenticated user was 'guest'", 60, 40),

        // 406, modes
        Case("confirm.select on a transactional channel", (c, _) =>
            {
                c.Call(1, TxSelect(), 11);
                c.Send(1, ConfirmSelect());
            },
            406, "PRECONDITION_FAILED - cannot switch from tx to confirm mode", 85, 10),
        Case("tx.select on a confirming channel", (c, _) =>
            {
                c.Call(1, ConfirmSelect(), 11);
                c.Send(1, TxSelect());
            },
            406, "PRECONDITION_FAILED - cannot switch from confirm to tx mode", 90, 10),
        Case("tx.commit outside a transaction", (c, _) => c.Send(1, TxCommit()),
            406, "PRECONDITION_FAILED - channel is not transactional", 90, 20),
        Case("tx.rollback outside a transaction", (c, _) => c.Send(1, TxRollback()),
            406, "PRECONDITION_FAILED - channel is not transactional", 90, 30),

        // 406, size and routing arguments
        Case("message larger than the maximum", (c, _) =>
            {
                c.Send(1, BasicPublish("", "k"));
                c.SendHeader(1, 16777217);
            },
            406, "PRECONDITION_FAILED - message size 16777217 is larger than configured max size 16777216", 60, 40)
            with { NotOnReference = "3.10.8 allows 128 MiB" },
        Case("bad x-match in a headers binding", (c, q) =>
            {
                c.Call(1, QueueDeclare(q, exclusive: true), 11);
                c.Send(1, QueueBind(q, "amq.headers", "", arguments: [("x-match", "bad")]));
            },
            406, "PRECONDITION_FAILED - Invalid x-match field value <<\"bad\">>; expected all, any, all-with-x, or "
                + "any-with-x", 50, 20),
        Case("CC header that is no array", (c, _) => c.Publish(
            1, "", "k", "x"u8, flags: 0x2000, properties: new RawWriter().Table([("CC", "one")]).ToArray()),
            406, "PRECONDITION_FAILED - invalid message: {unacceptable_type_in_header,\"CC\",longstr}", 60, 40),

        // 406, direct reply-to
        Case("reply consumer that acknowledges", (c, _) => c.Send(1, BasicConsume("amq.rabbitmq.reply-to")),
            406, "PRECONDITION_FAILED - reply consumer cannot acknowledge", 60, 20),
        Case("second reply consumer", (c, _) =>
            {
                c.Call(1, BasicConsume("amq.rabbitmq.reply-to", noAck: true), 21);
                c.Send(1, BasicConsume("amq.rabbitmq.reply-to", noAck: true));
            },
            406, "PRECONDITION_FAILED - reply consumer already set", 60, 20),
        Case("reply-to without a reply consumer", (c, _) => c.Publish(
            1, "", "k", "x"u8, flags: 0x0200,
            properties: new RawWriter().ShortString("amq.rabbitmq.reply-to").ToArray()),
            406, "PRECONDITION_FAILED - fast reply consumer does not exist", 60, 40),
    ];

    public ChannelErrorTests(SharedBroker broker)
        : base(broker)
    {
    }

    /// <summary>The names of the cases.</summary>
    public static TheoryData<string> Names => [.. All.Select(c => c.Name)];

    [Theory]
    [MemberData(nameof(Names))]
    public void Error_closes_only_its_channel(string name)
    {
        ErrorCase error = All.Single(c => string.Equals(c.Name, name, StringComparison.Ordinal));
        Assert.SkipWhen(Broker.IsReference && error.NotOnReference is not null, error.NotOnReference ?? "");
        string queue = Unique("q");
        RawClient client = OpenRaw();
        client.OpenChannel(2);

        error.Do(client, queue);
        RawClose close = client.ExpectChannelClose(1);

        Assert.Equal(
            new RawClose(error.Code, error.ExpectedText(Broker.IsReference, queue), error.ClassId, error.MethodId),
            close);
        client.Call(2, ExchangeDeclare("amq.direct", passive: true), 11);
        client.OpenChannel(1);
        client.Call(1, ExchangeDeclare("amq.topic", passive: true), 11);
    }

    [Theory]
    [InlineData("declare", 50, 10)]
    [InlineData("passive declare", 50, 10)]
    [InlineData("consume", 60, 20)]
    [InlineData("get", 60, 70)]
    [InlineData("purge", 50, 30)]
    [InlineData("delete", 50, 40)]
    [InlineData("bind", 50, 20)]
    public void Exclusive_queue_is_locked_for_other_connections(string command, int classId, int methodId)
    {
        string queue = Unique("q");
        RawClient owner = OpenRaw();
        owner.Call(1, QueueDeclare(queue, exclusive: true), 11);
        RawClient other = OpenRaw();

        other.Send(1, command switch
        {
            "declare" => QueueDeclare(queue, exclusive: true),
            "passive declare" => QueueDeclare(queue, passive: true),
            "consume" => BasicConsume(queue),
            "get" => BasicGet(queue),
            "purge" => QueuePurge(queue),
            "delete" => QueueDelete(queue),
            _ => QueueBind(queue, "amq.direct", "k"),
        });

        Assert.Equal(
            new RawClose(405, ErrorCase.Filled(Locked, queue), classId, methodId), other.ExpectChannelClose(1));
        owner.Call(1, QueueDeclare(queue, passive: true), 11);
    }

    [Fact]
    public void Deleting_what_is_not_there_is_fine()
    {
        string name = Unique("gone");
        RawClient client = OpenRaw();

        RawFrame deleted = client.Call(1, QueueDelete(name), 41);
        client.Call(1, ExchangeDelete(name), 21);
        client.Call(1, QueueDeclare(name, exclusive: true), 11);
        client.Call(1, QueueUnbind(name, "amq.direct", "never bound"), 51);
        client.Call(1, ExchangeUnbind("amq.fanout", "amq.direct", "never bound"), 51);

        Assert.Equal(0u, deleted.Arguments().U32());
    }

    private static ErrorCase Case(
        string name, Action<RawClient, string> act, int code, string text, int classId, int methodId) =>
        new(name, act, code, text, classId, methodId);

    private static ErrorCase Redeclared(
        string how, Action<RawClient, string> again, string argument, string difference) =>
        new(
            $"redeclare with {how}",
            (c, q) =>
            {
                c.Call(1, QueueDeclare(q, autoDelete: true), 11);
                again(c, q);
            },
            406, QueueInequivalent(argument, difference), 50, 10);

    private static ErrorCase RedeclaredWithTtl(string how, (string, object?)[]? arguments, string difference) =>
        new(
            $"redeclare with {how}",
            (c, q) =>
            {
                c.Call(1, QueueDeclare(q, autoDelete: true, arguments: [("x-message-ttl", 5)]), 11);
                c.Send(1, QueueDeclare(q, autoDelete: true, arguments: arguments));
            },
            406, QueueInequivalent("x-message-ttl", difference), 50, 10);

    private static ErrorCase Expiration(string value, string explanation) =>
        new(
            $"expiration '{value}'",
            (c, _) => c.Publish(
                1, "", "k", "x"u8, flags: 0x0100, properties: new RawWriter().ShortString(value).ToArray()),
            406, "PRECONDITION_FAILED - " + explanation, 60, 40);

    private static string QueueInequivalent(string argument, string difference) =>
        $"PRECONDITION_FAILED - inequivalent arg '{argument}' for queue '%q' in vhost '/': {difference}";

    private static string ExchangeInequivalent(string argument, string difference) =>
        $"PRECONDITION_FAILED - inequivalent arg '{argument}' for exchange '%q' in vhost '/': {difference}";
}
