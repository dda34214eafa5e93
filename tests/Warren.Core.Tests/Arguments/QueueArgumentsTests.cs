using Warren.Buffers.Fields;
using Warren.Core.Arguments;
using Xunit;
using static Warren.Core.Tests.Exchanges.TestTopology;

namespace Warren.Core.Tests.Arguments;

public sealed class QueueArgumentsTests
{
    private const string Place = "for queue 'Q' in vhost 'V'";
    private static readonly QueueProperties Durable = new(Durable: true, Exclusive: false, AutoDelete: false);

    public static TheoryData<string, object, string> RefusedValues => new()
    {
        { "x-message-ttl", "5", "\"expected integer, got longstr\"" },
        { "x-message-ttl", -1, "{value_negative,-1}" },
        { "x-message-ttl", 315_360_000_001L, "{value_too_large,315360000001}" },
        { "x-message-ttl", 1.5, "\"expected integer, got double\"" },
        { "x-expires", "5", "\"expected integer, got longstr\"" },
        { "x-expires", 0, "{value_zero,0}" },
        { "x-expires", -1, "{value_negative,-1}" },
        { "x-expires", 315_360_000_001L, "{value_too_large,315360000001}" },
        { "x-max-length", "5", "\"expected integer, got longstr\"" },
        { "x-max-length", -1, "{value_negative,-1}" },
        { "x-max-length-bytes", true, "\"expected integer, got bool\"" },
        { "x-max-length-bytes", long.MinValue, "{value_negative,-9223372036854775808}" },
        { "x-max-priority", 256, "{max_value_exceeded,256}" },
        { "x-max-priority", -1, "{value_negative,-1}" },
        { "x-max-priority", 1_000_000, "{max_value_exceeded,1000000}" },
        { "x-overflow", "bad", "invalid_overflow" },
        { "x-overflow", 1, "{unacceptable_type,signedint}" },
        { "x-queue-type", "bad", "\"unsupported queue type 'bad'\"" },
        { "x-queue-type", 1, "{unacceptable_type,signedint}" },
        { "x-queue-mode", "bad", "\"unsupported queue mode 'bad'\"" },
        { "x-queue-version", 3, "\"unsupported queue version '3'\"" },
        { "x-single-active-consumer", "true", "{unacceptable_type,longstr}" },
        { "x-dead-letter-routing-key", "k", "routing_key_but_no_dlx_defined" },
        { "x-dead-letter-routing-key", 1, "{unacceptable_type,signedint}" },
        { "x-queue-leader-locator", "bad", "invalid_queue_locator_arg" },
    };

    [Theory]
    [MemberData(nameof(RefusedValues))]
    public void A_value_that_does_not_fit_is_refused_with_its_reason(string name, object value, string reason)
    {
        BrokerError error = Refused(Table((name, value)));

        Assert.Equal(BrokerErrorKind.PreconditionFailed, error.Kind);
        Assert.Equal($"invalid arg '{name}' {Place}: {reason}", error.Text);
    }

    public static TheoryData<string, string, object, string> RefusedByType => new()
    {
        { "quorum", "x-dead-letter-strategy", "bad", "invalid_dlx_strategy" },
        { "quorum", "x-delivery-limit", "1", "\"expected integer, got longstr\"" },
        { "quorum", "x-consumer-timeout", -1, "{value_negative,-1}" },
        { "quorum", "x-quorum-initial-group-size", 0, "{value_zero,0}" },
        { "quorum", "x-member-placement-tag", "", "invalid_member_placement_tag_arg" },
        { "stream", "x-max-age", "5", "invalid_max_age" },
        { "stream", "x-max-age", "0D", "invalid_max_age" },
        { "stream", "x-max-age", "99999999999999Y", "invalid_max_age" },
        { "stream", "x-max-age", 5, "{unacceptable_type,signedint}" },
        { "stream", "x-initial-cluster-size", 0, "{value_zero,0}" },
    };

    [Theory]
    [MemberData(nameof(RefusedByType))]
    public void Arguments_of_one_type_of_queue_are_checked_there(string type, string name, object value, string reason)
    {
        BrokerError error = Refused(Table(("x-queue-type", type), (name, value)));

        Assert.Equal($"invalid arg '{name}' {Place}: {reason}", error.Text);
    }

    [Theory]
    [InlineData("classic", "x-delivery-limit", "rabbit_classic_queue")]
    [InlineData("classic", "x-max-age", "rabbit_classic_queue")]
    [InlineData("classic", "x-dead-letter-strategy", "rabbit_classic_queue")]
    [InlineData("quorum", "x-max-priority", "rabbit_quorum_queue")]
    [InlineData("quorum", "x-queue-mode", "rabbit_quorum_queue")]
    [InlineData("stream", "x-message-ttl", "rabbit_stream_queue")]
    [InlineData("stream", "x-expires", "rabbit_stream_queue")]
    [InlineData("stream", "x-max-length", "rabbit_stream_queue")]
    [InlineData("stream", "x-single-active-consumer", "rabbit_stream_queue")]
    public void An_argument_of_another_type_of_queue_is_refused(string type, string name, string module)
    {
        BrokerError error = Refused(Table(("x-queue-type", type), (name, 5)));

        Assert.Equal($"invalid arg '{name}' {Place} of queue type {module}", error.Text);
    }

    [Fact]
    public void A_dead_letter_exchange_that_is_no_text_has_its_own_words()
    {
        BrokerError error = Refused(Table(("x-dead-letter-exchange", 5)));

        Assert.Equal("invalid type 'signedint' for arg 'x-dead-letter-exchange' in queue 'Q' in vhost 'V'", error.Text);
    }

