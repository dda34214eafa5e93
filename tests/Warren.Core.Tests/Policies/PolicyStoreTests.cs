using System.Text.Json;
using Warren.Core.Arguments;
using Warren.Core.Policies;
using Warren.Storage.Metadata;
using Xunit;

namespace Warren.Core.Tests.Policies;

public sealed class PolicyStoreTests
{
    private readonly MemoryMetadataStore _metadata = new();

    [Fact]
    public void The_highest_priority_that_matches_applies()
    {
        var store = new PolicyStore(_metadata);
        store.Put(New("low", "^q", 1), isOperators: false);
        store.Put(New("high", "^q", 5), isOperators: false);
        store.Put(New("higher", "^other", 9), isOperators: false);

        Assert.Equal("high", store.ForQueue("/", "q1", QueueKind.Classic).User?.Name);
        Assert.Null(store.ForQueue("/", "x", QueueKind.Classic).User);
        Assert.Null(store.ForQueue("elsewhere", "q1", QueueKind.Classic).User);
    }

    [Fact]
    public void An_empty_pattern_means_every_name()
    {
        var store = new PolicyStore(_metadata);
        store.Put(New("all", "", 0), isOperators: false);

        Assert.Equal("all", store.ForQueue("/", "anything", QueueKind.Quorum).User?.Name);
    }

    [Theory]
    [InlineData(PolicyTarget.All, true, true, true)]
    [InlineData(PolicyTarget.Queues, true, true, false)]
    [InlineData(PolicyTarget.ClassicQueues, true, false, false)]
    [InlineData(PolicyTarget.QuorumQueues, false, true, false)]
    [InlineData(PolicyTarget.Streams, false, false, false)]
    [InlineData(PolicyTarget.Exchanges, false, false, true)]
    public void Apply_to_says_what_is_meant(PolicyTarget target, bool classic, bool quorum, bool exchange)
    {
        var store = new PolicyStore(_metadata);
        store.Put(New("p", ".*", 0, target), isOperators: false);

        Assert.Equal(classic, store.ForQueue("/", "q", QueueKind.Classic).User is not null);
        Assert.Equal(quorum, store.ForQueue("/", "q", QueueKind.Quorum).User is not null);
        Assert.Equal(exchange, store.ForExchange("/", "q").User is not null);
    }

    [Fact]
    public void Of_a_users_and_an_operators_limit_the_smaller_counts()
    {
        var store = new PolicyStore(_metadata);
        store.Put(New("user", ".*", 0, definition: """{"max-length":10,"message-ttl":5,"max-length-bytes":7}"""), isOperators: false);
        store.Put(New("operator", ".*", 0, definition: """{"max-length":3,"message-ttl":50,"expires":9}"""), isOperators: true);

        PolicyDefinition effective = store.ForQueue("/", "q", QueueKind.Classic).Effective;

        Assert.Equal(3, effective.Number("max-length"));
        Assert.Equal(5, effective.Number("message-ttl"));
        Assert.Equal(7, effective.Number("max-length-bytes"));
        Assert.Equal(9, effective.Number("expires"));
    }

    [Fact]
    public void What_was_put_is_there_after_a_restart()
    {
        var store = new PolicyStore(_metadata);
        Assert.True(store.Put(New("a/b %", "^x/", 3), isOperators: false));
        Assert.False(store.Put(New("a/b %", "^y/", 4), isOperators: false));
        store.Put(New("gone", ".*", 0), isOperators: false);
        Assert.True(store.Remove("/", "gone", isOperators: false));
        Assert.False(store.Remove("/", "gone", isOperators: false));

        Policy again = Assert.Single(new PolicyStore(_metadata).Of("/", isOperators: false));

        Assert.Equal(("a/b %", "^y/", 4, 1L), (again.Name, again.Pattern, again.Priority, again.Definition.Number("max-length")));
    }

    [Fact]
    public void An_expression_that_takes_too_long_is_not_asked_for_every_queue()
    {
        var store = new PolicyStore(_metadata);
        store.Put(New("slow", "^(?=a)(a+)+$", 0), isOperators: false);

        // Each name alone would take all the time an expression has: together minutes.
        for (int i = 0; i < 5000; i++)
        {
            Assert.Null(store.ForQueue("/", new string('a', 60) + "!" + i, QueueKind.Classic).User);
        }
    }

    private static Policy New(
        string name, string pattern, int priority, PolicyTarget target = PolicyTarget.All, string definition = """{"max-length":1}""") =>
        new("/", name, pattern, target, PolicyDefinition.From(JsonDocument.Parse(definition).RootElement), priority);
}
