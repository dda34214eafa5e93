using System.Text;
using Warren.Wire.Amqp091;

namespace Warren.Wire.Tests.Amqp091;

[Spec("AMQP091-constants")]
public sealed class ReplyTextTests
{
    [Theory]
    [InlineData(200, "REPLY_SUCCESS")]
    [InlineData(311, "CONTENT_TOO_LARGE")]
    [InlineData(312, "NO_ROUTE")]
    [InlineData(313, "NO_CONSUMERS")]
    [InlineData(320, "CONNECTION_FORCED")]
    [InlineData(402, "INVALID_PATH")]
    [InlineData(403, "ACCESS_REFUSED")]
    [InlineData(404, "NOT_FOUND")]
    [InlineData(405, "RESOURCE_LOCKED")]
    [InlineData(406, "PRECONDITION_FAILED")]
    [InlineData(501, "FRAME_ERROR")]
    [InlineData(502, "SYNTAX_ERROR")]
    [InlineData(503, "COMMAND_INVALID")]
    [InlineData(504, "CHANNEL_ERROR")]
    [InlineData(505, "UNEXPECTED_FRAME")]
    [InlineData(506, "RESOURCE_ERROR")]
    [InlineData(530, "NOT_ALLOWED")]
    [InlineData(540, "NOT_IMPLEMENTED")]
    [InlineData(541, "INTERNAL_ERROR")]
    public void Every_code_has_its_name(int code, string name)
    {
        Assert.True(Enum.IsDefined((ReplyCode)code));
        Assert.Equal(name, ((ReplyCode)code).ToWireName());
    }

    [Fact]
    public void Text_follows_the_name_and_the_method_is_filled_in()
    {
        var error = new ChannelError(ReplyCode.NotFound, "no queue 'q' in vhost '/'", MethodId.QueueBind);

        Assert.Equal("NOT_FOUND - no queue 'q' in vhost '/'", error.WireText);
        Assert.Equal("no queue 'q' in vhost '/'", error.Message);
        Assert.Equal((50, 20), (error.ClassId, error.MethodId));
    }

    [Fact]
    public void An_internal_error_does_not_tell_its_cause()
    {
        Assert.Equal("INTERNAL_ERROR", new ConnectionError(ReplyCode.InternalError, "secret").WireText);
    }

    [Theory]
    [InlineData("x", 0, 252)]
    [InlineData("é", 0, 252)]
    [InlineData("é", 1, 251)]
    [InlineData("€", 0, 252)]
    [InlineData("€", 1, 250)]
    [InlineData("😀", 0, 252)]
    [InlineData("😀", 3, 251)]
    [InlineData("😀", 1, 249)]
    public void Cutting_never_splits_a_character_and_ends_with_dots(string character, int before, int kept)
    {
        string text = new string('a', before) + string.Concat(Enumerable.Repeat(character, 300));

        string cut = ReplyText.Cut(text);

        Assert.EndsWith("...", cut, StringComparison.Ordinal);
        Assert.Equal(kept + 3, Encoding.UTF8.GetByteCount(cut));
        Assert.StartsWith(cut[..^3], text, StringComparison.Ordinal);
    }

    [Fact]
    public void Short_text_is_not_cut()
    {
        Assert.Equal("é", ReplyText.Cut("é"));
        Assert.Equal(new string('a', 255), ReplyText.Cut(new string('a', 255)));
    }
}
