using System.Text.Json;
using Warren.Buffers.Fields;
using Warren.Core.Arguments;
using Warren.Core.Policies;
using Warren.Core.Queues;
using Xunit;

namespace Warren.Core.Tests.Queues;

public sealed class QueueLimitsTests
{
    [Fact]
    public void Of_an_argument_and_a_policy_the_smaller_number_counts()
    {
        QueueLimits limits = Limits(
            """{"max-length":5,"message-ttl":100,"expires":1000}""",
            ("x-max-length", FieldValue.Of(10L)),
            ("x-message-ttl", FieldValue.Of(50L)));

        Assert.Equal((5, 50, 1000), (limits.MaxLength, limits.MessageTtlMs, limits.ExpiresMs));
    }

    [Fact]
    public void A_word_of_the_declaration_wins_over_the_policys()
    {
        QueueLimits limits = Limits(
            """{"overflow":"reject-publish","dead-letter-exchange":"policys","dead-letter-routing-key":"k"}""",
            ("x-overflow", FieldValue.Of("drop-head")),
            ("x-dead-letter-exchange", FieldValue.Of("own")));

        Assert.Equal(OverflowBehaviour.DropHead, limits.Overflow);
        Assert.Equal(("own", "k"), (limits.DeadLetterExchange, limits.DeadLetterRoutingKey));
    }

    [Fact]
    public void A_policy_replaces_the_default_delivery_limit_of_a_quorum_queue()
    {
        (string, FieldValue) quorum = ("x-queue-type", FieldValue.Of("quorum"));

        Assert.Equal(20, Limits("{}", quorum).DeliveryLimit);
        Assert.Equal(50, Limits("""{"delivery-limit":50}""", quorum).DeliveryLimit);
        Assert.Null(Limits("""{"delivery-limit":-1}""", quorum).DeliveryLimit);
        Assert.Equal(3, Limits("""{"delivery-limit":50}""", quorum, ("x-delivery-limit", FieldValue.Of(3L))).DeliveryLimit);
        Assert.Null(Limits("""{"delivery-limit":50}""").DeliveryLimit);
    }

    private static QueueLimits Limits(string policy, params (string Name, FieldValue Value)[] arguments)
    {
        var table = new FieldTable();
        foreach ((string name, FieldValue value) in arguments)
        {
            table.Add(name, value);
        }

        QueueArguments parsed = QueueArguments.Parse(table, new QueueProperties(true, false, false), "q", "/");
        return QueueLimits.From(parsed, PolicyDefinition.From(JsonDocument.Parse(policy).RootElement));
    }
}
