using Warren.Buffers.Fields;
using Warren.Core.Arguments;
using Warren.Core.Exchanges;
using Warren.Core.Queues;
using Xunit;
using static Warren.Core.Tests.Exchanges.TestTopology;

namespace Warren.Core.Tests.Arguments;

public sealed class ArgumentEquivalenceTests
{
    private const string Queue = "for queue 'Q' in vhost 'V'";

    [Theory]
    [InlineData(true, false, false, false, "'durable' for queue 'Q' in vhost 'V': received 'false' but current is 'true'")]
    [InlineData(false, false, true, false, "'durable' for queue 'Q' in vhost 'V': received 'true' but current is 'false'")]
    [InlineData(true, true, true, false, "'auto_delete' for queue 'Q' in vhost 'V': received 'false' but current is 'true'")]
    public void Properties_of_a_queue_must_be_the_same(
        bool durable,
        bool autoDelete,
        bool wantDurable,
        bool wantAutoDelete,
        string text)
    {
        var current = new QueueDefinition(durable, autoDelete, FieldTable.Empty, QueueArguments.None, Owner: null);

        BrokerError error = Assert.Throws<BrokerError>(() => ArgumentEquivalence.CheckQueue(
            "Q", "V", current, new QueueDeclaration("Q", false, wantDurable, wantAutoDelete, FieldTable.Empty, null)));

        Assert.Equal(BrokerErrorKind.PreconditionFailed, error.Kind);
        Assert.Equal("inequivalent arg " + text, error.Text);
    }

    public static TheoryData<string, object?, object?, string> Different => new()
    {
        { "x-message-ttl", null, 5, "received the value '5' of type 'signedint' but current is none" },
        { "x-message-ttl", 5, null, "received none but current is the value '5' of type 'signedint'" },
        { "x-message-ttl", 5, 6, "received '6' but current is '5'" },
        { "x-message-ttl", 5, "5", "received '5' but current is '5'" },
        { "x-dead-letter-exchange", "a", "b", "received 'b' but current is 'a'" },
        { "x-dead-letter-exchange", null, "b", "received the value 'b' of type 'longstr' but current is none" },
        { "x-single-active-consumer", true, false, "received 'false' but current is 'true'" },
        { "x-queue-type", null, "quorum", "received the value 'quorum' of type 'longstr' but current is none" },
        { "x-queue-type", "classic", "quorum", "received 'quorum' but current is 'classic'" },
        { "x-max-priority", 5L, null, "received none but current is the value '5' of type 'long'" },
    };

    [Theory]
    [MemberData(nameof(Different))]
    public void Arguments_of_a_queue_must_be_the_same(string name, object? current, object? wanted, string text)
    {
        BrokerError error = Assert.Throws<BrokerError>(() => Check(Given(name, current), Given(name, wanted)));

        Assert.Equal($"inequivalent arg '{name}' {Queue}: {text}", error.Text);
    }

    [Fact]
    public void Widths_unknown_arguments_and_an_unsaid_classic_make_no_difference()
    {
        Check(Table(("x-expires", 5)), Table(("x-expires", 5L)));
        Check(Table(("x-custom", 5)), Table(("x-custom", 6)));
        Check(FieldTable.Empty, Table(("x-queue-type", "classic")));
        Check(Table(("x-queue-type", "classic")), FieldTable.Empty);
    }

    [Theory]
    [InlineData("fanout", true, false, false, "'type' for exchange 'X' in vhost 'V': received 'fanout' but current is 'direct'")]
    [InlineData("direct", false, false, false, "'durable' for exchange 'X' in vhost 'V': received 'false' but current is 'true'")]
    [InlineData("direct", true, true, false, "'auto_delete' for exchange 'X' in vhost 'V': received 'true' but current is 'false'")]
    [InlineData("direct", true, false, true, "'internal' for exchange 'X' in vhost 'V': received 'true' but current is 'false'")]
    public void An_exchange_must_be_the_same(string type, bool durable, bool autoDelete, bool isInternal, string text)
    {
        Exchange current = ExchangeTypes.Create(new ExchangeDeclaration("X", "direct", true, false, false, FieldTable.Empty));
        var wanted = new ExchangeDeclaration("X", type, durable, autoDelete, isInternal, FieldTable.Empty);

        BrokerError error = Assert.Throws<BrokerError>(() => ArgumentEquivalence.CheckExchange(current, wanted, "V"));

        Assert.Equal("inequivalent arg " + text, error.Text);
    }

    [Fact]
    public void The_alternate_exchange_must_be_the_same_and_other_arguments_need_not()
    {
        FieldTable arguments = Table(("alternate-exchange", "a"));
        Exchange current = ExchangeTypes.Create(new ExchangeDeclaration("X", "direct", true, false, false, arguments));
        ExchangeDeclaration wanted = current.Declaration with { Arguments = Table(("alternate-exchange", "b")) };

        BrokerError error = Assert.Throws<BrokerError>(() => ArgumentEquivalence.CheckExchange(current, wanted, "V"));

        Assert.Equal(
            "inequivalent arg 'alternate-exchange' for exchange 'X' in vhost 'V': received 'b' but current is 'a'",
            error.Text);
        ArgumentEquivalence.CheckExchange(
            current, current.Declaration with { Arguments = Table(("alternate-exchange", "a"), ("note", 1)) }, "V");
    }

    [Fact]
    public void An_alternate_exchange_that_is_no_text_is_refused()
    {
        BrokerError error = Assert.Throws<BrokerError>(
            () => ExchangeArguments.Check(Table(("alternate-exchange", 5)), "X", "V"));

        Assert.Equal("invalid type 'signedint' for arg 'alternate-exchange' in exchange 'X' in vhost 'V'", error.Text);
    }

    private static void Check(FieldTable current, FieldTable wanted) => ArgumentEquivalence.CheckQueue(
        "Q",
        "V",
        new QueueDefinition(Durable: true, AutoDelete: false, current, QueueArguments.None, Owner: null),
        new QueueDeclaration("Q", ServerNamed: false, Durable: true, AutoDelete: false, wanted, Owner: null));

    private static FieldTable Given(string name, object? value) =>
        value is null ? FieldTable.Empty : Table((name, value));
}
