using Warren.Interop.Tests.Raw;
using Warren.Interop.Tests.Running;
using static Warren.Interop.Tests.Raw.RawMethod;

namespace Warren.Interop.Tests;

/// <summary>Arguments of queue.declare that are refused with 406, and those that are not.</summary>
public sealed class QueueArgumentErrorTests : BrokerTest
{
    private static readonly (string Name, (string, object?)[] Arguments, string Reason)[] Invalid =
    [
        ("text as x-message-ttl", [("x-message-ttl", "a")], "\"expected integer, got longstr\""),
        ("text as x-expires", [("x-expires", "a")], "\"expected integer, got longstr\""),
        ("text as x-max-length", [("x-max-length", "a")], "\"expected integer, got longstr\""),
        ("text as x-max-length-bytes", [("x-max-length-bytes", "a")], "\"expected integer, got longstr\""),
        ("negative x-message-ttl", [("x-message-ttl", -1)], "{value_negative,-1}"),
        ("negative x-max-length", [("x-max-length", -1)], "{value_negative,-1}"),
        ("negative x-max-length-bytes", [("x-max-length-bytes", -1)], "{value_negative,-1}"),
        ("negative x-expires", [("x-expires", -1)], "{value_negative,-1}"),
        ("x-expires of zero", [("x-expires", 0)], "{value_zero,0}"),
        ("x-max-priority of 256", [("x-max-priority", 256)], "{max_value_exceeded,256}"),
        ("x-max-priority of a million", [("x-max-priority", 1000000)], "{max_value_exceeded,1000000}"),
        ("negative x-max-priority", [("x-max-priority", -1)], "{value_negative,-1}"),
        ("bad x-overflow", [("x-overflow", "drop-tail")], "invalid_overflow"),
        ("bad x-queue-type", [("x-queue-type", "bad")], "\"unsupported queue type 'bad'\""),
        ("number as x-queue-type", [("x-queue-type", 5)], "{unacceptable_type,signedint}"),
        ("bad x-queue-mode", [("x-queue-mode", "bad")], "\"unsupported queue mode 'bad'\""),
        ("text as x-single-active-consumer", [("x-single-active-consumer", "yes")], "{unacceptable_type,longstr}"),
        ("dead letter key without exchange", [("x-dead-letter-routing-key", "k")],
            "routing_key_but_no_dlx_defined"),
    ];

    public QueueArgumentErrorTests(SharedBroker broker)
        : base(broker)
    {
    }

    /// <summary>The names of the cases.</summary>
    public static TheoryData<string> Names => [.. Invalid.Select(c => c.Name)];

    [Theory]
    [MemberData(nameof(Names))]
    public void Invalid_argument_is_refused(string name)
    {
        (_, (string Key, object?)[] arguments, string reason) = Invalid.Single(
            c => string.Equals(c.Name, name, StringComparison.Ordinal));
        string queue = Unique("q");
        RawClient client = OpenRaw();

        client.Send(1, QueueDeclare(queue, autoDelete: true, arguments: arguments));

        string text =
            $"PRECONDITION_FAILED - invalid arg '{arguments[0].Key}' for queue '{queue}' in vhost '/': {reason}";
        Assert.Equal(new RawClose(406, text, 50, 10), client.ExpectChannelClose(1));
    }

    [Fact]
    public void Dead_letter_exchange_that_is_no_text_is_refused()
    {
        string queue = Unique("q");
        RawClient client = OpenRaw();

        client.Send(1, QueueDeclare(queue, autoDelete: true, arguments: [("x-dead-letter-exchange", 5)]));

        string text = "PRECONDITION_FAILED - invalid type 'signedint' for arg 'x-dead-letter-exchange' in queue "
            + $"'{queue}' in vhost '/'";
        Assert.Equal(new RawClose(406, text, 50, 10), client.ExpectChannelClose(1));
    }

    [Fact]
    public void Priorities_on_a_quorum_queue_are_refused()
    {
        string queue = Unique("q");
        RawClient client = OpenRaw();

        client.Send(1, QueueDeclare(
            queue, durable: true, arguments: [("x-queue-type", "quorum"), ("x-max-priority", 5)]));

        string text = $"PRECONDITION_FAILED - invalid arg 'x-max-priority' for queue '{queue}' in vhost '/' of queue "
            + "type rabbit_quorum_queue";
        Assert.Equal(new RawClose(406, text, 50, 10), client.ExpectChannelClose(1));
    }

    [Theory]
    [InlineData(false, false, "non-durable")]
    [InlineData(true, true, "exclusive-owner")]
    public void Quorum_queue_must_be_durable_and_shared(bool durable, bool exclusive, string property)
    {
        string queue = Unique("q");
        RawClient client = OpenRaw();

        client.Send(1, QueueDeclare(
            queue, durable: durable, exclusive: exclusive, arguments: [("x-queue-type", "quorum")]));

        string text = $"PRECONDITION_FAILED - invalid property '{property}' for queue '{queue}' in vhost '/'";
        Assert.Equal(new RawClose(406, text, 50, 10), client.ExpectChannelClose(1));
    }

    [Fact]
    public void Unknown_arguments_and_huge_ttl_are_kept()
    {
        string queue = Unique("q");
        RawClient client = OpenRaw();
        (string, object?)[] arguments = [("x-anything", "goes"), ("x-message-ttl", 4000000000L), ("mine", 1)];

        client.Call(1, QueueDeclare(queue, autoDelete: true, arguments: arguments), 11);
        client.Call(1, QueueDeclare(queue, autoDelete: true, arguments: arguments), 11);
        client.Send(1, QueueDeclare(queue, autoDelete: true, arguments: [("x-message-ttl", 4000000001L)]));

        Assert.Equal(
            $"PRECONDITION_FAILED - inequivalent arg 'x-message-ttl' for queue '{queue}' in vhost '/': received "
            + "'4000000001' but current is '4000000000'",
            client.ExpectChannelClose(1).Text);
    }

    [Fact]
    public void Integer_width_does_not_make_arguments_differ()
    {
        string queue = Unique("q");
        RawClient client = OpenRaw();

        client.Call(1, QueueDeclare(queue, autoDelete: true, arguments: [("x-message-ttl", 60000)]), 11);
        client.Call(1, QueueDeclare(queue, autoDelete: true, arguments: [("x-message-ttl", 60000L)]), 11);
    }
}
