using Warren.Buffers.Fields;
using Warren.Core.Arguments;
using Xunit;
using static Warren.Core.Tests.Exchanges.TestTopology;

namespace Warren.Core.Tests.Exchanges;

public sealed class HeadersExchangeTests
{
    private readonly TestTopology _host = new();

    [Fact]
    public void All_and_any_choose_the_queues_of_the_guide()
    {
        _host.Bind("amq.headers", "A", "", Table(("x-match", "all"), ("format", "pdf"), ("priority", "high")));
        _host.Bind("amq.headers", "B", "", Table(("x-match", "all"), ("format", "pdf"), ("size", "small")));
        _host.Bind("amq.headers", "C", "", Table(("x-match", "any"), ("format", "docx"), ("size", "large")));
        _host.Bind("amq.headers", "D", "", Table(("x-match", "any"), ("format", "xml"), ("language", "en")));

        string queues = _host.Route(
            "amq.headers", "any key", Table(("format", "pdf"), ("priority", "high"), ("size", "large")));

        Assert.Equal("A C", queues);
    }

    [Fact]
    public void Without_x_match_all_conditions_must_hold()
    {
        _host.Bind("amq.match", "q", "", Table(("region", "asia"), ("language", "ko")));

        Assert.Equal("q", _host.Route("amq.match", "", Table(("language", "ko"), ("region", "asia"), ("more", 1))));
        Assert.Equal("", _host.Route("amq.match", "", Table(("region", "asia"))));
        Assert.Equal("", _host.Route("amq.match", ""));
    }

    [Theory]
    [InlineData("all", "x-kind", "", "q")]
    [InlineData("all", "x-kind", "other", "q")]
    [InlineData("any", "x-kind", "wanted", "")]
    [InlineData("all-with-x", "x-kind", "wanted", "q")]
    [InlineData("all-with-x", "x-kind", "other", "")]
    [InlineData("any-with-x", "x-kind", "wanted", "q")]
    [InlineData("any-with-x", "x-kind", "other", "")]
    public void Headers_that_begin_with_x_count_only_where_x_match_says_so(
        string match,
        string header,
        string value,
        string queues)
    {
        _host.Bind("amq.headers", "q", "", Table(("x-match", match), ("x-kind", "wanted")));

        Assert.Equal(queues, _host.Route("amq.headers", "", Table((header, value))));
    }

    [Fact]
    public void A_void_value_asks_only_for_the_presence_of_the_header()
    {
        _host.Bind("amq.headers", "q", "", Table(("trace", FieldValue.Void)));

        Assert.Equal("q", _host.Route("amq.headers", "", Table(("trace", "anything"))));
        Assert.Equal("q", _host.Route("amq.headers", "", Table(("trace", FieldValue.Void))));
        Assert.Equal("", _host.Route("amq.headers", "", Table(("other", "anything"))));
    }

    public static TheoryData<string, object, object, bool> Comparisons => new()
    {
        { "width", 5, 5L, true },
        { "text", "5", "5", true },
        { "text and number", "5", 5, false },
        { "number and float", 5, 5.0, false },
        { "boolean and number", true, 1, false },
        { "booleans", true, true, true },
        { "floats", 1.5, 1.5, true },
        { "text is told apart by case", "PDF", "pdf", false },
    };

    [Theory]
    [MemberData(nameof(Comparisons))]
    public void Values_are_equal_by_kind_and_value(string what, object bound, object sent, bool equal)
    {
        _host.Bind("amq.headers", what, "", Table(("h", bound)));

        Assert.Equal(equal ? what : "", _host.Route("amq.headers", "", Table(("h", sent))));
    }

    [Fact]
    public void Bytes_equal_text_of_the_same_bytes_and_a_timestamp_no_number()
    {
        _host.Bind("amq.headers", "bytes", "", Table(("h", FieldValue.OfBytes("x"u8.ToArray()))));
        _host.Bind("amq.headers", "time", "", Table(("h", FieldValue.OfTimestamp(7))));

        Assert.Equal("bytes", _host.Route("amq.headers", "", Table(("h", "x"))));
        Assert.Equal("", _host.Route("amq.headers", "", Table(("h", 7))));
        Assert.Equal("time", _host.Route("amq.headers", "", Table(("h", FieldValue.OfTimestamp(7)))));
    }

    [Fact]
    public void Without_conditions_all_takes_everything_and_any_nothing()
    {
        _host.Bind("amq.headers", "all", "");
        _host.Bind("amq.headers", "any", "", Table(("x-match", "any")));

        Assert.Equal("all", _host.Route("amq.headers", "", Table(("h", 1))));
    }

    [Theory]
    [InlineData("bad", "Invalid x-match field value <<\"bad\">>; expected all, any, all-with-x, or any-with-x")]
    [InlineData(7, "Invalid x-match field type signedint (value 7); expected longstr")]
    public void Another_x_match_is_refused_and_leaves_no_binding(object match, string text)
    {
        BrokerError error = Assert.Throws<BrokerError>(
            () => _host.Bind("amq.headers", "q", "", Table(("x-match", match))));

        Assert.Equal(BrokerErrorKind.PreconditionFailed, error.Kind);
        Assert.Equal(text, error.Text);
        Assert.Equal(0, _host.Exchanges.BindingCount);
    }

    [Fact]
    public void A_header_is_searched_once_however_many_bindings_look_at_it()
    {
        for (int i = 0; i < 50; i++)
        {
            _host.Bind("amq.headers", $"q{i}", "", Table(("a", i), ("b", i)));
        }

        Assert.Equal("q7", _host.Route("amq.headers", "", Table(("b", 7), ("a", 7))));
        Assert.Equal(2, _host.Format.Searches);
    }

    [Fact]
    public void Bindings_that_come_and_go_do_not_mix_up_their_headers()
    {
        _host.Bind("amq.headers", "first", "", Table(("a", 1)));
        _host.Bind("amq.headers", "second", "", Table(("b", 1)));
        _host.Unbind("amq.headers", "first", "", Table(("a", 1)));
        _host.Bind("amq.headers", "third", "", Table(("c", 1)));

        Assert.Equal("", _host.Route("amq.headers", "", Table(("a", 1))));
        Assert.Equal("second", _host.Route("amq.headers", "", Table(("b", 1))));
        Assert.Equal("third", _host.Route("amq.headers", "", Table(("c", 1))));
    }

    [Fact]
    public void A_result_of_headers_is_for_this_message_only()
    {
        _host.BindExchange("amq.topic", "amq.headers", "#");
        _host.Route("amq.direct", "k");
        Assert.False(_host.LastRoutes.DependsOnHeaders);

        _host.Route("amq.topic", "k");
        Assert.True(_host.LastRoutes.DependsOnHeaders);
    }
}
