using Warren.Core.Arguments;
using Xunit;

namespace Warren.Core.Tests.Arguments;

public sealed class ResourceNamesTests
{
    [Fact]
    public void The_prefix_of_the_broker_is_refused()
    {
        BrokerError queue = Assert.Throws<BrokerError>(() => ResourceNames.CheckQueue("amq.foo"));
        BrokerError exchange = Assert.Throws<BrokerError>(() => ResourceNames.CheckExchange("amq.foo"));

        Assert.Equal(BrokerErrorKind.AccessRefused, queue.Kind);
        Assert.Equal("queue name 'amq.foo' contains reserved prefix 'amq.*'", queue.Text);
        Assert.Equal("exchange name 'amq.foo' contains reserved prefix 'amq.*'", exchange.Text);
    }

    [Fact]
    public void A_name_has_at_most_255_bytes()
    {
        ResourceNames.CheckQueue(new string('x', 255));

        Assert.Equal(
            BrokerErrorKind.PreconditionFailed,
            Assert.Throws<BrokerError>(() => ResourceNames.CheckQueue(new string('ö', 128))).Kind);
    }

    [Theory]
    [InlineData("../../x")]
    [InlineData("C:\\x")]
    [InlineData("CON")]
    [InlineData("a\0b")]
    [InlineData("\u202Eevil")]
    [InlineData("Amq.foo")]
    public void Strange_names_are_only_names(string name) => ResourceNames.CheckQueue(name);

    [Fact]
    public void A_name_on_the_wire_is_text_without_line_breaks()
    {
        Assert.True(ResourceNames.TryDecode("a\r\nb"u8, out string name));
        Assert.Equal("ab", name);
        Assert.False(ResourceNames.TryDecode([0xC3, 0x28], out _));
    }
}