    [Theory]
    [InlineData(false, false, false, "non-durable")]
    [InlineData(true, true, false, "exclusive-owner")]
    [InlineData(true, false, true, "auto-delete")]
    public void Quorum_queues_and_streams_are_durable_shared_and_kept(
        bool durable,
        bool exclusive,
        bool autoDelete,
        string property)
    {
        foreach (string type in new[] { "quorum", "stream" })
        {
            BrokerError error = Assert.Throws<BrokerError>(() => QueueArguments.Parse(
                Table(("x-queue-type", type)), new QueueProperties(durable, exclusive, autoDelete), "Q", "V"));

            Assert.Equal($"invalid property '{property}' {Place}", error.Text);
        }
    }

    [Theory]
    [InlineData("x-stream-max-segment-size-bytes", 3_000_000_001, "Exceeded max value for x-stream-max-segment-size-bytes")]
    [InlineData("x-stream-filter-size-bytes", 15, "Invalid value for x-stream-filter-size-bytes")]
    [InlineData("x-stream-filter-size-bytes", 256, "Invalid value for x-stream-filter-size-bytes")]
    public void Sizes_of_a_stream_are_bounded(string name, long value, string text) =>
        Assert.Equal(text, Refused(Table(("x-queue-type", "stream"), (name, value))).Text);

    [Fact]
    public void All_arguments_of_a_classic_queue_are_read()
    {
        QueueArguments read = Parse(Table(
            ("x-message-ttl", 0),
            ("x-expires", FieldValue.OfInteger(FieldType.UInt8, 1)),
            ("x-max-length", long.MaxValue),
            ("x-max-length-bytes", 1024),
            ("x-overflow", "reject-publish-dlx"),
            ("x-dead-letter-exchange", ""),
            ("x-dead-letter-routing-key", "dead"),
            ("x-max-priority", 255),
            ("x-single-active-consumer", true),
            ("x-queue-mode", "lazy"),
            ("x-queue-version", 2),
            ("x-whatever", "kept")));

        Assert.Equal(QueueKind.Classic, read.Kind);
        Assert.Equal(0, read.MessageTtlMs);
        Assert.Equal(1, read.ExpiresMs);
        Assert.Equal(long.MaxValue, read.MaxLength);
        Assert.Equal(1024, read.MaxLengthBytes);
        Assert.Equal(OverflowBehaviour.RejectPublishDlx, read.Overflow);
        Assert.Equal("", read.DeadLetterExchange);
        Assert.Equal("dead", read.DeadLetterRoutingKey);
        Assert.Equal(255, read.MaxPriority);
        Assert.True(read.SingleActiveConsumer);
        Assert.Equal("lazy", read.QueueMode);
        Assert.Equal(2, read.QueueVersion);
        Assert.Null(read.DeliveryLimit);
        Assert.Equal(12, read.Table.Count);
    }

    [Theory]
    [InlineData(null, 20)]
    [InlineData(3, 3)]
    [InlineData(0, 0)]
    [InlineData(-1, null)]
    public void A_quorum_queue_gives_up_after_20_deliveries_unless_told_otherwise(int? given, int? limit)
    {
        FieldTable arguments = Table(("x-queue-type", "quorum"));
        if (given is { } value)
        {
            arguments.Add("x-delivery-limit", FieldValue.Of(value));
        }

        Assert.Equal(limit, Parse(arguments).DeliveryLimit);
    }

    [Fact]
    public void The_arguments_of_quorum_queues_and_streams_are_read()
    {
        QueueArguments quorum = Parse(Table(
            ("x-queue-type", "quorum"),
            ("x-dead-letter-strategy", "at-least-once"),
            ("x-delayed-retry-type", "failed"),
            ("x-delayed-retry-min", 100),
            ("x-consumer-timeout", 5000),
            ("x-quorum-initial-group-size", 3)));
        QueueArguments stream = Parse(Table(
            ("x-queue-type", "stream"), ("x-max-age", "7D"), ("x-stream-filter-size-bytes", 16)));

        Assert.Equal(DeadLetterStrategy.AtLeastOnce, quorum.DeadLetterStrategy);
        Assert.Equal(DelayedRetry.Failed, quorum.DelayedRetry);
        Assert.Equal(100, quorum.DelayedRetryMinMs);
        Assert.Equal(5000, quorum.ConsumerTimeoutMs);
        Assert.Equal(3, quorum.InitialGroupSize);
        Assert.Equal(7 * 24 * 3_600_000L, stream.MaxAgeMs);
        Assert.Equal(16, stream.StreamFilterSizeBytes);
    }

    [Fact]
    public void The_default_type_applies_to_durable_shared_queues_without_one()
    {
        FieldTable extended = QueueArguments.WithDefaultKind(FieldTable.Empty, Durable, QueueKind.Quorum);
        FieldTable transient = QueueArguments.WithDefaultKind(FieldTable.Empty, default, QueueKind.Quorum);
        FieldTable named = QueueArguments.WithDefaultKind(Table(("x-queue-type", "classic")), Durable, QueueKind.Quorum);

        Assert.Equal(QueueKind.Quorum, QueueArguments.KindOf(extended));
        Assert.Equal(QueueKind.Classic, QueueArguments.KindOf(transient));
        Assert.Equal(QueueKind.Classic, QueueArguments.KindOf(named));
    }

    private static QueueArguments Parse(FieldTable arguments) => QueueArguments.Parse(arguments, Durable, "Q", "V");

    private static BrokerError Refused(FieldTable arguments) => Assert.Throws<BrokerError>(() => Parse(arguments));
}
