using System.Text.Json;
using Warren.Core.Policies;
using Xunit;

namespace Warren.Core.Tests.Policies;

public sealed class PolicyRulesTests
{
    [Theory]
    [InlineData("""{}""", "no policy provided")]
    [InlineData("""{"nope":5}""", """[{<<"nope">>,5}] are not recognised policy settings""")]
    [InlineData("""{"nope":5,"max-length":"1"}""", """[{<<"nope">>,5}] are not recognised policy settings""")]
    [InlineData("""{"max-length":"1"}""", """<<"1">> is not a valid maximum length""")]
    [InlineData("""{"max-length":-1}""", "-1 is not a valid maximum length")]
    [InlineData("""{"message-ttl":1.5}""", "1.5 is not a valid message TTL")]
    [InlineData("""{"expires":0}""", "0 is not a valid queue expiry")]
    [InlineData("""{"overflow":"spill"}""", """<<"spill">> is not a valid overflow value""")]
    [InlineData("""{"dead-letter-exchange":true}""", "true is not a valid dead letter exchange name")]
    [InlineData("""[1]""", "[1] is not a valid policy definition")]
    public void A_wrong_definition_is_refused_in_RabbitMQs_words(string json, string text) =>
        Assert.Equal(text, PolicyRules.Check(JsonDocument.Parse(json).RootElement, isOperators: false));

    [Theory]
    [InlineData("""{"ha-mode":"all"}""")]
    [InlineData("""{"ha-mode":"exactly","ha-params":2,"ha-sync-mode":"automatic"}""")]
    [InlineData("""{"max-length":0,"message-ttl":60000,"expires":1,"overflow":"reject-publish","dead-letter-exchange":""}""")]
    public void A_right_one_is_accepted(string json) =>
        Assert.Null(PolicyRules.Check(JsonDocument.Parse(json).RootElement, isOperators: false));

    [Fact]
    public void An_operator_sets_limits_and_no_names()
    {
        Assert.Null(PolicyRules.Check(JsonDocument.Parse("""{"max-length":5}""").RootElement, isOperators: true));
        Assert.Equal(
            """[{<<"dead-letter-exchange">>,<<"x">>}] are not recognised policy settings""",
            PolicyRules.Check(JsonDocument.Parse("""{"dead-letter-exchange":"x"}""").RootElement, isOperators: true));
    }

    [Fact]
    public void A_pattern_must_be_a_regular_expression()
    {
        Assert.Null(PolicyRules.CheckPattern("^a.*"));
        Assert.NotNull(PolicyRules.CheckPattern("("));
    }
}
