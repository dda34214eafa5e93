using Warren.Buffers.Fields;
using Warren.Core.Arguments;
using Xunit;
using static Warren.Core.Tests.Exchanges.TestTopology;

namespace Warren.Core.Tests.Arguments;

public sealed class ConsumerArgumentsTests
{
    [Theory]
    [InlineData(10L, 10)]
    [InlineData(-5L, -5)]
    [InlineData(long.MaxValue, int.MaxValue)]
    public void The_priority_is_any_integer(long given, int priority) =>
        Assert.Equal(priority, ConsumerArguments.Parse(Table(("x-priority", given)), "Q", "V").Priority);

    [Fact]
    public void Without_arguments_the_priority_is_zero() =>
        Assert.Equal(0, ConsumerArguments.Parse(FieldTable.Empty, "Q", "V").Priority);

    public static TheoryData<string, object, string> RefusedValues => new()
    {
        { "x-priority", "5", "\"expected integer, got longstr\"" },
        { "x-consumer-timeout", -1, "{value_negative,-1}" },
        { "x-stream-offset", "bad", "{invalid_stream_offset_arg,{longstr,<<\"bad\">>}}" },
    };

    [Theory]
    [MemberData(nameof(RefusedValues))]
    public void A_value_that_does_not_fit_is_refused(string name, object value, string reason)
    {
        BrokerError error = Assert.Throws<BrokerError>(() => ConsumerArguments.Parse(Table((name, value)), "Q", "V"));

        Assert.Equal($"invalid arg '{name}' for queue 'Q' in vhost 'V': {reason}", error.Text);
    }

    [Theory]
    [InlineData(QueueKind.Stream, "x-priority", "rabbit_stream_queue")]
    [InlineData(QueueKind.Classic, "x-stream-offset", "rabbit_classic_queue")]
    [InlineData(QueueKind.Quorum, "x-stream-filter", "rabbit_quorum_queue")]
    public void An_argument_of_another_type_of_queue_is_refused(QueueKind kind, string name, string module)
    {
        BrokerError error = Assert.Throws<BrokerError>(
            () => ConsumerArguments.Parse(Table((name, 1)), "Q", "V", kind));

        Assert.Equal($"invalid arg '{name}' for queue 'Q' in vhost 'V' of queue type {module}", error.Text);
    }

    [Fact]
    public void Stream_offsets_of_every_form_are_taken()
    {
        FieldValue[] offsets =
            [FieldValue.Of("first"), FieldValue.Of("1h"), FieldValue.Of(17L), FieldValue.OfTimestamp(1_700_000_000)];
        foreach (FieldValue offset in offsets)
        {
            Assert.Equal(
                offset,
                ConsumerArguments.Parse(Table(("x-stream-offset", offset)), "Q", "V", QueueKind.Stream).StreamOffset);
        }
    }
}
